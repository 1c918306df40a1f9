//! The text of a statement, taken from what Diesel shows of it: [`SqlText`].

use std::fmt::{self, Display, Write};
use std::hash::BuildHasher;

use foldhash::fast::FixedState;

/// A buffer longer than this is not kept for the next statement.
const LONGEST_KEPT_BUFFER: usize = 16 * 1024;

/// The SQL of a statement, without the bound values that Diesel shows behind it. The values are
/// data, whatever they look like, and to show them costs more than all the rest.
#[derive(Default)]
pub(crate) struct SqlText {
    pub(crate) sql: String,
    /// Diesel would have shown bound values behind the SQL.
    pub(crate) has_binds: bool,
    /// Diesel cannot write the statement down, and so cannot send it either: an update without
    /// changes.
    pub(crate) failed: bool,
}

impl SqlText {
    /// Takes the text of a statement as Diesel shows it to an instrumentation.
    pub(crate) fn take(&mut self, query: &(impl Display + ?Sized)) {
        self.sql.clear();
        self.has_binds = false;
        let shown = write!(self, "{query}");
        self.failed = shown.is_err() && !self.has_binds;
    }

    /// A number by which the same text is recognized.
    pub(crate) fn hash(&self) -> u64 {
        FixedState::default().hash_one(&self.sql)
    }

    /// Frees the buffer if the text was a long one.
    pub(crate) fn give_back(&mut self) {
        if self.sql.capacity() > LONGEST_KEPT_BUFFER {
            self.sql = String::new();
        }
    }
}

impl Write for SqlText {
    /// Diesel writes the SQL, then this separator, then the values, and each of them as one piece.
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        if piece == " -- binds: " {
            self.has_binds = true;
            return Err(fmt::Error);
        }
        self.sql.push_str(piece);
        Ok(())
    }
}
