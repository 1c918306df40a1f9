//! Which tables the statements of a text write to: [`table_writes`].

use super::classified_statement::ClassifiedStatement;
use super::lexer::{Keyword, Lexer, Token, TokenKind};
use super::operations::Operations;
use super::token_reader::undisputed_tokens;

/// A name as SQL spells it, without quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ObjectName<'a> {
    pub(crate) schema: Option<&'a str>,
    pub(crate) name: &'a str,
}

/// One change of rows in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableWrite<'a> {
    pub(crate) operations: Operations,
    /// The table is among them, and perhaps its alias.
    pub(crate) targets: Vec<ObjectName<'a>>,
    /// The columns that an update assigns are among them.
    pub(crate) assigned: Vec<&'a str>,
    /// Rows that are in the way are replaced: `OR REPLACE`, which holds for SQLite's triggers too.
    pub(crate) replaces: bool,
}

/// The changes of rows in the tokens of one statement, however deep they stand in it.
pub(super) fn table_writes<'a>(tokens: &[Token<'a>]) -> Vec<TableWrite<'a>> {
    let mut writes = Vec::new();
    let merges = tokens.iter().any(|token| token.is_keyword(Keyword::Merge));
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| tokens[before]);
        // What a `MERGE` does is done to its own table.
        if merges && before.is_some_and(|before| before.is_keyword(Keyword::Then)) {
            continue;
        }
        let Some((operations, end)) = verb(*token, before, tokens.get(at + 1)) else {
            continue;
        };
        let rest = &tokens[at + 1..];
        let target = &rest[..rest.iter().position(end).unwrap_or(rest.len())];
        writes.push(TableWrite {
            operations: operations | upsert(operations, rest),
            targets: names(target).collect(),
            assigned: assigned(rest),
            replaces: token.is_keyword(Keyword::Replace),
        });
    }
    writes
}

/// What the change does that begins with this token, and where the name of its table ends.
fn verb(
    token: Token<'_>,
    before: Option<Token<'_>>,
    after: Option<&Token<'_>>,
) -> Option<(Operations, fn(&Token<'_>) -> bool)> {
    let TokenKind::Word(keyword) = token.kind else {
        return None;
    };
    let is_behind = |words: &[Keyword]| {
        before.is_some_and(|before| words.iter().any(|word| before.is_keyword(*word)))
    };
    let is_call = after.is_some_and(|after| after.kind == TokenKind::OpenParen);
    let is_dotted = before.is_some_and(|before| before.kind == TokenKind::Dot)
        || after.is_some_and(|after| after.kind == TokenKind::Dot);
    if is_dotted {
        return None;
    }
    let ends_values: fn(&Token<'_>) -> bool = |token| {
        token.kind == TokenKind::OpenParen
            || [
                Keyword::Values,
                Keyword::Select,
                Keyword::Set,
                Keyword::Default,
                Keyword::With,
                Keyword::Using,
                Keyword::From,
                Keyword::Table,
            ]
            .iter()
            .any(|end| token.is_keyword(*end))
    };
    let ends_at_set: fn(&Token<'_>) -> bool = |token| token.is_keyword(Keyword::Set);
    let ends_at_where: fn(&Token<'_>) -> bool =
        |token| token.is_keyword(Keyword::Where) || token.is_keyword(Keyword::Returning);
    match keyword {
        Keyword::Insert if !is_call => Some((Operations::INSERT, ends_values)),
        // `CREATE OR REPLACE`, `INSERT OR REPLACE`, `ON CONFLICT REPLACE`.
        Keyword::Replace if !is_call => {
            Some((Operations::INSERT | Operations::DELETE, ends_values))
        }
        // `FOR UPDATE`, `ON UPDATE CASCADE`, `DO UPDATE SET`, `ON DUPLICATE KEY UPDATE`.
        Keyword::Update
            if !is_call
                && !is_behind(&[Keyword::For, Keyword::On, Keyword::Do, Keyword::Key])
                && !before.is_some_and(|before| before.is_one_of(&["NO"])) =>
        {
            Some((Operations::UPDATE | Operations::MOVE, ends_at_set))
        }
        Keyword::Delete if !is_call && !is_behind(&[Keyword::On]) => {
            Some((Operations::DELETE, ends_at_where))
        }
        Keyword::Merge if !is_call => Some((Operations::ALL, ends_values)),
        Keyword::Other if token.is_word("TRUNCATE") && !is_call => {
            Some((Operations::DELETE, ends_at_where))
        }
        Keyword::Other if token.is_word("COPY") && !is_call => {
            Some((Operations::INSERT, ends_values))
        }
        Keyword::Other if token.is_one_of(&["INFILE"]) => Some((Operations::ALL, ends_at_set)),
        _ => None,
    }
}

/// What an `INSERT` does with rows that are there already.
fn upsert(operations: Operations, rest: &[Token<'_>]) -> Operations {
    let inserts = operations.contains(Operations::INSERT);
    let updates = inserts
        && rest.windows(2).any(|pair| {
            pair[1].is_keyword(Keyword::Update)
                && (pair[0].is_keyword(Keyword::Do) || pair[0].is_keyword(Keyword::Key))
        });
    if updates {
        Operations::UPDATE | Operations::MOVE
    } else {
        Operations::NONE
    }
}

/// The names in a part of a statement: `app.posts` is one name with a schema.
pub(super) fn names<'a>(tokens: &[Token<'a>]) -> impl Iterator<Item = ObjectName<'a>> {
    let is_behind_dot = |at: usize| at > 0 && tokens[at - 1].kind == TokenKind::Dot;
    let is_before_dot = move |at: usize| {
        let next = tokens.get(at + 1);
        next.is_some_and(|next| next.kind == TokenKind::Dot)
    };
    (0..tokens.len()).filter_map(move |at| {
        if is_before_dot(at) {
            return None;
        }
        let name = tokens[at].identifier_or_string()?;
        let schema = is_behind_dot(at)
            .then(|| tokens.get(at.wrapping_sub(2)))
            .flatten();
        let schema = schema.and_then(|schema| schema.identifier_or_string());
        Some(ObjectName { schema, name })
    })
}

/// The names between each `SET` (or `UPDATE`, in MySQL's upsert) and its `WHERE`.
fn assigned<'a>(rest: &[Token<'a>]) -> Vec<&'a str> {
    let mut is_assigning = false;
    let mut names = Vec::new();
    for token in rest {
        if token.is_keyword(Keyword::Set) || token.is_keyword(Keyword::Update) {
            is_assigning = true;
        } else if token.is_keyword(Keyword::Where) {
            is_assigning = false;
        } else if is_assigning && let Some(name) = token.identifier_or_string() {
            names.push(name);
        }
    }
    names
}

impl<'a> ClassifiedStatement<'a> {
    /// The changes of rows in it; `None` where databases do not agree on how it reads.
    pub(crate) fn table_writes(&self) -> Option<Vec<TableWrite<'a>>> {
        undisputed_tokens(self.text).map(|tokens| table_writes(&tokens))
    }

    /// The names in it.
    pub(crate) fn object_names(&self) -> Vec<ObjectName<'a>> {
        names_in(self.text)
    }
}

/// The names in a text.
pub(crate) fn names_in(text: &str) -> Vec<ObjectName<'_>> {
    let mut lexer = Lexer::new(text);
    let mut tokens = Vec::new();
    loop {
        match lexer.next_token() {
            Some(token) => tokens.push(token),
            None if lexer.continue_past_semicolon() => {}
            None => return names(&tokens).collect(),
        }
    }
}
