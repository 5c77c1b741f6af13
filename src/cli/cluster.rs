//! `newswire cluster`: groups a stream of articles offline, as the daemon would.
//!
//! In come lines of JSON in stream order, out goes a story for each, in input order. Reads no configuration, no store and
//! no gold: the window is that of a daemon with nothing configured, and steps are as large as its.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use serde_json::json;

use crate::app::AppError;
use crate::app::once::BATCH;
use crate::cluster::line::{self, Line};
use crate::cluster::open::{Arrival, Rules};
use crate::cluster::stream::Stream;
use crate::model::ArticleId;
use crate::similarity::Profile;

/// No line is longer: an article of title and excerpt has a thousand bytes.
const LONGEST_LINE: u64 = 1024 * 1024;

/// What gzip begins with.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Arguments of `cluster`.
#[derive(Debug, Args)]
pub struct Cluster {
    /// Lines `{"id","title","excerpt","published",…}`, gzip or not [default: standard input]
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Where lines `{"id","story"}` go [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print each article's first story instead of its last
    #[arg(long)]
    online: bool,
    /// Print articles, stories, seconds, articles a second and peak bytes as JSON on standard error
    #[arg(long)]
    stats: bool,
}

impl Cluster {
    /// Groups and prints.
    #[must_use]
    pub fn run(&self) -> ExitCode {
        match self.grouped().and_then(|text| self.write(&text)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
            Err(error) => super::failed(&AppError::Machine(error)),
        }
    }

    fn grouped(&self) -> io::Result<String> {
        let started = Instant::now();
        let mut stream = Stream::new(Rules::default());
        let mut names: Vec<(String, ArticleId)> = Vec::new();
        let mut first = BTreeMap::new();
        let mut step = Vec::with_capacity(BATCH);
        let mut settle = |step: &mut Vec<Arrival>| {
            let ids: Vec<ArticleId> = step.iter().map(|arrival| arrival.profile.id).collect();
            stream.step(std::mem::take(step), &[]);
            if self.online {
                for id in ids {
                    first.entry(id).or_insert(stream.story_of(id));
                }
            }
        };
        for line in lines(self.input.as_deref())? {
            let Line { name, article, .. } = line?;
            names.push((name, article.id));
            step.push(Arrival::of(Profile::of(&article)));
            if step.len() == BATCH {
                settle(&mut step);
            }
        }
        settle(&mut step);
        let mut text = String::with_capacity(names.len() * 64);
        for (name, id) in &names {
            let story = first.get(id).copied().unwrap_or_else(|| stream.story_of(*id));
            let story = story.map(|story| story.to_string());
            let _ = writeln!(text, "{}", json!({ "id": name, "story": story }));
        }
        if self.stats {
            let seconds = started.elapsed().as_secs_f64();
            eprintln!("{}", stats(names.len(), stream.stories(), seconds));
        }
        Ok(text)
    }

    fn write(&self, text: &str) -> io::Result<()> {
        match &self.output {
            Some(path) => std::fs::write(path, text),
            None => BufWriter::new(io::stdout().lock()).write_all(text.as_bytes()),
        }
    }
}

fn stats(articles: usize, stories: usize, seconds: f64) -> serde_json::Value {
    json!({
        "articles": articles,
        "stories": stories,
        "seconds": seconds,
        "articles_per_s": articles as f64 / seconds.max(1e-9),
        "peak_bytes": peak_bytes(),
    })
}

/// The most memory that this process ever held, as Linux tells it.
fn peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()? * 1024)
}

/// The lines of a file, gzip or not; of standard input without one.
pub(super) fn lines(path: Option<&Path>) -> io::Result<impl Iterator<Item = io::Result<Line>>> {
    let raw: Box<dyn Read> = match path.filter(|path| path.as_os_str() != "-") {
        Some(path) => Box::new(File::open(path).map_err(|error| named(path, &error))?),
        None => Box::new(io::stdin()),
    };
    let mut raw = BufReader::new(raw);
    let zipped = raw.fill_buf()?.starts_with(&GZIP);
    let mut text: Box<dyn BufRead> =
        if zipped { Box::new(BufReader::new(flate2::bufread::MultiGzDecoder::new(raw))) } else { Box::new(raw) };
    let mut number = 0u64;
    Ok(std::iter::from_fn(move || {
        loop {
            let mut bytes = Vec::new();
            number += 1;
            match text.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut bytes) {
                Err(error) => return Some(Err(error)),
                Ok(0) => return None,
                Ok(_) if bytes.trim_ascii().is_empty() => {}
                Ok(_) => {
                    let wrong = |what: String| io::Error::other(format!("line {number}: {what}"));
                    return Some(line::read(&String::from_utf8_lossy(&bytes)).map_err(wrong));
                }
            }
        }
    }))
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
