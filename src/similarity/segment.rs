//! Words of an article for comparing, those of Chinese and Japanese too.
//!
//! In comes text, out go words as [`text::words`] makes them, but for runs of Han and Kana: there a word of three
//! letters would count as two words that are shared, and every common word would bring two more with its neighbours. So
//! what [`usual`] knows is cut out whole (and left out right after a name that it belongs to), a run of Katakana is one
//! word, and only what is left becomes pairs of letters.
//! Searching needs the pairs; only comparing comes here.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use super::usual;
use crate::text;

/// The words of `text`, in order; a word that says nothing is left out of a run of Han and Kana.
pub(super) fn words(text: &str) -> Vec<String> {
    if text.is_ascii() || !text.chars().any(|letter| matches!(letter, '\u{3005}'..='\u{9fff}' | '\u{f900}'..)) {
        return text::words(text);
    }
    let text: Cow<'_, str> = text.nfkc().collect();
    let mut words = Vec::new();
    let mut rest = text.as_ref();
    while let Some(letter) = rest.chars().next() {
        let in_run = is_run(letter);
        let end = rest.find(|letter| is_run(letter) != in_run).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        if in_run {
            cut(part, &mut words);
        } else {
            text::each_word(part, |word| words.push(word.to_owned()));
        }
        rest = after;
    }
    words
}

/// The words of a run of Han and Kana.
fn cut(run: &str, words: &mut Vec<String>) {
    let (mut from, mut at) = (0, 0);
    let mut foreign_before = false;
    while let Some(rest) = run.get(at..).filter(|rest| !rest.is_empty()) {
        let before = run.get(from..at).unwrap_or_default();
        let foreign = rest.find(|letter| !is_katakana(letter)).unwrap_or(rest.len());
        let tail = if foreign_before || before.chars().nth(1).is_some() { usual::tail(rest) } else { None };
        let (length, says_something) = match (foreign, tail, usual::known(rest)) {
            (1.., ..) => (foreign, true),
            (_, Some(tail), _) => (tail.len(), false),
            (_, None, Some((word, parts))) => (word.len(), parts > 0.0),
            (_, None, None) => {
                at += rest.chars().next().map_or(1, char::len_utf8);
                foreign_before = false;
                continue;
            }
        };
        pairs(before, words);
        if says_something {
            words.extend(rest.get(..length).map(str::to_owned));
        }
        foreign_before = foreign > 0;
        at += length;
        from = at;
    }
    pairs(run.get(from..).unwrap_or_default(), words);
}

/// Overlapping pairs of letters; one alone stays alone.
fn pairs(part: &str, words: &mut Vec<String>) {
    text::each_word(part, |word| words.push(word.to_owned()));
}

fn is_run(letter: char) -> bool {
    matches!(letter,
        '々' | '〆' | '〇' | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' // Kana
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' // Han
    )
}

fn is_katakana(letter: char) -> bool {
    matches!(letter, '\u{30a1}'..='\u{30fa}' | 'ー' | '\u{31f0}'..='\u{31ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_cut_at_what_is_known() {
        let check = |text: &str, expect: &str| assert_eq!(words(text).join(" "), expect, "{text}");
        check("Ferries stop", "ferries stop");
        check("華辰汽車宣布", "華辰 宣布");
        check("华辰汽车召回12万辆SUV", "华辰 召回 12 万辆 suv");
        check("広島の村上市長", "広島 村上");
        check("新能源汽车", "新能源 汽车");
        check("林国栋的总理职务", "林国 国栋 总理 职务");
        check("ミナト自動車がﾘｺｰﾙ", "ミナト リコール");
        check("「あけぼの」が種子島から", "あけ けぼ 種子");
        check("한국 뉴스", "한국 뉴스");
        check("人", "人");
        check("", "");
    }
}
