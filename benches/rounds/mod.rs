//! Contenders that take turns: [`Rounds`].
//!
//! Ratios are what the tables show. Where the machine is not this program's alone, it may be twice as fast
//! in one minute as in the next, and who is measured for some seconds before the others has another machine. So
//! all are measured once in each short round, and a ratio is the median of those of the rounds.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// The seconds that each of some contenders took, round by round.
pub(crate) struct Rounds(Vec<Vec<f64>>);

impl Rounds {
    /// Calls `turn` with each of so many contenders in each round, in an order that goes round too.
    /// The first rounds warm up.
    pub(crate) fn of(
        contenders: usize,
        rounds: usize,
        mut turn: impl FnMut(usize) -> Duration,
    ) -> Self {
        let mut all = Vec::new();
        let warm_up = rounds.div_ceil(20);
        for round in 0..warm_up + rounds {
            let mut took = vec![0.0; contenders];
            for place in 0..contenders {
                let contender = (place + round) % contenders;
                took[contender] = turn(contender).as_secs_f64();
            }
            if round >= warm_up {
                all.push(took);
            }
        }
        Self(all)
    }

    /// The median of what a contender took, in seconds.
    pub(crate) fn time(&self, of: usize) -> f64 {
        median(self.0.iter().map(|took| took[of]))
    }

    /// The median of the ratios of one contender to another.
    pub(crate) fn ratio(&self, of: usize, to: usize) -> f64 {
        median(self.0.iter().map(|took| took[of] / took[to]))
    }
}

fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}

/// The time of loading alone: the result is dropped afterwards.
#[allow(dead_code)] // not by all of the programs
pub(crate) fn timed<T>(load: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    let loaded = black_box(load());
    let took = start.elapsed();
    drop(loaded);
    took
}
