//! The parent: starts the children, outlives them, and keeps what they found.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::mutate::{self, Stock};
use super::worker::BATCH;
use super::{Plan, option};

/// A child that says nothing for so long hangs: a batch of the largest inputs takes seconds.
const PATIENCE: Duration = Duration::from_mins(2);

/// Finds of one sort that are written; the rest is counted.
const KEPT: usize = 5;

/// How often the figures are printed.
const PULSE: Duration = Duration::from_secs(30);

#[derive(Default)]
struct Tally {
    inputs: u64,
    bytes: u64,
    /// CPU milliseconds by child, those that ended included.
    cpu_ms: BTreeMap<u32, u64>,
    /// By sort: how many, and the files.
    finds: BTreeMap<String, (u64, Vec<PathBuf>)>,
    /// Inputs found already: those beside one that kills are read twice.
    known: BTreeSet<u64>,
    told: Option<Instant>,
}

/// What came of one target.
pub struct Line {
    name: &'static str,
    inputs: u64,
    bytes: u64,
    cpu: f64,
    finds: u64,
}

/// Prints a line a target; a failure where there is a find.
pub fn summary(lines: &[Line]) -> ExitCode {
    println!("\n{:9} {:>9} {:>11} {:>8} {:>6}", "target", "CPU s", "inputs", "MB", "finds");
    for line in lines {
        let megabytes = line.bytes as f64 / 1e6;
        println!("{:9} {:9.1} {:11} {megabytes:8.0} {:6}", line.name, line.cpu, line.inputs, line.finds);
    }
    if lines.iter().all(|line| line.finds == 0) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs the plan and prints what came of it.
pub fn run(plan: &Plan, stock: &Stock) -> Line {
    let tally = Mutex::new(Tally::default());
    let started = Instant::now();
    let corpus = plan.corpus.as_ref().map_or("invented".to_owned(), |folder| folder.display().to_string());
    println!("fuzz {}: seed {}, {} files to begin with ({corpus})", plan.target.name, plan.seed, stock.corpus.len());
    if cfg!(debug_assertions) {
        println!("this is no release build: times mean nothing");
    }
    std::thread::scope(|scope| {
        for job in 0..plan.jobs {
            let tally = &tally;
            scope.spawn(move || drive(plan, stock, job, tally, started));
        }
    });
    let tally = tally.into_inner().unwrap();
    print(&tally, started);
    for (sort, (count, files)) in &tally.finds {
        println!("\n{count} × {sort}");
        for file in files {
            println!("  cargo bench --bench fuzz -- {} --one {}", plan.target.name, file.display());
        }
    }
    Line {
        name: plan.target.name,
        inputs: tally.inputs,
        bytes: tally.bytes,
        cpu: tally.cpu(),
        finds: tally.finds.values().map(|(count, _)| count).sum(),
    }
}

impl Tally {
    fn cpu(&self) -> f64 {
        self.cpu_ms.values().sum::<u64>() as f64 / 1e3
    }
}

fn print(tally: &Tally, started: Instant) {
    let seconds = started.elapsed().as_secs_f64();
    let finds: u64 = tally.finds.values().map(|(count, _)| count).sum();
    println!(
        "{} inputs, {:.0} MB, {seconds:.0} s, {:.0} s of CPU: {:.0} inputs/s, {:.1} MB/s; {finds} finds of {} sorts",
        tally.inputs,
        tally.bytes as f64 / 1e6,
        tally.cpu(),
        tally.inputs as f64 / seconds,
        tally.bytes as f64 / 1e6 / seconds,
        tally.finds.len()
    );
}

/// Keeps one child busy until its share is done.
fn drive(plan: &Plan, stock: &Stock, job: u64, tally: &Mutex<Tally>, started: Instant) {
    let mut batch = job;
    let is_in_time = || started.elapsed().as_secs() < plan.seconds && tally.lock().unwrap().cpu() < plan.cpu;
    while batch * BATCH < plan.inputs && is_in_time() {
        let at = hear(plan, stock, start(plan, batch, None, tally, started), tally, started);
        let Some((died_in, _)) = at else { return };
        // The same batch again, input by input, until each that kills is known.
        let mut from = died_in * BATCH;
        let again = |from| hear(plan, stock, start(plan, died_in, Some(from), tally, started), tally, started);
        while let Some((_, Some(index))) = again(from) {
            keep(plan, stock, index, "dead: the process ended or hung", tally);
            from = index + 1;
            if from >= (died_in + 1) * BATCH {
                break;
            }
        }
        batch = died_in + plan.jobs;
    }
}

fn start(plan: &Plan, batch: u64, from: Option<u64>, tally: &Mutex<Tally>, started: Instant) -> Child {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.arg(plan.target.name).args(["--worker", &batch.to_string()]);
    command.args(["--seed", &plan.seed.to_string(), "--jobs", &plan.jobs.to_string()]);
    command.args(["--inputs", &plan.inputs.to_string()]);
    if plan.seconds < u64::MAX {
        command.args(["--seconds", &plan.seconds.saturating_sub(started.elapsed().as_secs()).max(1).to_string()]);
    }
    if plan.cpu.is_finite() {
        // What is left, shared by all children.
        let left = (plan.cpu - tally.lock().unwrap().cpu()) / plan.jobs as f64;
        command.args(["--cpu", &left.max(1.0).to_string()]);
    }
    if let Some(corpus) = option("--corpus") {
        command.args(["--corpus", &corpus]);
    }
    if let Some(from) = from {
        command.args(["--from", &from.to_string()]);
    }
    command.env("MALLOC_MMAP_THRESHOLD_", "131072").env("MALLOC_TRIM_THRESHOLD_", "131072");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a child")
}

/// Listens to a child to its end: the batch and input it died in, `None` if it ended well.
fn hear(
    plan: &Plan,
    stock: &Stock,
    mut child: Child,
    tally: &Mutex<Tally>,
    started: Instant,
) -> Option<(u64, Option<u64>)> {
    let (say, heard) = mpsc::channel();
    let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let listener = std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            if say.send(line).is_err() {
                return;
            }
        }
    });
    let (mut batch, mut input) = (0, None);
    let is_hung = loop {
        match heard.recv_timeout(PATIENCE) {
            Ok(line) => {
                let mut words = line.splitn(3, ' ');
                let (what, number) =
                    (words.next().unwrap_or_default(), words.next().and_then(|word| word.parse().ok()));
                let rest = words.next().unwrap_or_default();
                match (what, number) {
                    ("batch", Some(number)) => batch = number,
                    ("input", number) => input = number,
                    ("find", Some(number)) => keep(plan, stock, number, rest, tally),
                    ("done", _) => count(rest, child.id(), tally, started),
                    _ => {}
                }
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => break false,
            Err(mpsc::RecvTimeoutError::Timeout) => break true,
        }
    };
    if is_hung {
        let _ = child.kill();
    }
    let _ = listener.join();
    let ended_well = child.wait().expect("its end").success();
    (!ended_well || is_hung).then_some((batch, input))
}

fn count(rest: &str, child: u32, tally: &Mutex<Tally>, started: Instant) {
    let mut numbers = rest.split(' ').filter_map(|word| word.parse::<u64>().ok());
    let mut tally = tally.lock().unwrap();
    tally.inputs += numbers.next().unwrap_or(0);
    tally.bytes += numbers.next().unwrap_or(0);
    tally.cpu_ms.insert(child, numbers.next().unwrap_or(0));
    if tally.told.unwrap_or(started).elapsed() > PULSE {
        tally.told = Some(Instant::now());
        print(&tally, started);
    }
}

/// Writes the input of a find, unless there are enough of its sort.
fn keep(plan: &Plan, stock: &Stock, index: u64, find: &str, tally: &Mutex<Tally>) {
    // Panics are of one sort by their place, the others by their kind.
    let kind = find.split([' ', ':']).next().unwrap_or_default();
    let sort = if kind == "panic" { find.to_owned() } else { kind.to_owned() };
    let mut tally = tally.lock().unwrap();
    if !tally.known.insert(index) {
        return;
    }
    let (count, files) = tally.finds.entry(sort).or_default();
    *count += 1;
    if files.len() >= KEPT {
        return;
    }
    fs::create_dir_all(&plan.finds).expect("a folder for finds");
    let file = plan.finds.join(format!("{}-{kind}-{}-{index}", plan.target.name, plan.seed));
    fs::write(&file, mutate::input(stock, plan.seed, index)).expect("the find written");
    println!("find {index}: {find}\n  {}", file.display());
    files.push(file);
}
