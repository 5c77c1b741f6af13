//! `${ENV}` and `${file:PATH}` inside text. What they stand for may be secret: no message here ever quotes it.

/// Where names are looked up. Both answer with the value, or with a sentence about why there is none.
pub(super) struct Secrets<'a> {
    /// An environment variable.
    pub variable: &'a dyn Fn(&str) -> Result<String, String>,
    /// A file's text, without the newline at its end.
    pub file: &'a dyn Fn(&str) -> Result<String, String>,
}

/// `text` with every `${…}` replaced; `None` where there is none. `$${` stands for a plain `${`.
///
/// # Errors
/// A sentence naming the variable or file that is missing, or the brace.
pub(super) fn expand(text: &str, secrets: &Secrets<'_>) -> Result<Option<String>, String> {
    let mut expanded = String::new();
    let mut rest = text;
    let mut is_changed = false;
    while let Some(start) = rest.find("${") {
        let (before, from) = rest.split_at(start);
        is_changed = true;
        if let Some(before) = before.strip_suffix('$') {
            expanded.push_str(before);
            expanded.push_str("${");
            rest = from.get(2..).unwrap_or_default();
            continue;
        }
        expanded.push_str(before);
        let (name, after) = from.get(2..).and_then(|from| from.split_once('}')).ok_or("`${` has no closing `}`")?;
        let value = match name.strip_prefix("file:") {
            Some(path) => (secrets.file)(path)?,
            None if is_variable(name) => (secrets.variable)(name)?,
            None => return Err("between `${` and `}` stands the name of a variable or `file:` and a path".to_owned()),
        };
        expanded.push_str(&value);
        rest = after;
    }
    if !is_changed {
        return Ok(None);
    }
    expanded.push_str(rest);
    Ok(Some(expanded))
}

fn is_variable(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<Option<&str>, &str>) {
        let variable = |name: &str| if name == "WHO" { Ok("me".to_owned()) } else { Err(format!("no {name}")) };
        let file = |path: &str| if path == "token" { Ok("s3".to_owned()) } else { Err(format!("no file {path}")) };
        let found = expand(text, &Secrets { variable: &variable, file: &file });
        assert_eq!(found.as_ref().map(Option::as_deref).map_err(String::as_str), expect, "{text}");
    }

    #[test]
    fn names_are_replaced() {
        check("plain $WHO {WHO}", Ok(None));
        check("${WHO}", Ok(Some("me")));
        check("a ${WHO}@${file:token}/é", Ok(Some("a me@s3/é")));
        check("$${WHO} and ${WHO}", Ok(Some("${WHO} and me")));
        check("${WHAT}", Err("no WHAT"));
        check("${file:x}", Err("no file x"));
        check("${WHO", Err("`${` has no closing `}`"));
        check("${}", Err("between `${` and `}` stands the name of a variable or `file:` and a path"));
        check("${a b}", Err("between `${` and `}` stands the name of a variable or `file:` and a path"));
    }
}
