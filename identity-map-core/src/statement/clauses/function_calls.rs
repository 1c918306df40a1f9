//! Whether a parenthesis begins a call, and whether the function may write.

use super::clause_scan::ClauseScan;
use super::findings::Findings;
use super::statement_kind::StatementKind;
use super::target_table::TargetTable;
use crate::statement::builtin_functions;
use crate::statement::lexer::{Call, Keyword, Lexer, TokenKind};

impl<'a> ClauseScan<'a> {
    /// The name of the function that is called by the parenthesis which opens here.
    pub(super) fn call(&self) -> Call<'a> {
        let is_qualified = self.recent.second_last.kind == TokenKind::Dot;
        Call {
            schema: is_qualified.then_some(self.recent.third_last.text),
            name: self.recent.last.text,
        }
    }

    /// Whether the parenthesis that opens here begins a call of a function that may write.
    pub(super) fn is_unknown_call(&self, lexer: &Lexer<'_>) -> bool {
        // To some databases something else stands before the parenthesis.
        if self.recent.last_is_disputed && !lexer.last_token_is_disputed() {
            return true;
        }
        let is_call = match self.recent.last.kind {
            TokenKind::Word(keyword) => !self.is_syntax(keyword),
            TokenKind::Name | TokenKind::StringLiteral => true,
            _ => false,
        };
        if !is_call {
            return false;
        }
        if !lexer.structure_is_disputed() && (self.nesting.trusts_calls() || self.names_columns()) {
            return false;
        }
        let may_be_builtin = if self.recent.second_last.kind == TokenKind::Dot {
            let schema = self.recent.third_last.identifier();
            schema.is_some_and(|name| name.eq_ignore_ascii_case("pg_catalog"))
        } else {
            self.recent.last.is_any_word()
        };
        !(may_be_builtin && builtin_functions::never_writes(self.recent.last.text))
    }

    /// Whether this keyword before a parenthesis belongs to the syntax, and names no function.
    fn is_syntax(&self, keyword: Keyword) -> bool {
        let before = self.recent.second_last;
        match keyword {
            Keyword::Set => {
                matches!(self.kind, StatementKind::Insert | StatementKind::Write)
                    || self.has(Findings::WRITE)
            }
            Keyword::By => before.is_one_of(&["PARTITION", "ORDER", "GROUP"]),
            Keyword::Join => matches!(
                before.kind,
                TokenKind::Word(Keyword::Other) | TokenKind::Name | TokenKind::CloseParen
            ),
            Keyword::Insert => before.is_keyword(Keyword::Then),
            keyword => keyword.is_reserved(),
        }
    }

    /// Whether the parenthesis contains columns of what was named before it.
    fn names_columns(&self) -> bool {
        let (last, before) = (self.recent.last, self.recent.second_last);
        self.target == TargetTable::Named
            || self.nesting.is_among_with_names()
            || before.is_keyword(Keyword::As)
            || before.kind == TokenKind::CloseParen && !self.has(Findings::EXPRESSION_BEHIND_LIST)
            // `USE INDEX (a)`.
            || last.is_one_of(&["INDEX", "KEY"]) && before.is_one_of(&["USE", "FORCE", "IGNORE"])
    }
}
