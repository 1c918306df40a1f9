//! What a statement means, once all of its findings are there.

use super::clause_scan::ClauseScan;
use super::findings::Findings;
use super::statement_kind::StatementKind;
use crate::statement::meaning::Meaning;

impl ClauseScan<'_> {
    /// The verdict at the end of the statement. `is_disputed`: some databases skip keywords or
    /// parentheses of it, so that what belongs to what is not known.
    pub(super) fn meaning(mut self, is_disputed: bool) -> Meaning {
        if self.may_be_write {
            self.note(Findings::WRITE);
        }
        let sets_variable = self.has(Findings::ASSIGNMENT)
            || self.has(Findings::USER_VARIABLE)
                && (self.kind == StatementKind::Load || is_disputed && self.has(Findings::INTO));
        if sets_variable {
            return Meaning::ChangeSession;
        }
        let is_explained = self.kind == StatementKind::Explain;
        let runs = !is_explained || self.has(Findings::ANALYZE);
        if is_explained && runs && self.has(Findings::EXECUTE) {
            return Meaning::ChangeSession;
        }
        let by_kind = self.meaning_by_kind(is_disputed);
        let is_query = matches!(
            self.kind,
            StatementKind::Query
                | StatementKind::With
                | StatementKind::Declare
                | StatementKind::Explain
                | StatementKind::Copy
        );
        let writes = self.has(Findings::WRITE) && runs;
        // The string in a `COPY` is the name of a file.
        let table_in_string =
            self.has(Findings::TABLE_IN_STRING) && self.kind != StatementKind::Copy;
        if self.has(Findings::UNKNOWN_CALL)
            || self.has(Findings::UNBALANCED)
            || is_query && self.has(Findings::INTO)
            || self.kind == StatementKind::Truncate && self.has(Findings::CASCADE)
            || self.kind == StatementKind::Copy && self.has(Findings::PROGRAM)
            || (writes || by_kind != Meaning::Read) && (is_disputed || table_in_string)
        {
            return Meaning::Everything;
        }
        if by_kind == Meaning::Everything {
            return by_kind;
        }
        if writes || by_kind == Meaning::Insert && self.has(Findings::UPSERT) {
            return Meaning::Write;
        }
        by_kind
    }

    /// What a statement of this kind means where nothing else is found in it.
    fn meaning_by_kind(&self, is_disputed: bool) -> Meaning {
        match self.kind {
            StatementKind::Query
            | StatementKind::With
            | StatementKind::Declare
            | StatementKind::Explain => Meaning::Read,
            StatementKind::Copy if self.has(Findings::COPY_TO) && !is_disputed => Meaning::Read,
            StatementKind::Copy if self.has(Findings::COPY_FROM) && !is_disputed => Meaning::Insert,
            StatementKind::Copy => Meaning::Everything,
            StatementKind::Load | StatementKind::Insert => Meaning::Insert,
            StatementKind::Write | StatementKind::Truncate => Meaning::Write,
        }
    }
}
