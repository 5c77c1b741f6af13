//! Text: plain text from markup, words, stems, languages, slugs.
//!
//! In comes text or an HTML fragment of any quality; out goes plain text, or what plain text is made of.
//! Nothing here keeps state, and no input makes it panic. Callers cap what they hand over.

mod cleaning;
mod html;
mod language;
mod reference;
mod slug;
mod stem;
mod words;

pub use cleaning::{shorten, squash, strip_site_name};
pub use html::{MAX_HTML, from_html, head_of_html};
pub use language::language;
pub use reference::decode_references;
pub use slug::slug;
pub use stem::stem;
pub use words::{each_word, words};
