//! What plain HTML says: `<title>`, `h1`, `<link>`, `lang`, `rel=tag`.

use super::{Candidate, Field, Gathered, Value};

/// Candidates of the page's plain markup.
pub(super) fn read(page: &Gathered) -> Vec<Candidate> {
    let mut found = Vec::new();
    found.extend(page.title.iter().map(|title| Candidate::text(Field::Title, title, "title")));
    found.extend(page.headings.iter().map(|heading| Candidate::text(Field::Title, &heading.text, "h1")));
    found.extend(page.link("canonical").map(|href| Candidate::text(Field::Canonical, href, "link:canonical")));
    found.extend(page.link("amphtml").map(|href| Candidate::text(Field::Amp, href, "link:amphtml")));
    found.extend(page.link("image_src").map(|href| Candidate {
        field: Field::Image,
        value: Value::Image(href.to_owned(), None, None),
        place: "link:image_src".to_owned(),
    }));
    found.extend(page.lang.iter().map(|lang| Candidate::text(Field::Lang, lang, "lang")));
    let paragraph = page.paragraphs.iter().find(|paragraph| !paragraph.region.is_beside());
    found.extend(paragraph.map(|paragraph| Candidate::text(Field::Description, &paragraph.text, "paragraph")));
    found.extend(page.tags.iter().map(|tag| Candidate::text(Field::Tag, &tag.text, "a:tag")));
    found
}
