//! sfeed: lines of tabs. It asks conditionally where its `fetch` is told to, and of two texts of one entry it keeps
//! the older unless its `merge` is told to take the newer.

use std::collections::BTreeMap;
use std::fs;

use super::{GAINED, GAINS, TITLES, desk, expected, gain, shown, start, tool, unchanged};
use crate::support::process::{finish, is_there};

#[test]
fn sfeed() {
    if !is_there("sfeed", &["sh", "-c", "command -v sfeed_update && command -v curl"]) {
        return;
    }
    let desk = desk();
    let daemon = start(&desk);
    let settings = format!(
        "sfeedpath=\"{folder}\"\n\
         fetch() {{ etag=\"$sfeedpath/$1.etag\"; curl -s -f --etag-save \"$etag\" --etag-compare \"$etag\" \"$2\"; }}\n\
         merge() {{ sort -t \"$(printf '\\t')\" -u -k6,6 \"$3\" \"$2\" 2>/dev/null; }}\n\
         feeds() {{\n  feed rss \"http://{public}/t/power/rss.xml\"\n  feed atom \"http://{public}/all/atom.xml\"\n}}\n",
        folder = desk.path("sfeed").display(),
        public = desk.public,
    );
    fs::write(desk.path("sfeedrc"), settings).unwrap();
    let update = || {
        finish(tool(&desk, "sfeed_update").arg(desk.path("sfeedrc"))).with_code(0);
        ["rss", "atom"].map(|name| {
            let lines = desk.read(&format!("sfeed/{name}"));
            let fields = |line: &str| line.split('\t').map(str::to_owned).collect::<Vec<_>>();
            lines.lines().map(fields).collect::<Vec<_>>()
        })
    };
    let expected = expected(&daemon);
    for updates in 1..=2 {
        for entries in update() {
            let told: BTreeMap<_, _> =
                entries.iter().map(|of| (of[5].clone(), (of[1].clone(), of[0].parse::<i64>().unwrap()))).collect();
            assert_eq!((entries.len(), told), (4, expected.clone()), "after {updates} updates");
            let best = entries.iter().find(|fields| fields[1] == TITLES[0]).unwrap();
            assert!(shown(&best[3].replace("\\n", "\n")).contains("Northern Ferries Ltd <NFL.O> on Thursday"));
        }
        assert_eq!(unchanged(&daemon), if updates == 2 { 2 } else { 0 });
    }
    gain(&desk, &daemon);
    for entries in update() {
        assert_eq!(entries.len(), 4);
        let gained = entries.iter().find(|fields| fields[1] == TITLES[GAINS]).unwrap();
        assert!(gained[3].contains(GAINED), "{gained:?}");
    }
}
