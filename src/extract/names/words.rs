//! Words that stand around names: what leads to one, what describes one, what is none.
//!
//! Tables in lower case and questions to them. The languages are those of the pages we have seen; a word that is
//! also a frequent surname is left out.

/// Before a name: prepositions for `by`, and what was done or made.
#[rustfmt::skip]
const LEADS: &[&str] = &[
    "by", "von", "vom", "par", "por", "door", "af", "av", "przez", "written", "posted", "published", "reported",
    "submitted", "created", "authored", "story", "words", "text", "texte", "texto", "testo", "tekst", "interview",
    "autor", "autorin", "autoren", "autor*in", "autor:in", "verfasser", "verfasserin", "author", "authors", "auteur",
    "auteurs", "autore", "autora", "autores", "forfatter", "beitrag", "gastbeitrag", "artikel", "article",
    "blogbeitrag", "erstellt", "eingestellt", "veröffentlicht", "publiziert", "verfasst", "geschrieben", "gepostet",
    "aufgezeichnet", "publié", "rédigé", "écrit", "proposé", "publicado", "escrito", "escrita", "scritto",
    "pubblicato", "napisane", "und", "and", "ein", "eine", "a", "an", "zusammengestellt", "bericht", "kommentar",
    "kolumne", "protokoll", "herausgeber", "责任编辑", "作者", "编辑", "文", "記者", "记者", "执笔",
];

/// What somebody is: stands before or after a name. A word counts that ends in one of those of five letters or more.
#[rustfmt::skip]
const ROLES: &[&str] = &[
    "editor", "reporter", "correspondent", "writer", "contributor", "columnist", "journalist", "journalistin",
    "redakteur", "redakteurin", "redaktor", "redaktorin", "korrespondent", "korrespondentin", "experte", "expertin",
    "autor", "autorin", "author", "staff", "senior", "freelance", "freelancer", "producer", "photographer",
    "blogger", "volontär", "volontärin", "pressesprecher", "pressesprecherin", "projektleiter", "projektleiterin",
    "geschäftsführer", "geschäftsführerin", "leiter", "leiterin", "chefredakteur", "chefredakteurin", "director",
    "professor", "periodista", "redactor", "redactora", "journaliste", "rédacteur", "rédactrice", "giornalista",
    "chief", "associate", "assistant", "president", "founder", "gründer", "gründerin", "manager", "managerin",
    "analyst", "mitarbeiter", "mitarbeiterin", "moderator", "moderatorin", "ceo", "cto", "cofounder", "co-founder",
    "twitter", "facebook", "instagram", "linkedin", "follow", "email", "special", "agency", "political", "specialist", "agencia",
];

/// Organisations, as parts of their names. A word counts that ends in one of those of five letters or more.
#[rustfmt::skip]
const ORGANISATIONS: &[&str] = &[
    "gmbh", "ag", "e.v", "e.v.", "inc", "inc.", "ltd", "ltd.", "llc", "corp", "corp.", "stiftung", "verein", "verband",
    "landesanstalt", "institut", "institute", "universität", "university", "magazin", "magazine", "zeitung", "verlag",
    "media", "medien", "news", "nachrichten", "press", "presse", "pressestelle", "online", "agencies", "agentur",
    "agency", "newsroom", "ministerium", "ministry", "department", "foundation", "association", "times", "post",
    "herald", "tribune", "gazette", "journal", "bund", "gesellschaft", "kommunikation", "group", "network", "radio",
    "tv", "welle", "reuters", "afp", "dpa", "apa", "efe", "ansa", "kommission", "behörde", "blog", "website", "shop",
    "wire", "bureau", "company", "forschungsgemeinschaft", "hochschule", "akademie", "team", "desk",
];

/// Those who write, namelessly.
#[rustfmt::skip]
const NEWSROOM: &[&str] = &[
    "redaktion", "redaction", "rédaction", "redacción", "redazione", "redactie", "redakce", "redakcja", "redaksjonen",
    "staff", "newsroom", "onlineredaktion", "online-redaktion", "team", "editorial", "editors", "redaktionsteam",
];

/// Where a name is expected and none is given.
#[rustfmt::skip]
const FILLERS: &[&str] = &[
    "admin", "administrator", "wordpressadmin", "wpadmin", "superuser", "editor", "author", "guest", "none", "null",
    "undefined", "webmaster", "unknown", "unbekannt", "anonymous", "n/a", "user", "root", "default", "online", "am",
    "on", "at", "um", "updated", "published", "veröffentlicht", "posted", "the", "this", "more", "mehr", "read",
    "über", "about", "view", "all", "profile", "profil", "articles", "artikel", "posts", "follow", "share", "comments",
    "kommentare", "kommentar", "comment", "photo", "photos", "foto", "fotos", "bild", "image", "quelle", "source",
    "stand", "date", "datum", "contact", "kontakt", "home", "startseite", "subscribe", "login", "menu", "von", "by",
    "par", "autor", "auteur", "autorin", "beiträge", "aktualisiert", "advertisement", "anzeige", "werbung", "facebook",
    "twitter", "instagram", "linkedin", "print", "drucken", "teilen", "quellen", "jan", "feb", "mar", "apr", "aug", "sep", "oct", "okt", "nov", "dec", "dez", "email", "e-mail", "no", "is", "in", "written",
    "text", "artikel", "article", "interview", "report", "story", "copyright", "redaktion:", "test", "demo", "afficher",
];

/// Small words inside of names.
#[rustfmt::skip]
const PARTICLES: &[&str] = &[
    "von", "van", "der", "den", "de", "la", "le", "du", "di", "da", "del", "della", "dos", "das", "do", "bin", "ibn",
    "al", "el", "zu", "zur", "vom", "ter", "ten", "y", "e", "af", "av", "st.", "und",
];

/// Words of times. Months that are first names (`April`, `May`, `June`) are none of them.
#[rustfmt::skip]
const TIMES: &[&str] = &[
    "uhr", "hours", "minutes", "ago", "today", "yesterday", "heute", "gestern", "updated", "aktualisiert", "published",
    "publicado", "stand", "zuletzt", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
    "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag", "january", "february", "august",
    "september", "october", "november", "december", "januar", "februar", "märz", "juli", "oktober", "dezember",
    "january,", "lesezeit", "lesedauer", "min", "hace", "veröffentlicht", "posted", "publié", "modifié", "actualizado",
];

/// What stands before a number of a date.
#[rustfmt::skip]
const LEADS_TO_TIME: &[&str] = &[
    "am", "on", "um", "at", "le", "el", "il", "den", "vom", "mo", "di", "mi", "do", "fr", "sa", "so", "mon", "tue", "wed",
    "thu", "fri", "sat", "sun", "jan", "feb", "mar", "mär", "apr", "may", "mai", "jun", "june", "jul", "july", "aug",
    "sep", "sept", "oct", "okt", "nov", "dec", "dez", "march", "april", "juni", "vor",
];

/// Shorter words would end other words by chance.
const SHORTEST_ENDING: usize = 5;

fn lower(word: &str) -> String {
    word.trim_matches(|c: char| matches!(c, ',' | ':' | '(' | ')' | '"' | ';')).to_lowercase()
}

fn ends_in(word: &str, endings: &[&str]) -> bool {
    let word = lower(word);
    endings
        .iter()
        .any(|ending| word == *ending || (ending.len() >= SHORTEST_ENDING && word.ends_with(&format!("-{ending}"))))
}

/// Whether the word leads to a name.
pub(super) fn is_lead(word: &str) -> bool {
    LEADS.contains(&lower(word).as_str())
}

/// Whether the word says what somebody is.
pub(super) fn is_role(word: &str) -> bool {
    ends_in(word, ROLES)
}

/// Whether the word is a part of names of organisations.
pub(super) fn is_organisation(word: &str) -> bool {
    let word = lower(word);
    ORGANISATIONS.iter().any(|part| word == *part || (part.len() > SHORTEST_ENDING && word.ends_with(part)))
}

/// Whether the word is of those who write namelessly.
pub(super) fn is_newsroom(word: &str) -> bool {
    let word = lower(word);
    NEWSROOM.contains(&word.as_str()) || word.ends_with("redaktion")
}

/// Whether the word is no name.
pub(super) fn is_filler(word: &str) -> bool {
    let word = lower(word);
    FILLERS.contains(&word.as_str()) || word.is_empty()
}

/// Whether the word is small and inside of names.
pub(super) fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&word)
}

/// Whether a word belongs to a time that follows it: `am`, `Fr`, `Aug`.
pub(super) fn leads_to_time(word: &str) -> bool {
    LEADS_TO_TIME.contains(&lower(word).trim_end_matches('.'))
}

/// Whether the word speaks of a time.
pub(super) fn is_time(word: &str) -> bool {
    TIMES.contains(&lower(word).as_str())
}

/// `wire.example`: a name that is an address.
pub(super) fn is_host(text: &str) -> bool {
    let Some((_, last)) = text.rsplit_once('.') else { return false };
    !text.contains(' ') && (2..=5).contains(&last.len()) && last.bytes().all(|byte| byte.is_ascii_lowercase())
}
