//! Has enough of a page been read?
//!
//! A scan over raw bytes, before any parsing: cheap enough to run again whenever more has come. It knows only
//! the places where markup starts, and steps over comments, scripts and styles, so that `<body` in a script
//! does not count.

/// Where the head says little, the body is read up to here: blocks of JSON-LD stand early in it or never.
const FAR_ENOUGH: usize = 512 * 1024;

/// A longer needle than any tag name looked for.
const LONGEST_NAME: usize = 16;

/// `true` when the bytes so far hold what an extractor can use, so that no more need be fetched.
///
/// That is: the head has ended and holds JSON-LD of an article, or OpenGraph with a time and an author; or such
/// JSON-LD was closed in the body; or 512 KiB were read.
#[must_use]
pub fn enough(bytes: &[u8]) -> bool {
    if bytes.len() >= FAR_ENOUGH {
        return true;
    }
    let mut seen = Seen::default();
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == b'<') {
        rest = rest.get(at..).unwrap_or_default();
        let Some(after) = seen.tag(rest) else { return false };
        if seen.is_enough() {
            return true;
        }
        rest = after;
    }
    false
}

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "five independent facts about the bytes so far")]
struct Seen {
    head_ended: bool,
    jsonld: bool,
    title: bool,
    published: bool,
    author: bool,
}

impl Seen {
    fn is_enough(&self) -> bool {
        self.head_ended && (self.jsonld || (self.title && self.published && self.author))
    }

    /// Takes the tag at the start of `rest`; gives what follows, or `None` when its end has not come yet.
    fn tag<'b>(&mut self, rest: &'b [u8]) -> Option<&'b [u8]> {
        if rest.starts_with(b"<!--") {
            return after(rest, b"-->");
        }
        let name = name(rest);
        let end = rest.iter().position(|byte| *byte == b'>')?;
        let (tag, content) = rest.split_at(end + 1);
        match name.as_slice() {
            b"/head" | b"body" => self.head_ended = true,
            b"meta" => self.meta(tag),
            b"style" => return closing(content, b"</style"),
            b"script" => {
                let left = closing(content, b"</script")?;
                let script = content.get(..content.len() - left.len()).unwrap_or_default();
                let is_data = contains(tag, b"ld+json");
                self.jsonld |= is_data && contains(script, b"datePublished") && contains(script, b"\"author\"");
                return Some(left);
            }
            _ => {}
        }
        Some(content)
    }

    fn meta(&mut self, tag: &[u8]) {
        self.title |= contains(tag, b"og:title");
        self.published |= contains(tag, b"published_time");
        self.author |= contains(tag, b"author");
    }
}

fn name(tag: &[u8]) -> Vec<u8> {
    let name = tag.iter().skip(1).take(LONGEST_NAME).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'/');
    name.map(u8::to_ascii_lowercase).collect()
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window.eq_ignore_ascii_case(needle))
}

fn after<'b>(bytes: &'b [u8], needle: &[u8]) -> Option<&'b [u8]> {
    let at = bytes.windows(needle.len()).position(|window| window == needle)?;
    bytes.get(at + needle.len()..)
}

/// What follows the closing tag that starts with `needle`; the tag itself is left for the next look.
fn closing<'b>(bytes: &'b [u8], needle: &[u8]) -> Option<&'b [u8]> {
    let mut from = 0;
    loop {
        let rest = bytes.get(from..)?;
        let at = rest.iter().position(|byte| *byte == b'<')?;
        let here = rest.get(at..)?;
        if here.len() < needle.len() {
            return None;
        }
        if here.get(..needle.len()).is_some_and(|start| start.eq_ignore_ascii_case(needle)) {
            return Some(here);
        }
        from += at + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATA: &str = r#"<script type="application/ld+json">{"datePublished":"x","author":"y"}</script>"#;
    const OG: &str = r#"<meta property="og:title" content="t"><meta property="article:published_time" content="x">"#;

    fn check(page: &str, expect: bool) {
        assert_eq!(enough(page.as_bytes()), expect, "{page:.80}");
    }

    #[test]
    fn head_and_body() {
        check("", false);
        check("<head><title>x</title>", false);
        check(&format!("<head>{DATA}"), false);
        check(&format!("<head>{DATA}</head>"), true);
        check(&format!("<head>{DATA}<body>"), true);
        check(&format!("<head></head><body>{DATA}"), true);
        check(&format!("<HEAD>{OG}</HEAD>"), false);
        check(&format!("<HEAD>{OG}<meta name=author content=x></HEAD>"), true);
        check("<head></head><body>", false);
    }

    #[test]
    fn scripts_and_comments_do_not_count() {
        check(&format!("<head>{DATA}<script>'<body>'</script>"), false);
        check(&format!("<head>{DATA}<!-- </head> -->"), false);
        check(&format!("<head>{DATA}<style>/* <body> */</style>"), false);
        check(&format!("<head>{DATA}<script>'</head>'"), false);
    }

    #[test]
    fn the_far_end() {
        check(&"x".repeat(FAR_ENOUGH), true);
        check(&"<".repeat(FAR_ENOUGH - 1), false);
    }
}
