//! What a scope has seen too often: [`Report`].

use std::fmt;
use std::panic::Location;

use super::Scope;

/// The lines of the program that sent one statement too often within a scope.
///
/// It shows itself to be read by people:
///
/// ```text
/// src/blog.rs:42:31 sent 20 times
///     SELECT `users`.`id`, `users`.`name` FROM `users` WHERE (`users`.`id` = ?) LIMIT ?
/// help: load what belongs together at once: `load_parents`, `load_children`, `with::<..>()`, `find_many`
/// ```
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Report {
    repeated: Vec<Repeated>,
    incomplete: bool,
}

/// A line of the program that sent one statement too often.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Repeated {
    /// Where a method of this library was called.
    pub location: &'static Location<'static>,
    /// The statement, without bound values. A very long one is cut after 4 KiB.
    pub statement: String,
    /// How often it was sent from there.
    pub times: u64,
}

impl Scope {
    /// The lines of the program that sent one statement of this library more often than the
    /// [threshold](super::ScopeBuilder::track_statements) allows: a query in a loop ("N+1"), for
    /// which there is nearly always a way to load all at once.
    ///
    /// A statement is told by its text without bound values, and a line by the call of `load`,
    /// `first`, `insert` or whichever it was, also where that call stands in a function which all
    /// the others use. (`#[track_caller]` on that function makes it the line of *its* caller.)
    /// Statements of plain Diesel have no such line, and are not noted; nor is what the library asks the
    /// server about itself.
    ///
    /// With the feature `tracing` there is a warning besides, once, when the threshold is passed.
    ///
    /// A scope tells a thousand pairs of line and statement apart, so that its memory is bounded
    /// whatever the program sends; further ones are not noted, and the report says so.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let scope = Scope::builder().track_statements(2).build();
    /// let _entered = scope.enter();
    /// for id in [1, 2, 3] {
    ///     Post::cached().find(id).first(conn)?;
    /// }
    /// let report = scope.report();
    /// let repeated = &report.repeated()[0];
    /// assert_eq!((repeated.times, repeated.location.file()), (3, file!()));
    /// println!("{report}");
    ///
    /// Post::cached().find_many([1, 2, 3]).load(conn)?; // this is better
    /// assert_eq!(scope.report(), report);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn report(&self) -> Report {
        self.inner.repeats.report()
    }

    /// For the program's tests: asserts that the [`report`](Self::report) is empty.
    ///
    /// Say which threshold is meant: without [`track_statements`](super::ScopeBuilder::track_statements)
    /// a test in release mode finds nothing.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let scope = Scope::builder().track_statements(1).build();
    /// scope.in_scope(|| Post::cached().find_many([1, 2, 3]).load(conn))?;
    /// scope.assert_no_repeats();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    /// If it is not, with the report.
    #[track_caller]
    pub fn assert_no_repeats(&self) {
        let report = self.report();
        assert!(
            report.is_empty(),
            "statements were sent again and again\n{report}"
        );
    }
}

impl Report {
    pub(super) fn of(mut repeated: Vec<Repeated>, incomplete: bool) -> Self {
        repeated.sort_unstable_by(|one, other| {
            let order = other.times.cmp(&one.times);
            order
                .then_with(|| one.location.cmp(other.location))
                .then_with(|| one.statement.cmp(&other.statement))
        });
        Self {
            repeated,
            incomplete,
        }
    }

    /// The lines, the most frequent first.
    #[must_use]
    pub fn repeated(&self) -> &[Repeated] {
        &self.repeated
    }

    /// Whether there are none.
    ///
    /// ```
    /// # use identity_map_core::Scope;
    /// assert!(Scope::new().report().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.repeated.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            f.write_str("no statement was sent too often")?;
        }
        for repeated in &self.repeated {
            writeln!(f, "{repeated}")?;
        }
        if !self.is_empty() {
            f.write_str(
                "help: load what belongs together at once: `load_parents`, `load_children`, \
                 `with::<..>()`, `find_many`",
            )?;
        }
        if self.incomplete {
            f.write_str(
                "\nnote: there were too many different statements to note, so not all are here",
            )?;
        }
        Ok(())
    }
}

impl fmt::Display for Repeated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            location,
            statement,
            times,
        } = self;
        write!(f, "{location} sent {times} times\n    {statement}")
    }
}
