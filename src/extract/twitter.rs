//! Twitter cards: `twitter:` metas, as `name` or as `property`.

use super::{Candidate, Field, Gathered, Value};

/// Candidates of the page's Twitter card.
pub(super) fn read(page: &Gathered) -> Vec<Candidate> {
    let mut found = Vec::new();
    let texts = [
        ("twitter:title", Field::Title),
        ("twitter:text:title", Field::Title),
        ("twitter:description", Field::Description),
    ];
    for (name, field) in texts {
        found.extend(page.meta(name).map(|content| Candidate::text(field, content, name)));
    }
    // The handle of the site: its name as one word.
    let handles = page.meta("twitter:site").filter_map(|handle| handle.trim().strip_prefix('@'));
    found.extend(handles.map(|handle| Candidate::text(Field::SiteName, handle, "twitter:site")));
    for name in ["twitter:image", "twitter:image:src", "twitter:image0"] {
        let value = |content: &str| Value::Image(content.trim().to_owned(), None, None);
        let image = |content| Candidate { field: Field::Image, value: value(content), place: name.to_owned() };
        found.extend(page.meta(name).map(image));
    }
    // Cards label two free values; publishers put the author there.
    for (label, data) in [("twitter:label1", "twitter:data1"), ("twitter:label2", "twitter:data2")] {
        let label = page.meta(label).next().unwrap_or_default().trim().to_lowercase();
        let is_author = ["written by", "author", "by", "verfasst von", "écrit par", "escrito por", "autor"];
        if let (true, Some(name)) = (is_author.contains(&label.as_str()), page.meta(data).next()) {
            let value = Value::Name(name.to_owned(), None);
            found.push(Candidate { field: Field::Author, value, place: data.to_owned() });
        }
    }
    found
}
