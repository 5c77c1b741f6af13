//! Broken JSON → JSON, as far as the usual mistakes of templates go.
//!
//! Strict parsing comes first. What it refuses is mended once, in one pass over the characters: HTML comments
//! and CDATA marks around it, raw control characters inside strings, trailing commas, several documents
//! one after the other, a missing end. What still does not parse is dropped.

use serde_json::Value as Json;

/// More documents in one block than this are noise.
const MOST_DOCUMENTS: usize = 16;

/// Levels that are closed for a cut document; deeper ones are no metadata, and `serde_json` stops at 128.
const MOST_OPEN: usize = 100;

/// The JSON of a block: several documents become an array.
pub(super) fn parse(block: &str) -> Option<Json> {
    let block = block.trim();
    if let Ok(json) = serde_json::from_str(block) {
        return Some(json);
    }
    let mended = mend(block);
    let documents: Vec<Json> = serde_json::Deserializer::from_str(&mended)
        .into_iter::<Json>()
        .take(MOST_DOCUMENTS)
        .map_while(Result::ok)
        .collect();
    (!documents.is_empty()).then_some(Json::Array(documents))
}

fn mend(block: &str) -> String {
    let block = block.replace("<![CDATA[", " ");
    let start = block.find(['{', '[']).unwrap_or(block.len());
    let mut out = String::with_capacity(block.len() - start + MOST_OPEN);
    let mut open: Vec<char> = Vec::new();
    let (mut in_string, mut escaped) = (false, false);
    for c in block.get(start..).unwrap_or_default().chars() {
        if in_string {
            in_string = text(c, &mut escaped, &mut out);
            continue;
        }
        match c {
            '{' | '[' => open.push(if c == '{' { '}' } else { ']' }),
            // Between documents: `;`, `-->`, `//]]>`, or a comma.
            _ if open.is_empty() => continue,
            '"' => in_string = true,
            '}' | ']' => {
                drop_comma(&mut out);
                open.pop();
            }
            _ if c.is_control() && !c.is_ascii_whitespace() => continue,
            _ => {}
        }
        out.push(c);
        if open.len() > MOST_OPEN {
            return String::new();
        }
    }
    if in_string {
        if escaped {
            out.pop();
        }
        out.push('"');
    }
    drop_comma(&mut out);
    out.extend(open.iter().rev());
    out
}

/// Takes a character inside a string; `false` when it ends the string.
fn text(c: char, escaped: &mut bool, out: &mut String) -> bool {
    let was_escaped = std::mem::replace(escaped, c == '\\' && !*escaped);
    if was_escaped && !matches!(c, '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u') {
        // `\'` and a backslash before a line's end are no escapes of JSON.
        out.pop();
    }
    out.push(if c.is_control() { ' ' } else { c });
    was_escaped || c != '"'
}

fn drop_comma(out: &mut String) {
    let kept = out.trim_end();
    if let Some(kept) = kept.strip_suffix(',') {
        out.truncate(kept.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(block: &str, expect: &str) {
        assert_eq!(
            parse(block).map(|json| json.to_string()).as_deref(),
            (!expect.is_empty()).then_some(expect),
            "{block}"
        );
    }

    #[test]
    fn usual_mistakes() {
        check(r#"{"a":1}"#, r#"{"a":1}"#);
        check("<!-- {\"a\":1} -->", r#"[{"a":1}]"#);
        check("//<![CDATA[\n{\"a\":1}\n//]]>", r#"[{"a":1}]"#);
        check("{\"a\":\"x\ny\"}", r#"[{"a":"x y"}]"#);
        check("{\"a\":[1,2,],}", r#"[{"a":[1,2]}]"#);
        check("{\"a\":1};", r#"[{"a":1}]"#);
        check("{\"a\":1}{\"b\":2}", r#"[{"a":1},{"b":2}]"#);
        check("{\"a\":1},\n{\"b\":2}", r#"[{"a":1},{"b":2}]"#);
        check(r#"{"a":"it\'s"}"#, r#"[{"a":"it's"}]"#);
        check(r#"{"a":"cut he"#, r#"[{"a":"cut he"}]"#);
        check(r#"{"a":[{"b":"c"#, r#"[{"a":[{"b":"c"}]}]"#);
        check("nothing", "");
        check("{{{{", "");
        check(&"{\"a\":".repeat(100_000), "");
    }
}
