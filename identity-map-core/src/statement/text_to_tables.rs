//! Which tables a statement may be about.

use super::classified_statement::ClassifiedStatement;

impl<'a> ClassifiedStatement<'a> {
    /// The tables that the statement may write to: every identifier of it, since no text tells
    /// which of them are tables. Whoever knows the tables of models finds theirs among them.
    pub(crate) fn table_names(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.identifiers()
    }
}
