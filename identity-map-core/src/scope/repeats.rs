//! Which lines of the program send the same statement again and again: [`Repeats`].

use std::collections::HashMap;
use std::panic::Location;
use std::sync::{Mutex, MutexGuard};

use foldhash::fast::RandomState;

use super::report::{Repeated, Report};
use crate::lock::lock;

/// How many pairs of line and statement one scope tells apart. A program's text has fewer, unless
/// its `IN` lists have many lengths.
const MAX_PAIRS: usize = 1_000;
/// How many bytes of a statement's text are kept. Texts that begin with the same bytes are one.
const MAX_TEXT: usize = 4 * 1024;

/// How often a line may send a statement before it is reported; `None` if nothing is counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Threshold(Option<u64>);

impl Threshold {
    pub(super) fn more_than(times: u64) -> Self {
        Self(Some(times))
    }

    pub(super) fn off() -> Self {
        Self(None)
    }
}

impl Default for Threshold {
    fn default() -> Self {
        Self(cfg!(debug_assertions).then_some(10))
    }
}

/// How often each line of the program has sent each statement in one scope.
#[derive(Default)]
pub(super) struct Repeats {
    threshold: Threshold,
    /// Boxed, since most scopes are small and short.
    counts: Mutex<Option<Box<Counts>>>,
}

#[derive(Default)]
struct Counts {
    /// By the text of the statement.
    by_statement: HashMap<Box<str>, Vec<LineCount>, RandomState>,
    pairs: usize,
    /// There were more pairs than are told apart.
    incomplete: bool,
}

struct LineCount {
    location: &'static Location<'static>,
    times: u64,
}

impl Repeats {
    pub(super) fn above(threshold: Threshold) -> Self {
        Self {
            threshold,
            counts: Mutex::default(),
        }
    }

    pub(super) fn count(&self, location: &'static Location<'static>, sql: &str) {
        let Some(threshold) = self.threshold.0 else {
            return;
        };
        let sql = truncated(sql);
        let times = self
            .counts()
            .get_or_insert_default()
            .count(location, sql)
            .unwrap_or_default();
        // It warns once, and without the lock: a subscriber is the program's code.
        if times.checked_sub(1) == Some(threshold) {
            warn(location, sql, times);
        }
    }

    pub(super) fn report(&self) -> Report {
        let counts = self.counts();
        let Some((counts, threshold)) = counts.as_deref().zip(self.threshold.0) else {
            return Report::default();
        };
        let lines = counts.by_statement.iter().flat_map(|(statement, lines)| {
            let above = lines.iter().filter(|line| line.times > threshold);
            above.map(|line| Repeated {
                location: line.location,
                statement: statement.to_string(),
                times: line.times,
            })
        });
        Report::new(lines.collect(), counts.incomplete)
    }

    /// Whether statements are counted.
    pub(super) fn is_on(&self) -> bool {
        self.threshold.0.is_some()
    }

    fn counts(&self) -> MutexGuard<'_, Option<Box<Counts>>> {
        lock(&self.counts)
    }
}

impl Counts {
    /// Counts a statement, and says how often this line has sent it. `None` if there were too many pairs
    /// to count one more.
    fn count(&mut self, location: &'static Location<'static>, sql: &str) -> Option<u64> {
        let lines = self.by_statement.get_mut(sql);
        let mut known = lines.into_iter().flatten();
        if let Some(line) = known.find(|line| line.location == location) {
            line.times += 1;
            return Some(line.times);
        }
        if self.pairs == MAX_PAIRS {
            self.incomplete = true;
            return None;
        }
        self.pairs += 1;
        let lines = self.by_statement.entry(sql.into()).or_default();
        lines.push(LineCount { location, times: 1 });
        Some(1)
    }
}

/// The first [`MAX_TEXT`] bytes of a text, without a part of a character.
fn truncated(sql: &str) -> &str {
    let end = (0..=MAX_TEXT).rev().find(|at| sql.is_char_boundary(*at));
    sql.get(..end.unwrap_or_default())
        .filter(|_| sql.len() > MAX_TEXT)
        .unwrap_or(sql)
}

#[cfg(feature = "tracing")]
fn warn(location: &'static Location<'static>, statement: &str, times: u64) {
    tracing::warn!(
        %location,
        statement,
        times,
        "this line sends the same statement again and again"
    );
}

#[cfg(not(feature = "tracing"))]
fn warn(_: &'static Location<'static>, _: &str, _: u64) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded() {
        let repeats = Repeats::above(Threshold::more_than(0));
        let here = Location::caller();
        for length in 0..2 * MAX_PAIRS {
            repeats.count(here, &format!("SELECT {length}"));
        }
        repeats.count(here, "SELECT 0");
        let report = repeats.report();
        assert_eq!(report.repeated().len(), MAX_PAIRS);
        assert_eq!(report.repeated()[0].times, 2);
        assert!(report.to_string().contains("not all"), "{report}");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let long = format!("a{}", "ü".repeat(MAX_TEXT));
        assert_eq!(truncated(&long).len(), MAX_TEXT - 1);
        assert_eq!(truncated("short"), "short");
    }
}
