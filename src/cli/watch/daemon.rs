//! What the running daemon says of itself, in a few lines.
//!
//! In comes the text of its `/metrics`, out go lines: since when it runs, what it costs, whom it answers, and what its
//! stages do. What changes is told for a second, from two looks.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::timeout;

use crate::cli::healthcheck;
use crate::cli::status::span;

/// The daemon answers at once, or the screen says that it does not.
const PATIENCE: Duration = Duration::from_secs(1);

/// The stages in the order in which news pass through them.
const STAGES: [&str; 9] = ["reload", "poll", "deliver", "backfill", "enrich", "group", "release", "hub", "websub"];

/// The numbers of one look, by name and labels as they stand there.
pub(super) struct Numbers {
    at: Timestamp,
    rows: BTreeMap<String, f64>,
}

/// Asks the daemon at `admin`.
///
/// # Errors
/// When it does not answer: one sentence.
pub(super) async fn ask(admin: SocketAddr, now: Timestamp) -> Result<Numbers, String> {
    match timeout(PATIENCE, healthcheck::ask(admin, "/metrics")).await {
        Ok(Ok(answer)) => Ok(Numbers::of(&String::from_utf8_lossy(&answer), now)),
        Ok(Err(error)) => Err(format!("no daemon answers on {admin} ({error}); `newswire run` starts one")),
        Err(_) => Err(format!("the daemon on {admin} does not answer in time")),
    }
}

impl Numbers {
    fn of(text: &str, at: Timestamp) -> Self {
        let row = |line: &str| {
            let (name, value) = line.rsplit_once(' ')?;
            Some((name.to_owned(), value.parse().ok()?))
        };
        Self { at, rows: text.lines().filter(|line| !line.starts_with('#')).filter_map(row).collect() }
    }

    fn get(&self, row: &str) -> f64 {
        self.rows.get(row).copied().unwrap_or_default()
    }

    fn stage(&self, number: &str, stage: &str) -> f64 {
        self.get(&format!("newswire_stage_{number}{{stage=\"{stage}\"}}"))
    }

    fn answers(&self, statuses: &[&str]) -> f64 {
        statuses.iter().map(|status| self.get(&format!("newswire_http_answers_total{{status=\"{status}\"}}"))).sum()
    }
}

/// The lines of the daemon; `daemon` are its numbers now and at the look before, or why there are none.
pub(super) fn lines(daemon: Result<(&Numbers, Option<&Numbers>), &str>, now: Timestamp) -> Vec<String> {
    let (numbers, before) = match daemon {
        Ok(numbers) => numbers,
        Err(why) => return vec![why.to_owned()],
    };
    let a_second = |read: &dyn Fn(&Numbers) -> f64| {
        // A daemon that was started anew counts from nothing.
        let before = before.filter(|before| read(before) <= read(numbers))?;
        let seconds = (numbers.at.as_millisecond() - before.at.as_millisecond()) as f64 / 1000.0;
        (seconds > 0.0).then(|| (read(numbers) - read(before)) / seconds)
    };
    let or_dash =
        |value: Option<f64>, digits: usize| value.map_or("–".to_owned(), |value| format!("{value:.digits$}"));
    let cpu = a_second(&|numbers| numbers.get("process_cpu_seconds_total")).map(|share| share * 100.0);
    let all = a_second(&|numbers| numbers.answers(&["2xx", "304", "3xx", "4xx", "5xx"]));
    let unchanged = a_second(&|numbers| numbers.answers(&["304"]));
    let mut lines = vec![format!(
        "daemon runs since {}, {:.0} MB, {} % CPU; answers a second {} (of them 304: {}), {} connections",
        since(numbers.get("process_start_time_seconds"), now),
        numbers.get("process_resident_memory_bytes") / 1e6,
        or_dash(cpu, 1),
        or_dash(all, 1),
        or_dash(unchanged, 1),
        numbers.get("newswire_http_connections_open"),
    )];
    if numbers.get("newswire_config_refused") > 0.0 {
        lines.push("THE LAST RELOAD WAS REFUSED: an older configuration is in force; see `newswire check`".to_owned());
    }
    lines.push(format!("{:>10} {:>10} {:>8} {:>6} {:>8}  last life", "stage", "rows", "rows/s", "busy", "failures"));
    for stage in STAGES {
        let alive = numbers.stage("alive_timestamp_seconds", stage);
        let rows = a_second(&|numbers| numbers.stage("rows_total", stage));
        let busy = a_second(&|numbers| numbers.stage("busy_seconds_total", stage)).map(|share| share * 100.0);
        lines.push(format!(
            "{stage:>10} {:>10} {:>8} {:>5}% {:>8}  {}",
            numbers.stage("rows_total", stage),
            or_dash(rows, 1),
            or_dash(busy, 0),
            numbers.stage("failures_total", stage),
            if alive > 0.0 { format!("{} ago", since(alive, now)) } else { "none yet".to_owned() },
        ));
    }
    lines
}

/// How long ago a time in seconds was.
#[expect(clippy::cast_possible_truncation, reason = "seconds since 1970 are whole and fit")]
fn since(seconds: f64, now: Timestamp) -> String {
    span((now.as_second() - seconds as i64).max(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(second: i64, rows: u64) -> Numbers {
        let text = format!(
            "HTTP/1.1 200 OK\r\n\r\n# HELP x\nprocess_cpu_seconds_total {}\nprocess_start_time_seconds 1000\n\
             process_resident_memory_bytes 84000000\nnewswire_http_answers_total{{status=\"304\"}} {rows}\n\
             newswire_stage_rows_total{{stage=\"poll\"}} {rows}\n\
             newswire_stage_alive_timestamp_seconds{{stage=\"poll\"}} {second}\n",
            rows / 100
        );
        Numbers::of(&text, Timestamp::from_second(second).unwrap())
    }

    #[test]
    fn what_changes_is_told_for_a_second() {
        let (before, after) = (numbers(4598, 100), numbers(4600, 300));
        let lines = lines(Ok((&after, Some(&before))), Timestamp::from_second(4601).unwrap());
        assert_eq!(
            [&lines[0], &lines[1], &lines[2], &lines[3]],
            [
                "daemon runs since 60 min, 84 MB, 100.0 % CPU; answers a second 100.0 (of them 304: 100.0), 0 connections",
                "     stage       rows   rows/s   busy failures  last life",
                "    reload          0      0.0     0%        0  none yet",
                "      poll        300    100.0     0%        0  1 s ago",
            ]
        );
    }

    #[test]
    fn one_look_and_a_new_start_tell_nothing_for_a_second() {
        let now = Timestamp::from_second(4601).unwrap();
        for before in [None, Some(&numbers(4598, 900))] {
            assert!(lines(Ok((&numbers(4600, 300), before)), now)[0].contains("answers a second – "));
        }
        assert_eq!(lines(Err("nobody"), now), ["nobody"]);
    }
}
