//! The scan of a query or a change of rows, from its second token to the verdict.

use super::clause_scan::ClauseScan;
use super::findings::Findings;
use super::statement_kind::StatementKind;
use super::target_table::TargetTable;
use crate::statement::lexer::{Keyword, Lexer, Token, TokenKind};
use crate::statement::meaning::Meaning;
use crate::statement::unknown_statement;

/// What the statement means whose first word is `first`, inside `depth` parentheses.
pub(in crate::statement) fn classify<'a>(
    kind: StatementKind,
    first: Token<'a>,
    depth: u32,
    lexer: &mut Lexer<'a>,
) -> Meaning {
    let mut scan = ClauseScan::new(kind, first, depth);
    while let Some(token) = lexer.next_token() {
        scan.take_token(token, lexer);
    }
    if kind == StatementKind::Explain {
        if lexer.error().is_some() {
            return Meaning::ChangeSession;
        }
        // It may be an `EXPLAIN` of `CREATE TRIGGER`, whose body has semicolons.
        if scan.has(Findings::CREATE) {
            return unknown_statement::classify(lexer);
        }
    }
    scan.meaning(lexer.structure_is_disputed())
}

/// Whether a user variable is one in which this library keeps keys: nothing that a program reads depends on it.
fn is_own_variable(name: Token<'_>) -> bool {
    let name = name.identifier();
    name.is_some_and(|name| name.starts_with("identity_map_"))
}

impl<'a> ClauseScan<'a> {
    fn take_token(&mut self, token: Token<'a>, lexer: &mut Lexer<'a>) {
        if self.may_be_write {
            self.may_be_write = false;
            if token.kind != TokenKind::OpenParen || lexer.structure_is_disputed() {
                self.note(Findings::WRITE);
            }
        }
        match token.kind {
            TokenKind::Word(Keyword::Other)
                if self.kind == StatementKind::Copy && token.is_word("PROGRAM") =>
            {
                self.note(Findings::PROGRAM);
            }
            TokenKind::Word(Keyword::Other) => {}
            TokenKind::Word(keyword) => self.take_keyword(keyword, lexer.structure_is_disputed()),
            TokenKind::StringLiteral => self.take_string(),
            TokenKind::OpenParen => self.take_opening_parenthesis(lexer),
            TokenKind::CloseParen => self.take_closing_parenthesis(),
            TokenKind::Comma if self.nesting.is_join_condition() => self.distrust_calls(),
            TokenKind::At => {
                self.note(Findings::USER_VARIABLE);
                if self.recent.ends_with(Keyword::Into) {
                    self.note(Findings::ASSIGNMENT);
                }
            }
            TokenKind::Equals
                if self.recent.last.kind == TokenKind::Colon
                    && self.has(Findings::USER_VARIABLE)
                    && !is_own_variable(self.recent.second_last) =>
            {
                self.note(Findings::ASSIGNMENT);
            }
            _ => {}
        }
        if self.target != TargetTable::Elsewhere {
            self.target = self.target.after(token);
        }
        self.recent.push(token, lexer.last_token_is_disputed());
    }

    fn take_opening_parenthesis(&mut self, lexer: &mut Lexer<'a>) {
        if self.is_unknown_call(lexer) && !lexer.collect_call(self.call()) {
            self.note(Findings::UNKNOWN_CALL);
        }
        self.nesting.open();
    }

    fn take_closing_parenthesis(&mut self) {
        if !self.nesting.close() {
            self.note(Findings::UNBALANCED);
        }
    }

    /// Takes a string, which names a table where a name is expected.
    fn take_string(&mut self) {
        let names_table = match self.recent.last.kind {
            TokenKind::Dot
            | TokenKind::Word(
                Keyword::Update | Keyword::Into | Keyword::Join | Keyword::Table | Keyword::Replace,
            ) => true,
            TokenKind::Word(Keyword::From) => {
                !self.recent.second_last.is_keyword(Keyword::Distinct)
            }
            // `UPDATE OR FAIL 'posts'`.
            TokenKind::Word(_) => self.recent.second_last.is_keyword(Keyword::Or),
            _ => false,
        };
        if names_table {
            self.note(Findings::TABLE_IN_STRING);
        }
    }
}
