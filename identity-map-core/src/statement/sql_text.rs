//! The text of a statement as it is looked at: [`SqlText`].

use std::fmt::{self, Display, Write};
use std::hash::BuildHasher;

use foldhash::fast::FixedState;

/// Statements longer than this are kept out of the reused buffer.
const KEPT_BUFFER: usize = 16 * 1024;

/// The SQL of a statement, without the bound values that Diesel shows behind it: they are data,
/// whatever they look like, and to show them costs more than all the rest.
#[derive(Default)]
pub(crate) struct SqlText {
    pub(crate) sql: String,
    /// Bound values would have followed.
    pub(crate) has_binds: bool,
    /// It cannot be written down, and so cannot be sent either: an update without changes.
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

    /// A number by which the same text is known again.
    pub(crate) fn hash(&self) -> u64 {
        FixedState::default().hash_one(&self.sql)
    }

    /// Gives back the buffer of a long text.
    pub(crate) fn give_back(&mut self) {
        if self.sql.capacity() > KEPT_BUFFER {
            self.sql = String::new();
        }
    }
}

impl Write for SqlText {
    /// Diesel writes the SQL, then this separator, then the values: a piece each.
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        if piece == " -- binds: " {
            self.has_binds = true;
            return Err(fmt::Error);
        }
        self.sql.push_str(piece);
        Ok(())
    }
}
