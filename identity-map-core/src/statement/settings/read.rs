//! Which database's product a statement is read by.

use super::change::{SessionChange, SessionChanges, Span};
use super::{isolation, mysql, postgres, sqlite};
use crate::product::Product;
use crate::statement::Meaning;
use crate::statement::classified_statement::ClassifiedStatement;
use crate::statement::lexer::Token;
use crate::statement::token_reader::{
    TokenReader, undisputed_tokens, undisputed_tokens_with_set_config,
};

impl ClassifiedStatement<'_> {
    /// What the statement changes of the session, or of the transaction that it begins, by the product of
    /// the database. Where that is not known, by all of them at once.
    pub(crate) fn session_changes(&self, product: Product) -> SessionChanges {
        match self.meaning {
            Meaning::Begin => undisputed_tokens(self.text).map_or_else(
                || self.anything(),
                |tokens| {
                    let level = isolation::level_in(TokenReader(&tokens));
                    SessionChanges::isolation(level, Span::Transaction)
                },
            ),
            Meaning::ChangeSession => undisputed_tokens(self.text)
                .and_then(|tokens| read(&tokens, product))
                .or_else(|| read_set_config(self.text, product))
                .unwrap_or_else(|| self.anything()),
            _ => SessionChanges::default(),
        }
    }

    fn anything(&self) -> SessionChanges {
        SessionChanges {
            changes: vec![SessionChange::Anything],
            may_write: !self.only_changes_settings(),
        }
    }
}

/// A statement that calls PostgreSQL's `set_config` and nothing else. `None`: it is another.
fn read_set_config(text: &str, product: Product) -> Option<SessionChanges> {
    if !matches!(product, Product::Postgres | Product::Unknown) {
        return None;
    }
    let tokens = undisputed_tokens_with_set_config(text)?;
    postgres::read_set_config(TokenReader(&tokens))
}

/// `None`: the statement is not understood.
fn read(tokens: &[Token<'_>], product: Product) -> Option<SessionChanges> {
    let mut rest = TokenReader(tokens);
    if rest.take_words(&["PRAGMA"]) {
        return sqlite::read_pragma(rest);
    }
    let may_be = |candidate| product == candidate || product == Product::Unknown;
    let of_postgres = may_be(Product::Postgres);
    if rest.take_words(&["RESET"]) {
        return of_postgres.then(|| postgres::read_reset(rest))?;
    }
    if rest.take_words(&["DISCARD"]) {
        return of_postgres.then(|| postgres::read_discard(rest))?;
    }
    if !rest.take_words(&["SET"]) {
        return None;
    }
    let by_postgres = of_postgres.then(|| postgres::read_set(rest)).flatten();
    let by_mysql = may_be(Product::Mysql)
        .then(|| mysql::read_set(rest))
        .flatten();
    either(by_postgres, by_mysql)
}

/// What a statement changes that is one of these two. A database that does not know the setting would
/// not take the statement.
fn either(one: Option<SessionChanges>, other: Option<SessionChanges>) -> Option<SessionChanges> {
    match (one, other) {
        (Some(one), Some(other)) => Some(match (one.are_known(), other.are_known()) {
            (true, false) => one,
            (false, true) => other,
            _ => one.and(other),
        }),
        (one, other) => one.or(other),
    }
}
