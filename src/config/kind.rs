//! What a key of the configuration may hold: the vocabulary of `table`, which holds no values itself.

use crate::publish::FORMATS;

/// One key: its name, what it holds, its default and what it is for.
#[derive(Debug)]
pub struct Key {
    /// As written in the file.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Used where the file does not say.
    pub default: Default,
    /// One or two sentences for the operator, as in the JSON Schema.
    pub doc: &'static str,
    /// Lists only: what `conf.d` says is added to the list and does not replace it.
    pub appends: bool,
}

/// What counts where a key is not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Default {
    /// It must be written.
    Required,
    /// Nothing; `null` may also be written.
    Nothing,
    /// This YAML.
    Yaml(&'static str),
    /// What the keys of the section say.
    Section,
}

/// What a value is.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Text that is not empty.
    Text,
    /// One text that is not empty, or a list of them.
    Texts,
    /// `true` or `false`.
    Bool,
    /// A whole number from `least` to `most`.
    Count {
        /// Smallest.
        least: u64,
        /// Largest.
        most: u64,
    },
    /// `15m`, from `least_s` to `most_s` seconds.
    Duration {
        /// Shortest, in seconds.
        least_s: u64,
        /// Longest, in seconds.
        most_s: u64,
    },
    /// `5MiB` or plain bytes.
    Size {
        /// Smallest, in bytes.
        least: u64,
        /// Largest, in bytes.
        most: u64,
    },
    /// Five fields of crontab(5), or `@hourly` and its like.
    Cron,
    /// A name of the IANA time zone database.
    Zone,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// The name of a format that can be rendered (`publish::FORMATS`).
    Format,
    /// An absolute http(s) address, made to end in `/`.
    BaseUrl,
    /// An absolute http(s) address.
    Url,
    /// The address of an article: an absolute http(s) address that has a canonical form.
    Article,
    /// An email or http(s) address that goes into the User-Agent.
    Contact,
    /// The authority of a `tag:` URI (RFC 4151), without its date.
    TagAuthority,
    /// `IP:PORT` to listen on.
    Listen,
    /// `IP:PORT` to connect to.
    Target,
    /// `host` or `host:port`.
    Endpoint,
    /// A network, as `10.0.0.0/8`.
    Cidr,
    /// A host name or IP address, without scheme and port.
    Host,
    /// A file or folder.
    Path,
    /// `sqlite:PATH`.
    Store,
    /// A kebab-case slug.
    Slug,
    /// A rule of topics.
    Rule,
    /// A token that nobody guesses.
    Token,
    /// `none`, `own`, or the absolute http(s) address of a hub.
    Hub,
    /// Values of one kind, `least` of them or more.
    List {
        /// What each is.
        item: &'static Kind,
        /// Fewest.
        least: usize,
        /// Most.
        most: usize,
    },
    /// Keys of the operator's choice.
    Map {
        /// What each key is.
        key: &'static Kind,
        /// What each value is.
        item: &'static Kind,
    },
    /// These keys.
    Object(&'static [Key]),
}

impl Kind {
    /// What an error says was expected, with its article.
    #[must_use]
    pub fn expected(&self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Texts => "text or a list of texts".to_owned(),
            Self::Bool => "`true` or `false`".to_owned(),
            Self::Count { .. } => "a whole number".to_owned(),
            Self::Duration { .. } => "a duration such as `15m` or `1h30m`".to_owned(),
            Self::Size { .. } => "a size such as `5MiB`".to_owned(),
            Self::Cron => "a crontab expression such as `*/15 * * * *`".to_owned(),
            Self::Zone => "a time zone such as `Europe/Berlin`".to_owned(),
            Self::Choice(words) => match words {
                [word] => format!("`{word}`"),
                words => format!("one of {}", list(words)),
            },
            Self::Format => format!("one of {}", list(&formats())),
            Self::BaseUrl | Self::Url => "an absolute http(s) address".to_owned(),
            Self::Article => "an article's address".to_owned(),
            Self::Contact => "an email or http(s) address".to_owned(),
            Self::TagAuthority => "a domain or email address such as `example.org`".to_owned(),
            Self::Listen | Self::Target => "an IP address and port such as `127.0.0.1:8080`".to_owned(),
            Self::Cidr => "a network such as `10.0.0.0/8`".to_owned(),
            Self::Endpoint => "a host name, with or without a port, such as `example.org:443`".to_owned(),
            Self::Host => "a host name such as `example.org`".to_owned(),
            Self::Path => "a path".to_owned(),
            Self::Store => "`sqlite:PATH`".to_owned(),
            Self::Slug => "lower-case words joined by `-`, such as `aws-ai`".to_owned(),
            Self::Rule => "a rule such as `title:chips AND NOT \"job posting\"`".to_owned(),
            Self::Token => "16 to 128 letters, digits, `-`, `_` or `.` that nobody guesses".to_owned(),
            Self::Hub => "`none`, `own` or the address of a hub".to_owned(),
            Self::List { .. } => "a list".to_owned(),
            Self::Map { .. } | Self::Object(_) => "keys and values".to_owned(),
        }
    }
}

/// The names of all formats.
pub(super) fn formats() -> Vec<&'static str> {
    FORMATS.iter().map(|format| format.name).collect()
}

/// "`a`, `b` or `c`".
pub(super) fn list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}
