//! What queries cost when they ran before: how `Auto` chooses.
//!
//! Queries of one shape (one Diesel type, on one kind of connection) differ in how many rows
//! they return and how many of those are held. For each class of both, the time per row of
//! either strategy is kept as a moving average; the cheaper one is taken, and the other one
//! tried again now and then. The observations belong to the program, not to a map: a request's
//! scope is too short to learn in.

use std::any::{TypeId, type_name};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, RwLock};
use std::time::Duration;

use super::plan::Strategy;
use crate::lock::{lock, read, write};
use crate::model::IdentityMapped;

/// Classes of the share of rows that is held: about 0, 25, 50, 75 and 100 per cent.
const SHARES: usize = 5;
/// Classes of the number of rows, each eight times the one before.
const SIZES: usize = 6;
/// Runs of a class between two tries of the strategy that lost.
const TRY_AGAIN: u32 = 64;

/// One query type on one connection type. Types are told apart by the address of their name:
/// a query that borrows has no `TypeId`, and to hash the long name would cost more.
#[derive(PartialEq, Eq, Hash, Clone, Copy)]
struct ShapeId {
    model: TypeId,
    query: (usize, usize),
    connection: (usize, usize),
}

impl ShapeId {
    fn of<M: IdentityMapped, Q, Conn>() -> Self {
        let place = |name: &'static str| (name.as_ptr().addr(), name.len());
        Self {
            model: TypeId::of::<M>(),
            query: place(type_name::<Q>()),
            connection: place(type_name::<Conn>()),
        }
    }
}

type KnownShapes = HashMap<ShapeId, Arc<Mutex<CostHistory>>, foldhash::fast::RandomState>;

/// One entry per query type in the program's text, so it does not grow with use.
static KNOWN_SHAPES: LazyLock<RwLock<KnownShapes>> = LazyLock::new(RwLock::default);

/// What is known of one shape of query.
pub(super) struct QueryShape(Arc<Mutex<CostHistory>>);

/// One run of a query.
pub(super) struct QueryRun {
    pub(super) strategy: Strategy,
    /// About how many objects of the model the map held before.
    pub(super) alive: usize,
    pub(super) rows: usize,
    pub(super) hits: usize,
    pub(super) time: Duration,
}

struct CostHistory {
    last_rows: usize,
    /// Of those objects that could have been hits, as many as there are rows, the part that was: a moving
    /// average. At first all, since a request that asks twice gets the same rows.
    hit: f64,
    classes: [[CostClass; SIZES]; SHARES],
}

#[derive(Default, Clone, Copy)]
struct CostClass {
    /// Nanoseconds per row.
    rows: Option<f64>,
    /// Nanoseconds per row.
    keys_first: Option<f64>,
    runs: u32,
}

impl QueryShape {
    pub(super) fn of<M: IdentityMapped, Q, Conn>() -> Self {
        let id = ShapeId::of::<M, Q, Conn>();
        let known = read(&KNOWN_SHAPES).get(&id).cloned();
        Self(known.unwrap_or_else(|| {
            let mut shapes = write(&KNOWN_SHAPES);
            Arc::clone(shapes.entry(id).or_default())
        }))
    }

    /// The strategy to take, when the map holds about `alive` objects of the model.
    pub(super) fn cheaper(&self, alive: usize) -> Strategy {
        if alive == 0 {
            return Strategy::Rows;
        }
        self.observed().cheaper(alive)
    }

    pub(super) fn remember(&self, run: &QueryRun) {
        self.observed().remember(run);
    }

    fn observed(&self) -> MutexGuard<'_, CostHistory> {
        lock(&self.0)
    }
}

impl Default for CostHistory {
    fn default() -> Self {
        Self {
            last_rows: 0,
            hit: 1.0,
            classes: Default::default(),
        }
    }
}

impl CostHistory {
    /// Expects as many rows as last time, and that the same part of what is alive is among them.
    /// (As many hits as last time it is not: each request begins with none, and may then ask twice.)
    fn cheaper(&mut self, alive: usize) -> Strategy {
        #[allow(clippy::cast_precision_loss)] // to tell five classes
        let held = alive.min(self.last_rows) as f64 * self.hit;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // not above a `usize`
        let share = share_class(held as usize, self.last_rows);
        let class = &mut self.classes[share][size_class(self.last_rows)];
        class.runs += 1;
        match (class.rows, class.keys_first) {
            (None, None) if share == SHARES - 1 => Strategy::KeysFirst,
            (None, _) => Strategy::Rows,
            // With nothing held, keys first reads everything by key, and the keys besides.
            (Some(_), None) if share == 0 => Strategy::Rows,
            (Some(_), None) => Strategy::KeysFirst,
            (Some(rows), Some(keys_first)) => {
                let (cheap, dear, loser) = if rows <= keys_first {
                    (rows, keys_first, Strategy::KeysFirst)
                } else {
                    (keys_first, rows, Strategy::Rows)
                };
                let winner = if rows <= keys_first {
                    Strategy::Rows
                } else {
                    Strategy::KeysFirst
                };
                // A first run may have met a busy machine, so soon and then ever more seldom.
                // What is far behind would have to change a lot; it is tried less often.
                let wait = if dear < 2.0 * cheap {
                    TRY_AGAIN
                } else {
                    8 * TRY_AGAIN
                };
                if class.runs.is_power_of_two() || class.runs.is_multiple_of(wait) {
                    loser
                } else {
                    winner
                }
            }
        }
    }

    fn remember(&mut self, run: &QueryRun) {
        if run.rows == 0 {
            return;
        }
        self.last_rows = run.rows;
        let candidates = run.alive.min(run.rows);
        // A few that are alive say nothing of the rest.
        #[allow(clippy::cast_precision_loss)] // as above
        if share_class(candidates, run.rows) > 0 {
            let hit = (run.hits as f64 / candidates as f64).min(1.0);
            self.hit += 0.5 * (hit - self.hit);
        }
        let class = &mut self.classes[share_class(run.hits, run.rows)][size_class(run.rows)];
        let seen = match run.strategy {
            Strategy::KeysFirst => &mut class.keys_first,
            Strategy::Auto | Strategy::Rows => &mut class.rows,
        };
        #[allow(clippy::cast_precision_loss)] // a mean of times needs no 53 bits
        let cost = run.time.as_nanos() as f64 / run.rows as f64;
        *seen = Some(seen.map_or(cost, |mean| mean + 0.3 * (cost - mean)));
    }
}

fn share_class(hits: usize, rows: usize) -> usize {
    let steps = SHARES - 1;
    (hits.min(rows) * steps + rows / 2)
        .checked_div(rows)
        .unwrap_or(0)
}

fn size_class(rows: usize) -> usize {
    ((rows.max(1).ilog2() / 3) as usize).min(SIZES - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(strategy: Strategy, hits: usize, micros: u64) -> QueryRun {
        QueryRun {
            strategy,
            alive: 100,
            rows: 100,
            hits,
            time: Duration::from_micros(micros),
        }
    }

    #[test]
    fn shares_and_sizes_have_classes() {
        let shares: Vec<usize> = [0, 25, 50, 75, 100]
            .iter()
            .map(|hits| share_class(*hits, 100))
            .collect();
        assert_eq!(shares, [0, 1, 2, 3, 4]);
        assert_eq!(share_class(0, 0), 0);
        assert_eq!(size_class(0), 0);
        assert_eq!(size_class(usize::MAX), SIZES - 1);
    }

    #[test]
    fn the_cheaper_one_is_taken_and_the_other_tried_again() {
        let mut observed = CostHistory::default();
        observed.remember(&run(Strategy::Rows, 100, 1000));
        observed.remember(&run(Strategy::KeysFirst, 100, 900));
        let taken: Vec<Strategy> = (0..200).map(|_| observed.cheaper(100)).collect();
        let rows = taken
            .iter()
            .filter(|strategy| **strategy == Strategy::Rows)
            .count();
        assert!(
            (1..=10).contains(&rows),
            "rows was taken {rows} times of 200"
        );
    }

    #[test]
    fn an_empty_map_runs_by_rows() {
        let mut observed = CostHistory::default();
        observed.remember(&run(Strategy::Rows, 0, 1000));
        for _ in 0..1000 {
            assert_eq!(observed.cheaper(0), Strategy::Rows);
        }
    }

    #[test]
    fn a_request_that_asks_twice() {
        let mut observed = CostHistory::default();
        let mut keys_first = 0;
        for round in 0..100 {
            let cold = QueryRun {
                alive: round % 10, // what it has found by itself before
                ..run(Strategy::Rows, 0, 1000)
            };
            observed.remember(&cold);
            let taken = observed.cheaper(100);
            let is_keys_first = taken == Strategy::KeysFirst;
            observed.remember(&run(taken, 100, if is_keys_first { 100 } else { 1000 }));
            keys_first += usize::from(is_keys_first);
        }
        assert!(keys_first > 90, "{keys_first} of 100");
    }

    #[test]
    fn what_is_alive_may_be_other_rows() {
        let mut observed = CostHistory::default();
        observed.remember(&run(Strategy::KeysFirst, 0, 1000));
        assert_eq!(observed.cheaper(100), Strategy::Rows);
        let mut with_more = run(Strategy::Rows, 25, 1000);
        with_more.alive = 50;
        observed.remember(&with_more);
        observed.remember(&run(Strategy::KeysFirst, 50, 100));
        observed.remember(&run(Strategy::Rows, 50, 1000));
        let taken: Vec<Strategy> = (0..100).map(|_| observed.cheaper(100)).collect();
        let rows = taken.iter().filter(|taken| **taken == Strategy::Rows);
        assert!(rows.count() <= 10);
    }

    #[test]
    fn what_was_held_and_died_is_not_expected() {
        let mut observed = CostHistory::default();
        observed.remember(&run(Strategy::Rows, 100, 1000));
        assert_eq!(observed.cheaper(100), Strategy::KeysFirst);
        assert_eq!(observed.cheaper(3), Strategy::Rows);
    }
}
