//! Counts the statements of a scope by the line that called for them, and reports the repeated ones.

use std::fmt::Display;
use std::panic::Location;

use super::identity_scope::Scope;
use super::report::Report;
use crate::statement::SqlText;

impl Scope {
    /// The lines of the program that sent one statement of this library more often than the
    /// [threshold](super::ScopeBuilder::track_statements) allows: a query in a loop ("N+1"), for
    /// which there is nearly always a way to load all at once.
    ///
    /// Statements are the same if their texts without bound values are. The line is the one that calls
    /// `load`, `first`, `insert` or another method of this library, even if it stands in a function
    /// that the whole program uses. (`#[track_caller]` on that function makes it the line of *its*
    /// caller.) Statements of plain Diesel have no such line, and are not counted; nor is what the
    /// library asks the server about itself.
    ///
    /// With the feature `tracing` there is a warning besides, once, when the threshold is passed.
    ///
    /// A scope tells a thousand pairs of line and statement apart, so that its memory is bounded
    /// whatever the program sends; further pairs are not counted, and the report says so.
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
        self.repeats().report()
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
    /// If the report is not empty, with its text.
    #[track_caller]
    pub fn assert_no_repeats(&self) {
        let report = self.report();
        assert!(
            report.is_empty(),
            "statements were sent again and again\n{report}"
        );
    }

    /// Counts a statement for which the program has called in this line, if the scope counts them.
    pub(crate) fn count_statement(
        &self,
        location: &'static Location<'static>,
        query: &(impl Display + ?Sized),
    ) {
        if !self.repeats().is_on() {
            return;
        }
        let mut text = SqlText::default();
        text.take(query);
        if !text.failed {
            self.repeats().count(location, &text.sql);
        }
    }
}
