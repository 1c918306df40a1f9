//! How a cached query is to run: [`Strategy`], and [`Plan`], which the builder methods fill in.

use super::take::Take;
use crate::map::{IdentityMap, Peers};
use crate::model::IdentityMapped;

/// How a query finds the objects that are alive already.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Strategy {
    /// [`Rows`](Self::Rows) while the map holds nothing of the model, and where the query has no
    /// order; else whichever was cheaper when queries of this shape ran before.
    #[default]
    Auto,
    /// `select key`, then one batch for the keys that the map does not know.
    ///
    /// Two statements unless everything is held: a row that another transaction deletes
    /// between them is left out. Who needs one snapshot takes `Rows`, or a transaction that
    /// repeats reads.
    ///
    /// Rows that the query's order leaves equal come in the order in which the database finds
    /// their keys, which may be another one than for whole rows.
    KeysFirst,
    /// One statement; of a row whose object is alive only the key is decoded.
    Rows,
}

/// Whether a query asks the map, and fills it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CacheMode {
    #[default]
    Cached,
    /// The query reads every row, and replaces what the map holds.
    Fresh,
    /// The query leaves the map alone.
    Uncached,
}

/// What the program has added to the query of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clauses {
    /// Nothing yet, so that `find` can ask the map.
    None,
    /// A condition, which may be that of a key.
    OneCondition,
    /// Anything else: from then on the database decides.
    Some,
}

/// How a query is executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Execution {
    /// By rows, which become objects of their own.
    Uncached,
    /// By rows, which replace what the map holds.
    Fresh,
    /// By rows; a held object wins.
    Rows,
    KeysFirst,
    /// By rows or keys first, whichever was cheaper so far.
    Cheaper,
}

/// What the builder methods of a query have said of how it is to run.
#[derive(Debug)]
pub(crate) struct Plan<M: IdentityMapped> {
    pub(crate) map: Option<IdentityMap>,
    pub(super) strategy: Strategy,
    pub(crate) mode: CacheMode,
    /// What a lazy load does for the objects of the query; `None` leaves it to the map.
    pub(crate) peers: Option<Peers>,
    /// The query cannot run keys first: it is distinct, or locks what it reads.
    pub(super) rows_only: bool,
    /// The query has an order. Without one, a database may answer `select key` from an index, in another
    /// order than it gives whole rows.
    pub(super) ordered: bool,
    pub(super) clauses: Clauses,
    /// The query asks for this key and nothing else.
    pub(super) key: Option<M::Key>,
}

impl<M: IdentityMapped> Plan<M> {
    pub(crate) fn bare() -> Self {
        Self {
            map: None,
            strategy: Strategy::Auto,
            mode: CacheMode::Cached,
            peers: None,
            rows_only: false,
            ordered: false,
            clauses: Clauses::None,
            key: None,
        }
    }

    /// The key by which the query finds the row of the model, and nothing else is asked.
    pub(crate) fn found_key(&self) -> Option<M::Key> {
        self.key.clone()
    }

    /// Whether the query asks the map and has one condition, which may be that of a key.
    #[cfg(feature = "filter-by-key")]
    pub(super) fn has_one_condition(&self) -> bool {
        self.clauses == Clauses::OneCondition && self.mode == CacheMode::Cached
    }

    /// The plan of a write whose rows go into this map, or into the one of the connection.
    pub(crate) fn into_map(map: Option<IdentityMap>, mode: CacheMode) -> Self {
        Self {
            map,
            mode,
            ..Self::bare()
        }
    }

    /// How the query is executed for a method that takes these rows.
    pub(super) fn choose(&self, take: Take) -> Execution {
        match (self.mode, self.strategy) {
            (CacheMode::Uncached, _) => Execution::Uncached,
            (CacheMode::Fresh, _) => Execution::Fresh,
            (CacheMode::Cached, _) if self.rows_only => Execution::Rows,
            (CacheMode::Cached, Strategy::Rows) => Execution::Rows,
            (CacheMode::Cached, Strategy::KeysFirst) => Execution::KeysFirst,
            // By rows one row costs one statement; keys first it seldom costs fewer.
            (CacheMode::Cached, Strategy::Auto) if take == Take::First || self.key.is_some() => {
                Execution::Rows
            }
            // Without an order, `select key` may give the rows in another one.
            (CacheMode::Cached, Strategy::Auto) if !self.ordered => Execution::Rows,
            (CacheMode::Cached, Strategy::Auto) => Execution::Cheaper,
        }
    }

    /// The plan after a condition, an order or a limit was added: from then on the database decides.
    pub(crate) fn refined(mut self) -> Self {
        self.clauses = Clauses::Some;
        self.key = None;
        self
    }

    /// The plan after a condition was added.
    pub(crate) fn filtered(self) -> Self {
        let clauses = match self.clauses {
            Clauses::None => Clauses::OneCondition,
            Clauses::OneCondition | Clauses::Some => Clauses::Some,
        };
        Self {
            clauses,
            ..self.refined()
        }
    }

    pub(crate) fn ordered(mut self) -> Self {
        self.ordered = true;
        self.refined()
    }

    pub(crate) fn by_rows(mut self) -> Self {
        self.rows_only = true;
        self.refined()
    }

    /// A lock must read the row it locks, so the object is refreshed.
    pub(crate) fn locking(mut self) -> Self {
        if self.mode == CacheMode::Cached {
            self.mode = CacheMode::Fresh;
        }
        self.by_rows()
    }
}

impl<M: IdentityMapped> Clone for Plan<M> {
    fn clone(&self) -> Self {
        Self {
            map: self.map.clone(),
            key: self.key.clone(),
            ..*self
        }
    }
}
