//! rss2email: an entry is a mail; a changed one is, where it is told so, one more mail in reply.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use super::{GAINED, GAINS, TITLES, desk, expected, gain, shown, start, tool, unchanged};
use crate::support::process::{finish, is_there};

/// Prints the mails of a maildir: id, subject, second and body of each.
const SCRIPT: &str = r#"
import calendar, email, email.policy, email.utils, json, os, sys
told = []
for folder in ("new", "cur"):
    place = os.path.join(sys.argv[1], folder)
    for name in sorted(os.listdir(place)) if os.path.isdir(place) else []:
        with open(os.path.join(place, name), "rb") as file:
            mail = email.message_from_binary_file(file, policy=email.policy.default)
        told.append({
            "id": mail["X-RSS-ID"], "subject": mail["Subject"], "reply": mail["In-Reply-To"] is not None,
            "second": int(email.utils.parsedate_to_datetime(mail["Date"]).timestamp()),
            "body": mail.get_body().get_content(),
        })
print(json.dumps(told))
"#;

#[test]
fn rss2email() {
    if !is_there("rss2email", &["r2e", "--version"]) {
        return;
    }
    let desk = desk();
    let daemon = start(&desk);
    let settings = format!(
        "[DEFAULT]\nfrom = wire@example.org\nto = me@example.org\nemail-protocol = maildir\nmaildir-path = {0}\n\
         maildir-mailbox = inbox\nhtml-mail = True\nreply-changes = True\ndate-header = True\n\
         [feed.wire]\nurl = http://{1}/all/rss.xml\n",
        desk.path("mail").display(),
        desk.public
    );
    fs::write(desk.path("rss2email.cfg"), settings).unwrap();
    fs::create_dir(desk.path("mail")).unwrap();
    let mails = || -> Vec<Value> {
        let mut r2e = tool(&desk, "r2e");
        finish(r2e.args(["-c", "rss2email.cfg", "-d", "rss2email.json", "run"])).with_code(0);
        let inbox = desk.path("mail/inbox");
        let told = finish(tool(&desk, "python3").args(["-c", SCRIPT]).arg(inbox)).with_code(0).json();
        told.as_array().unwrap().clone()
    };
    let by_id = |mails: &[Value]| -> BTreeMap<String, (String, i64)> {
        let text = |mail: &Value, key: &str| mail[key].as_str().unwrap().to_owned();
        let of = |mail: &Value| (text(mail, "id"), (text(mail, "subject"), mail["second"].as_i64().unwrap()));
        mails.iter().map(of).collect()
    };
    for runs in 1..=2 {
        let mails = mails();
        assert_eq!((mails.len(), by_id(&mails).len()), (4, 4), "after {runs} runs");
        let titles: BTreeMap<_, _> = by_id(&mails).into_iter().map(|(id, (title, _))| (id, title)).collect();
        let wanted: BTreeMap<_, _> = expected(&daemon).into_iter().map(|(id, (title, _))| (id, title)).collect();
        assert_eq!(titles, wanted);
        assert_eq!(unchanged(&daemon), u64::from(runs == 2), "after {runs} runs");
    }
    gain(&desk, &daemon);
    for runs in 1..=2 {
        let mails = mails();
        assert_eq!(mails.len(), 5, "{runs} runs after the change");
        let replies: Vec<&Value> = mails.iter().filter(|mail| mail["reply"] == true).collect();
        let [reply] = replies.as_slice() else { panic!("{replies:?}") };
        assert_eq!(reply["subject"], TITLES[GAINS]);
        assert!(shown(reply["body"].as_str().unwrap()).contains(GAINED), "{reply:#}");
    }
}
