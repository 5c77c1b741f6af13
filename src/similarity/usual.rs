//! What is usual in the news of languages of which nobody counted the words for us.
//!
//! In come lists by hand, out go hashed stems with an estimated share of stories. A word that no table knows counts as
//! the rarest there is, and two stories that both have a president, a court and a million were one. The lists name
//! classes of words and are no measurement; where [`super::rarity`]'s counted table knows a stem, that wins. Holds no stop
//! words (see [`super::stop`]).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::profile::{hash, stems};
use super::segment;

/// By language: lines of a share in parts of 100,000 and words that have about that share each.
const LISTS: [(&str, &str); 4] = [
    ("ru", include_str!("usual/ru.txt")),
    ("zh", include_str!("usual/zh.txt")),
    ("ja", include_str!("usual/ja.txt")),
    ("ko", include_str!("usual/ko.txt")),
];

/// Languages whose words stand in runs of letters.
const UNSPACED: [&str; 2] = ["zh", "ja"];

/// No word of theirs on a list has more letters.
const LONGEST: usize = 6;

/// Words of Chinese and Japanese lists with their parts.
static KNOWN: LazyLock<BTreeMap<&str, f32>> = LazyLock::new(|| {
    let lists = LISTS.into_iter().filter(|(language, _)| UNSPACED.contains(language));
    lists
        .flat_map(|(_, list)| lines(list))
        .flat_map(|(parts, words)| words.split(' ').map(move |word| (word, parts)))
        .collect()
});

/// Words that belong to the name before them: what a firm makes, whose title it is. One name is to count as one word.
static TAILS: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    let tails = LISTS.iter().flat_map(|(_, list)| list.lines()).filter_map(|line| line.strip_prefix("after "));
    tails.flat_map(|words| words.split(' ')).collect()
});

/// The longest word that `run` starts with and that says nothing right after a name.
pub(super) fn tail(run: &str) -> Option<&str> {
    starts(run).into_iter().rev().find(|start| TAILS.contains(start))
}

/// The longest Chinese or Japanese word of a list that `run` starts with, and its share in parts of 100,000.
pub(super) fn known(run: &str) -> Option<(&str, f32)> {
    starts(run).into_iter().rev().find_map(|start| Some((start, *KNOWN.get(start)?)))
}

/// What `run` starts with, up to the longest that a list may hold.
fn starts(run: &str) -> Vec<&str> {
    run.char_indices().take(LONGEST).filter_map(|(at, letter)| run.get(..at + letter.len_utf8())).collect()
}

/// Hashed stems with their share in parts of 100,000 stories; a stem may come more than once, the largest share first.
pub(super) fn parts() -> impl Iterator<Item = (u32, f32)> {
    let mut found = Vec::new();
    for (language, list) in LISTS {
        for (parts, words) in lines(list) {
            let words = segment::words(words);
            found.extend(stems(words.iter(), language).into_iter().map(|(_, stem)| (hash(&stem), parts)));
        }
    }
    found.sort_by(|a: &(u32, f32), b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    found.into_iter()
}

/// Shares and words of a list; a line that starts with no number says nothing.
fn lines(list: &str) -> impl Iterator<Item = (f32, &str)> {
    list.lines().filter_map(|line| {
        let (parts, words) = line.split_once(' ')?;
        Some((parts.parse().ok()?, words))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_word_is_known() {
        let check = |run: &str, expect: Option<&str>| assert_eq!(known(run).map(|(word, _)| word), expect, "{run}");
        check("首相官邸で", Some("首相官邸"));
        check("首相が", Some("首相"));
        check("鈴原首相", None);
        check("", None);
    }

    #[test]
    fn lists_are_sound() {
        for (language, list) in LISTS {
            let said = |line: &&str| !(line.is_empty() || line.starts_with('#') || line.starts_with("after "));
            for line in list.lines().filter(said) {
                let (parts, words) = line.split_once(' ').unwrap();
                assert!((0.0..=10_000.0).contains(&parts.parse::<f32>().unwrap()), "{language}: {line}");
                assert!(words.split(' ').all(|word| !word.is_empty()), "{language}: {line}");
            }
        }
        let latin = LISTS
            .iter()
            .flat_map(|(_, list)| lines(list))
            .any(|(_, words)| words.bytes().any(|byte| byte.is_ascii_alphanumeric()));
        assert!(!latin, "what is usual in one language may be rare in English");
        assert!(KNOWN.keys().all(|word| word.chars().count() <= LONGEST));
        let share = |word: &str| parts().find(|(key, _)| *key == hash(word)).map_or(0.0, |(_, parts)| parts);
        assert!(share("地震") > 0.0 && share("президент") > 0.0 && share("대통령") > 0.0);
    }
}
