//! The house rules that a compiler does not hold: who imports whom, how long a file may be, what may not be named.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Lines of a file before its tests. The budget is about 300; what is past this is split.
const FILE_LINES: usize = 350;

/// Lines of a function. The budget is about 50; what is past this is split.
const FUNCTION_LINES: usize = 60;

/// The functional core, bottom up: a module may use those on earlier rows and its own row.
const CORE: &[&[&str]] = &[
    &["model"],
    &["url", "text", "yaml", "schedule", "charset", "dates"],
    &["seed", "feed", "extract", "similarity", "article"],
    &["cluster", "topic"],
    &["compose", "publish"],
];

/// What the modules around the core may use of ours besides themselves.
const AROUND: &[(&str, &[&str])] = &[
    ("clock", &["model"]),
    ("systemd", &["model"]),
    ("released", &["model"]),
    ("store", &["model", "url", "clock"]),
    ("fetch", &["model", "url", "clock"]),
    ("serve", &["model", "clock", "released"]),
    ("config", &["model", "url", "text", "yaml", "schedule", "topic", "publish"]),
];

/// What `pipeline` must never know: it is given what it needs.
const NOT_FOR_PIPELINE: &[&str] = &["config", "serve", "app", "cli", "systemd"];

/// Crates and parts of the standard library that touch the world: not for the core.
const WORLDLY: &[&str] = &[
    "tokio::",
    "reqwest::",
    "rusqlite::",
    "axum::",
    "hyper",
    "tracing::",
    "std::fs",
    "std::env",
    "std::net::Tcp",
    "std::process",
    "std::thread",
    "clock::Clock",
    "SystemTime",
    "Instant::now",
];

/// Unordered collections in the core that nothing is ever listed from, with the reason.
const UNORDERED: &[(&str, &str)] = &[
    ("cluster/open/terms.rs", "terms are looked up, or all weighed alike"),
    ("similarity/rarity.rs", "stems are looked up, never listed"),
    ("similarity/stop.rs", "words are looked up, never listed"),
    ("compose/note.rs", "ammonia asks for a set"),
];

struct Source {
    path: PathBuf,
    /// The top-level module it belongs to.
    module: String,
    text: String,
    /// Its text before `#[cfg(test)]`.
    code: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn sources(folder: &str) -> Vec<Source> {
    let folder = root().join(folder);
    let mut paths = Vec::new();
    files(&folder, &mut paths);
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let inner = path.strip_prefix(&folder).unwrap();
        let first = inner.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
        let code = text.split("#[cfg(test)]").next().unwrap().to_owned();
        Source { module: first.trim_end_matches(".rs").to_owned(), text, code, path: inner.to_owned() }
    };
    paths.into_iter().map(read).collect()
}

/// Panics with all complaints at once.
fn none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

/// Modules of ours that a text names, as `crate::name`.
fn imports(code: &str) -> BTreeSet<String> {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let code_lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    code_lines
        .flat_map(|line| line.split("crate::").skip(1).map(|rest| rest.split(|c| !is_name(c)).next().unwrap_or("")))
        .filter(|name| name.chars().next().is_some_and(char::is_lowercase))
        .map(str::to_owned)
        .collect()
}

#[test]
fn modules_import_only_what_lies_below_them() {
    let row_of = |module: &str| CORE.iter().position(|row| row.contains(&module));
    let around: BTreeMap<&str, &[&str]> = AROUND.iter().copied().collect();
    let mut complaints = Vec::new();
    for source in sources("src") {
        for import in imports(&source.code) {
            let module = source.module.as_str();
            let fine = import == module
                || match (row_of(module), around.get(module)) {
                    (Some(row), _) => row_of(&import).is_some_and(|other| other <= row),
                    (None, Some(allowed)) => allowed.contains(&import.as_str()),
                    (None, None) if module == "pipeline" => !NOT_FOR_PIPELINE.contains(&import.as_str()),
                    (None, None) => ["app", "cli", "main", "lib"].contains(&module),
                };
            if !fine {
                complaints.push(format!("src/{}: `{module}` must not use `{import}`", source.path.display()));
            }
        }
    }
    none(&complaints);
}

#[test]
fn the_core_touches_nothing() {
    let core: BTreeSet<&str> = CORE.iter().flat_map(|row| row.iter().copied()).collect();
    let mut complaints = Vec::new();
    for source in sources("src").iter().filter(|source| core.contains(source.module.as_str())) {
        for line in source.code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for worldly in WORLDLY.iter().filter(|worldly| line.contains(**worldly)) {
                complaints.push(format!("src/{}: `{worldly}` in the core: {line}", source.path.display()));
            }
        }
    }
    none(&complaints);
}

#[test]
fn every_file_says_what_it_is() {
    let all = ["src", "tests", "benches"].into_iter().flat_map(sources);
    let silent = all.filter(|source| !source.text.starts_with("//!"));
    none(&silent.map(|source| format!("{}: does not open with //!", source.path.display())).collect::<Vec<_>>());
}

#[test]
fn every_file_is_a_module_of_the_one_above_it() {
    let all: BTreeMap<PathBuf, String> = sources("src").into_iter().map(|source| (source.path, source.text)).collect();
    let is_named = |path: &PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy();
        let above = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let above = above.map_or_else(|| PathBuf::from("lib.rs"), |folder| folder.with_extension("rs"));
        let is_root = matches!(name.as_ref(), "lib" | "main");
        is_root || all.get(&above).is_some_and(|text| text.contains(&format!("mod {name};")))
    };
    let orphans = all.keys().filter(|path| !is_named(path));
    none(&orphans.map(|path| format!("src/{}: no module of ours", path.display())).collect::<Vec<_>>());
}

#[test]
fn files_keep_to_their_budget() {
    let long = sources("src").into_iter().filter_map(|source| {
        let lines = source.code.lines().count();
        (lines > FILE_LINES).then(|| format!("src/{}: {lines} lines before its tests", source.path.display()))
    });
    none(&long.collect::<Vec<_>>());
}

#[test]
fn functions_keep_to_their_budget() {
    let mut complaints = Vec::new();
    for source in sources("src") {
        let lines: Vec<&str> = source.code.lines().collect();
        for (start, line) in lines.iter().enumerate() {
            let bare = line.trim_start();
            let is_function = ["fn ", "pub fn ", "async fn ", "pub async fn ", "pub(super) fn ", "pub(crate) fn "]
                .iter()
                .any(|opening| bare.starts_with(opening));
            if !is_function || line.trim_end().ends_with(';') {
                continue;
            }
            let indent = line.len() - bare.len();
            let closing = format!("{}}}", " ".repeat(indent));
            let length = lines[start..].iter().position(|line| *line == closing).unwrap_or(0) + 1;
            if length > FUNCTION_LINES {
                let name = bare.split('(').next().unwrap_or(bare);
                complaints.push(format!("src/{}:{}: {name} has {length} lines", source.path.display(), start + 1));
            }
        }
    }
    none(&complaints);
}

#[test]
fn names_say_what_is_inside() {
    let vague = ["utils", "util", "helpers", "helper", "common", "types", "misc", "mod"];
    let all = sources("src").into_iter().chain(sources("tests"));
    let named = all.filter(|source| {
        source.path.components().any(|part| vague.contains(&part.as_os_str().to_string_lossy().trim_end_matches(".rs")))
    });
    none(&named.map(|source| format!("{}: a name that says nothing", source.path.display())).collect::<Vec<_>>());
}

#[test]
fn sql_stays_in_the_store() {
    let outside = sources("src").into_iter().filter(|source| source.module != "store");
    let telling = ["SELECT ", "INSERT INTO", "DELETE FROM", "PRAGMA "];
    let found = outside.filter(|source| telling.iter().any(|word| source.code.contains(word)));
    none(&found.map(|source| format!("src/{}: SQL outside src/store", source.path.display())).collect::<Vec<_>>());
}

#[test]
fn published_bytes_do_not_depend_on_hash_order() {
    let pure = ["model", "similarity", "cluster", "topic", "compose", "publish", "article", "seed", "feed", "extract"];
    let found = sources("src").into_iter().filter(|source| {
        let is_known = UNORDERED.iter().any(|(path, _)| source.path == Path::new(path));
        !is_known
            && pure.contains(&source.module.as_str())
            && (source.code.contains("HashMap") || source.code.contains("HashSet"))
    });
    none(&found.map(|source| format!("src/{}: an unordered collection", source.path.display())).collect::<Vec<_>>());
}

#[test]
fn tests_neither_sleep_nor_hide() {
    // Put together here, so that this file does not name them.
    let banned = [concat!("sle", "ep("), concat!("#[ig", "nore"), concat!("should_", "panic")];
    let mut complaints = Vec::new();
    for source in sources("tests").into_iter().chain(sources("src")) {
        let tests =
            if source.text.len() > source.code.len() { &source.text[source.code.len()..] } else { &source.text };
        let is_test = source.text.len() > source.code.len() || root().join("tests").join(&source.path).exists();
        for word in banned.iter().filter(|word| is_test && tests.contains(**word)) {
            complaints.push(format!("{}: `{word}` in a test", source.path.display()));
        }
    }
    none(&complaints);
}

#[test]
fn the_clock_is_read_in_one_place() {
    let found = sources("src").into_iter().filter(|source| {
        let reads = ["Timestamp::now", "Zoned::now", "SystemTime::now", "Utc::now"];
        source.module != "clock" && reads.iter().any(|read| source.code.contains(read))
    });
    none(&found.map(|source| format!("src/{}: reads the wall clock", source.path.display())).collect::<Vec<_>>());
}
