//! How `Auto` chooses a strategy: by what queries of the same shape cost before.
//!
//! Queries of one shape (one Diesel type, on one type of connection) differ in how many rows they
//! return and how many of those are held. For each class of both, an average keeps the time per row of
//! either strategy: it falls at once and rises slowly. The cheaper one is taken, and the other tried again
//! now and then. The history belongs to the program, since the scope of one request is too short.

use std::any::{TypeId, type_name};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, RwLock};
use std::time::Duration;

use super::plan::Strategy;
use super::statement_type::StatementType;
use crate::connection::SelectedColumns;
use crate::lock::{lock, read, write};
use crate::model::IdentityMapped;

/// How many classes the share of held rows has: about 0, 25, 50, 75 and 100 per cent.
const SHARES: usize = 5;
/// How many classes the number of rows has; each begins at eight times the rows of the one before.
const SIZES: usize = 6;
/// After so many runs of a class the dearer strategy is tried again.
const RUNS_PER_RETRY: u32 = 256;
/// A run that takes so many times the usual counts as no more.
const OUTLIER: f64 = 4.0;

/// One query type on one connection type.
#[derive(PartialEq, Eq, Hash, Clone, Copy)]
pub(super) struct ShapeId {
    model: TypeId,
    query: QueryType,
    connection: NameAddress,
}

/// A type of query.
#[derive(PartialEq, Eq, Hash, Clone, Copy)]
enum QueryType {
    /// By what Diesel knows the query by in its cache of prepared statements.
    Id(TypeId),
    /// By its name, where Diesel knows it by its text. A query that borrows has no `TypeId`.
    Name(NameAddress),
}

/// The address of a type's name stands for the type, since to hash the long name would cost more.
type NameAddress = (usize, usize);

fn address(name: &'static str) -> NameAddress {
    (name.as_ptr().addr(), name.len())
}

impl ShapeId {
    /// Of a query of `M` on the connection `Conn` that is sent as a statement of this type.
    pub(super) fn of<M: IdentityMapped, Conn>(statement: StatementType) -> Self {
        let query = match statement {
            StatementType::Id(id) => QueryType::Id(id(SelectedColumns::Key)),
            StatementType::Name(name) => QueryType::Name(address(name())),
        };
        Self {
            model: TypeId::of::<M>(),
            query,
            connection: address(type_name::<Conn>()),
        }
    }
}

type KnownShapes = HashMap<ShapeId, Arc<Mutex<CostHistory>>, foldhash::fast::RandomState>;

/// The history of each shape. It has one entry per query type of the program, so it does not grow with
/// use.
static KNOWN_SHAPES: LazyLock<RwLock<KnownShapes>> = LazyLock::new(RwLock::default);

/// The shape of a query, with its cost history.
pub(super) struct QueryShape(Arc<Mutex<CostHistory>>);

/// One run of a query, to be remembered.
pub(super) struct QueryRun {
    pub(super) strategy: Strategy,
    /// About how many objects of the model the map held before the run.
    pub(super) alive: usize,
    pub(super) rows: usize,
    pub(super) hits: usize,
    pub(super) time: Duration,
}

/// What the runs of one shape have cost.
struct CostHistory {
    last_rows: usize,
    /// The share of hits among the objects that could be hits, which are at most as many as the rows: a
    /// moving average. It begins at one, since a request that asks twice gets the same rows.
    hit_rate: f64,
    classes: [[CostClass; SIZES]; SHARES],
}

/// What the runs of one class have cost.
#[derive(Default, Clone, Copy)]
struct CostClass {
    /// Nanoseconds per row of the strategy by rows; `None` while it was not tried.
    rows: Option<f64>,
    /// Nanoseconds per row of the strategy keys first.
    keys_first: Option<f64>,
    runs: u32,
}

impl QueryShape {
    pub(super) fn with_id(id: ShapeId) -> Self {
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
        self.history().cheaper(alive)
    }

    pub(super) fn remember(&self, run: &QueryRun) {
        self.history().remember(run);
    }

    fn history(&self) -> MutexGuard<'_, CostHistory> {
        lock(&self.0)
    }
}

impl Default for CostHistory {
    fn default() -> Self {
        Self {
            last_rows: 0,
            hit_rate: 1.0,
            classes: Default::default(),
        }
    }
}

impl CostHistory {
    /// The cheaper strategy, if the query has as many rows as last time and the usual hit rate. The
    /// number of hits of last time is no guide, since each request begins with none and may then ask
    /// twice.
    fn cheaper(&mut self, alive: usize) -> Strategy {
        #[allow(clippy::cast_precision_loss)] // to tell five classes
        let held = alive.min(self.last_rows) as f64 * self.hit_rate;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // not above a `usize`
        let share = share_class(held as usize, self.last_rows);
        let class = &mut self.classes[share][size_class(self.last_rows)];
        class.runs += 1;
        match (class.rows, class.keys_first) {
            (None, None) if share == SHARES - 1 => Strategy::KeysFirst,
            (None, _) => Strategy::Rows,
            // Where nothing is held, keys first reads every row too, and the keys besides.
            (Some(_), None) if share == 0 => Strategy::Rows,
            (Some(_), None) => Strategy::KeysFirst,
            (Some(rows), Some(keys_first)) => {
                let by_rows = (rows, Strategy::Rows);
                let by_keys = (keys_first, Strategy::KeysFirst);
                let ((low, cheaper), (high, dearer)) = if rows <= keys_first {
                    (by_rows, by_keys)
                } else {
                    (by_keys, by_rows)
                };
                // The dearer one may have met a busy machine at first, so it is tried again soon and
                // then ever more seldom. One that is far dearer would have to change a lot, so it is
                // tried less.
                let far = if high < 2.0 * low { 1 } else { 4 };
                let retry = matches!(class.runs, 2 | 8 | 32 | 128)
                    || class.runs.is_multiple_of(far * RUNS_PER_RETRY);
                if retry { dearer } else { cheaper }
            }
        }
    }

    fn remember(&mut self, run: &QueryRun) {
        if run.rows == 0 {
            return;
        }
        self.last_rows = run.rows;
        let candidates = run.alive.min(run.rows);
        // The hit rate of a few objects says nothing of the others.
        #[allow(clippy::cast_precision_loss)] // as above
        if share_class(candidates, run.rows) > 0 {
            let hit_rate = (run.hits as f64 / candidates as f64).min(1.0);
            self.hit_rate += 0.5 * (hit_rate - self.hit_rate);
        }
        let class = &mut self.classes[share_class(run.hits, run.rows)][size_class(run.rows)];
        let (average, other) = match run.strategy {
            Strategy::KeysFirst => (&mut class.keys_first, class.rows),
            Strategy::Auto | Strategy::Rows => (&mut class.rows, class.keys_first),
        };
        #[allow(clippy::cast_precision_loss)] // a mean of times needs no 53 bits
        let cost = run.time.as_nanos() as f64 / run.rows as f64;
        let Some(usual) = average else {
            *average = Some(cost);
            return;
        };
        // A busy machine makes a run slower and never faster.
        let before = *usual;
        let rise = 0.3 * (cost.min(OUTLIER * before) - before);
        *usual = cost.min(before + rise.max(0.0));
        if other.is_some_and(|other| before <= other && other < *usual) {
            // The machine was busy, or the strategy is dearer now: it is tried again soon.
            class.runs = 0;
        }
    }
}

/// The class of the share of hits among the rows.
fn share_class(hits: usize, rows: usize) -> usize {
    let steps = SHARES - 1;
    (hits.min(rows) * steps + rows / 2)
        .checked_div(rows)
        .unwrap_or(0)
}

/// The class of the number of rows.
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
        let mut history = CostHistory::default();
        history.remember(&run(Strategy::Rows, 100, 1000));
        history.remember(&run(Strategy::KeysFirst, 100, 900));
        let taken: Vec<Strategy> = (0..200).map(|_| history.cheaper(100)).collect();
        let rows = taken
            .iter()
            .filter(|strategy| **strategy == Strategy::Rows)
            .count();
        assert!(
            (1..=10).contains(&rows),
            "rows was taken {rows} times of 200"
        );
    }

    /// A busy machine makes the cheaper one look dearer, at its first run or at a later one.
    #[test]
    fn a_hiccup_is_forgotten() {
        let hiccups = [
            (0, 2_000),
            (0, 2_000_000),
            (4, 160),
            (4, 2_000),
            (4, 2_000_000),
        ];
        let each = hiccups.map(|hiccup| [2, 20, 50, 400].map(|further| (hiccup, further)));
        for ((before, hiccup), further) in each.into_iter().flatten() {
            let mut history = CostHistory::default();
            let cost_of = |taken| 100 + further * u64::from(taken != Strategy::KeysFirst);
            for strategy in [Strategy::Rows, Strategy::KeysFirst].repeat(before) {
                history.remember(&run(strategy, 100, cost_of(strategy)));
            }
            history.remember(&run(Strategy::KeysFirst, 100, hiccup));
            let mut dearer = 0;
            for _ in 0..1000 {
                let taken = history.cheaper(100);
                history.remember(&run(taken, 100, cost_of(taken)));
                dearer += u32::from(taken != Strategy::KeysFirst);
            }
            assert!(dearer <= 10, "{dearer} of 1000 after {hiccup} µs");
        }
    }

    #[test]
    fn an_empty_map_runs_by_rows() {
        let mut history = CostHistory::default();
        history.remember(&run(Strategy::Rows, 0, 1000));
        for _ in 0..1000 {
            assert_eq!(history.cheaper(0), Strategy::Rows);
        }
    }

    #[test]
    fn a_request_that_asks_twice() {
        let mut history = CostHistory::default();
        let mut keys_first = 0;
        for round in 0..100 {
            let cold = QueryRun {
                alive: round % 10, // what it has found by itself before
                ..run(Strategy::Rows, 0, 1000)
            };
            history.remember(&cold);
            let taken = history.cheaper(100);
            let is_keys_first = taken == Strategy::KeysFirst;
            history.remember(&run(taken, 100, if is_keys_first { 100 } else { 1000 }));
            keys_first += usize::from(is_keys_first);
        }
        assert!(keys_first > 90, "{keys_first} of 100");
    }

    #[test]
    fn what_is_alive_may_be_other_rows() {
        let mut history = CostHistory::default();
        history.remember(&run(Strategy::KeysFirst, 0, 1000));
        assert_eq!(history.cheaper(100), Strategy::Rows);
        let mut with_more = run(Strategy::Rows, 25, 1000);
        with_more.alive = 50;
        history.remember(&with_more);
        history.remember(&run(Strategy::KeysFirst, 50, 100));
        history.remember(&run(Strategy::Rows, 50, 1000));
        let taken: Vec<Strategy> = (0..100).map(|_| history.cheaper(100)).collect();
        let rows = taken.iter().filter(|taken| **taken == Strategy::Rows);
        assert!(rows.count() <= 10);
    }

    #[test]
    fn what_was_held_and_died_is_not_expected() {
        let mut history = CostHistory::default();
        history.remember(&run(Strategy::Rows, 100, 1000));
        assert_eq!(history.cheaper(100), Strategy::KeysFirst);
        assert_eq!(history.cheaper(3), Strategy::Rows);
    }
}
