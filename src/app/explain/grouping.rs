//! Why an article stands in its story and whose text it repeats, in words; and what to write to overrule that.

use serde::Serialize;

use crate::cluster::copy::{Grounds, Text, grounds};
use crate::cluster::open::Rules;
use crate::model::{Article, ArticleId, Coverage, Via};
use crate::pipeline::intake;
use crate::similarity::{Likeness, Profile};
use crate::store::{Result, View};

/// Why an article stands where it stands.
#[derive(Debug, Clone, Serialize)]
pub struct PlaceExplained {
    /// The article it was found to be nearest to.
    pub nearest: Option<OtherExplained>,
    /// Which rule put it here.
    pub rule: String,
    /// What to write in the configuration to have it otherwise.
    pub overrule: Option<String>,
    /// Whose text it repeats.
    pub copy: Option<CopyExplained>,
}

/// Another article of the story.
#[derive(Debug, Clone, Serialize)]
pub struct OtherExplained {
    /// Its address.
    pub url: String,
    /// Its title.
    pub title: String,
    /// Its publisher's name.
    pub publisher: String,
}

/// Whose text an article repeats.
#[derive(Debug, Clone, Serialize)]
pub struct CopyExplained {
    /// The original.
    pub of: OtherExplained,
    /// How it repeats that, and why that is the original.
    pub why: String,
}

impl From<&Article> for OtherExplained {
    fn from(article: &Article) -> Self {
        let Article { url, title, publisher, .. } = article;
        Self { url: url.clone(), title: title.clone(), publisher: publisher.name.clone() }
    }
}

/// What finding copies looks at in each article of a story; empty where there is no copy.
pub(super) fn profiles(view: &View<'_>, coverage: &[Coverage]) -> Result<Vec<Profile>> {
    if coverage.iter().all(|member| member.copy_of.is_none()) {
        return Ok(Vec::new());
    }
    let stated = |other: &Coverage| Ok(Profile::of(&intake::stated(view, &view.article_by_id(other.article.id)?)?));
    coverage.iter().map(stated).collect()
}

/// Explains the place of `member` in a story of `coverage`, whose [`profiles`] are given.
pub(super) fn explain(
    view: &View<'_>,
    member: &Coverage,
    coverage: &[Coverage],
    profiles: &[Profile],
) -> Result<PlaceExplained> {
    let with = |id: &ArticleId| coverage.iter().map(|other| &other.article).find(|other| other.id == *id);
    let mut nearest = None;
    let mut against = None;
    let rules = Rules::default();
    let rule = match &member.via {
        Via::Founder => "the story begins with it".to_owned(),
        Via::Seed { path } => {
            against = lead_of(view, path)?.filter(|lead| *lead != member.article.id);
            format!("{path} lists it beside its lead; take it off there, or overrule that")
        }
        Via::Override => "`grouping.same` names it; take it out there".to_owned(),
        Via::Linked { nearest: id, .. } => {
            against = Some(*id);
            nearest = with(id).map(OtherExplained::from);
            let threshold = rules.threshold;
            format!(
                "groups are joined, best first, while their mean score reaches {threshold} (within `grouping.window`)"
            )
        }
    };
    let different =
        |other: &Article| format!("grouping: {{ different: [[\"{}\", \"{}\"]] }}", member.article.url, other.url);
    Ok(PlaceExplained {
        nearest,
        rule,
        overrule: against.as_ref().and_then(with).map(different),
        copy: copy(member, coverage, profiles),
    })
}

/// The lead of the seed at `path`.
fn lead_of(view: &View<'_>, path: &str) -> Result<Option<ArticleId>> {
    let seed = view.seeds()?.into_iter().find(|seed| seed.path == path);
    let lead = seed.map_or(Ok(Vec::new()), |seed| view.seed_articles(seed.no))?.first().copied();
    lead.map(|no| view.article_id(no)).transpose()
}

fn copy(member: &Coverage, coverage: &[Coverage], profiles: &[Profile]) -> Option<CopyExplained> {
    let texts: Vec<Text<'_>> = profiles.iter().map(Text::from).collect();
    let text_of = |id: ArticleId| texts.iter().find(|text| text.id == id).copied();
    let original = coverage.iter().find(|other| Some(other.article.id) == member.copy_of)?;
    let grounds = grounds(text_of(member.article.id)?, text_of(original.article.id)?, &texts);
    Some(CopyExplained { of: OtherExplained::from(&original.article), why: words(grounds) })
}

fn words(Grounds { likeness, is_pointed_to, is_named }: Grounds) -> String {
    let alike = match likeness {
        _ if is_pointed_to => "its page names that as canonical",
        Some(Likeness::Both) => "the same title and the same excerpt",
        Some(Likeness::Title) => "the same long title",
        Some(Likeness::Excerpt) => "nearly the same excerpt",
        None => "it repeats another copy of that",
    };
    let original = match (is_pointed_to, is_named) {
        (true, _) => "",
        (false, true) => "; that is the original since pages of the story name it as canonical",
        (false, false) => "; that is the original since it was published first",
    };
    format!("{alike}{original}")
}
