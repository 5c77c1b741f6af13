//! Numbers of the process as Prometheus reads them (`OpenMetrics` text).
//!
//! In come counts of what was served and samples from elsewhere, out goes text. It keeps no history, and the
//! number of its rows does not depend on who asks for what.

use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use hyper::StatusCode;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;

/// One number of another part of the process.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// In `snake_case` with its unit, without the prefix `newswire_` and, for counters, without `_total`.
    pub name: &'static str,
    /// One sentence without its full stop.
    pub help: &'static str,
    /// Does it only go up?
    pub kind: SampleKind,
    /// Label and value, e.g. `("stage", "poll")`; samples of one name must stand together.
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
        let counter = |name, help, count| Sample {
            name,
            help,
            kind: SampleKind::Counter,
            labels: Vec::new(),
            value: read(count),
        };
        let answers = [
            ("2xx", &self.ok),
            ("304", &self.not_modified),
            ("3xx", &self.moved),
            ("4xx", &self.refused_requests),
            ("5xx", &self.failed),
        ];
        let mut samples: Vec<_> = answers
            .into_iter()
            .map(|(status, count)| Sample {
                labels: vec![("status", status.to_owned())],
                ..counter("http_answers", "Public requests answered, by status; 304 is not in 3xx", count)
            })
            .collect();
        samples.push(counter("http_sent_bytes", "Body bytes of public answers", &self.bytes));
        samples.push(counter("http_connections", "Public connections accepted", &self.connections));
        samples.push(counter("http_connections_refused", "Public connections over a peer's share", &self.refused));
        samples.push(Sample {
            kind: SampleKind::Gauge,
            value: self.open.load(Ordering::Relaxed) as f64,
            ..counter("http_connections_open", "Public connections open now", &self.connections)
        });
        samples
    }
}

/// `samples` as `OpenMetrics` text.
pub(super) fn text(samples: Vec<Sample>) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("newswire");
    registry.register_collector(Box::new(Table(samples)));
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

#[derive(Debug)]
struct Table(Vec<Sample>);

impl Collector for Table {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for family in self.0.chunk_by(|one, two| one.name == two.name) {
            let Some(first) = family.first() else { continue };
            let kind = match first.kind {
                SampleKind::Counter => MetricType::Counter,
                SampleKind::Gauge => MetricType::Gauge,
            };
            let mut metric = encoder.encode_descriptor(first.name, first.help, None, kind)?;
            for sample in family {
                if sample.labels.is_empty() {
                    put(sample, &mut metric)?;
                } else {
                    put(sample, &mut metric.encode_family(&sample.labels)?)?;
                }
            }
        }
        Ok(())
    }
}

fn put(sample: &Sample, encoder: &mut MetricEncoder<'_>) -> fmt::Result {
    match sample.kind {
        SampleKind::Counter => encoder.encode_counter::<NoLabelSet, f64, f64>(&sample.value, None),
        SampleKind::Gauge => encoder.encode_gauge(&sample.value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_prometheus_reads() {
        let sample = |name, kind, labels, value| Sample { name, help: "What it is", kind, labels, value };
        let stage = |stage: &str| vec![("stage", stage.to_owned())];
        let samples = vec![
            sample("steps", SampleKind::Counter, stage("poll"), 3.0),
            sample("steps", SampleKind::Counter, stage("a\"b"), 4.0),
            sample("stories", SampleKind::Gauge, Vec::new(), 1.5),
        ];
        let expect = "# HELP newswire_steps What it is\n\
                      # TYPE newswire_steps counter\n\
                      newswire_steps_total{stage=\"poll\"} 3.0\n\
                      newswire_steps_total{stage=\"a\\\"b\"} 4.0\n\
                      # HELP newswire_stories What it is\n\
                      # TYPE newswire_stories gauge\n\
                      newswire_stories 1.5\n\
                      # EOF\n";
        assert_eq!(text(samples).unwrap(), expect);
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
