//! The score card of polite polling: each row is played by a scripted server and a clock that is moved, by the daemon's
//! own stages and client. `cargo test the_card -- --nocapture` prints it.
//!
//! A new row is one line of the table and one function that panics where the row does not hold.

mod hosts;
mod inbound;
mod moves;
mod validators;
mod verbs;
mod waits;
mod wire;

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// One row: its name, what must hold, and how it is played.
struct Row {
    name: &'static str,
    what: &'static str,
    play: fn(),
}

/// Plays one row to its end.
fn play<F: Future<Output = ()>>(row: impl FnOnce() -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(row());
}

/// The table, and one test for each of its rows.
macro_rules! card {
    ($($name:ident $what:literal $play:path),* $(,)?) => {
        const CARD: &[Row] = &[$(Row { name: stringify!($name), what: $what, play: || play($play) }),*];
        $(#[test] fn $name() { play($play); })*
    };
}

card! {
    s1 "one unconditional GET, the first, whatever restarts, upgrades or moves" validators::s1,
    s1_killed "a request in flight when killed is repeated after its floor" validators::s1_killed,
    s2 "adding a source costs one request" hosts::s2,
    s3 "both validators are sent when both were given" validators::s3,
    s4 "validators go back verbatim" validators::s4,
    s5 "a validator is never invented" validators::s5,
    s6 "each validator is replaced on every 200 on its own" validators::s6,
    s7 "a validator missing from a new 200 is forgotten" validators::s7,
    s8 "a 304 may carry new validators and freshness" validators::s8,
    s9 "validators stay with the URL that gave them" validators::s9,
    s10 "no forced re-poll, no cache-buster" validators::s10,
    s11 "an hour between conditional polls, a day without validators" waits::s11,
    s12 "max-age less Age is obeyed, up to 7 days" waits::s12,
    s13 "Expires without max-age; no-cache and no-store shorten nothing" waits::s13,
    s14 "429 and 503: Retry-After in full, else an hour and growing" waits::s14,
    s14_host "a second throttled URL speaks for the host, restarts between" waits::s14_host,
    s15 "no retry of a failed request, no second User-Agent" waits::s15,
    s16 "restarts and reviving break no floor; --force shortens no promise" waits::s16,
    s17 "ttl, skipHours, skipDays and sy:updatePeriod only lengthen" waits::s17,
    s17_rhythm "a feed that posts rarely is asked less often, within a bound" waits::s17_rhythm,
    s18 "no cookies, no Referer, no added parameters" hosts::s18,
    s19 "User-Agent: name, version, contact; constant" hosts::s19,
    s20 "compressed answers are asked for and read" hosts::s20,
    s21 "one request a host at a time, a second apart, by domain and address" hosts::s21,
    s22 "no herd: jitter by source, stable across restarts" waits::s22,
    s23 "301 and 308 stored after three over 48 h" moves::s23,
    s23_back "and given up when the new address fails or the old one takes it back" moves::s23_back,
    s23_never "302, 303 and 307 are never stored" moves::s23_never,
    s24 "410 ends polling after one look; 404 backs off, rests, is revived" waits::s24,
    s25 "redirects have a cap, and each hop its guard" hosts::s25,
    s26 "no third party learns a source's address" hosts::s26,
    s27 "pages and robots.txt are fetched once, in the host's budget" hosts::s27,
    s27_refused "pages refused under old rules are asked leave again" hosts::s27_refused,
    s28 "keep-alive inside a run, idle connections closed, IPv6" hosts::s28,
    s29 "WebSub subscriber" inbound::s29,
    s30 "A-IM with an entity tag only; a 226 is merged, a 200 is the whole" validators::s30,
    s31 "archives are read for back-fill only, once" inbound::s31,
    told "explain and status tell which rule set the next poll, and the manners" waits::told,
}

#[test]
fn the_card() {
    let mut failed = Vec::new();
    for row in CARD {
        let passes = catch_unwind(AssertUnwindSafe(row.play)).is_ok();
        println!("{:11} | {:75} | {}", row.name, row.what, if passes { "pass" } else { "FAIL" });
        failed.extend((!passes).then_some(row.name));
    }
    assert!(failed.is_empty(), "{failed:?}");
}
