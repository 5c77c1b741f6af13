//! The table of attacks: each row plays one against the real client, the real listeners or the real program, on
//! loopback, and says what happened. `cargo test the_attacks -- --nocapture` prints it.
//!
//! A new attack is one line of the table and one function that panics where the attack gets through, and else says in a
//! few words what became of it.

mod floods;
mod inside;
mod inward;
mod readers;
mod secrets;
mod smuggling;

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// One row: the attack, and how it is played.
struct Row {
    attack: &'static str,
    play: fn() -> String,
}

/// Rows played at a time: most of them wait for something.
const AT_A_TIME: usize = 6;

/// Plays one row to its end.
fn play<F: Future<Output = String>>(row: impl FnOnce() -> F) -> String {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(row())
}

/// The table: a headline and its rows.
macro_rules! table {
    ($($attack:literal $play:path),* $(,)?) => {
        const TABLE: &[Row] = &[$(Row { attack: $attack, play: || play($play) }),*];
    };
}

table! {
    // What publishers make us ask.
    "an address inside, written plainly" inward::plain,
    "… in decimal, octal, hexadecimal, short, with a dot at the end, in wide digits" inward::spelled,
    "… in IPv6: mapped, compatible, NAT64, local NAT64, 6to4, Teredo, translated" inward::carried,
    "a name that means this machine" inward::named,
    "user info, backslashes and fragments that hide the host" inward::hidden,
    "another scheme, another port" inward::elsewhere,
    "a redirect to an address inside, of a feed, a page, a picture, a robots.txt" inward::redirected,
    "a hub inside, and a hub that redirects inside" inward::hubs,
    "a follower's call-back inside, or one that redirects there" inward::callbacks,
    "DNS rebinding between check and dial" inward::rebound,
    "DNS rebinding between a request and its redirect" inward::rebound_on_redirect,
    "DNS rebinding between two polls" inward::rebound_between_polls,
    "a name with a public address and one inside" inward::mixed,
    "the same by the whole daemon: a hub, a call-back, a page, a picture, a feed found on a page" inside::daemon,
    // What publishers answer.
    "bodies that unpack to a thousand times their size (gzip, br, zstd)" floods::bombs,
    "a body without end" floods::endless_body,
    "a head without end" floods::endless_head,
    "preliminary answers without end" floods::endless_preliminaries,
    "a chunk extension without end, trailers without end" floods::endless_chunks,
    "a head and a body that drip" floods::dripping,
    "redirects in a circle, and without end" floods::redirects,
    "a feed of 100,000 entries, 10,000 tags and authors an entry" floods::feed_of_everything,
    "a page of 10,000 tags, authors, scripts and pictures" floods::page_of_everything,
    "a robots.txt of a hundred thousand rules" floods::robots,
    "a seed of 10,000 topics, one of 4,000 related articles" floods::seed_of_everything,
    // What readers send.
    "Slowloris: heads that drip, on 200 connections" readers::slow_heads,
    "a form that drips" readers::slow_body,
    "readers that take nothing" readers::stalled,
    "connections without number from one address" readers::crowd,
    "costly requests without number from one address" readers::costly,
    "a query of 1 MB, heads of 1 MB, 10,000 fields" readers::large_heads,
    "a form of 100 MB, announced or not" readers::large_forms,
    "streams of news without number" readers::streams,
    "a follower's flood of requests to our hub" readers::hub_flood,
    "paths out of the folder, in every spelling" readers::paths,
    "line breaks in a path, for a header of one's own" readers::split,
    "a false Host, for links and redirects of one's own" readers::false_host,
    "admin addresses on the public listener" readers::admin_outside,
    "DNS rebinding of the admin listener" readers::admin_rebound,
    "both Content-Length and Transfer-Encoding, to smuggle a request" smuggling::both,
    "lengths and codings that can be read in two ways" smuggling::ambiguous,
    // What must not be told.
    "secrets looked for in every answer, file, log and verb" secrets::everywhere,
    "a private topic's token looked for wherever anything is shown" secrets::token,
    "a label that is a path, for files elsewhere" secrets::labels,
}

#[test]
fn the_attacks() {
    let (next, told) = (AtomicUsize::new(0), Mutex::new(vec![None; TABLE.len()]));
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some((index, row)) =
                    Some(next.fetch_add(1, Ordering::SeqCst)).and_then(|index| Some((index, TABLE.get(index)?)))
                {
                    let happened = catch_unwind(AssertUnwindSafe(row.play)).ok();
                    told.lock().unwrap()[index] = happened;
                }
            });
        }
    });
    let mut through = Vec::new();
    println!("| attack | what happened |\n|---|---|");
    for (row, happened) in TABLE.iter().zip(told.into_inner().unwrap()) {
        println!("| {} | {} |", row.attack, happened.as_deref().unwrap_or("IT GOT THROUGH"));
        through.extend(happened.is_none().then_some(row.attack));
    }
    assert!(through.is_empty(), "{through:#?}");
}
