//! Feeds of our own invention: the same on every machine.
//!
//! In comes how many; out come RSS, Atom and RDF documents of the usual sizes, some with bodies, some without, some in
//! Cyrillic, one in ten ill formed.

use std::fmt::Write;

const WORDS: &[&str] = &[
    "harbour", "council", "weather", "record", "bridge", "library", "school", "river", "budget", "engine", "market",
    "festival", "hospital", "railway", "garden", "museum", "signal", "energy", "vote", "storm",
];

const CYRILLIC: &[&str] = &["город", "совет", "погода", "рекорд", "мост", "школа", "река", "рынок", "музей", "выборы"];

/// `count` feeds, each with a name.
pub(crate) fn feeds(count: u64) -> Vec<(String, Vec<u8>)> {
    (0..count).map(|number| (format!("feed {number}"), feed(number).into_bytes())).collect()
}

/// A number that looks like chance and is not (splitmix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % below
    }

    fn sentence(&mut self, words: &[&str], count: u64) -> String {
        let many = usize::try_from(count).unwrap();
        (0..many).map(|_| words[usize::try_from(self.next(words.len() as u64)).unwrap()]).collect::<Vec<_>>().join(" ")
    }
}

fn feed(number: u64) -> String {
    let mut chance = Chance(number);
    let words = if number % 6 == 5 { CYRILLIC } else { WORDS };
    let items: Vec<String> = (0..35).map(|item| self::item(&mut chance, number, item, words)).collect();
    let mut out = match number % 3 {
        0 | 1 => format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
             xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:media=\"http://search.yahoo.com/mrss/\">\n\
             <channel><title>Wire {number}</title><link>https://w{number}.example/</link><ttl>60</ttl>\n{}</channel></rss>",
            items.concat()
        ),
        _ => format!(
            "<?xml version=\"1.0\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en\">\n<title>Wire {number}\
             </title><link href=\"https://w{number}.example/\"/><id>tag:w{number}.example,2026:f</id>\n{}</feed>",
            items.concat()
        ),
    };
    if number % 10 == 9 {
        out = out.replacen("&amp;", "&", 1);
    }
    out
}

fn item(chance: &mut Chance, feed: u64, item: u64, words: &[&str]) -> String {
    let title = chance.sentence(words, 9);
    let link = format!("https://w{feed}.example/{}/{}?id={item}&amp;p=1", 2020 + item % 6, title.replace(' ', "-"));
    let (hour, minute) = (chance.next(24), chance.next(60));
    let mut body = String::new();
    for _ in 0..chance.next(8) {
        let _ = write!(body, "<p>{} <a href=\"https://e.example/\">{}</a>.</p>", chance.sentence(words, 30), words[0]);
    }
    let teaser = chance.sentence(words, 25);
    if feed % 3 == 2 {
        let escaped = body.replace('<', "&lt;").replace('>', "&gt;");
        return format!(
            "<entry><title type=\"html\">{title} &amp; more</title><link href=\"{link}\"/><id>tag:w{feed}.example,2026:{item}\
             </id><updated>2026-11-23T{hour:02}:{minute:02}:00Z</updated><author><name>Ann Lee</name></author>\
             <summary>{teaser}</summary><content type=\"html\">{escaped}</content></entry>\n"
        );
    }
    format!(
        "<item>\n<title>{title} &amp; more</title>\n<link>{link}</link>\n<guid isPermaLink=\"false\">{feed}-{item}</guid>\n\
         <pubDate>Mon, 23 Nov 2026 {hour:02}:{minute:02}:00 GMT</pubDate>\n<dc:creator>Ann Lee</dc:creator>\n\
         <category>{}</category>\n<media:content url=\"https://i.example/{item}.jpg\" medium=\"image\" width=\"800\"/>\n\
         <description><![CDATA[<p>{teaser}</p>]]></description>\n<content:encoded><![CDATA[{body}]]></content:encoded>\n\
         </item>\n",
        words[usize::try_from(item).unwrap() % words.len()]
    )
}
