//! Memory and descriptors of one daemon that is left alone, while work goes on and the number of articles stays.

use std::time::{Duration, Instant};

use super::census;
use super::ground::Ground;
use super::news::News;
use super::warden::Warden;

/// By how many descriptors more may be open at the end than after the warm-up: those of connections under way.
pub const DESCRIPTORS: f64 = 8.0;

/// A rise that no measurement tells from none, in MB: what an allocator keeps moves by that much.
const LEAST_NOISE_MB: f64 = 4.0;

/// The warm-up is one part of so many of the work.
const PARTS: f64 = 11.0;

/// It takes at least so long: caches fill in that time, however little work the whole is.
const WARM_UP: Duration = Duration::from_secs(12);

/// Between two samples, and between two revisions of the news.
const TICK: Duration = Duration::from_millis(200);

/// Every so many ticks the configuration is reloaded.
const RELOAD: u64 = 40;

/// What was measured.
#[derive(Debug, Default)]
pub struct Level {
    /// By how much the resident set grew from the warm-up to the end, by a straight line through all samples.
    pub rise_mb: f64,
    /// Three times the standard deviation around that line.
    pub noise_mb: f64,
    pub end_mb: f64,
    /// Work at the end in multiples of the warm-up's.
    pub times: f64,
    pub descriptors_rise: f64,
}

/// Work so far, MB, descriptors.
type Sample = (f64, f64, f64);

pub fn measure(ground: &mut Ground, news: &mut News, warden: &mut Warden, span: Duration) -> Level {
    ground.set_clock(0);
    ground.configure(0);
    // A process of its own, which has taken in what happened before.
    warden.kill();
    warden.wait(ground);
    census::rest(ground, warden);
    let (began, base) = (Instant::now(), work(warden).unwrap_or(0.0));
    let (mut samples, mut warm) = (Vec::<Sample>::new(), 0);
    for tick in 0u64.. {
        if began.elapsed() >= span {
            break;
        }
        std::thread::park_timeout(TICK);
        warden.watch(ground);
        news.revise(ground, tick);
        if tick % RELOAD == RELOAD - 1 {
            ground.configure(tick);
            warden.signal("HUP");
        }
        let Some(((mb, descriptors), work)) = warden.size().zip(work(warden)) else { continue };
        let work = work - base;
        samples.push((work, mb, descriptors as f64));
        if began.elapsed() < WARM_UP {
            warm = samples.len();
        }
    }
    if std::env::args().any(|word| word == "--samples") {
        for (work, mb, descriptors) in &samples {
            println!("{work:9.0} {mb:7.1} {descriptors:4.0}");
        }
    }
    let last = samples.last().map_or(0.0, |sample| sample.0);
    warm = warm.max(samples.partition_point(|sample| sample.0 < last / PARTS));
    level(samples.get(warm..).unwrap_or_default())
}

/// Rows that all stages have taken.
fn work(warden: &Warden) -> Option<f64> {
    let status = warden.status()?;
    Some(status["stages"].as_object()?.values().filter_map(|stage| stage["rows"].as_f64()).sum())
}

fn level(samples: &[Sample]) -> Level {
    let Some((first, last)) = samples.first().zip(samples.last()) else {
        return Level { rise_mb: f64::NAN, ..Level::default() };
    };
    let count = samples.len() as f64;
    let mean = |of: fn(&Sample) -> f64| samples.iter().map(of).sum::<f64>() / count;
    let (work, mb) = (mean(|sample| sample.0), mean(|sample| sample.1));
    let spread: f64 = samples.iter().map(|sample| (sample.0 - work).powi(2)).sum();
    let slope = samples.iter().map(|sample| (sample.0 - work) * (sample.1 - mb)).sum::<f64>() / spread.max(1.0);
    let apart = samples.iter().map(|sample| (sample.1 - mb - slope * (sample.0 - work)).powi(2)).sum::<f64>() / count;
    let quarter = samples.len().div_ceil(4);
    let median = |part: &[Sample]| {
        let mut counts: Vec<f64> = part.iter().map(|sample| sample.2).collect();
        counts.sort_by(f64::total_cmp);
        counts[counts.len() / 2]
    };
    Level {
        rise_mb: slope * (last.0 - first.0),
        noise_mb: LEAST_NOISE_MB.max(3.0 * apart.sqrt()),
        end_mb: last.1,
        times: last.0 / first.0.max(1.0),
        descriptors_rise: median(&samples[samples.len() - quarter..]) - median(&samples[..quarter]),
    }
}
