//! What a host wants of robots (RFC 9309): the bytes of a robots.txt come in, yes or the rule that says no goes out.
//!
//! Of all groups only the rules that concern us are kept. Never fails: a line that is no rule is no rule.

pub(super) mod cache;

pub use cache::RobotsState;

/// Our product token, as it stands first in our `User-Agent`.
pub const TOKEN: &str = "newswire";

/// RFC 9309 §2.5: at least this much must be read; more is not.
pub const MAX_BYTES: usize = 500 * 1024;

/// The rules of one robots.txt that concern us.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Robots {
    rules: Vec<Rule>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    is_allow: bool,
    /// Normalised, without the closing `$`.
    pattern: String,
    /// The pattern closed with `$`: it must match up to the end.
    is_anchored: bool,
}

impl Robots {
    /// The rules for our product token in `bytes`, or those for `*` where no group names us. Groups that name the
    /// same robot count as one.
    pub fn parse(bytes: &[u8]) -> Self {
        let capped = bytes.get(..MAX_BYTES).unwrap_or(bytes);
        let text = String::from_utf8_lossy(capped);
        // The last line of a file that was cut may say the opposite of what it meant.
        let whole = if bytes.len() > capped.len() { text.rfind(['\n', '\r']).unwrap_or_default() } else { text.len() };
        Self::of(text.get(..whole).unwrap_or_default())
    }

    /// The rules that [`Robots::to_text`] wrote, however many: in our spelling they may take more bytes than are read of
    /// a host's own.
    pub fn of(text: &str) -> Self {
        let mut groups = Groups::default();
        for line in text.trim_start_matches('\u{feff}').split(['\n', '\r']) {
            let line = line.split('#').next().unwrap_or_default();
            if let Some((field, value)) = line.split_once(':') {
                groups.take(field.trim(), value.trim());
            }
        }
        Self { rules: groups.ours.unwrap_or(groups.any) }
    }

    /// Whether we may ask for `path_and_query`: the longest pattern that matches decides, and on a tie the kinder
    /// one (RFC 9309 §2.2.2).
    ///
    /// # Errors
    /// The rule that says no, as `Disallow: /pattern`.
    pub fn allows(&self, path_and_query: &str) -> Result<(), String> {
        if path_and_query == "/robots.txt" {
            return Ok(());
        }
        let path = normalise(path_and_query, false);
        let matching = self.rules.iter().filter(|rule| rule.matches(&path));
        match matching.max_by_key(|rule| (rule.weight(), rule.is_allow)) {
            Some(rule) if !rule.is_allow => {
                Err(format!("Disallow: {}{}", rule.pattern, if rule.is_anchored { "$" } else { "" }))
            }
            _ => Ok(()),
        }
    }

    /// The rules as a robots.txt of their own: [`Robots::of`] reads them back.
    pub fn to_text(&self) -> String {
        let mut text = "User-agent: *\n".to_owned();
        for rule in &self.rules {
            text.push_str(if rule.is_allow { "Allow: " } else { "Disallow: " });
            text.push_str(&rule.pattern);
            text.push_str(if rule.is_anchored { "$\n" } else { "\n" });
        }
        text
    }

    /// Bytes this takes in a cache, roughly.
    fn weight(&self) -> usize {
        self.rules.iter().map(|rule| rule.pattern.len() + size_of::<Rule>()).sum()
    }
}

/// The state of reading: which robots the current group is for, and what was collected.
#[derive(Default)]
struct Groups {
    for_us: bool,
    for_any: bool,
    /// The last line that mattered was a `User-agent`, so the next one adds to the same group.
    in_names: bool,
    /// There as soon as one group names us, even with no rule.
    ours: Option<Vec<Rule>>,
    any: Vec<Rule>,
}

impl Groups {
    fn take(&mut self, field: &str, value: &str) {
        if field.eq_ignore_ascii_case("user-agent") {
            if !self.in_names {
                (self.for_us, self.for_any) = (false, false);
            }
            self.in_names = true;
            // RFC 9309 §2.2.1: a product token is letters, `-` and `_`; what follows (`/1.0`) is not part of it.
            let token = value.split(|c: char| !c.is_ascii_alphabetic() && c != '-' && c != '_').next();
            self.for_any |= value.starts_with('*');
            self.for_us |= token.is_some_and(|token| token.eq_ignore_ascii_case(TOKEN));
            if self.for_us {
                self.ours.get_or_insert_default();
            }
            return;
        }
        let is_allow = field.eq_ignore_ascii_case("allow");
        if !is_allow && !field.eq_ignore_ascii_case("disallow") {
            return;
        }
        self.in_names = false;
        let Some(rule) = Rule::of(is_allow, value) else { return };
        if self.for_us {
            self.ours.get_or_insert_default().push(rule.clone());
        }
        if self.for_any {
            self.any.push(rule);
        }
    }
}

impl Rule {
    /// `None` for the empty pattern, which matches nothing, and for one that no path can match.
    fn of(is_allow: bool, pattern: &str) -> Option<Self> {
        if !pattern.starts_with(['/', '*']) {
            return None;
        }
        let (pattern, is_anchored) = pattern.strip_suffix('$').map_or((pattern, false), |cut| (cut, true));
        Some(Self { is_allow, pattern: normalise(pattern, true), is_anchored })
    }

    fn weight(&self) -> usize {
        self.pattern.len() + usize::from(self.is_anchored)
    }

    /// Pieces between `*` are found one after the other, each as early as possible; a last piece that is anchored
    /// must be the end. Linear searches keep hostile patterns cheap.
    fn matches(&self, path: &str) -> bool {
        let mut pieces = self.pattern.split('*');
        let Some(mut rest) = path.strip_prefix(pieces.next().unwrap_or_default()) else { return false };
        let mut last = None;
        for piece in pieces {
            if let Some(previous) = last.replace(piece) {
                let Some(at) = rest.find(previous) else { return false };
                rest = rest.get(at + previous.len()..).unwrap_or_default();
            }
        }
        match (last, self.is_anchored) {
            (None, false) => true,
            (None, true) => rest.is_empty(),
            (Some(piece), false) => rest.contains(piece),
            (Some(piece), true) => rest.ends_with(piece),
        }
    }
}

/// One spelling for equal paths (RFC 9309 §2.2.2): bytes beyond ASCII are percent-encoded, percent-encoded
/// letters, digits, `-`, `.`, `_` and `~` are not, hexadecimal digits are upper case. A literal `*` or `$` is encoded, but for the wildcards
/// of a pattern.
fn normalise(text: &str, is_pattern: bool) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        let encoded = (byte == b'%').then(|| hex_pair(bytes.get(at..at + 2))).flatten();
        if encoded.is_some() {
            at += 2;
        }
        match (byte, encoded) {
            (_, Some(byte)) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => out.push(char::from(byte)),
            (_, Some(byte)) => push_encoded(&mut out, byte),
            (b'*', None) if is_pattern => out.push('*'),
            (b'*' | b'$' | 0x80.., None) => push_encoded(&mut out, byte),
            (byte, None) => out.push(char::from(byte)),
        }
    }
    out
}

fn push_encoded(out: &mut String, byte: u8) {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    out.push('%');
    for nibble in [byte >> 4, byte & 0x0f] {
        out.extend(HEX.get(usize::from(nibble)));
    }
}

fn hex_pair(pair: Option<&[u8]>) -> Option<u8> {
    let [high, low] = pair? else { return None };
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A find of `tests/fuzz`: in our spelling the rules are longer than what is read of a host's own.
    #[test]
    fn what_is_kept_is_read_whole() {
        let read = Robots::parse(format!("User-agent:*\n{}", "Allow:/~%\n".repeat(MAX_BYTES / 10)).as_bytes());
        assert!(read.to_text().len() > MAX_BYTES);
        assert_eq!(Robots::of(&read.to_text()), read);
    }

    /// `expect` is the rule that says no, or "" for yes.
    fn check(robots: &str, path: &str, expect: &str) {
        let found = Robots::parse(robots.as_bytes()).allows(path).err().unwrap_or_default();
        assert_eq!(found, expect, "{path} under {robots:?}");
    }

    #[test]
    fn our_group_wins_over_the_star() {
        let both = "User-agent: *\nDisallow: /\n\nUser-agent: Newswire\nDisallow: /private\n";
        check(both, "/public", "");
        check(both, "/private/x", "Disallow: /private");
        check("User-agent: *\nDisallow: /a", "/a", "Disallow: /a");
        check("User-agent: other\nDisallow: /", "/a", "");
        check("User-agent: newswire/1.0 (x)\nDisallow: /", "/a", "Disallow: /");
        check("User-agent: newswirebot\nDisallow: /", "/a", "");
        check("User-agent: news\nDisallow: /", "/a", "");
        // A group that names us and forbids nothing.
        check("User-agent: newswire\nDisallow:\nUser-agent: *\nDisallow: /", "/a", "");
        check("User-agent: newswire\n\nUser-agent: *\nDisallow: /", "/a", "Disallow: /");
        check("Disallow: /", "/a", "");
        check("", "/a", "");
    }

    #[test]
    fn groups_are_merged() {
        let split =
            "user-agent: newswire\ndisallow: /a\nuser-agent: x\ndisallow: /b\nUSER-AGENT: NEWSWIRE\nDISALLOW: /c";
        check(split, "/a", "Disallow: /a");
        check(split, "/b", "");
        check(split, "/c", "Disallow: /c");
        let shared = "User-agent: x\nSitemap: https://a.test/s.xml\n\nUser-agent: newswire\nDisallow: /b";
        check(shared, "/b", "Disallow: /b");
    }

    #[test]
    fn the_longest_match_decides() {
        let rules = "User-agent: *\nDisallow: /a\nAllow: /a/b\nDisallow: /a/b/c$\nDisallow: /tie\nAllow: /tie";
        check(rules, "/a/x", "Disallow: /a");
        check(rules, "/a/b/x", "");
        check(rules, "/a/b/c", "Disallow: /a/b/c$");
        check(rules, "/a/b/cd", "");
        check(rules, "/tie", "");
        check("User-agent: *\nAllow: /p\nDisallow: /", "/page", "");
        check("User-agent: *\nAllow: /$\nDisallow: /", "/", "");
        check("User-agent: *\nAllow: /$\nDisallow: /", "/page", "Disallow: /");
        check("User-agent: *\nDisallow: /", "/robots.txt", "");
    }

    #[test]
    fn patterns_know_star_and_dollar() {
        let rule = |pattern: &str, path: &str, expect: bool| {
            let found = Rule::of(false, pattern).is_some_and(|rule| rule.matches(&normalise(path, false)));
            assert_eq!(found, expect, "{pattern} on {path}");
        };
        rule("/*.gif$", "/a/b.gif", true);
        rule("/*.gif$", "/a/b.gif?x", false);
        rule("/*.gif", "/a/b.gif?x", true);
        rule("/fish*", "/fishheads/yummy", true);
        rule("/fish", "/Fish", false);
        rule("*.php", "/index.php?a", true);
        rule("/a*b*c", "/a-b-c-d", true);
        rule("/a*b*c$", "/a-b-c-d", false);
        rule("/a*b*c$", "/a-c-b-c", true);
        rule("/a**c", "/abc", true);
        rule("*", "/x", true);
        rule("/*$", "/x", true);
        rule("/x*$", "/xyz", true);
        rule("/ab*b$", "/ab", false);
        rule("/ab*ab$", "/ab", false);
        rule("/?*q=", "/?a=1&q=2", true);
        rule("/a$b", "/a$b", true);
        rule("", "/", false);
        rule("private", "/private", false);
        rule("$", "/", false);
    }

    #[test]
    fn spellings_of_a_path_are_equal() {
        let rule = |pattern: &str, path: &str, expect: bool| {
            let found = Rule::of(false, pattern).is_some_and(|rule| rule.matches(&normalise(path, false)));
            assert_eq!(found, expect, "{pattern} on {path}");
        };
        rule("/caf\u{e9}", "/caf%C3%A9", true);
        rule("/caf%c3%a9", "/caf%C3%A9", true);
        rule("/%7Ejoe", "/~joe", true);
        rule("/~joe", "/%7ejoe", true);
        rule("/a%2Fb", "/a/b", false);
        rule("/a%2fb", "/a%2Fb", true);
        rule("/a%2Ab", "/a*b", true);
        rule("/a%2Ab", "/aXb", false);
        rule("/100%", "/100%", true);
        rule("/a%zz", "/a%zz", true);
    }

    #[test]
    fn any_line_end_a_bom_and_comments() {
        check("\u{feff}User-agent: *\r\nDisallow: /a # not there\r\n", "/a", "Disallow: /a");
        check("User-agent: *\rDisallow: /a\r", "/a", "Disallow: /a");
        check("# hello\n  user-agent :  *  \n\t disallow\t: /a", "/a", "Disallow: /a");
        check("<!doctype html><title>404</title>", "/a", "");
    }

    #[test]
    fn only_so_much_is_read() {
        let filler = "# filler\n".repeat(MAX_BYTES / 9);
        check(&format!("User-agent: *\nDisallow: /a\n{filler}{filler}Disallow: /b"), "/a", "Disallow: /a");
        check(&format!("User-agent: *\nDisallow: /a\n{filler}{filler}Disallow: /b"), "/b", "");
        let cut = format!("User-agent: *\n{}Disallow: /public/private", " ".repeat(MAX_BYTES - 14 - 18));
        check(&cut, "/public", "");
    }

    #[test]
    fn hostile_patterns_are_cheap() {
        let pattern = format!("Disallow: /{}b\n", "*a".repeat(500));
        let robots = Robots::parse(format!("User-agent: *\n{}", pattern.repeat(400)).as_bytes());
        assert_eq!(robots.allows(&format!("/{}", "a".repeat(8000))), Ok(()));
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_give_an_answer(bytes: Vec<u8>, lines in "((user-agent: (\\*|newswire)|allow: |disallow: )[/a%$*2F\u{e9}]{0,8}\n){0,9}", path in "/[/a%$*2F\u{e9}?]{0,20}") {
            let _ = Robots::parse(&bytes).allows(&path);
            let robots = Robots::parse(lines.as_bytes());
            let _ = robots.allows(&path);
            proptest::prop_assert_eq!(Robots::parse(robots.to_text().as_bytes()), robots);
        }

        #[test]
        fn a_path_is_forbidden_by_itself(path in "/[/a%2F\u{e9}?=&.]{0,20}") {
            let robots = Robots::parse(format!("User-agent: *\nDisallow: {path}").as_bytes());
            assert!(path == "/robots.txt" || robots.allows(&path).is_err());
        }
    }
}
