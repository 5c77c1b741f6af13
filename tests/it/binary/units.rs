//! The units for systemd: well-formed, tight, and true to the program.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::process::{finish, is_there};

fn units() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/systemd"))
}

#[test]
fn the_service_is_tight() {
    if !is_there("systemd-analyze", &["systemd-analyze", "--version"]) {
        return;
    }
    let mut security = Command::new("systemd-analyze");
    // The threshold is in tenths: 1.2 of 10.
    security.args(["security", "--offline=true", "--threshold=12", "--no-pager"]).arg(units().join("newswire.service"));
    finish(&mut security).with_code(0);
}

#[test]
fn the_units_are_well_formed() {
    if !is_there("systemd-analyze", &["systemd-analyze", "--version"]) {
        return;
    }
    // With the program that is tested where the installed one would be, so that its absence is no finding.
    let folder = tempfile::tempdir().unwrap();
    let program = env!("CARGO_BIN_EXE_newswire");
    let mut verify = Command::new("systemd-analyze");
    verify.args(["verify", "--man=no", "--recursive-errors=no"]);
    for unit in ["newswire.service", "newswire.socket", "newswire-admin.socket"] {
        let Ok(text) = fs::read_to_string(units().join(unit)) else { continue };
        fs::write(folder.path().join(unit), text.replace("/usr/bin/newswire", program)).unwrap();
        verify.arg(folder.path().join(unit));
    }
    let said = finish(&mut verify).with_code(0);
    let complaints = said.err.lines().filter(|line| line.contains("newswire"));
    assert_eq!(complaints.collect::<Vec<_>>(), Vec::<&str>::new());
}

#[test]
fn a_broken_seed_does_not_block_a_reload() {
    let service = fs::read_to_string(units().join("newswire.service")).unwrap();
    let mut reloads = service.lines().filter_map(|line| line.strip_prefix("ExecReload="));
    let check = reloads.next().unwrap();
    assert!(check.contains(" check ") && check.contains("--config-only"), "{check}");
    assert!(reloads.next().unwrap().contains("-HUP $MAINPID"));
}
