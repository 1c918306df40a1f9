//! Options for making a scope: [`ScopeBuilder`].

use super::identity_scope::Scope;
use super::repeats::{Repeats, Threshold};
use super::wait_time::WaitTime;
use crate::map::{Peers, Retain};

impl Scope {
    /// A new scope with options.
    pub fn builder() -> ScopeBuilder {
        ScopeBuilder {
            retain: Retain::default(),
            peers: Peers::default(),
            threshold: Threshold::default(),
            timed: false,
        }
    }
}

/// Options of a scope; see [`Scope::builder`].
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct ScopeBuilder {
    retain: Retain,
    peers: Peers,
    threshold: Threshold,
    /// The scope measures how long its statements take.
    timed: bool,
}

impl ScopeBuilder {
    /// What the scope keeps alive beyond its holders.
    pub fn retain(self, retain: Retain) -> Self {
        Self { retain, ..self }
    }

    /// What a lazy access to the parent of an object does, if the query that loaded the object says
    /// nothing of it. [`Peers::Forbidden`] finds N+1 queries in tests.
    pub fn peers(self, peers: impl Into<Peers>) -> Self {
        Self {
            peers: peers.into(),
            ..self
        }
    }

    /// Counts the statements of this library by the line of the program that calls for them, and
    /// [reports](Scope::report) each line that sends one statement more than `threshold` times.
    ///
    /// By default a scope does so in programs that are built with debug assertions, with a threshold
    /// of 10, and not in others.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let scope = Scope::builder().track_statements(2).build();
    /// let _entered = scope.enter();
    /// for id in 1..=3 {
    ///     Post::cached().find(id).first(conn)?;
    /// }
    /// assert_eq!(scope.report().repeated()[0].times, 3);
    /// # Ok(())
    /// # }
    /// ```
    pub fn track_statements(self, threshold: u64) -> Self {
        let threshold = Threshold::more_than(threshold);
        Self { threshold, ..self }
    }

    /// Counts no statements by line, not even in programs with debug assertions.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let scope = Scope::builder().track_no_statements().build();
    /// let _entered = scope.enter();
    /// for _ in 0..100 {
    ///     Post::cached().find(1).first(conn)?;
    /// }
    /// assert!(scope.report().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn track_no_statements(self) -> Self {
        let threshold = Threshold::off();
        Self { threshold, ..self }
    }

    #[cfg(any(feature = "tower", feature = "actix-web", feature = "rocket"))]
    pub(crate) fn timed(self, timed: bool) -> Self {
        Self { timed, ..self }
    }

    /// The scope, not yet entered.
    #[must_use]
    pub fn build(self) -> Scope {
        Scope::with_parts(
            self.retain,
            self.peers,
            Repeats::above(self.threshold),
            WaitTime::new(self.timed),
        )
    }
}

impl From<ScopeBuilder> for Scope {
    fn from(builder: ScopeBuilder) -> Self {
        builder.build()
    }
}
