//! Invents a stream: stories of one text each, covered by articles that cut it and mix other words in.
//!
//! The same texts give the same stream on every machine. 30,000 articles a day; every second story has one article, few
//! have a hundred.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use jiff::Timestamp;
use newswire::model::{Article, ArticleId, Publisher};

/// Monday, 6 May 2024, 08:00 UTC.
const START: i64 = 1_714_982_400;

/// Stories that are under way at a time.
const OPEN: usize = 2_000;

/// Made-up texts where there are no sets, and words that they are made of.
const TEXTS: usize = 20_000;
const WORDS: u64 = 30_000;

/// Title and excerpt, as words.
pub struct Text {
    title: Vec<String>,
    excerpt: Vec<String>,
}

/// Texts of the sets in `folder`, or made-up ones.
pub fn texts(folder: Option<&Path>) -> Vec<Text> {
    let mut texts = Vec::new();
    let words = |text: &serde_json::Value| -> Vec<String> {
        text.as_str().unwrap_or_default().split_whitespace().map(str::to_owned).collect()
    };
    let mut paths: Vec<_> = folder
        .and_then(|folder| folder.read_dir().ok())
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    for path in paths.iter().filter(|path| path.to_string_lossy().ends_with(".dev.jsonl.gz")) {
        let mut text = String::new();
        let Ok(file) = File::open(path) else { continue };
        let _ = flate2::read::GzDecoder::new(file).read_to_string(&mut text);
        for line in text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok()) {
            if line["excerpt"].as_str().is_some_and(|excerpt| excerpt.len() > 80) {
                texts.push(Text { title: words(&line["title"]), excerpt: words(&line["excerpt"]) });
            }
        }
    }
    if texts.is_empty() {
        let mut chance = Chance(1);
        texts.extend((0..TEXTS).map(|_| Text { title: made_up(&mut chance, 9), excerpt: made_up(&mut chance, 38) }));
    }
    texts
}

/// Words of which some are common and most are rare.
fn made_up(chance: &mut Chance, count: usize) -> Vec<String> {
    let word = |_| {
        let number = chance.below(WORDS).min(chance.below(WORDS)).min(chance.below(WORDS));
        format!("w{}", char::from(b'a' + (number % 26) as u8)) + &number.to_string()
    };
    (0..count).map(word).collect()
}

struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit.max(1)
    }
}

/// A story under way.
struct Story {
    number: usize,
    text: usize,
    /// A second text whose words make it a story of its own though texts are used again.
    other: usize,
    left: u64,
}

/// The stream.
pub struct Stream<'a> {
    texts: &'a [Text],
    open: Vec<Story>,
    chance: Chance,
    count: usize,
    stories: usize,
}

impl<'a> Stream<'a> {
    pub fn new(texts: &'a [Text]) -> Self {
        Self { texts, open: Vec::new(), chance: Chance(7), count: 0, stories: 0 }
    }

    /// The next article and the number of its story.
    pub fn next_article(&mut self) -> (Article, usize) {
        while self.open.len() < OPEN {
            self.stories += 1;
            let size = 100 / (1 + self.chance.below(200));
            let mut text = || self.chance.below(self.texts.len() as u64) as usize;
            let (text, other) = (text(), text());
            self.open.push(Story { number: self.stories, text, other, left: size.max(1) });
        }
        let place = self.chance.below(OPEN as u64) as usize;
        let (number, text, other) = {
            let story = &mut self.open[place];
            story.left -= 1;
            (story.number, &self.texts[story.text], &self.texts[story.other])
        };
        if self.open[place].left == 0 {
            self.open.swap_remove(place);
        }
        self.count += 1;
        let title = self.cut(&text.title, &other.title, 1);
        let excerpt = self.cut(&text.excerpt, &other.excerpt, 3);
        (article(self.count, &title, &excerpt), number)
    }

    /// Most of one text's words and one in `part` of the other's.
    fn cut(&mut self, words: &[String], others: &[String], part: u64) -> String {
        let mut kept: Vec<&str> = words.iter().filter(|_| self.chance.below(10) < 7).map(String::as_str).collect();
        kept.extend(others.iter().filter(|_| self.chance.below(2 * part + 1) == 0).map(String::as_str));
        kept.join(" ")
    }
}

fn article(count: usize, title: &str, excerpt: &str) -> Article {
    let publisher = format!("paper{}.example", count % 997);
    Article {
        id: ArticleId::of(&count.to_string()),
        url: format!("https://{publisher}/{count}"),
        title: title.to_owned(),
        excerpt: Some(excerpt.to_owned()),
        authors: Vec::new(),
        publisher: Publisher { name: publisher.clone(), domain: publisher },
        published: Timestamp::from_second(START + i64::try_from(count).unwrap_or_default() * 86_400 / 30_000)
            .unwrap_or_default(),
        image: None,
        lang: Some("en".to_owned()),
        category: None,
        kind: None,
        tags: Vec::new(),
        labels: Vec::new(),
        quality: 0,
        canonical_elsewhere: None,
    }
}
