//! The log: one line an event on standard error, as its reader wants it.
//!
//! A terminal gets time, level and colour. The journal stamps lines itself and takes the level as a prefix
//! (`<6>`, see sd-daemon(3)), so that `journalctl -p warning` finds what it should. Collectors get JSON, a line an
//! event. `NEWSWIRE_LOG` says how much (as `RUST_LOG`). Addresses are masked before they get here: what this writes is
//! what it was given.

use std::fs::File;
use std::io::{self, Stderr, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;

use clap::ValueEnum;
use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Time, level, sentence, fields
    Text,
    /// The same without time, with the priority the systemd journal reads at the start of each line
    Journal,
    /// One JSON object a line
    Json,
}

/// Starts the log in `format`; without one the journal gets what it reads and everybody else text. `level` holds unless
/// `$NEWSWIRE_LOG` says otherwise. Says whether people read it as it comes.
pub(super) fn start(format: Option<LogFormat>, level: &str) -> bool {
    let directives = std::env::var_os("NEWSWIRE_LOG").and_then(|value| value.into_string().ok());
    let filter = directives.as_deref().map_or_else(|| Ok(EnvFilter::new(level)), EnvFilter::try_new);
    let (filter, problem) = match filter {
        Ok(filter) => (filter, None),
        Err(error) => (EnvFilter::new(level), Some(error)),
    };
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_target(false);
    let format = format.unwrap_or_else(|| if is_journal() { LogFormat::Journal } else { LogFormat::Text });
    match format {
        LogFormat::Text => log.with_writer(io::stderr).with_ansi(super::colour()).init(),
        LogFormat::Journal => log.with_writer(Journal).with_ansi(false).without_time().with_level(false).init(),
        LogFormat::Json => log.with_writer(io::stderr).json().flatten_event(true).init(),
    }
    if let Some(error) = problem {
        tracing::warn!(%error, "NEWSWIRE_LOG is not understood and left aside; write a level such as `debug`");
    }
    format == LogFormat::Text
}

/// Whether standard error is the journal's: its device and inode are those that `$JOURNAL_STREAM` names. The variable
/// alone says nothing, since whatever a service starts inherits it (systemd.exec(5)).
fn is_journal() -> bool {
    let named = std::env::var_os("JOURNAL_STREAM").and_then(|value| value.into_string().ok());
    let Some((device, inode)) = named.as_deref().and_then(|named| named.split_once(':')) else { return false };
    let stderr = io::stderr().as_fd().try_clone_to_owned().and_then(|file| File::from(file).metadata());
    stderr.is_ok_and(|stderr| stderr.dev().to_string() == device && stderr.ino().to_string() == inode)
}

/// Makes writers that put the priority before each line.
struct Journal;

impl<'a> MakeWriter<'a> for Journal {
    type Writer = Prefixed<Stderr>;

    fn make_writer(&'a self) -> Self::Writer {
        Prefixed { priority: priority(Level::INFO), to: io::stderr() }
    }

    fn make_writer_for(&'a self, event: &Metadata<'_>) -> Self::Writer {
        Prefixed { priority: priority(*event.level()), to: io::stderr() }
    }
}

/// The priority of syslog(3) for a level.
fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        _ => 7,
    }
}

/// Writes an event, which comes whole; a text of many lines stays one event for who looks for its level.
struct Prefixed<W> {
    priority: u8,
    to: W,
}

impl<W: Write> Write for Prefixed<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let mut lines = Vec::with_capacity(event.len() + 8);
        for line in event.split_inclusive(|byte| *byte == b'\n') {
            write!(lines, "<{}>", self.priority)?;
            lines.extend_from_slice(line);
        }
        // At once, so that no other thread's line comes between.
        self.to.write_all(&lines)?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_its_priority() {
        let check = |level, event: &str, expect: &str| {
            let mut written = Prefixed { priority: priority(level), to: Vec::new() };
            written.write_all(event.as_bytes()).unwrap();
            assert_eq!(String::from_utf8(written.to).unwrap(), expect);
        };
        check(Level::INFO, "ready\n", "<6>ready\n");
        check(Level::ERROR, "refused:\n  line 3\n", "<3>refused:\n<3>  line 3\n");
        check(Level::WARN, "half", "<4>half");
        check(Level::TRACE, "é\n", "<7>é\n");
    }
}
