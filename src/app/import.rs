//! Importing: a list of subscriptions becomes files beside the configuration.
//!
//! In come the list and the configuration as it is; out go new files in `conf.d` and what was done. Nothing that exists
//! is ever written to: what is listed already is told and passed over, and a name that is taken is not taken again. What
//! was written must load; if it does not, it is removed again.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{AppError, Ground};
use crate::config::Config;
use crate::feed::opml::{self, Subscription};
use crate::model::Source;
use crate::{text, url};

/// Bytes of one file, far below what a YAML file may have: some 5,000 sources, which any editor opens at once.
const FILE_BYTES: usize = 512 << 10;

/// Names tried for a file: `list.yaml`, `list-2.yaml`, …
const MOST_NAMES: usize = 1_000;

/// What was done.
#[derive(Debug, Default, Serialize)]
pub struct Imported {
    /// New files.
    pub files: Vec<PathBuf>,
    /// New sources, in the order of the list.
    pub added: Vec<Added>,
    /// What was passed over.
    pub skipped: Vec<Skipped>,
    /// What was odd about the list.
    pub notes: Vec<String>,
}

/// A new source.
#[derive(Debug, Serialize)]
pub struct Added {
    /// Its address, tokens masked.
    pub url: String,
    /// What the list calls it.
    pub title: Option<String>,
    /// Its labels.
    pub labels: Vec<String>,
}

/// An outline that brought no source.
#[derive(Debug, Serialize)]
pub struct Skipped {
    /// Its address, tokens masked, or its text.
    pub what: String,
    /// Why.
    pub why: String,
}

/// Adds the feeds of the list in `bytes`; `origin` is what it is called, for the name and the head of the file.
///
/// # Errors
/// When the configuration is wrong, `bytes` is no list or names no feed, or a file cannot be written.
pub fn import(ground: &Ground, config: &Config, origin: &str, bytes: &[u8]) -> Result<Imported, AppError> {
    let list = opml::read(bytes, None);
    if !list.is_opml {
        return Err(refused(format!("{origin} is no OPML")));
    }
    let mut imported = Imported { notes: list.notes, ..Imported::default() };
    let skipped = |skipped: opml::Skipped| Skipped { what: shown(&skipped.what), why: skipped.why };
    imported.skipped = list.skipped.into_iter().map(skipped).collect();
    if list.feeds.is_empty() {
        let reason = imported.skipped.first().map(|first| format!(": {}: {}", first.what, first.why));
        return Err(refused(format!("{origin} names no feed{}", reason.unwrap_or_default())));
    }
    let wanted = unlisted(list.feeds, config, &mut imported);
    imported.added = wanted
        .iter()
        .map(|feed| Added { url: url::mask(&feed.url), title: feed.title.clone(), labels: feed.labels.clone() })
        .collect();
    let folder = ground.file.parent().unwrap_or(Path::new("")).join("conf.d");
    let written = write(&folder, origin, &wanted, &mut imported.files);
    let problem = match written {
        Err(error) => Some(AppError::Machine(error)),
        Ok(()) if imported.files.is_empty() => None,
        Ok(()) => {
            let loaded = ground.load();
            loaded.config.is_none().then(|| {
                let report = loaded.report(false);
                refused(format!("what was to be added is no good, so nothing was:\n{report}"))
            })
        }
    };
    if let Some(problem) = problem {
        for file in &imported.files {
            let _ = fs::remove_file(file);
        }
        return Err(problem);
    }
    Ok(imported)
}

fn refused(why: String) -> AppError {
    AppError::Machine(io::Error::new(io::ErrorKind::InvalidData, why))
}

/// An address without its tokens; other text as it is.
fn shown(what: &str) -> String {
    if what.contains("://") { url::mask(what) } else { what.to_owned() }
}

/// Where a feed stands already.
#[derive(Clone, Copy)]
enum Known<'a> {
    Listed(&'a Source),
    /// In this list, at that place of what is wanted.
    Wanted(usize),
}

/// Those of `feeds` that no source is yet; the others are told.
fn unlisted(feeds: Vec<Subscription>, config: &Config, imported: &mut Imported) -> Vec<Subscription> {
    let mut known: BTreeMap<String, Known<'_>> = BTreeMap::new();
    for source in &config.sources {
        known.entry(url::listing_key(&source.url)).or_insert(Known::Listed(source));
    }
    let mut wanted: Vec<Subscription> = Vec::new();
    for feed in feeds {
        let key = url::listing_key(&feed.url);
        let (mut why, address) = match known.get(&key) {
            None => {
                known.insert(key, Known::Wanted(wanted.len()));
                wanted.push(feed);
                continue;
            }
            Some(Known::Listed(source)) => ("listed already".to_owned(), source.url.clone()),
            Some(Known::Wanted(at)) => match wanted.get_mut(*at) {
                Some(first) => {
                    let more = feed.labels.iter().filter(|label| !first.labels.contains(label)).cloned();
                    let more: Vec<String> = more.collect();
                    first.labels.extend(more);
                    first.labels.truncate(opml::MOST_LABELS);
                    ("in this list already".to_owned(), first.url.clone())
                }
                None => continue,
            },
        };
        if address != feed.url {
            let _ = write!(why, " as {}", url::mask(&address));
        }
        if let Some(Known::Listed(source)) = known.get(&key) {
            let missing = feed.labels.iter().filter(|label| !source.labels.contains(label)).map(String::as_str);
            let missing: Vec<&str> = missing.collect();
            if !missing.is_empty() {
                let _ = write!(why, ", without the labels {}", missing.join(", "));
            }
        }
        imported.skipped.push(Skipped { what: url::mask(&feed.url), why });
    }
    wanted
}

/// Writes `feeds` to as many new files of `folder` as they need, and names those in `files` as they come to be.
fn write(folder: &Path, origin: &str, feeds: &[Subscription], files: &mut Vec<PathBuf>) -> io::Result<()> {
    if feeds.is_empty() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    let stem = Path::new(origin).file_stem().map(|stem| text::slug(&stem.to_string_lossy())).unwrap_or_default();
    let stem = if stem.is_empty() { "import".to_owned() } else { stem };
    let head = format!("# From {} by `newswire import opml`. Yours to edit.\nsources:\n", plain(origin));
    let mut text = head.clone();
    for (count, feed) in feeds.iter().enumerate() {
        let source = source(feed);
        if text.len() + source.len() > FILE_BYTES && text.len() > head.len() {
            files.push(create(folder, &stem, &text)?);
            text.clone_from(&head);
        }
        text.push_str(&source);
        if count + 1 == feeds.len() {
            files.push(create(folder, &stem, &text)?);
        }
    }
    Ok(())
}

/// Writes `text` to the first free name in `folder`.
fn create(folder: &Path, stem: &str, text: &str) -> io::Result<PathBuf> {
    for count in 1..=MOST_NAMES {
        let name = if count == 1 { format!("{stem}.yaml") } else { format!("{stem}-{count}.yaml") };
        let path = folder.join(name);
        match fs::File::create_new(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(io::Error::new(error.kind(), format!("{}: {error}", path.display()))),
            Ok(mut file) => {
                let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
                // Half a file would be read by the next reload.
                return written.map(|()| path.clone()).inspect_err(|_| _ = fs::remove_file(&path));
            }
        }
    }
    Err(io::Error::other(format!("{}: {MOST_NAMES} files of the name {stem} are there already", folder.display())))
}

/// A source as YAML, its title as a comment.
fn source(feed: &Subscription) -> String {
    let mut text = String::new();
    if let Some(title) = feed.title.as_deref().map(plain).filter(|title| !title.is_empty()) {
        let _ = writeln!(text, "  # {title}");
    }
    let _ = writeln!(text, "  - url: {}", quoted(&feed.url));
    if !feed.labels.is_empty() {
        let labels: Vec<String> = feed.labels.iter().map(|label| quoted(label)).collect();
        let _ = writeln!(text, "    topics: [{}]", labels.join(", "));
    }
    text
}

/// One line that YAML takes for a comment.
fn plain(text: &str) -> String {
    text::squash(&text.chars().map(|letter| if is_plain(letter) { letter } else { ' ' }).collect::<String>())
}

/// A YAML scalar in double quotes that stands for `text` and nothing else: what comes from elsewhere must not be
/// expanded, so `${` is doubled.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for letter in text.replace("${", "$${").chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            letter if is_plain(letter) => quoted.push(letter),
            letter => {
                let _ = write!(quoted, "\\U{:08x}", u32::from(letter));
            }
        }
    }
    quoted.push('"');
    quoted
}

/// Whether YAML takes the character as it stands, wherever it stands.
fn is_plain(letter: char) -> bool {
    !letter.is_control()
        && !matches!(letter, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fdd0}'..='\u{fdef}')
        && u32::from(letter) & 0xfffe != 0xfffe
}
