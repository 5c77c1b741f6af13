//! `cargo bench --bench pages_daemon -- --worldserver PROGRAM --pages FOLDER`: article pages through the whole daemon.
//!
//! Part `world`: 2,000 article pages of PROGRAM (it plays the internet, see `poll.rs`), a third of them listed by seeds,
//! the rest by feeds: each field of the stories comes from the seed where that speaks, else from the page, else from the
//! feed. Part `dev`: the pages in FOLDER (`gold.jsonl` with `url`, `file` and `gold.title` a line, files beside it), played
//! by a server in this program, with pages that change, die or hide behind an AMP page: changes are taken up on the plan
//! of visits, and what is dead is not asked before its time, a restart between or not. `--part NAME` plays one part,
//! `--keep FOLDER` leaves configuration, seeds and stores behind.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::missing_panics_doc,
    dead_code,
    missing_docs,
    reason = "a bench is a program for one occasion: it stops where something is wrong"
)]

#[path = "pages_daemon/dev.rs"]
mod dev;
#[path = "pages_daemon/field.rs"]
mod field;
mod harness;
#[path = "poll/internet.rs"]
mod internet;
#[path = "pages_daemon/listed.rs"]
mod listed;
#[path = "pages_daemon/server.rs"]
mod server;
mod world;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::Value;

use harness::option;

const PROGRAM: &str = env!("CARGO_BIN_EXE_newswire");

fn main() -> ExitCode {
    let temporary = tempfile::tempdir().expect("a temporary folder");
    let root = option("--keep").map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    let only = option("--part");
    let wanted = |part: &str| only.as_deref().is_none_or(|only| only == part);
    let home = |part: &str| {
        let home = root.join(part);
        fs::create_dir_all(home.join("seeds")).expect("a folder");
        home
    };
    let mut is_kept = true;
    if let Some(program) = option("--worldserver").filter(|_| wanted("world")) {
        is_kept &= listed::play(Path::new(&program), &home("world"));
    }
    if let Some(pages) = option("--pages").filter(|_| wanted("dev")) {
        is_kept &= dev::play(Path::new(&pages), &home("dev"));
    }
    if option("--worldserver").is_none() && option("--pages").is_none() {
        eprintln!("this bench needs --worldserver PROGRAM, --pages FOLDER, or both");
        is_kept = false;
    }
    if is_kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A count and what it should be; says whether it is.
pub fn count(what: &str, value: usize, expect: usize) -> bool {
    println!("{what:64} {value:7} of {expect:7} {}", if value == expect { "pass" } else { "FAIL" });
    value == expect
}

/// A seed with one article.
pub fn seed(home: &Path, name: &str, keys: &Value) {
    fs::write(home.join("seeds").join(format!("{name}.md")), format!("---\n{keys}\n---\n")).expect("a seed");
}
