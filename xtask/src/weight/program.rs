//! Which programs there are, and what they are called.

use std::fmt;

/// One of the programs that are generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Program {
    pub(super) twin: Twin,
    pub(super) calls: Calls,
    pub(super) models: u32,
}

/// What a program is written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Twin {
    /// Diesel alone.
    Plain,
    /// Diesel with the library.
    Mapped,
}

/// How a program calls the database.
///
/// Awaited calls go to `diesel-async`'s wrapper of Diesel's own SQLite connection. So both kinds of calls send the same
/// statements to the same database, and nothing but SQLite is linked; `AsyncPgConnection` would need libpq, since the
/// library's feature `postgres` is Diesel's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Calls {
    Blocking,
    Awaited,
}

impl Program {
    /// The plain program and the mapped one.
    pub(super) fn twins(calls: Calls, models: u32) -> [Self; 2] {
        [Twin::Plain, Twin::Mapped].map(|twin| Self {
            twin,
            calls,
            models,
        })
    }

    pub(super) fn is_mapped(self) -> bool {
        self.twin == Twin::Mapped
    }

    pub(super) fn is_awaited(self) -> bool {
        self.calls == Calls::Awaited
    }
}

/// The name of its package.
impl fmt::Display for Program {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let twin = match self.twin {
            Twin::Plain => "plain",
            Twin::Mapped => "mapped",
        };
        write!(out, "{twin}_{}_{}", self.calls, self.models)
    }
}

impl fmt::Display for Calls {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Blocking => "blocking",
            Self::Awaited => "awaited",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_named_by_what_it_is() {
        let names = Program::twins(Calls::Awaited, 30).map(|program| program.to_string());
        assert_eq!(names, ["plain_awaited_30", "mapped_awaited_30"]);
    }
}
