//! The times that the twins took in turns.

use std::time::Duration;

/// The seconds of the plain program and of the mapped one, round by round.
#[derive(Default)]
pub(crate) struct Times(Vec<[f64; 2]>);

impl Times {
    /// Both take turns in who is first.
    pub(crate) fn of(
        rounds: usize,
        mut build: impl FnMut(usize) -> Result<Duration, String>,
    ) -> Result<Self, String> {
        let mut times = Self::default();
        for round in 0..rounds {
            let mut took = [0.0; 2];
            for place in 0..2 {
                let twin = (place + round) % 2;
                took[twin] = build(twin)?.as_secs_f64();
            }
            times.0.push(took);
        }
        Ok(times)
    }

    /// The median of each twin.
    pub(crate) fn medians(&self) -> [f64; 2] {
        [0, 1].map(|twin| median(self.0.iter().map(|took| took[twin])))
    }

    /// The median of the ratios of the rounds.
    pub(crate) fn ratio(&self) -> f64 {
        median(self.0.iter().map(|[plain, mapped]| mapped / plain))
    }
}

fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_twins_take_turns_and_the_middle_round_counts() {
        let mut order = Vec::new();
        let mut took = [1, 2, 12, 4, 3, 3].map(Duration::from_secs).into_iter();
        let times = Times::of(3, |twin| {
            order.push(twin);
            Ok(took.next().unwrap())
        });
        let times = times.unwrap();
        assert_eq!(order, [0, 1, 1, 0, 0, 1]);
        assert_eq!(times.medians().map(|time| format!("{time}")), ["3", "3"]);
        assert_eq!(format!("{}", times.ratio()), "2");
    }

    #[test]
    fn a_build_that_fails_ends_the_rounds() {
        let times = Times::of(3, |_| Err("no".to_owned()));
        assert_eq!(times.err().as_deref(), Some("no"));
    }
}
