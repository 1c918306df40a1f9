//! What a keyword inside a statement begins, and what it says about the statement.

use super::clause_scan::ClauseScan;
use super::findings::Findings;
use super::statement_kind::StatementKind;
use super::target_table::TargetTable;
use crate::statement::lexer::{Keyword, TokenKind};

impl ClauseScan<'_> {
    /// Takes a keyword. `is_disputed`: some databases skip keywords or parentheses of the statement,
    /// so the tokens before this one may not be there.
    pub(super) fn take_keyword(&mut self, keyword: Keyword, is_disputed: bool) {
        match keyword {
            // `LOAD DATA .. INTO TABLE`.
            Keyword::Table if self.recent.ends_with(Keyword::Into) => {}
            Keyword::Select | Keyword::Values | Keyword::Table => self.begin(),
            Keyword::Insert | Keyword::Replace => {
                self.begin();
                self.may_be_write = true;
            }
            Keyword::Update => {
                if !self.is_lock() || is_disputed {
                    self.note(Findings::WRITE);
                }
                self.begin();
            }
            Keyword::Delete | Keyword::Merge => {
                self.note(Findings::WRITE);
                self.begin();
            }
            Keyword::From | Keyword::To => {
                self.take_copy_direction(keyword);
                // `IS DISTINCT FROM` is a comparison.
                if !self.recent.ends_with(Keyword::Distinct) {
                    self.distrust_calls();
                }
            }
            Keyword::Into => self.take_into(is_disputed),
            Keyword::Join
            | Keyword::Set
            | Keyword::Using
            | Keyword::Limit
            | Keyword::Offset
            | Keyword::Union
            | Keyword::Except
            | Keyword::Intersect
            | Keyword::Lateral
            | Keyword::Returning
            | Keyword::Do => self.distrust_calls(),
            Keyword::With => self.take_with(),
            Keyword::Where | Keyword::Having => self.begin_condition(),
            Keyword::By
                if self.recent.ends_with(Keyword::Order)
                    || self.recent.ends_with(Keyword::Group) =>
            {
                self.begin_condition();
            }
            Keyword::On => {
                if self.recent.ends_with(Keyword::Distinct) {
                    self.note(Findings::EXPRESSION_BEHIND_LIST);
                } else {
                    self.begin_condition();
                    self.nesting.begin_join_condition();
                }
            }
            Keyword::Conflict | Keyword::Duplicate => self.note(Findings::UPSERT),
            Keyword::Or if self.recent.ends_with(Keyword::Insert) => self.note(Findings::UPSERT),
            Keyword::Analyze | Keyword::Analyse => self.note(Findings::ANALYZE),
            Keyword::Execute => self.note(Findings::EXECUTE),
            Keyword::Create | Keyword::Refresh => self.note(Findings::CREATE),
            Keyword::Cascade => self.note(Findings::CASCADE),
            _ => {}
        }
    }

    /// Begins a query or a change of rows.
    fn begin(&mut self) {
        self.has_begun = true;
        self.nesting.end_with_names();
        self.distrust_calls();
    }

    /// Begins a condition or an ordering, in which calls are trusted.
    fn begin_condition(&mut self) {
        // Behind `AS` any word is a name.
        if !self.recent.ends_with(Keyword::As) {
            self.nesting.trust_calls();
        }
    }

    /// Whether an `UPDATE` here is that of `FOR UPDATE` or `FOR NO KEY UPDATE`.
    fn is_lock(&self) -> bool {
        self.recent.ends_with(Keyword::For)
            || self.recent.ends_with(Keyword::Key)
                && self.recent.second_last.is_keyword(Keyword::No)
    }

    /// Takes the `FROM` or `TO` that may be the one of a `COPY`: the first one outside its
    /// parentheses.
    fn take_copy_direction(&mut self, keyword: Keyword) {
        if self.nesting.is_outermost()
            && !self.has(Findings::COPY_FROM)
            && !self.has(Findings::COPY_TO)
        {
            self.note(if keyword == Keyword::From {
                Findings::COPY_FROM
            } else {
                Findings::COPY_TO
            });
        }
    }

    fn take_into(&mut self, is_disputed: bool) {
        let adds_rows = self.recent.ends_with(Keyword::Insert)
            || self.recent.ends_with(Keyword::Merge)
            || self.recent.ends_with(Keyword::Replace);
        if !adds_rows || is_disputed {
            self.note(Findings::INTO);
        }
        self.target = TargetTable::Expected;
        if self.kind != StatementKind::Load {
            self.distrust_calls();
        }
    }

    fn take_with(&mut self) {
        if self.recent.ends_with(Keyword::Returning) {
            self.note(Findings::EXPRESSION_BEHIND_LIST);
        } else if self.recent.last.kind == TokenKind::OpenParen || !self.has_begun {
            self.nesting.begin_with_names();
        }
    }
}
