//! Backing off: how long to wait after failures, spread by key so that nobody comes in herds.
//!
//! The spread is a hash, not chance: the same key waits the same time before and after a restart.

/// Waits differ by at most a tenth either way: enough to part a herd, too little to surprise.
const JITTER_DIVISOR: i64 = 10;

/// Seconds to wait after `failures` in a row: `base_s` after the first, doubling, never much above `cap_s`;
/// each within a tenth of that, by `key`. No failures wait nothing. Negative bounds count as 0.
#[must_use]
pub fn after(failures: u32, base_s: i64, cap_s: i64, key: &str) -> i64 {
    let Some(doublings) = failures.checked_sub(1) else { return 0 };
    let factor = 1_i64.checked_shl(doublings).filter(|factor| *factor > 0).unwrap_or(i64::MAX);
    let wait = base_s.max(0).saturating_mul(factor).min(cap_s.max(0));
    let tenth = wait / JITTER_DIVISOR;
    (wait - tenth).saturating_add(spread(key, tenth.saturating_mul(2)))
}

/// A whole number from 0 to `span` that depends on `key` alone: to move a time later, never sooner.
#[must_use]
pub fn spread(key: &str, span: i64) -> i64 {
    let Some(numbers) = u64::try_from(span).ok().and_then(|span| span.checked_add(1)) else { return 0 };
    let mut bytes = [0; 8];
    for (byte, hashed) in bytes.iter_mut().zip(blake3::hash(key.as_bytes()).as_bytes()) {
        *byte = *hashed;
    }
    i64::try_from(u64::from_le_bytes(bytes) % numbers).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(failures: u32, base_s: i64, cap_s: i64, about: i64) {
        for key in ["", "a", "https://example.org/feed", "https://example.com/feed"] {
            let wait = after(failures, base_s, cap_s, key);
            assert!((wait - about).abs() <= about / 10, "{wait} is not about {about}");
            assert_eq!(wait, after(failures, base_s, cap_s, key));
        }
    }

    #[test]
    fn waits_double_up_to_the_cap() {
        check(0, 900, 604_800, 0);
        check(1, 900, 604_800, 900);
        check(2, 900, 604_800, 1800);
        check(5, 900, 604_800, 14_400);
        check(11, 900, 604_800, 604_800);
        check(64, 900, 604_800, 604_800);
        check(u32::MAX, 900, 604_800, 604_800);
        check(u32::MAX, 0, 604_800, 0);
        check(3, -5, 604_800, 0);
        check(3, 900, -1, 0);
    }

    #[test]
    fn keys_spread_over_the_whole_span() {
        let all: std::collections::BTreeSet<i64> = (0..1000).map(|n| spread(&format!("key {n}"), 9)).collect();
        assert_eq!(all.into_iter().collect::<Vec<_>>(), (0..=9).collect::<Vec<_>>());
        assert_eq!(spread("a", 0), 0);
        assert_eq!(spread("a", -1), 0);
        assert!(spread("a", i64::MAX) >= 0);
    }
}
