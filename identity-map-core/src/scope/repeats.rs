//! Which lines of the program send the same statement again and again: [`Repeats`].

use std::collections::HashMap;
use std::panic::Location;
use std::sync::{Mutex, MutexGuard};

use foldhash::fast::RandomState;

use super::report::{Repeated, Report};
use crate::lock::lock;

/// Different statements, each of each line, that one scope tells apart. A program's text has
/// fewer; lists of many lengths in an `IN` may have more.
const STATEMENTS: usize = 1_000;
/// What is kept of a statement's text. Two that are alike so far are one.
const TEXT: usize = 4 * 1024;

/// How often is too often; `None` if nothing is noted.
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

/// What one scope has seen.
#[derive(Default)]
pub(super) struct Repeats {
    threshold: Threshold,
    /// Boxed, since most scopes are small and short.
    seen: Mutex<Option<Box<Seen>>>,
}

#[derive(Default)]
struct Seen {
    lines_of: HashMap<Box<str>, Vec<Line>, RandomState>,
    statements: usize,
    /// There was one more than are told apart.
    incomplete: bool,
}

struct Line {
    location: &'static Location<'static>,
    times: u64,
}

impl Repeats {
    pub(super) fn above(threshold: Threshold) -> Self {
        Self {
            threshold,
            seen: Mutex::default(),
        }
    }

    pub(super) fn count(&self, location: &'static Location<'static>, sql: &str) {
        let Some(threshold) = self.threshold.0 else {
            return;
        };
        let sql = beginning(sql);
        let times = self
            .seen()
            .get_or_insert_default()
            .count(location, sql)
            .unwrap_or_default();
        // Once, and not while others wait: who listens is the program.
        if times.checked_sub(1) == Some(threshold) {
            warn(location, sql, times);
        }
    }

    pub(super) fn report(&self) -> Report {
        let seen = self.seen();
        let Some((seen, threshold)) = seen.as_deref().zip(self.threshold.0) else {
            return Report::default();
        };
        let lines = seen.lines_of.iter().flat_map(|(statement, lines)| {
            let above = lines.iter().filter(|line| line.times > threshold);
            above.map(|line| Repeated {
                location: line.location,
                statement: statement.to_string(),
                times: line.times,
            })
        });
        Report::of(lines.collect(), seen.incomplete)
    }

    /// Whether anybody wants to know.
    pub(super) fn is_on(&self) -> bool {
        self.threshold.0.is_some()
    }

    fn seen(&self) -> MutexGuard<'_, Option<Box<Seen>>> {
        lock(&self.seen)
    }
}

impl Seen {
    /// How often this was sent from there, if it is told from others.
    fn count(&mut self, location: &'static Location<'static>, sql: &str) -> Option<u64> {
        let lines = self.lines_of.get_mut(sql);
        let mut known = lines.into_iter().flatten();
        if let Some(line) = known.find(|line| line.location == location) {
            line.times += 1;
            return Some(line.times);
        }
        if self.statements == STATEMENTS {
            self.incomplete = true;
            return None;
        }
        self.statements += 1;
        let lines = self.lines_of.entry(sql.into()).or_default();
        lines.push(Line { location, times: 1 });
        Some(1)
    }
}

fn beginning(sql: &str) -> &str {
    let end = (0..=TEXT).rev().find(|at| sql.is_char_boundary(*at));
    sql.get(..end.unwrap_or_default())
        .filter(|_| sql.len() > TEXT)
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
        for length in 0..2 * STATEMENTS {
            repeats.count(here, &format!("SELECT {length}"));
        }
        repeats.count(here, "SELECT 0");
        let report = repeats.report();
        assert_eq!(report.repeated().len(), STATEMENTS);
        assert_eq!(report.repeated()[0].times, 2);
        assert!(report.to_string().contains("not all"), "{report}");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let long = format!("a{}", "ü".repeat(TEXT));
        assert_eq!(beginning(&long).len(), TEXT - 1);
        assert_eq!(beginning("short"), "short");
    }
}
