//! `newswire status --watch`: the wire on one screen, drawn anew every few seconds.
//!
//! In come the store's status and the numbers of the running daemon, out go lines of text that fit the terminal: what
//! the daemon does, what waits, which sources are next, what is wrong. It only looks. On a terminal it uses the
//! alternate screen and leaves what was there before; elsewhere it prints one screen after another.

mod daemon;

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use jiff::Timestamp;
use tokio::signal::unix::{SignalKind, signal};

use super::status::{in_a_row, span};
use crate::app::status::{self, SourceStatus, Status};
use crate::app::{AppError, Ground};

use daemon::Numbers;

/// Enters the alternate screen, where long lines are cut and not wrapped, and hides the cursor.
const ENTER: &str = "\x1b[?1049h\x1b[?7l\x1b[?25l";

/// Undoes [`ENTER`].
const LEAVE: &str = "\x1b[?25h\x1b[?7h\x1b[?1049l";

/// From the upper left corner.
const HOME: &str = "\x1b[H";

/// Erases what is left of a line, and of the screen.
const END_OF_LINE: &str = "\x1b[K";
const END_OF_SCREEN: &str = "\x1b[J";

/// Lines of a screen whose size nobody knows.
const ROWS: usize = 40;

/// All that one screen shows.
struct Frame<'a> {
    title: &'a str,
    now: Timestamp,
    status: &'a Status,
    /// What the daemon says of itself, and the time before; or why it says nothing.
    daemon: Result<(&'a Numbers, Option<&'a Numbers>), &'a str>,
}

/// Draws until Ctrl-C, or until nobody reads it any more.
pub(super) async fn run(ground: &Ground, every: Duration) -> ExitCode {
    let is_terminal = io::stdout().is_terminal();
    let ended = draw(ground, every, is_terminal).await;
    if is_terminal {
        let _ = io::stdout().write_all(LEAVE.as_bytes()).and_then(|()| io::stdout().flush());
    }
    ended.map_or_else(|error| super::failed(&error), |()| ExitCode::SUCCESS)
}

async fn draw(ground: &Ground, every: Duration, is_terminal: bool) -> Result<(), AppError> {
    let config = ground.config(super::colour())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut tick = tokio::time::interval(every);
    let (mut home, mut is_there) = (ground.look(&config)?, config.store.exists());
    let mut last: Option<Numbers> = None;
    if is_terminal {
        print!("{ENTER}");
    }
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            _ = interrupt.recv() => return Ok(()),
            _ = terminate.recv() => return Ok(()),
        }
        // The store may have come to be since.
        if !is_there && config.store.exists() {
            (home, is_there) = (ground.look(&config)?, true);
        }
        let now = ground.clock.now();
        let numbers = daemon::ask(config.server.admin, now).await;
        let status = home.wire.store.read(|view| status::glance(view, now))?;
        let said = numbers.as_ref().map(|numbers| (numbers, last.as_ref())).map_err(String::as_str);
        let frame = Frame { title: &config.site.title, now, status: &status, daemon: said };
        if !show(&screen(&frame, rows()), is_terminal)? {
            return Ok(());
        }
        last = numbers.ok();
    }
}

/// Lines of the terminal.
fn rows() -> usize {
    terminal_size::terminal_size().map_or(ROWS, |(_, height)| usize::from(height.0))
}

/// Puts a screen out; `false` where nobody reads any more.
fn show(lines: &[String], is_terminal: bool) -> Result<bool, AppError> {
    let mut text = String::new();
    if is_terminal {
        text.push_str(HOME);
        text.push_str(&lines.join(&format!("{END_OF_LINE}\r\n")));
        text.push_str(END_OF_LINE);
        text.push_str(END_OF_SCREEN);
    } else {
        text.push_str(&lines.join("\n"));
        text.push_str("\n\n");
    }
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The screen, at most `rows` lines of it: what is wrong first, then what comes next, as far as there is room.
fn screen(frame: &Frame<'_>, rows: usize) -> Vec<String> {
    let mut lines = vec![format!("{} · {:.0}", plain(frame.title), frame.now), String::new()];
    lines.extend(daemon::lines(frame.daemon, frame.now));
    lines.push(String::new());
    lines.extend(stock(frame.status));
    let troubles = troubles(frame.status, frame.now);
    // The next polls keep a few lines whatever is wrong.
    let room = rows.saturating_sub(lines.len());
    let (next, kept) = (next_polls(frame.status, frame.now), room.saturating_sub(6));
    section(&mut lines, "what is wrong", &troubles, kept);
    let room = rows.saturating_sub(lines.len());
    section(&mut lines, "next polls", &next, room);
    lines.truncate(rows);
    lines
}

/// Adds a heading and what is below it, as far as `room` goes; the rest is counted.
fn section(lines: &mut Vec<String>, heading: &str, items: &[String], room: usize) {
    if items.is_empty() || room < 3 {
        return;
    }
    lines.extend([String::new(), format!("{heading} ({})", items.len())]);
    let fits = room - 2;
    let shown = if items.len() > fits { fits - 1 } else { items.len() };
    lines.extend(items.iter().take(shown).map(|item| format!("  {item}")));
    if shown < items.len() {
        lines.push(format!("  … and {} more: see `newswire status`", items.len() - shown));
    }
}

fn stock(status: &Status) -> [String; 2] {
    let counts = &status.counts;
    [
        format!(
            "{} stories of {} articles; {} to group, {} to release",
            counts.stories, counts.articles, counts.waiting_to_group, counts.waiting_to_release
        ),
        format!(
            "{} seeds ({} broken, {} excluded), {} sources, {} pages read, {} planned",
            counts.seeds,
            counts.broken_seeds,
            counts.inactive_seeds,
            counts.sources,
            counts.pages_read,
            counts.pages_planned
        ),
    ]
}

fn troubles(status: &Status, now: Timestamp) -> Vec<String> {
    let seeds = status.seeds.iter().map(|seed| format!("seed {}: {}", seed.file, seed.problem));
    let hosts = status
        .resting_hosts
        .iter()
        .map(|host| format!("host {} rests, {}", host.domain, until(Some(host.not_before), now)));
    let source = |source: &SourceStatus| {
        let problem = source.problem.as_deref()?;
        let next = until(source.next_check_at, now);
        Some(format!("source {}: {problem}{}, next {next}", source.url, in_a_row(source.failures)))
    };
    let pages = status
        .troubles
        .iter()
        .map(|page| format!("page {}: {} (next {})", page.url, page.problem, until(page.next_at, now)));
    let sources = status.sources.iter().filter_map(source);
    seeds.chain(hosts).chain(sources).chain(pages).map(|line| plain(&line)).collect()
}

fn next_polls(status: &Status, now: Timestamp) -> Vec<String> {
    let line = |source: &SourceStatus| {
        let mut line =
            format!("{:>9}  {}", until(source.next_check_at, now), source.title.as_deref().unwrap_or(&source.url));
        let _ = write!(line, " ({})", source.reason);
        plain(&line)
    };
    status.sources.iter().filter(|source| source.next_check_at.is_some()).map(line).collect()
}

fn until(at: Option<Timestamp>, now: Timestamp) -> String {
    let Some(at) = at else { return "never".to_owned() };
    match at.as_second() - now.as_second() {
        ..=0 => "now".to_owned(),
        seconds => format!("in {}", span(seconds)),
    }
}

/// What stands in feeds and files must not steer the terminal.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::status::SeedStatus;
    use crate::clock::Clock;
    use crate::store::Store;

    fn status(sources: usize, seeds: usize) -> Status {
        let now: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        let mut status = Store::in_memory().unwrap().read(|view| status::glance(view, now)).unwrap();
        status.sources.extend((0..sources).map(|number| SourceStatus {
            url: format!("https://{number}.example/feed"),
            title: Some(format!("Feed {number}\x1b[31m")),
            answered_at: None,
            next_check_at: Some(now + jiff::SignedDuration::from_secs(60)),
            reason: "floor".to_owned(),
            failures: 0,
            problem: None,
            moved_to: None,
            discovered: None,
            hub: None,
            past: None,
        }));
        let broken = |number| SeedStatus { file: format!("{number}.md"), problem: "line 1: no title".to_owned() };
        status.seeds.extend((0..seeds).map(broken));
        status
    }

    fn drawn(status: &Status, rows: usize) -> Vec<String> {
        let now = Clock::manual("2026-01-02T03:04:05Z".parse().unwrap()).now();
        screen(&Frame { title: "My wire", now, status, daemon: Err("no daemon") }, rows)
    }

    #[test]
    fn a_screen_never_has_more_lines_than_the_terminal() {
        for rows in 1..60 {
            assert!(drawn(&status(30, 30), rows).len() <= rows, "{rows}");
        }
    }

    #[test]
    fn what_is_wrong_comes_first_and_leaves_room() {
        let lines = drawn(&status(30, 30), 24);
        assert_eq!(lines[0], "My wire · 2026-01-02T03:04:05Z");
        assert_eq!(lines[7], "what is wrong (30)");
        assert_eq!(lines[8], "  seed 0.md: line 1: no title");
        assert!(lines.contains(&"next polls (30)".to_owned()), "{lines:#?}");
        assert!(lines.last().unwrap().ends_with("more: see `newswire status`"), "{lines:#?}");
        // A title from outside steers no terminal.
        assert!(lines.contains(&"    in 60 s  Feed 0 [31m (floor)".to_owned()), "{lines:#?}");
        let calm = drawn(&status(1, 0), 24);
        assert!(!calm.iter().any(|line| line.starts_with("what is wrong")), "{calm:#?}");
    }
}
