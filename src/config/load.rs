//! Reading the files: the only part of `config` that touches the disk.
//!
//! In come a path and what `app` read of the environment; out go a [`Config`] or findings, and the texts they
//! point into.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use super::build::{Roots, build};
use super::check::{Checked, Checker, File};
use super::environment::Environment;
use super::expand::Secrets;
use super::node::{At, Node, Raw, Unexpanded, Value};
use super::{Config, Fetch, cross, table};
use crate::model::{Finding, Place, Severity, foremost, more_findings};
use crate::yaml::{MAX_BYTES, Spans, YamlProblem};

/// Where the configuration is looked for when nobody says, in this order.
const PLACES: &[&str] = &["config/newswire.yaml", "/etc/newswire/newswire.yaml"];

/// What to do without a file.
const MISSING: &str = "`newswire init` writes one to begin with; --config or NEWSWIRE_CONFIG names one elsewhere";

/// Most bytes of a `${file:…}`: a token or password, not a document.
const MAX_SECRET: u64 = 64 * 1024;

/// Most bytes of `fetch.ca_file`: the bundle of every public authority has 220 KiB.
const MAX_CA: u64 = 4 * 1024 * 1024;

/// What begins a certificate (RFC 7468).
const PEM: &[u8] = b"-----BEGIN CERTIFICATE-----";

/// Most files of `conf.d`.
const MAX_FILES: usize = 1_000;

/// What came of loading.
#[derive(Debug)]
pub struct Loaded {
    /// Present exactly when no finding is an error.
    pub config: Option<Config>,
    /// By file, then by place.
    pub findings: Vec<Finding>,
    /// The text of each file by its name in the findings, as written: nothing is expanded in it.
    pub texts: BTreeMap<String, String>,
}

impl Loaded {
    /// The findings for people, with the lines shown.
    #[must_use]
    pub fn report(&self, colour: bool) -> String {
        super::render(&self.findings, &self.texts, colour)
    }
}

/// The configuration file to use: `given`, else `$NEWSWIRE_CONFIG`, else the first of the usual places that exists
/// (else the first of them, so that its absence is told).
#[must_use]
pub fn locate(given: Option<&Path>, environment: &Environment) -> PathBuf {
    let named = environment.var("NEWSWIRE_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from);
    let usual = || PLACES.iter().map(PathBuf::from).find(|path| environment.working_dir.join(path).exists());
    given
        .map(Path::to_path_buf)
        .or(named)
        .or_else(usual)
        .unwrap_or_else(|| PLACES.first().map(PathBuf::from).unwrap_or_default())
}

/// Loads `file` and the `conf.d` beside it.
///
/// Errors are findings: a file that cannot be read is one too.
#[must_use]
pub fn load(file: &Path, environment: &Environment) -> Loaded {
    let folder = file.parent().unwrap_or(Path::new("")).to_path_buf();
    let mut findings = Vec::new();
    let mut texts = Vec::new();
    for path in std::iter::once(file.to_path_buf()).chain(fragments(&folder, &mut findings)) {
        let name = path.display().to_string();
        if let Some(text) = read_text(&path, &name, &mut findings) {
            texts.push((name, text));
        }
    }
    understand(texts, &folder, environment, findings)
}

/// As [`load()`], of a text that is at hand: `name` is what findings call it, and what it names relatively lies in
/// `folder`.
#[must_use]
pub fn read(name: &str, text: &str, folder: &Path, environment: &Environment) -> Loaded {
    understand(vec![(name.to_owned(), text.to_owned())], folder, environment, Vec::new())
}

/// Texts by their names, in the order in which one is laid over the other.
fn understand(
    texts: Vec<(String, String)>,
    folder: &Path,
    environment: &Environment,
    mut findings: Vec<Finding>,
) -> Loaded {
    let mut files = Vec::new();
    let mut trees = Vec::new();
    for (name, text) in &texts {
        if let Some((file, raw)) = parse(name.clone(), text.clone(), &mut findings) {
            trees.push((files.len(), raw));
            files.push(file);
        }
    }
    let config = assemble(&files, trees, folder, environment, &mut findings);
    let is_broken = findings.iter().any(|finding| finding.severity == Severity::Error);
    let order = |finding: &Finding| (files.iter().position(|file| file.name == finding.file), finding.place);
    findings.sort_by_key(order);
    let next = foremost(&mut findings, |finding| finding.severity);
    findings.sort_by_key(order);
    findings.extend(next.map(|next| more_findings(&next.file)));
    Loaded { config: config.filter(|_| !is_broken), findings, texts: texts.into_iter().collect() }
}

/// The `*.yaml` of `conf.d`, by name.
fn fragments(folder: &Path, findings: &mut Vec<Finding>) -> Vec<PathBuf> {
    let folder = folder.join("conf.d");
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            findings.push(unread(&folder, &error.to_string()));
            return Vec::new();
        }
    };
    let is_fragment = |path: &PathBuf| {
        let is_hidden = path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
        !is_hidden && path.extension().is_some_and(|extension| extension == "yaml") && path.is_file()
    };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_fragment).collect();
    paths.sort();
    if paths.len() > MAX_FILES {
        findings.push(unread(&folder, &format!("it holds {} files, at most {MAX_FILES} are read", paths.len())));
        paths.truncate(MAX_FILES);
    }
    paths
}

fn unread(path: &Path, why: &str) -> Finding {
    let message = format!("cannot be read: {why}");
    Finding { severity: Severity::Error, file: path.display().to_string(), place: None, message, help: None }
}

/// At most one byte more than a document may have: `yaml` then says that it is too long.
fn read_text(path: &Path, name: &str, findings: &mut Vec<Finding>) -> Option<String> {
    let bytes = match read_capped(path, MAX_BYTES as u64 + 1) {
        Ok(bytes) => bytes,
        Err(error) => {
            let help = (error.kind() == io::ErrorKind::NotFound).then(|| MISSING.to_owned());
            findings.push(Finding { help, ..unread(path, &error.to_string()) });
            return None;
        }
    };
    match String::from_utf8(bytes) {
        Ok(text) => Some(text),
        // A character cut in two by the cap: the document is too long in any case.
        Err(error) if error.as_bytes().len() > MAX_BYTES => {
            Some(String::from_utf8_lossy(error.as_bytes()).into_owned())
        }
        Err(error) => {
            let before = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
            let before = String::from_utf8_lossy(before);
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
            let place = Some(Place { line, column, length: 0 });
            let message = "this is no UTF-8".to_owned();
            findings.push(Finding { severity: Severity::Error, file: name.to_owned(), place, message, help: None });
            None
        }
    }
}

fn read_capped(path: &Path, cap: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(cap).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn parse(name: String, text: String, findings: &mut Vec<Finding>) -> Option<(File, Raw)> {
    let mut error = |place: Place, message: String, help: Option<String>| {
        findings.push(Finding { severity: Severity::Error, file: name.clone(), place: Some(place), message, help });
    };
    let spans = match Spans::of(&text) {
        Ok(spans) => spans,
        Err(YamlProblem { line, column, message }) => {
            let help = if message.contains("anchor") {
                Some("put text that begins with `*` or `&` in quotes".to_owned())
            } else {
                (text.len() > MAX_BYTES).then(|| "move parts of it to files in conf.d".to_owned())
            };
            error(Place { line, column, length: 1 }, message, help);
            return None;
        }
    };
    for duplicate in spans.duplicates() {
        let help = format!("the first is on line {}", duplicate.first.line);
        error(duplicate.again, format!("the key `{}` is written twice", duplicate.path), Some(help));
    }
    // An empty file is an empty mapping.
    match serde_yaml::from_str::<Option<Raw>>(&text) {
        Ok(raw) => Some((File { name, text, spans }, raw.unwrap_or(Raw::Null))),
        Err(problem) => {
            let (line, column) = problem.location().map_or((1, 1), |at| (at.line(), at.column()));
            let message = problem.to_string();
            let message = message.split(" at line ").next().unwrap_or_default().to_owned();
            error(Place { line, column, length: 0 }, message, None);
            None
        }
    }
}

/// Merges, checks and builds.
fn assemble(
    files: &[File],
    trees: Vec<(usize, Raw)>,
    folder: &Path,
    environment: &Environment,
    findings: &mut Vec<Finding>,
) -> Option<Config> {
    let variable = |name: &str| {
        environment.var(name).map(str::to_owned).ok_or_else(|| format!("the environment variable `{name}` is not set"))
    };
    let secret = |path: &str| read_secret(path, folder, environment);
    let secrets = Secrets { variable: &variable, file: &secret };
    let mut untold = Vec::new();
    let nodes = trees.into_iter().map(|(file, raw)| Node::of(raw, Some(file), &secrets, &mut untold));
    let nodes: Vec<Node> = nodes.collect();
    let mut checker = Checker { files, zone: TimeZone::UTC, findings: Vec::new(), errors: 0 };
    let root = merged(nodes, &mut checker);
    let zone = root.get("schedule").and_then(|schedule| schedule.get("timezone")).and_then(Node::text);
    checker.zone = zone.and_then(|zone| TimeZone::get(zone).ok()).unwrap_or(TimeZone::UTC);
    let checked = checker.object(&root, table::ROOT);
    cross::check(&mut checker, &root, checked.as_ref());
    // A value that could not be expanded has one finding, not another about what it then looks like.
    let place_of = |Unexpanded { at, .. }: &Unexpanded| {
        let file = files.get(at.file.unwrap_or_default())?;
        Some((file.name.as_str(), file.spans.value(&at.path)))
    };
    let places: BTreeSet<_> = untold.iter().filter_map(place_of).collect();
    checker.findings.retain(|finding| !places.contains(&(finding.file.as_str(), finding.place)));
    for Unexpanded { at, message } in untold {
        checker.error(&at, format!("`{}`: {message}", at.path), None);
    }
    let state = environment.folder("STATE_DIRECTORY").unwrap_or(&environment.working_dir);
    let Some(checked) = checked.filter(|_| !files.is_empty()) else {
        findings.append(&mut checker.findings);
        return None;
    };
    let ca_pem = look(&checked, folder, &root, &mut checker);
    let config = match build(&checked, &Roots { inputs: folder, outputs: state }) {
        Ok(config) => Some(Config { fetch: Fetch { ca_pem, ..config.fetch }, ..config }),
        // A wrong value has none of its kind, and was told.
        Err(_) if checker.findings.iter().any(|finding| finding.severity == Severity::Error) => None,
        Err(mismatch) => {
            checker.error(&root.at, mismatch.to_string(), None);
            None
        }
    };
    findings.append(&mut checker.findings);
    config
}

/// The trees, one laid over the other. One that is no mapping is told and left out.
fn merged(nodes: Vec<Node>, checker: &mut Checker<'_>) -> Node {
    let mut root = Node { at: At { file: Some(0), path: String::new() }, value: Value::Null, is_expanded: false };
    for node in nodes {
        match (&root.value, &node.value) {
            (Value::Null, Value::Map(_)) => root = node,
            (_, Value::Map(_) | Value::Null) => root.merge(node, table::ROOT),
            _ => _ = checker.object(&node, table::ROOT),
        }
    }
    root
}

/// The text of `${file:path}`: from the credentials of the service, else beside the configuration.
fn read_secret(path: &str, folder: &Path, environment: &Environment) -> Result<String, String> {
    let credential =
        environment.folder("CREDENTIALS_DIRECTORY").map(|folder| folder.join(path)).filter(|path| path.exists());
    let full = credential.unwrap_or_else(|| folder.join(path));
    let bytes =
        read_capped(&full, MAX_SECRET + 1).map_err(|error| format!("the file `{path}` cannot be read: {error}"))?;
    if bytes.len() as u64 > MAX_SECRET {
        return Err(format!("the file `{path}` has more than {MAX_SECRET} bytes"));
    }
    let text = String::from_utf8(bytes).map_err(|_| format!("the file `{path}` is no UTF-8"))?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    Ok(text.strip_suffix('\r').unwrap_or(text).to_owned())
}

/// Looks at the files the configuration names, and reads the certificates.
fn look(checked: &Checked, folder: &Path, root: &Node, checker: &mut Checker<'_>) -> Option<Vec<u8>> {
    let text = |checked: &Checked| if let Checked::Text(path) = checked { Some(folder.join(path)) } else { None };
    let written = root.get("seeds").and_then(|seeds| seeds.get("paths"));
    let paths = if let Some(Checked::List(paths)) = checked.at(&["seeds", "paths"]) { paths.as_slice() } else { &[] };
    for (index, path) in paths.iter().enumerate().filter_map(|(index, path)| Some((index, text(path)?))) {
        if path.exists() {
            continue;
        }
        let node = written.and_then(|paths| paths.items().get(index));
        let at = node.map_or(&root.at, |node| &node.at);
        let place = checker.spans(at).and_then(|spans| spans.value(&at.path));
        let is_secret = node.is_some_and(|node| node.is_expanded);
        let shown = if is_secret {
            "`seeds.paths`: this folder".to_owned()
        } else {
            format!("the folder `{}`", path.display())
        };
        let message = format!("{shown} does not exist");
        checker.note(
            Severity::Warning,
            at,
            place,
            message,
            Some("seeds are read from it as soon as it is there".to_owned()),
        );
    }
    let path = checked.at(&["fetch", "ca_file"]).and_then(text)?;
    let problem = match read_capped(&path, MAX_CA + 1) {
        Ok(bytes) if bytes.len() as u64 > MAX_CA => format!("it has more than {MAX_CA} bytes"),
        Ok(bytes) if bytes.windows(PEM.len()).any(|window| window == PEM) => return Some(bytes),
        Ok(_) => "it holds no PEM certificate".to_owned(),
        Err(error) => format!("it cannot be read: {error}"),
    };
    let at = root.get("fetch").and_then(|fetch| fetch.get("ca_file")).map_or(&root.at, |node| &node.at);
    checker.error(at, format!("`fetch.ca_file`: {problem}"), None);
    None
}
