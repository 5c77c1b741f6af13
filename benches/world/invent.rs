//! Inventing: seeds of our own making, the same for the same numbers.
//!
//! In comes a size, out come seed documents whose events differ in their (invented) names and share the words that
//! all news shares. Nothing here is taken from anybody's articles.

use std::fmt::Write as _;

const SYLLABLES: &[&str] = &[
    "ar", "bel", "cor", "dan", "el", "fen", "gar", "hol", "il", "jun", "kar", "lin", "mor", "nor", "ost", "pel",
    "quil", "ros", "sal", "tor", "ul", "ven", "wes", "yor", "zan", "bri", "cla", "dre", "fro", "gla", "kri", "pla",
    "ska", "tri",
];

const ENDS: &[&str] = &["a", "en", "is", "o", "um", "ia", "ek", "or", "ine", "ow", "ast", "une"];

const KINDS: &[&str] = &[
    "ferry company",
    "chip maker",
    "city council",
    "football club",
    "shipyard",
    "hospital",
    "space agency",
    "bank",
    "rail operator",
    "museum",
    "university",
    "brewery",
    "power utility",
    "film studio",
    "grain trader",
    "mine",
    "court",
    "airport",
    "insurer",
    "theatre",
    "bridge authority",
    "drug maker",
    "vineyard",
    "fishing fleet",
    "weather office",
    "software house",
    "orchestra",
    "car plant",
    "water board",
    "school district",
];

const DEEDS: &[&str] = &[
    "opens",
    "closes",
    "buys",
    "sells",
    "delays",
    "unveils",
    "loses",
    "wins",
    "rebuilds",
    "abandons",
    "doubles",
    "halves",
    "tests",
    "recalls",
    "sues over",
    "defends",
    "rejects",
    "approves",
    "studies",
    "funds",
    "moves",
    "renames",
    "repairs",
    "expands",
    "freezes",
    "audits",
    "insures",
    "maps",
    "floods",
    "restores",
];

const THINGS: &[&str] = &[
    "harbour tunnel",
    "night train",
    "solar field",
    "vaccine trial",
    "stadium roof",
    "wheat contract",
    "archive",
    "battery plant",
    "radio telescope",
    "tram line",
    "pension fund",
    "coastal road",
    "data centre",
    "reservoir",
    "satellite",
    "opera season",
    "fish quota",
    "border bridge",
    "translation engine",
    "wind farm",
    "copper pit",
    "ambulance fleet",
    "library wing",
    "ferry route",
    "quantum laboratory",
    "lottery",
    "salt works",
    "glass roof",
    "seed bank",
    "cable car",
    "news archive",
    "dry dock",
    "lighthouse",
    "orchard",
    "paper mill",
    "toll gate",
];

const ANGLES: &[&str] = &[
    "after months of talks",
    "despite protests",
    "ahead of the vote",
    "as costs climb",
    "for the second time",
    "in a surprise turn",
    "before winter",
    "under new rules",
    "with help from neighbours",
    "amid doubts",
    "to cheers and questions",
    "as deadline nears",
    "on a narrow majority",
    "following the storm",
];

const CLAUSES: &[&str] = &[
    "Officials would not say how long the work is to take",
    "Critics call the plan a gamble with public money",
    "Residents heard of it only from a notice on the door",
    "The first results are expected within weeks",
    "Two earlier attempts had come to nothing",
    "Shares moved little on the day",
    "An inquiry into the accounts goes on",
    "Engineers point to the soft ground below",
    "The union asks for a seat at the table",
    "Experts from abroad were flown in overnight",
    "A spokeswoman spoke of a turning point",
    "Insurers are still counting the damage",
    "Neighbouring towns want a share of the income",
    "The minister left before questions could be asked",
    "Nobody was hurt, the fire brigade said",
    "Tickets were gone within the hour",
];

const LABELS: &[&str] = &[
    "Transport",
    "Chips",
    "Cities",
    "Sport",
    "Shipping",
    "Health",
    "Space",
    "Finance",
    "Rail",
    "Culture",
    "Science",
    "Energy",
    "Film",
    "Farming",
    "Mining",
    "Law",
    "Aviation",
    "C++",
    "人工智能",
    "Water",
];

/// Seconds since 1970 of the first event: 1 January 2024.
const START_S: u64 = 1_704_067_200;

/// How the world is to be.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Related articles of each seed, on average.
    pub related: u64,
    /// Over how many days the events are spread.
    pub days: u64,
    /// Publishers there are.
    pub publishers: u64,
    /// Events there are altogether, so that they come in the order of time.
    pub seeds: u64,
}

/// `SplitMix64`: small, known, and the same everywhere.
#[derive(Debug, Clone)]
pub struct Dice(pub u64);

impl Dice {
    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.roll() % limit.max(1)
    }

    /// One of `several`.
    pub fn one<'a>(&mut self, several: &[&'a str]) -> &'a str {
        let place = usize::try_from(self.below(several.len() as u64)).unwrap_or(0);
        several.get(place).copied().unwrap_or_default()
    }

    fn name(&mut self) -> String {
        let mut name = format!("{}{}{}", self.one(SYLLABLES), self.one(SYLLABLES), self.one(ENDS));
        if let Some(first) = name.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        name
    }
}

/// What happened.
struct Event {
    who: String,
    place: String,
    person: String,
    kind: &'static str,
    deed: &'static str,
    thing: &'static str,
    at_s: u64,
}

/// One article about an event.
#[derive(Debug, Clone)]
pub struct Told {
    pub title: String,
    pub excerpt: String,
    pub url: String,
    pub amp: Option<String>,
    pub image: Option<String>,
    pub publisher: u64,
    pub quality: u64,
    pub at_s: u64,
}

/// A seed document before it is written down.
#[derive(Debug, Clone)]
pub struct Document {
    pub articles: Vec<Told>,
    pub labels: Vec<&'static str>,
    pub heat: f64,
}

impl Document {
    /// The `number`th seed of a world of this shape.
    pub fn invent(number: u64, shape: Shape) -> Self {
        let mut dice = Dice(number.wrapping_mul(0x5851_f42d_4c95_7f2d));
        let event = event(&mut dice, number, shape);
        let related = shape.related / 2 + dice.below(shape.related + 1);
        let articles = (0..=related).map(|rank| article(&mut dice, &event, shape, (number, rank))).collect();
        let labels = (0..=dice.below(3)).map(|_| dice.one(LABELS)).collect::<Vec<_>>();
        Self { articles, labels, heat: -1.0 }
    }

    /// As the file of a seed.
    pub fn text(&self) -> String {
        let mut text = String::from("---\ncategory: news\n");
        let Some((lead, related)) = self.articles.split_first() else { return text };
        put(&mut text, lead, "", true);
        let _ = writeln!(text, "heat: {}\npublished: true\n\ntopics:", self.heat);
        for label in &self.labels {
            let _ = writeln!(text, "  - \"{label}\"");
        }
        text.push_str("\nrelated:\n");
        for article in related {
            text.push_str("  -");
            put(&mut text, article, "    ", false);
        }
        text.push_str("---\n");
        text
    }
}

fn event(dice: &mut Dice, number: u64, shape: Shape) -> Event {
    let span_s = shape.days * 86_400;
    Event {
        who: dice.name(),
        place: dice.name(),
        person: format!("{} {}", dice.name(), dice.name()),
        kind: dice.one(KINDS),
        deed: dice.one(DEEDS),
        thing: dice.one(THINGS),
        at_s: START_S + span_s * number / shape.seeds.max(1) + dice.below(600),
    }
}

fn article(dice: &mut Dice, event: &Event, shape: Shape, (number, rank): (u64, u64)) -> Told {
    let Event { who, place, person, kind, deed, thing, at_s } = event;
    let angle = dice.one(ANGLES);
    let title = match dice.below(6) {
        0 => format!("{who} {kind} {deed} {thing} in {place} {angle}"),
        1 => format!("{place}: {kind} {who} {deed} {thing}"),
        2 => format!("{person} says {who} {deed} {place} {thing} {angle}"),
        3 => format!("Why {who} {deed} its {thing} {angle}"),
        4 => format!("{thing} in {place}: {who} {deed} it, {person} explains"),
        _ => format!("{who} {deed} the {place} {thing}, and what comes next"),
    };
    let (first, second, third) = (dice.one(CLAUSES), dice.one(CLAUSES), dice.one(CLAUSES));
    let minutes = dice.below(90);
    let excerpt = match dice.below(4) {
        0 => format!(
            "{first}, {person} of {who} told reporters in {place}. {second}. The {kind} {deed} the {thing} {angle}."
        ),
        1 => format!("The {kind} {who} {deed} a {thing} near {place}. {first}. {second}; {third}."),
        2 => format!(
            "In {place}, {minutes} minutes were enough: {who} {deed} the {thing}. {first}, while {person} waits."
        ),
        _ => format!("{person} knows the {thing} of {place} like nobody else. {first}. {second}. {third}, {who} adds."),
    };
    let publisher = dice.below(shape.publishers);
    let slug = format!("{}-{}-{}", who.to_lowercase(), thing.replace(' ', "-"), number);
    let has = |dice: &mut Dice, share: u64| dice.below(100) < share;
    let host = host(publisher);
    Told {
        title,
        excerpt,
        url: format!("https://www.{host}/news/{slug}/{rank}"),
        amp: has(dice, 50).then(|| format!("https://www.{host}/amp/news/{slug}/{rank}")),
        image: has(dice, 70).then(|| format!("https://img.{host}/{slug}-{rank}.jpg")),
        publisher,
        quality: dice.below(120),
        at_s: at_s + rank * 1_200 + dice.below(1_000),
    }
}

/// The domain of a publisher.
pub fn host(publisher: u64) -> String {
    let mut dice = Dice(publisher.wrapping_mul(31));
    format!("{}-{}.example", dice.name().to_lowercase(), publisher)
}

fn put(text: &mut String, article: &Told, indent: &str, is_lead: bool) {
    let Told { title, excerpt, url, amp, image, publisher, quality, at_s } = article;
    let first = if is_lead { "" } else { " " };
    let host = host(*publisher);
    let _ = writeln!(text, "{first}title: \"{title}\"");
    let _ = writeln!(text, "{indent}excerpt: \"{excerpt}\"");
    let _ = writeln!(text, "{indent}publishedDateTime: {}", moment(*at_s));
    let _ = writeln!(text, "{indent}webUrl: \"{url}\"");
    if let Some(amp) = amp {
        let _ = writeln!(text, "{indent}ampWebUrl: \"{amp}\"");
    }
    let _ = writeln!(text, "{indent}type: article\n{indent}quality: {quality}");
    let _ = writeln!(text, "{indent}provider:\n{indent}  name: The {}\n{indent}  domain: {host}", name_of(&host));
    if let Some(image) = image {
        let _ = writeln!(
            text,
            "{indent}images:\n{indent}  - url: \"{image}\"\n{indent}    width: 1200\n{indent}    height: 675"
        );
    }
}

fn name_of(host: &str) -> String {
    host.trim_end_matches(".example").replace('-', " ")
}

fn moment(at_s: u64) -> String {
    let at = jiff::Timestamp::from_second(i64::try_from(at_s).unwrap_or(0)).unwrap_or_default();
    at.to_string()
}
