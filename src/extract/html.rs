//! What plain HTML says: `<title>`, `h1`, `<link>`, `lang`, `rel=tag`.

use super::{Candidate, Field, Gathered, Picture, Region, Value};

/// Pixels of a side, below which a picture is an icon or a face.
const LARGE: u32 = 150;
/// Pictures that may turn out to be a logo before the next one is.
const MOST_PICTURES: usize = 8;

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
    found.extend(page.tags.iter().map(|tag| Candidate::text(Field::Tag, &tag.text, "a:tag")));
    found.extend(pictures(page));
    found
}

/// Pictures of the article, the nearest to the headline first: what follows the headline before what precedes it.
fn pictures(page: &Gathered) -> impl Iterator<Item = Candidate> + '_ {
    let headline = page.headline().map_or(0, |heading| heading.at);
    let mut pictures: Vec<&Picture> = page.pictures.iter().filter(|picture| !picture.region.is_beside()).collect();
    let is_large =
        |picture: &Picture| [picture.width, picture.height].iter().all(|side| side.is_none_or(|side| side >= LARGE));
    pictures.retain(|picture| is_large(picture));
    pictures.sort_by_key(|picture| {
        (picture.at < headline && !picture.region.is_in(Region::ARTICLE), picture.at.abs_diff(headline))
    });
    pictures.into_iter().take(MOST_PICTURES).filter_map(|picture| {
        // What scripts load later may be a list as in `srcset`: `a.jpg 800w, b.jpg 400w`.
        let address = picture.addresses.first()?.split_whitespace().next()?.trim_end_matches(',');
        let value = Value::Image(address.to_owned(), picture.width, picture.height);
        Some(Candidate { field: Field::Image, value, place: "img".to_owned() })
    })
}
