//! What the verbs print of a source that does not answer.

use crate::support::process::Desk;

const SOURCE: &str = "http://nowhere.invalid/feed?token=hunter-twelve";

#[test]
fn status_and_explain_tell_of_sources() {
    let desk = Desk::new(&format!("enrich: {{ seeds: none }}\nsources: [{{ url: '{SOURCE}' }}]\n"));
    desk.run(&["once"]).with_code(0);
    desk.run(&["status", "--manners"]).with_code(0).has("repeats").has("nowhere.invalid").has("(all)").lacks("twelve");
    let manners = desk.run(&["status", "--manners", "--json"]).with_code(0).json();
    assert_eq!(manners["total"]["requests"], 1, "{manners:#}");
    assert_eq!(manners["sources"][0]["polite"], true);
    let told = desk.run(&["explain", SOURCE]).with_code(0).has("not due yet").has("backoff: until").lacks("twelve");
    let masked = told.out.lines().next().unwrap().trim_start_matches("source ").to_owned();
    let json = desk.run(&["explain", &masked, "--json"]).with_code(0).json();
    assert_eq!(json["rules"][0]["rule"], "backoff", "{json:#}");
    assert!(json["problem"].as_str().unwrap().contains("no address"));
}
