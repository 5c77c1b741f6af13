//! Numbers of the process as Prometheus reads them (text format 0.0.4).
//!
//! In come counts of what was served and samples from elsewhere, out goes text. It keeps no history, and the
//! number of its rows does not depend on who asks for what.

use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use hyper::StatusCode;

/// The media type of [`text`] (<https://prometheus.io/docs/instrumenting/exposition_formats/>).
pub(super) const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// One number of another part of the process.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// In full: `newswire_`, what is counted, its base unit (`_seconds`, `_bytes`), and for counters `_total`.
    pub name: &'static str,
    /// One sentence without its full stop.
    pub help: &'static str,
    /// Does it only go up?
    pub kind: SampleKind,
    /// Label and value, e.g. `("stage", "poll")`. Values come from us or the configuration, never from outside.
    pub labels: Vec<(&'static str, String)>,
    /// The number.
    pub value: f64,
}

/// Does a number only go up?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SampleKind {
    /// It only goes up, from the start of the process.
    Counter,
    /// It goes up and down.
    Gauge,
}

impl Sample {
    /// A number that only goes up.
    pub fn counter(name: &'static str, help: &'static str, value: f64) -> Self {
        Self { name, help, kind: SampleKind::Counter, labels: Vec::new(), value }
    }

    /// A number that goes up and down.
    pub fn gauge(name: &'static str, help: &'static str, value: f64) -> Self {
        Self { name, help, kind: SampleKind::Gauge, labels: Vec::new(), value }
    }

    /// The same with one label more.
    #[must_use]
    pub fn with(mut self, label: &'static str, value: impl Into<String>) -> Self {
        self.labels.push((label, value.into()));
        self
    }
}

/// What was served. Counts only; the hot path adds to it without a lock.
#[derive(Debug, Default)]
pub struct Traffic {
    ok: AtomicU64,
    moved: AtomicU64,
    not_modified: AtomicU64,
    refused_requests: AtomicU64,
    failed: AtomicU64,
    bytes: AtomicU64,
    connections: AtomicU64,
    refused: AtomicU64,
    open: AtomicI64,
}

impl Traffic {
    /// Counts an answer of `sent` body bytes.
    pub(super) fn answered(&self, status: StatusCode, sent: u64) {
        let class = match status.as_u16() {
            304 => &self.not_modified,
            300..=399 => &self.moved,
            400..=499 => &self.refused_requests,
            500..=599 => &self.failed,
            _ => &self.ok,
        };
        class.fetch_add(1, Ordering::Relaxed);
        if sent > 0 {
            self.bytes.fetch_add(sent, Ordering::Relaxed);
        }
    }

    pub(super) fn opened(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
        self.open.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn closed(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// The counts as samples.
    #[must_use]
    pub fn samples(&self) -> Vec<Sample> {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed) as f64;
        let answers = [
            ("2xx", &self.ok),
            ("304", &self.not_modified),
            ("3xx", &self.moved),
            ("4xx", &self.refused_requests),
            ("5xx", &self.failed),
        ];
        let help = "Public requests answered, by status; 304 is not in 3xx";
        let mut samples: Vec<_> = answers
            .into_iter()
            .map(|(status, count)| {
                Sample::counter("newswire_http_answers_total", help, read(count)).with("status", status)
            })
            .collect();
        samples.extend([
            Sample::counter("newswire_http_sent_bytes_total", "Body bytes of public answers", read(&self.bytes)),
            Sample::counter("newswire_http_connections_total", "Public connections accepted", read(&self.connections)),
            Sample::counter(
                "newswire_http_connections_refused_total",
                "Public connections over a peer's share",
                read(&self.refused),
            ),
            Sample::gauge(
                "newswire_http_connections_open",
                "Public connections open now",
                self.open.load(Ordering::Relaxed) as f64,
            ),
        ]);
        samples
    }
}

/// `samples` as text, in the order of their names: one family is told once and stands together.
pub(super) fn text(mut samples: Vec<Sample>) -> String {
    samples.sort_by_key(|sample| sample.name);
    let mut text = String::new();
    for family in samples.chunk_by(|one, two| one.name == two.name) {
        let Some(Sample { name, help, kind, .. }) = family.first() else { continue };
        let kind = match kind {
            SampleKind::Counter => "counter",
            SampleKind::Gauge => "gauge",
        };
        let _ = writeln!(text, "# HELP {name} {}\n# TYPE {name} {kind}", escaped(help, false));
        for sample in family {
            let _ = writeln!(text, "{name}{} {}", Labels(&sample.labels), sample.value);
        }
    }
    text
}

/// The labels of a row in braces, or nothing.
struct Labels<'a>(&'a [(&'static str, String)]);

impl fmt::Display for Labels<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (label, value)) in self.0.iter().enumerate() {
            let before = if place == 0 { '{' } else { ',' };
            write!(f, "{before}{label}=\"{}\"", escaped(value, true))?;
        }
        f.write_str(if self.0.is_empty() { "" } else { "}" })
    }
}

/// Within quotes, those are escaped too.
fn escaped(text: &str, is_quoted: bool) -> String {
    let text = text.replace('\\', r"\\").replace('\n', r"\n");
    if is_quoted { text.replace('"', "\\\"") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_prometheus_reads() {
        let steps = |stage: &str, value| Sample::counter("steps_total", "What it \\ is", value).with("stage", stage);
        let samples = vec![
            steps("poll", 3.0),
            Sample::gauge("stories", "Stories", 1.5),
            steps("a\"b\\c\nd", 4e9).with("host", "public"),
        ];
        let expect = "# HELP steps_total What it \\\\ is\n\
                      # TYPE steps_total counter\n\
                      steps_total{stage=\"poll\"} 3\n\
                      steps_total{stage=\"a\\\"b\\\\c\\nd\",host=\"public\"} 4000000000\n\
                      # HELP stories Stories\n\
                      # TYPE stories gauge\n\
                      stories 1.5\n";
        assert_eq!(text(samples), expect);
    }

    #[test]
    fn traffic_counts_by_status() {
        let traffic = Traffic::default();
        for status in [200, 204, 304, 301, 404, 405, 503] {
            traffic.answered(StatusCode::from_u16(status).unwrap(), 10);
        }
        traffic.opened();
        traffic.closed();
        traffic.opened();
        traffic.refused();
        let values: Vec<_> = traffic.samples().into_iter().map(|sample| sample.value).collect();
        assert_eq!(values, [2.0, 1.0, 1.0, 2.0, 1.0, 70.0, 2.0, 1.0, 1.0]);
    }
}
