//! `newswire inspect feed|page`: what the readers see in a file or at an address.
//!
//! In come names of files, addresses, or lines that name them; out goes, in input order, one JSON object a line
//! or a block for people. A file that cannot be read and a page that cannot be fetched are an object with a note:
//! the exit code stays 0. It changes nothing and reads no configuration.

mod show;
mod site;

use std::io::{self, BufRead, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value as Json;

use crate::extract::Pass;
use crate::feed::discover;
use crate::fetch::Fetch;
use crate::model::{Judge, Outcome, Purpose, Request, Validators};
use crate::{extract, feed};

/// No file of more bytes is read: the readers stop long before.
const MOST_BYTES: u64 = 8 * 1024 * 1024;

/// What a file is taken to come from where `--base` does not say.
const NOWHERE: &str = "";

/// `newswire inspect`
#[derive(Debug, clap::Args)]
pub struct InspectArgs {
    /// What to look at.
    #[command(subcommand)]
    pub what: What,
}

/// The two readers.
#[derive(Debug, clap::Subcommand)]
pub enum What {
    /// What the feed reader sees.
    Feed(Inputs),
    /// What the metadata extractor sees, each value with where it was found.
    Page(Inputs),
}

/// What to look at, and how to show it.
#[derive(Debug, clap::Args)]
pub struct Inputs {
    /// Files, or http(s) addresses.
    #[arg(value_name = "FILE|URL")]
    pub inputs: Vec<String>,
    /// One JSON object a line, one per input, in input order.
    #[arg(long)]
    pub json: bool,
    /// Add to the JSON of a page every candidate, with its source and what became of it; people see them anyway.
    #[arg(long)]
    pub candidates: bool,
    /// Read pages whole: by default as much is read as the daemon would fetch.
    #[arg(long)]
    pub whole: bool,
    /// The address a file is taken to come from.
    #[arg(long, value_name = "URL")]
    pub base: Option<String>,
    /// Read more names from this file, one a line; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub files_from: Option<PathBuf>,
    /// Read `{"id","path","url"}` lines from this file; paths are relative to it.
    #[arg(long, value_name = "FILE.jsonl")]
    pub manifest: Option<PathBuf>,
}

/// One thing to look at.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Input {
    /// As it is named in the output.
    #[serde(default)]
    id: String,
    /// A file, or an address.
    path: String,
    /// The address it comes from.
    #[serde(default)]
    url: Option<String>,
}

/// Bytes of an input and what is known of them.
struct Taken {
    bytes: Vec<u8>,
    charset: Option<String>,
    url: String,
    /// `Link` fields of the answer.
    links: Vec<String>,
}

/// Shows every input. Exit code 2 when the inputs themselves cannot be listed.
pub async fn run(args: &InspectArgs, fetch: &impl Fetch, now: Timestamp) -> ExitCode {
    let (What::Feed(inputs) | What::Page(inputs)) = &args.what;
    let listed = match list(inputs) {
        Ok(listed) => listed,
        Err(problem) => {
            let _ = writeln!(io::stderr(), "newswire inspect: {problem}");
            return ExitCode::from(2);
        }
    };
    let mut memory = site::Memory::default();
    let mut out = io::BufWriter::new(io::stdout());
    for input in &listed {
        let object = look(&args.what, input, fetch, &mut memory, now).await;
        let shown = if inputs.json { writeln!(out, "{object}") } else { show::people(&mut out, &object) };
        // A closed pipe is the reader's way to say that it has seen enough.
        if shown.and_then(|()| out.flush()).is_err() {
            break;
        }
    }
    ExitCode::SUCCESS
}

fn list(inputs: &Inputs) -> Result<Vec<Input>, String> {
    let named = |name: &str| Input { id: name.to_owned(), path: name.to_owned(), url: inputs.base.clone() };
    let mut listed: Vec<Input> = inputs.inputs.iter().map(|name| named(name)).collect();
    if let Some(file) = &inputs.files_from {
        let lines = lines(file)?;
        listed.extend(lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).map(named));
    }
    if let Some(file) = &inputs.manifest {
        let folder = file.parent().unwrap_or(Path::new(""));
        for (at, line) in lines(file)?.iter().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let mut input: Input =
                serde_json::from_str(line).map_err(|error| format!("{}:{}: {error}", file.display(), at + 1))?;
            if input.id.is_empty() {
                input.id.clone_from(&input.path);
            }
            input.url = input.url.or_else(|| inputs.base.clone());
            if !is_address(&input.path) {
                input.path = folder.join(&input.path).to_string_lossy().into_owned();
            }
            listed.push(input);
        }
    }
    if listed.is_empty() && inputs.files_from.is_none() && inputs.manifest.is_none() {
        return Err("name a file or an address".to_owned());
    }
    Ok(listed)
}

fn lines(file: &Path) -> Result<Vec<String>, String> {
    let problem = |error: io::Error| format!("{}: {error}", file.display());
    let reader: Box<dyn Read> = if file == Path::new("-") {
        Box::new(io::stdin())
    } else {
        Box::new(std::fs::File::open(file).map_err(problem)?)
    };
    io::BufReader::new(reader).lines().collect::<Result<_, _>>().map_err(problem)
}

fn is_address(name: &str) -> bool {
    name.starts_with("http://") || name.starts_with("https://")
}

async fn look(what: &What, input: &Input, fetch: &impl Fetch, memory: &mut site::Memory, now: Timestamp) -> Json {
    let (What::Feed(inputs) | What::Page(inputs)) = what;
    let purpose = if matches!(what, What::Feed(_)) { Purpose::Feed } else { Purpose::Article };
    let taken =
        if is_address(&input.path) { ask(&input.path, purpose, inputs.whole, fetch).await } else { take(input) };
    let (taken, problem) = match taken {
        Ok(taken) => (taken, None),
        Err(problem) => {
            (Taken { bytes: Vec::new(), charset: None, url: String::new(), links: Vec::new() }, Some(problem))
        }
    };
    match what {
        What::Feed(_) => {
            let mut read = feed::read(&taken.bytes, taken.charset.as_deref(), &taken.url);
            if read.format.is_none() {
                read.notes.extend(named(&taken));
            }
            if let Some(problem) = problem {
                read.notes = vec![problem];
            }
            show::feed(&input.id, &read)
        }
        What::Page(inputs) => {
            let asked = if is_address(&input.path) { &input.path } else { &taken.url };
            let all = taken.bytes.as_slice();
            let mut pass = Pass::new(&taken.url);
            let bytes = if inputs.whole { all } else { extract::needed(all, &mut pass) };
            let charset = taken.charset.as_deref();
            let is_examined = inputs.candidates || !inputs.json;
            let (mut read, judged) = memory.read((pass, bytes), charset, [asked, &taken.url], now, is_examined);
            read.notes.extend(problem);
            let mut object = show::page(&input.id, &read);
            if let Some(judged) = judged {
                show::candidates(&mut object, &judged);
            }
            object
        }
    }
}

/// What a page that is no feed says about feeds.
fn named(taken: &Taken) -> Vec<String> {
    let mut feeds = discover::discover(&taken.bytes, taken.charset.as_deref(), &taken.url);
    feeds.extend(discover::discover_in_fields(&taken.links, &taken.url));
    let mut notes: Vec<String> = Vec::new();
    for feed in feeds {
        let title = feed.title.map(|title| format!(" ({title})")).unwrap_or_default();
        let note = format!("the page names the feed {}{title}", feed.url);
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    if notes.is_empty() && discover::is_page(&taken.bytes, None) {
        notes.push("it is a page that names no feed".to_owned());
    }
    notes
}

fn take(input: &Input) -> Result<Taken, String> {
    let problem = |error: io::Error| format!("cannot be read: {error}");
    let file = std::fs::File::open(&input.path).map_err(problem)?;
    let mut bytes = Vec::new();
    file.take(MOST_BYTES).read_to_end(&mut bytes).map_err(problem)?;
    let url = input.url.clone().unwrap_or_else(|| NOWHERE.to_owned());
    Ok(Taken { bytes, charset: None, url, links: Vec::new() })
}

async fn ask(url: &str, purpose: Purpose, whole: bool, fetch: &impl Fetch) -> Result<Taken, String> {
    let enough: Option<fn(&str) -> Judge> = (purpose == Purpose::Article && !whole).then_some(extract::judge);
    let request =
        Request { url: url.to_owned(), purpose, validators: Validators::default(), validators_of: None, enough };
    match fetch.fetch(&request).await {
        Outcome::Fresh(page) => {
            Ok(Taken { bytes: page.bytes, charset: page.charset, url: page.final_url, links: page.links })
        }
        Outcome::Unchanged { .. } => Err("answered that nothing changed, though nothing was asked about".to_owned()),
        Outcome::Throttled { status, retry_after } => Err(match retry_after {
            Some(time) => format!("not fetched: {status}, ask again at {time}"),
            None => format!("not fetched: {status}, ask again later"),
        }),
        Outcome::Gone => Err("not fetched: 410, gone for good".to_owned()),
        Outcome::Refused(refusal) => Err(format!("not fetched: {refusal}")),
        Outcome::Failed(failure) => Err(format!("not fetched: {failure}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs(names: &[&str]) -> Inputs {
        let inputs = names.iter().map(|name| (*name).to_owned()).collect();
        Inputs {
            inputs,
            json: true,
            candidates: false,
            whole: false,
            base: Some("https://example.org/".to_owned()),
            files_from: None,
            manifest: None,
        }
    }

    #[test]
    fn names_come_in_order() {
        let listed = list(&inputs(&["b.xml", "a.xml"])).unwrap();
        assert_eq!(listed.iter().map(|input| input.path.as_str()).collect::<Vec<_>>(), ["b.xml", "a.xml"]);
        assert_eq!(listed[0].url.as_deref(), Some("https://example.org/"));
        assert!(list(&inputs(&[])).is_err());
    }

    #[test]
    fn a_manifest_is_relative_to_itself() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("m.jsonl");
        let text =
            "{\"id\":\"1\",\"path\":\"html/1.html\",\"url\":\"https://example.org/1\"}\n\n{\"path\":\"2.html\"}\n";
        std::fs::write(&file, text).unwrap();
        let listed = list(&Inputs { manifest: Some(file), ..inputs(&[]) }).unwrap();
        assert_eq!(listed[0].id, "1");
        assert_eq!(listed[0].path, folder.path().join("html/1.html").to_string_lossy());
        assert_eq!(listed[0].url.as_deref(), Some("https://example.org/1"));
        assert_eq!((listed[1].id.as_str(), listed[1].url.as_deref()), ("2.html", Some("https://example.org/")));
    }
}
