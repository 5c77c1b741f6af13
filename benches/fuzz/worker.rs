//! The child: reads inputs, batch by batch, and tells its parent what it found, a line each.
//!
//! CPU time is that of the thread as the kernel counts it (`/proc/thread-self/schedstat`), asked only where the wall
//! clock was slow, and then the best of three runs counts. Memory is the high-water mark of the process
//! (`VmHWM`, set back before each batch): a batch that went too high is run again, input by input. The parent has the
//! allocator give back what is freed (`MALLOC_*_THRESHOLD_`), so that one input's peak is not the next one's floor.

use std::cell::RefCell;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use super::Plan;
use super::mutate::{self, Stock};
use super::targets::Target;

/// Inputs between two looks at the memory.
pub const BATCH: u64 = 256;

/// What the process itself may need beside what the target may: its stack, and blocks that the allocator keeps.
const SLACK_KIB: u64 = 4 << 10;

/// CPU time of an input, without what its size allows.
const BASE: Duration = Duration::from_millis(50);

thread_local! {
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs batch `first` and every `jobs`-th after it; from input `from` of the first on, telling each input, where the
/// parent looks for the one that kills.
pub fn work(plan: &Plan, stock: &Stock, first: u64, from: Option<u64>) -> ExitCode {
    let started = Instant::now();
    quiet();
    let mut batch = first;
    let is_in_time = || started.elapsed().as_secs() < plan.seconds && spent().as_secs_f64() < plan.cpu;
    while batch * BATCH < plan.inputs && is_in_time() {
        println!("batch {batch}");
        let end = ((batch + 1) * BATCH).min(plan.inputs);
        let start = from.filter(|_| batch == first).unwrap_or(batch * BATCH);
        let (mut largest, mut bytes) = (0, 0);
        forget_peak();
        let base = status_kib("VmRSS:");
        for index in start..end {
            if from.is_some() {
                println!("input {index}");
            }
            let input = mutate::input(stock, plan.seed, index);
            largest = largest.max(input.len() as u64);
            bytes += input.len() as u64;
            if let Some(find) = judge(plan.target, &input) {
                println!("find {index} {find}");
            }
        }
        if status_kib("VmHWM:").saturating_sub(base) > allowed_kib(plan.target, largest) {
            for index in start..end {
                let input = mutate::input(stock, plan.seed, index);
                if let Some(find) = hoards(plan.target, &input) {
                    println!("find {index} {find}");
                }
            }
        }
        println!("done {batch} {} {bytes} {}", end - start, spent().as_millis());
        if from.is_some() {
            break;
        }
        batch += plan.jobs;
    }
    ExitCode::SUCCESS
}

/// Runs one file and tells everything about it.
pub fn one(target: &Target, input: &[u8]) -> ExitCode {
    quiet();
    let (cpu, wall) = (cpu_of(target, input), Instant::now());
    let outcome = run(target, input);
    println!("{} bytes, {:.1} ms on the clock, {:.1} ms of CPU", input.len(), ms(wall.elapsed()), ms(cpu));
    let found: Vec<String> =
        [outcome.err(), slow(target, input), hoards(target, input)].into_iter().flatten().collect();
    for find in &found {
        println!("{find}");
    }
    if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What is wrong with how `target` reads `input`, its memory aside.
fn judge(target: &Target, input: &[u8]) -> Option<String> {
    let started = Instant::now();
    let outcome = run(target, input);
    let wall = started.elapsed();
    match outcome {
        Err(find) => Some(find),
        Ok(()) if wall > allowed(target, input.len()) => slow(target, input),
        Ok(()) => None,
    }
}

fn run(target: &Target, input: &[u8]) -> Result<(), String> {
    match panic::catch_unwind(AssertUnwindSafe(|| (target.run)(input))) {
        Ok(Ok(())) => Ok(()),
        Ok(Err(broken)) => Err(format!("promise {}", broken.replace('\n', " "))),
        Err(_) => Err(format!("panic {}", PANIC.take())),
    }
}

fn slow(target: &Target, input: &[u8]) -> Option<String> {
    let best = (0..3).map(|_| cpu_of(target, input)).min()?;
    (best > allowed(target, input.len())).then(|| format!("slow {:.0} ms of CPU for {} bytes", ms(best), input.len()))
}

fn cpu_of(target: &Target, input: &[u8]) -> Duration {
    let before = (thread_cpu(), Instant::now());
    let _ = run(target, input);
    match (before.0, thread_cpu()) {
        (Some(from), Some(to)) => to.saturating_sub(from),
        // A kernel that does not count: the wall clock says at least as much.
        _ => before.1.elapsed(),
    }
}

fn hoards(target: &Target, input: &[u8]) -> Option<String> {
    forget_peak();
    let base = status_kib("VmRSS:");
    let _ = run(target, input);
    let grown = status_kib("VmHWM:").saturating_sub(base);
    (grown > allowed_kib(target, input.len() as u64)).then(|| format!("memory {grown} KiB for {} bytes", input.len()))
}

fn allowed(target: &Target, bytes: usize) -> Duration {
    BASE + Duration::from_millis(target.a_megabyte_ms).mul_f64(bytes as f64 / 1e6)
}

fn allowed_kib(target: &Target, bytes: u64) -> u64 {
    SLACK_KIB + target.times * bytes / 1024
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// CPU time of this process, which is one thread.
fn spent() -> Duration {
    thread_cpu().unwrap_or_default()
}

fn thread_cpu() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

fn forget_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}

fn status_kib(name: &str) -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// Panics are told in one line, with their place.
fn quiet() {
    panic::set_hook(Box::new(|info| {
        let text = info.to_string().replace('\n', " ");
        PANIC.set(text);
    }));
}
