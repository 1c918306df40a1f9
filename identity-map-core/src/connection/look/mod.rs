//! What a statement's text says of what it may change: [`statements`].
//!
//! The text comes without bound values, and in one of three dialects. The rule is never to judge
//! a statement to change less than it may: too much costs time, too little a stale object.

mod functions;
mod lexer;
mod select;
mod settings;
#[cfg(test)]
mod tests;

use functions::{is_harmless, is_syntax};
use lexer::{Kind, Lexer, Token};

/// What one statement means for what its connection's maps hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Changes no rows of any table, and nothing of the session.
    Read,
    /// Adds rows, and changes none that were there.
    Insert,
    /// Changes or removes rows of tables that are among its identifiers.
    Write,
    /// May have changed any rows.
    Everything,
    /// The session may now see other rows, and any rows may have changed.
    OtherRows,
    Begin,
    Savepoint,
    Release,
    RollbackTo,
    Commit,
    Rollback,
    /// Where the transaction stands cannot be said any more.
    LostTransaction,
}

/// One statement of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Statement<'a> {
    pub(super) meaning: Meaning,
    text: &'a str,
}

impl<'a> Statement<'a> {
    /// Every identifier and keyword, in order, without quotes; the parts of a qualified name one
    /// by one.
    pub(super) fn identifiers(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        Lexer::new(self.text)
            .filter(|token| matches!(token.kind, Kind::Word | Kind::Quoted))
            .map(|token| token.text)
    }

    /// The name of the savepoint, in lower case.
    pub(super) fn savepoint(&self) -> Option<String> {
        let skipped = [
            "rollback",
            "work",
            "transaction",
            "to",
            "release",
            "savepoint",
        ];
        let tokens = Lexer::new(self.text);
        let is_skipped = |token: &Token<'_>| token.kind == Kind::Word && one_of(token, &skipped);
        let name = tokens.into_iter().find(|token| !is_skipped(token));
        name.filter(|token| matches!(token.kind, Kind::Word | Kind::Quoted))
            .map(|token| token.text.to_ascii_lowercase())
    }
}

/// The statements of a text, in order.
pub(super) fn statements(sql: &str) -> Statements<'_> {
    Statements {
        sql,
        lexer: Lexer::new(sql),
        in_body: false,
    }
}

/// Whether the whole text reads and does nothing else.
pub(super) fn is_read(sql: &str) -> bool {
    select::surely_reads(sql) || statements(sql).all(|statement| statement.meaning == Meaning::Read)
}

pub(super) struct Statements<'a> {
    sql: &'a str,
    lexer: Lexer<'a>,
    /// Behind the head of a `CREATE TRIGGER` or its like: what follows may be its body.
    in_body: bool,
}

impl<'a> Iterator for Statements<'a> {
    type Item = Statement<'a>;

    fn next(&mut self) -> Option<Statement<'a>> {
        let first = self
            .lexer
            .by_ref()
            .find(|token| !matches!(token.kind, Kind::Semicolon | Kind::Open))?;
        let (mut meaning, end, lost) = self.read(first);
        if lost {
            // The first word is sure, and nothing can stand behind it without a semicolon.
            let rest = &self.sql[first.start..];
            let single = first.kind == Kind::Word && !rest.contains(';');
            let harmless = matches!(
                meaning,
                Meaning::Read | Meaning::Insert | Meaning::Write | Meaning::Everything
            );
            meaning = if single && harmless && !calls_set_config(rest) {
                Meaning::Everything
            } else {
                Meaning::LostTransaction
            };
        }
        if self.in_body {
            meaning = match meaning {
                // The end of a block.
                Meaning::Commit if is(&first, "end") => Meaning::Read,
                Meaning::Begin
                | Meaning::Savepoint
                | Meaning::Release
                | Meaning::RollbackTo
                | Meaning::Commit
                | Meaning::Rollback => Meaning::LostTransaction,
                other => other,
            };
        }
        Some(Statement {
            meaning,
            text: &self.sql[first.start..end],
        })
    }
}

fn is(token: &Token<'_>, word: &str) -> bool {
    token.text.eq_ignore_ascii_case(word)
}

fn one_of(token: &Token<'_>, words: &[&str]) -> bool {
    words.iter().any(|word| is(token, word))
}

fn calls_set_config(sql: &str) -> bool {
    const NAME: &[u8] = b"set_config";
    sql.as_bytes()
        .windows(NAME.len())
        .any(|window| window.eq_ignore_ascii_case(NAME))
}

/// How the first word of a statement is read on.
enum Kinds {
    Query,
    Write(Meaning),
    Fixed(Meaning),
    Set,
    Transaction(Meaning),
    Create,
}

fn kind_of(first: &Token<'_>) -> Kinds {
    if first.kind != Kind::Word {
        return Kinds::Fixed(Meaning::Everything);
    }
    if one_of(
        first,
        &[
            "select", "with", "values", "table", "declare", "copy", "explain",
        ],
    ) {
        return Kinds::Query;
    }
    if is(first, "insert") {
        return Kinds::Write(Meaning::Insert);
    }
    if one_of(first, &["update", "delete", "replace", "merge", "truncate"]) {
        return Kinds::Write(Meaning::Write);
    }
    if one_of(
        first,
        &[
            "show",
            "describe",
            "desc",
            "pragma",
            "listen",
            "notify",
            "unlisten",
            "fetch",
            "move",
            "close",
            "deallocate",
            "checkpoint",
            "vacuum",
            "reindex",
            "comment",
            "kill",
        ],
    ) {
        return Kinds::Fixed(Meaning::Read);
    }
    if is(first, "set") {
        return Kinds::Set;
    }
    let transaction = [
        ("begin", Meaning::Begin),
        ("start", Meaning::Begin),
        ("savepoint", Meaning::Savepoint),
        ("release", Meaning::Release),
        ("commit", Meaning::Commit),
        ("end", Meaning::Commit),
        ("rollback", Meaning::Rollback),
        ("abort", Meaning::Rollback),
    ];
    for (word, meaning) in transaction {
        if is(first, word) {
            return Kinds::Transaction(meaning);
        }
    }
    if one_of(first, &["prepare", "lock", "unlock"]) {
        return Kinds::Transaction(Meaning::OtherRows);
    }
    if one_of(
        first,
        &[
            "reset", "discard", "use", "attach", "detach", "do", "call", "execute", "exec", "load",
            "xa",
        ],
    ) {
        return Kinds::Fixed(Meaning::OtherRows);
    }
    if one_of(first, &["create", "alter", "drop"]) {
        return Kinds::Create;
    }
    Kinds::Fixed(Meaning::Everything)
}

/// What has been seen of a statement.
#[allow(clippy::struct_excessive_bools)] // a list of sightings, not a state
struct Seen {
    set_config: bool,
    unknown_call: bool,
    /// INSERT, UPDATE, DELETE, MERGE or REPLACE behind the first word.
    writes: bool,
    /// ON CONFLICT, ON DUPLICATE, OR .., REPLACE: an insert that changes what is there.
    upserts: bool,
    into: bool,
    analyze: bool,
    /// Outside parentheses: what `COPY` copies from.
    from: bool,
}

impl<'a> Statements<'a> {
    /// Reads a statement to its end: its meaning, where it ends, and whether the lexer was lost.
    fn read(&mut self, first: Token<'a>) -> (Meaning, usize, bool) {
        let mut end = first.end;
        let mut lost = first.kind == Kind::Lost;
        let kind = kind_of(&first);
        let meaning = match kind {
            Kinds::Query | Kinds::Write(_) => {
                let (seen, at, was_lost) = self.body(&first);
                end = at.unwrap_or(end);
                lost |= was_lost;
                meaning_of(&first, &kind, &seen)
            }
            Kinds::Fixed(_) | Kinds::Set | Kinds::Transaction(_) | Kinds::Create => {
                let mut words: [Option<Token<'a>>; 6] = [None; 6];
                let mut count = 0;
                let mut set_config = false;
                for token in self.lexer.by_ref() {
                    match token.kind {
                        Kind::Semicolon => break,
                        Kind::Lost => lost = true,
                        Kind::Word | Kind::Quoted => {
                            set_config |= is(&token, "set_config");
                            if count < words.len() {
                                words[count] = Some(token);
                                count += 1;
                            }
                        }
                        _ => {}
                    }
                    end = token.end;
                }
                let text = &self.sql[first.end..end];
                let words = words.iter().flatten();
                let meaning = match kind {
                    Kinds::Fixed(meaning) => meaning,
                    Kinds::Set if settings::is_harmless(text) => Meaning::Read,
                    Kinds::Set => Meaning::OtherRows,
                    Kinds::Transaction(meaning) => transaction(meaning, &first, &words),
                    _ => {
                        let bodies = ["trigger", "function", "procedure", "event", "package"];
                        self.in_body |= words.clone().any(|word| one_of(word, &bodies));
                        Meaning::Everything
                    }
                };
                if set_config && meaning == Meaning::Read {
                    Meaning::OtherRows
                } else {
                    meaning
                }
            }
        };
        (meaning, end, lost)
    }

    /// Reads on behind the first word of a query or a write.
    fn body(&mut self, first: &Token<'a>) -> (Seen, Option<usize>, bool) {
        const DEEP: usize = 24;
        let mut seen = Seen {
            set_config: false,
            unknown_call: false,
            writes: false,
            upserts: is(first, "replace"),
            into: false,
            analyze: false,
            from: false,
        };
        let mut end = None;
        let mut lost = false;
        // By depth of parentheses: whether a call here may be one that writes.
        let mut effective = [!one_of(first, &["with", "declare", "copy", "explain"]); DEEP];
        let mut depth = 0;
        // Names that are followed by a list of columns, not of arguments.
        let mut naming = one_of(first, &["with", "copy"]);
        let mut previous = Some(*first);
        for token in self.lexer.by_ref() {
            match token.kind {
                Kind::Semicolon => break,
                Kind::Lost => lost = true,
                Kind::Open => {
                    if let Some(name) = previous.filter(|_| !naming)
                        && matches!(name.kind, Kind::Word | Kind::Quoted)
                    {
                        let plain = name.kind == Kind::Word;
                        seen.set_config |= is(&name, "set_config");
                        let known = is_harmless(name.text) || (plain && is_syntax(name.text));
                        seen.unknown_call |= !known && effective[depth.min(DEEP - 1)];
                    }
                    naming = false;
                    depth += 1;
                    effective[depth.min(DEEP - 1)] =
                        effective[(depth - 1).min(DEEP - 1)] || depth >= DEEP;
                }
                Kind::Close => {
                    naming = false;
                    depth = depth.saturating_sub(1);
                }
                Kind::Word => {
                    let before = previous.filter(|token| token.kind == Kind::Word);
                    seen.word(&token, before, &mut naming);
                    seen.from |= depth == 0 && is(&token, "from");
                    if let Some(effect) = clause(&token) {
                        effective[depth.min(DEEP - 1)] = effect;
                    }
                }
                Kind::Quoted | Kind::Dot => {}
                Kind::Comma | Kind::Literal | Kind::Other => naming = false,
            }
            end = Some(token.end);
            previous = Some(token);
        }
        (seen, end, lost)
    }
}

impl Seen {
    fn word(&mut self, token: &Token<'_>, before: Option<Token<'_>>, naming: &mut bool) {
        let after = |word| before.is_some_and(|before| is(&before, word));
        match token.text.len() {
            2 if is(token, "as") => *naming = true,
            2 if is(token, "or") => self.upserts |= after("insert"),
            4 if is(token, "into") => {
                self.into = true;
                *naming = true;
            }
            5 if is(token, "merge") => self.writes = true,
            6 if one_of(token, &["insert", "delete"]) => self.writes = true,
            // `FOR UPDATE`, `FOR NO KEY UPDATE` lock what they read.
            6 if is(token, "update") => {
                let key_update = after("key") && !self.upserts;
                self.writes |= !(after("for") || key_update);
            }
            7 if is(token, "replace") => self.writes |= !after("or"),
            7 if is(token, "analyze") => self.analyze = true,
            7 if is(token, "analyse") => self.analyze = true,
            8 if is(token, "conflict") => self.upserts = true,
            9 if is(token, "duplicate") => self.upserts = true,
            9 if is(token, "recursive") => *naming = true,
            _ => {}
        }
    }
}

/// A word that begins a clause: whether a call of an unknown function there may be a statement in
/// disguise. Nobody writes in a condition or an order; what stands there computes.
fn clause(token: &Token<'_>) -> Option<bool> {
    match token.text.len() {
        2 if is(token, "on") => Some(false),
        3 if is(token, "set") => Some(true),
        4 if one_of(token, &["from", "join"]) => Some(true),
        5 if one_of(token, &["where", "group", "order"]) => Some(false),
        6 if one_of(token, &["select", "values", "update"]) => Some(true),
        6 if is(token, "having") => Some(false),
        9 if is(token, "returning") => Some(true),
        _ => None,
    }
}

fn meaning_of(first: &Token<'_>, kind: &Kinds, seen: &Seen) -> Meaning {
    if seen.set_config {
        return Meaning::OtherRows;
    }
    if let Kinds::Write(meaning) = kind {
        return match meaning {
            _ if seen.unknown_call => Meaning::Everything,
            Meaning::Insert if seen.upserts || seen.writes => Meaning::Write,
            meaning => *meaning,
        };
    }
    if is(first, "explain") {
        return if seen.analyze {
            Meaning::Everything
        } else {
            Meaning::Read
        };
    }
    if seen.unknown_call {
        return Meaning::Everything;
    }
    if is(first, "copy") {
        return match (seen.writes, seen.from) {
            (true, _) => Meaning::Write,
            (false, true) => Meaning::Insert,
            (false, false) => Meaning::Read,
        };
    }
    if seen.writes {
        Meaning::Write
    } else if seen.into {
        Meaning::Everything
    } else {
        Meaning::Read
    }
}

fn transaction<'a, 't: 'a>(
    meaning: Meaning,
    first: &Token<'_>,
    words: &(impl Iterator<Item = &'a Token<'t>> + Clone),
) -> Meaning {
    let has = |word: &str| words.clone().any(|token| is(token, word));
    match meaning {
        Meaning::OtherRows => match (is(first, "prepare"), words.clone().next()) {
            (true, Some(second)) if is(second, "transaction") => Meaning::LostTransaction,
            (true, _) => Meaning::OtherRows,
            // MySQL commits when it locks tables, PostgreSQL reads `LOCK TABLE .. IN .. MODE`.
            (false, Some(_)) if is(first, "lock") && has("mode") => Meaning::Read,
            (false, _) => Meaning::LostTransaction,
        },
        Meaning::Commit | Meaning::Rollback => {
            if has("prepared") || (has("chain") && !has("no")) || (has("release") && !has("no")) {
                Meaning::LostTransaction
            } else if has("to") && meaning == Meaning::Rollback {
                Meaning::RollbackTo
            } else {
                meaning
            }
        }
        // `START SLAVE` and its like.
        Meaning::Begin if is(first, "start") && !has("transaction") => Meaning::Everything,
        meaning => meaning,
    }
}
