//! The report of the lines that sent a statement too often: [`Report`].

use std::fmt;
use std::panic::Location;

/// The lines of the program that sent one statement too often within a scope.
///
/// Its `Display` is for people:
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

impl Report {
    /// The report of these lines; `incomplete` says that there were too many to note.
    pub(super) fn new(mut repeated: Vec<Repeated>, incomplete: bool) -> Self {
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
