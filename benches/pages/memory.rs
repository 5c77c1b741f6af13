//! The memory that a page takes over its own bytes.
//!
//! A child process holds all pages and reads one after the other, the largest first; before each, the kernel forgets the
//! peak of its memory. What stays with the allocator counts too, so that the figure errs upwards.

use std::process::Command;
use std::{env, fs};

use crate::{Page, WAYS, mark};

/// Prints the peak of each of our ways; `false` when one is above `most`.
pub fn peaks(folder: &str, most: u64) -> bool {
    let mut is_kept = true;
    for (name, _) in WAYS.iter().filter(|(name, _)| name.starts_with("newswire")) {
        let child = Command::new(env::current_exe().unwrap()).args(["--pages", folder, "--memory-of", name]).output();
        let peak: u64 = String::from_utf8(child.unwrap().stdout).unwrap().trim().parse().expect("a number of bytes");
        println!("{name}: at most {:.1} MB over the page", peak as f64 / 1e6);
        is_kept &= mark("megabytes of room", (most.saturating_sub(peak)) as f64 / 1e6, 0.0) && peak <= most;
    }
    is_kept
}

/// Reads all pages in the way called `name`, and prints the largest peak.
pub fn child(pages: &[Page], name: &str) {
    let (_, read) = WAYS.iter().find(|(known, _)| *known == name).expect("a way");
    let mut pages: Vec<&Page> = pages.iter().collect();
    pages.sort_by_key(|page| std::cmp::Reverse(page.bytes.len()));
    let before = status("VmRSS");
    let mut peak = 0;
    for page in pages {
        fs::write("/proc/self/clear_refs", "5").expect("Linux");
        read(page);
        peak = peak.max(status("VmHWM").saturating_sub(before));
    }
    println!("{peak}");
}

/// Bytes under `key` in this process's status.
fn status(key: &str) -> u64 {
    let text = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = text.lines().find(|line| line.starts_with(key)).expect("a line");
    line.split_whitespace().nth(1).and_then(|number| number.parse::<u64>().ok()).expect("a number") * 1024
}
