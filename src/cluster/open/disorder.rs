//! Disorder: how much of what is linked does not come to stand together, and how many articles there are for that.
//!
//! In a stream of a single subject (the politics of one country) much is linked to more than one story, and a link is
//! worth less than in a stream of all the world's news, where it has nowhere else to lead. Nobody tells us which stream
//! it is; but the window can see it. Taken at boundaries only and without anybody's word, so that it is a function of who is
//! held then.

use super::Open;
use super::marks::Marks;
use super::seat::SeatNo;
use crate::cluster::linkage::groups;

/// Links that a window is taken to have seen of which one in ten led outside, so that its first few do not decide.
const UNSEEN: f64 = 50.0;

/// Share of links that lead outside, in a usual stream.
pub(super) const USUAL: f64 = 0.1;

impl Open {
    /// The share of links that lead from one group to another, were all grouped by the threshold of a usual stream.
    pub(super) fn disorder(&self) -> f64 {
        let (mut inside, mut all) = (0.0, UNSEEN);
        let mut done = Marks::default();
        for no in self.first..self.count() {
            if self.seat(no).is_none() || done.contains(no) {
                continue;
            }
            for part in self.components(no, &mut done) {
                let (kept, links) = self.kept(&part);
                inside += kept;
                all += links;
            }
        }
        1.0 - (inside + UNSEEN * (1.0 - USUAL)) / all
    }

    /// How many articles are of one time: no farther than two that may be linked from the one in the middle.
    pub(super) fn crowd(&self) -> usize {
        let mut times: Vec<i64> = self.seats.iter().flatten().map(|seat| seat.published_s).collect();
        if times.is_empty() {
            return 0;
        }
        let place = times.len() / 2;
        let middle = *times.select_nth_unstable(place).1;
        times.iter().filter(|time| time.abs_diff(middle) <= self.rules.window_s.unsigned_abs()).count()
    }

    /// How many links of `component` lead to the own group, of how many.
    fn kept(&self, component: &[SeatNo]) -> (f64, f64) {
        if component.len() < 2 {
            return (0.0, 0.0);
        }
        let task = self.task(component, self.rules.threshold);
        let mut home = vec![0usize; component.len()];
        for (number, group) in groups(&task).iter().enumerate() {
            for place in group {
                home.iter_mut().skip(*place as usize).take(1).for_each(|home| *home = number);
            }
        }
        let home = |place: u32| home.get(place as usize);
        let kept = task.links.iter().filter(|(a, b, _)| home(*a) == home(*b)).count();
        (kept as f64, task.links.len() as f64)
    }
}
