//! The documentation is true: every command that it shows is run, and prints what the page says.
//!
//! What a page may hold, and what becomes of it, block by block and in order:
//!
//! - ` ```yaml file=PATH ` (or any other language) is written to PATH. With `fresh` behind it, this happens on a new
//!   machine: nothing of what stood or ran before is there. A section that starts so stands for itself.
//! - ` ```console ` is a session: a line after `$ ` is a command (one that ends in `\` goes on in the next line), what
//!   follows is what it prints, errors and all. `…` stands for anything: alone on a line for any lines, else for any
//!   part of its line.
//! - ` ```sh ` is for what a test cannot do (install, build, be root). Whatever calls `newswire` there must be a command
//!   line that the program understands.
//!
//! [`machine`] says what commands find: a machine of their own, with `/etc` and `/var` and a service manager.

mod machine;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser;
use newswire::cli::Cli;

use machine::Machine;

/// A fenced block of a page.
struct Block {
    /// What stands behind the fence.
    kind: String,
    /// The line of the fence, from 1.
    at: usize,
    lines: Vec<String>,
}

impl Block {
    /// The word behind `file=`.
    fn file(&self) -> Option<&str> {
        self.kind.split_whitespace().find_map(|word| word.strip_prefix("file="))
    }

    fn is_fresh(&self) -> bool {
        self.kind.split_whitespace().any(|word| word == "fresh")
    }

    fn language(&self) -> &str {
        self.kind.split_whitespace().next().unwrap_or_default()
    }

    /// The commands of a session: line, command, what it prints.
    fn commands(&self) -> Vec<(usize, String, Vec<String>)> {
        let mut commands: Vec<(usize, String, Vec<String>)> = Vec::new();
        for (row, line) in self.lines.iter().enumerate() {
            let at = self.at + 1 + row;
            match (line.strip_prefix("$ "), commands.last_mut()) {
                (Some(command), _) => commands.push((at, command.to_owned(), Vec::new())),
                (None, Some((_, command, said))) if said.is_empty() && command.ends_with('\\') => {
                    command.truncate(command.len() - 1);
                    command.push_str(line.trim_start());
                }
                (None, Some((_, _, said))) => said.push(line.clone()),
                (None, None) => panic!("line {at}: a session begins with `$ `"),
            }
        }
        commands
    }
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = (1..).zip(page.lines());
    while let Some((at, line)) = lines.next() {
        if let Some(kind) = line.strip_prefix("```") {
            let inside = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```");
            blocks.push(Block { kind: kind.to_owned(), at, lines: inside.map(str::to_owned).collect() });
        }
    }
    blocks
}

/// Whether `said` is what was `written`.
fn agrees(written: &[String], said: &[&str]) -> bool {
    match written.split_first() {
        None => said.is_empty(),
        Some((any, rest)) if any.trim() == "…" => (0..=said.len()).any(|skipped| agrees(rest, &said[skipped..])),
        Some((line, rest)) => said.split_first().is_some_and(|(first, said)| fits(line, first) && agrees(rest, said)),
    }
}

/// Whether a line is as it was written: `…` stands for any part of it.
fn fits(written: &str, said: &str) -> bool {
    match written.split_once('…') {
        None => written == said,
        Some((start, rest)) => said.strip_prefix(start).is_some_and(|said| {
            let ends = said.char_indices().map(|(at, _)| at).chain([said.len()]);
            ends.into_iter().any(|at| fits(rest, &said[at..]))
        }),
    }
}

/// Every page: the README and what lies in `docs`.
fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages: Vec<PathBuf> = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.push(root.join("README.md"));
    pages.retain(|page| page.extension().is_some_and(|extension| extension == "md"));
    pages.sort();
    pages
}

/// Plays a page; says how many commands it ran.
fn play(page: &Path) -> usize {
    let (text, mut machine) = (fs::read_to_string(page).unwrap(), Machine::new());
    let mut count = 0;
    for block in blocks(&text) {
        let place = format!("{}:{}", page.display(), block.at);
        if block.is_fresh() {
            machine = Machine::new();
        }
        if let Some(file) = block.file() {
            machine.write(file, &(block.lines.join("\n") + "\n"));
        }
        match block.language() {
            "console" => {
                for (at, command, written) in block.commands() {
                    let said = machine.run(&command);
                    let lines: Vec<&str> = said.trim_end().lines().map(str::trim_end).collect();
                    assert!(agrees(&written, &lines), "{}:{at}\n$ {command}\n{said}", page.display());
                    count += 1;
                }
            }
            "sh" => block.lines.iter().for_each(|line| is_understood(line, &place)),
            _ => {}
        }
    }
    count
}

/// Fails where `line` calls the program in a way that it does not understand.
fn is_understood(line: &str, place: &str) {
    let line = line.split(" #").next().unwrap_or_default();
    let words: Vec<&str> = line.split_whitespace().collect();
    let (["newswire", own @ ..] | ["cargo", "run", "--release", "--", own @ ..]) = words.as_slice() else { return };
    // Asking for help is understood where all before it is.
    let asked = ["newswire"].iter().chain(own).copied().chain(["--help"]);
    let error = Cli::try_parse_from(asked).expect_err("help was asked for");
    assert!(error.kind() == clap::error::ErrorKind::DisplayHelp, "{place}: {line}\n{error}");
}

#[test]
fn every_command_of_the_pages_prints_what_they_say() {
    let counts: Vec<(PathBuf, usize)> = pages().into_iter().map(|page| (page.clone(), play(&page))).collect();
    let count = |name: &str| counts.iter().find(|(page, _)| page.ends_with(name)).map_or(0, |(_, count)| *count);
    assert!(count("docs/topics.md") >= 5, "{counts:?}");
}

#[test]
fn what_is_written_is_compared_with_what_is_said() {
    #[track_caller]
    fn check(written: &str, said: &str, expect: bool) {
        let written: Vec<String> = written.lines().map(str::to_owned).collect();
        assert_eq!(agrees(&written, &said.lines().collect::<Vec<_>>()), expect, "{written:?} {said:?}");
    }
    check("", "", true);
    check("a", "a", true);
    check("a", "a\nb", false);
    check("a\n…", "a\nb\nc", true);
    check("…\nc", "a\nb\nc", true);
    check("…\nb", "a\nb\nc", false);
    check("at … it ended", "at 12:00 it ended", true);
    check("at … it ended", "at 12:00 it began", false);
    check("…!", "hé!", true);
}
