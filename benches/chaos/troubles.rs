//! The troubles of a run, by the dice: kills, reloads, a full disk, a clock that is set, and news all the while.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::census::Census;
use super::ground::Ground;
use super::news::News;
use super::warden::Warden;
use super::world::invent::Dice;

/// Between two throws of the dice.
const TURN: Duration = Duration::from_millis(60);

/// Between two looks at what the store holds.
const CENSUS: Duration = Duration::from_secs(3);

/// How long a full disk stays full, in milliseconds, at most.
const FULL_MS: u64 = 4_000;

/// How long a broken configuration may take to be refused: a reload that is under way may have to judge every story anew.
const REFUSAL: Duration = Duration::from_mins(1);

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// By how much the clock is off: back and forth, by little and by much, and right again and again.
const OFFSETS: &[i64] = &[0, 90, 0, -90, HOUR, 0, -2 * DAY, 2 * DAY, 0, 40 * DAY, -400 * DAY, 0, 800 * DAY, 0];

/// Bytes that are left on a full disk.
const LEFT: &[u64] = &[0, 0, 4 << 10, 64 << 10, 1 << 20];

/// What was done.
#[derive(Debug, Default, Clone, Copy)]
pub struct Counts {
    pub kills: u64,
    pub good: u64,
    pub broken: u64,
    pub full: u64,
    pub jumps: u64,
    pub edits: u64,
}

pub struct Troubles {
    dice: Dice,
    pub counts: Counts,
    pub census: Census,
    full_until: Option<Instant>,
}

impl Troubles {
    pub fn new(dice: Dice) -> Self {
        Self { dice, counts: Counts::default(), census: Census::default(), full_until: None }
    }

    /// Plays until `end`, and until there were that many kills.
    pub fn play(&mut self, ground: &mut Ground, news: &mut News, warden: &mut Warden, end: Instant, kills: u64) {
        warden.wait(ground);
        let began = Instant::now();
        let mean_ms = u64::try_from(end.duration_since(began).as_millis()).unwrap_or(1) / kills.max(1);
        let (mut next_kill, mut next_census) = (began + Duration::from_millis(mean_ms), began);
        while Instant::now() < end || self.counts.kills < kills {
            std::thread::park_timeout(TURN);
            warden.watch(ground);
            let now = Instant::now();
            if self.full_until.is_some_and(|until| now >= until) {
                self.full_until = None;
                warden.empty(ground);
            }
            if now >= next_kill {
                // Also before it is ready, and while its disk is full.
                warden.kill();
                self.counts.kills += 1;
                next_kill = now + Duration::from_millis(50 + self.dice.below(2 * mean_ms - 100));
            } else if now >= next_census && self.full_until.is_none() {
                self.census.take(ground);
                next_census = now + CENSUS;
            } else {
                self.strike(ground, news, warden);
            }
        }
        warden.empty(ground);
    }

    fn strike(&mut self, ground: &Ground, news: &mut News, warden: &mut Warden) {
        match self.dice.below(100) {
            0..6 => {
                news.happen(ground, self.dice.roll());
                self.counts.edits += 1;
            }
            6..8 if warden.is_up() => {
                ground.configure(self.dice.roll());
                warden.signal("HUP");
                self.counts.good += 1;
            }
            8..10 if warden.is_up() => self.refuse(ground, warden),
            10..12 if self.full_until.is_none() && ground.can_fill() => {
                let left = LEFT[self.dice.below(LEFT.len() as u64) as usize];
                warden.fill(ground, left);
                self.full_until = Some(Instant::now() + Duration::from_millis(500 + self.dice.below(FULL_MS)));
                self.counts.full += 1;
            }
            12..15 if ground.can_set_clock() => {
                ground.set_clock(OFFSETS[self.dice.below(OFFSETS.len() as u64) as usize]);
                self.counts.jumps += 1;
            }
            _ => {}
        }
    }

    /// A broken configuration is refused, and said to be; then the good one is back.
    fn refuse(&mut self, ground: &Ground, warden: &mut Warden) {
        ground.break_configuration(self.dice.roll());
        warden.signal("HUP");
        self.counts.broken += 1;
        let asked = Instant::now();
        let is_refused = |warden: &Warden| warden.status().is_some_and(|status| !status["refused_reload"].is_null());
        while warden.is_up() && !is_refused(warden) && asked.elapsed() < REFUSAL {
            std::thread::park_timeout(TURN);
        }
        if asked.elapsed() >= REFUSAL {
            warden.wrong.push("a broken configuration was not refused".to_owned());
        }
        ground.configure(self.dice.roll());
        warden.signal("HUP");
    }
}

/// Troubles that one process has said twice without having been well in between.
pub fn said_too_often(log: &str) -> Vec<String> {
    let mut said = BTreeSet::new();
    let mut again = Vec::new();
    for line in log.lines() {
        let problem = line.split_once("problem=").map(|(_, problem)| problem.to_owned());
        if line.contains("listening") {
            said.clear();
        } else if let Some(problem) = problem.filter(|_| line.contains("ERROR") || line.contains("over: ")) {
            if line.contains("over: ") {
                said.remove(&problem);
            } else if !said.insert(problem) {
                again.push(line.to_owned());
            }
        }
    }
    again
}
