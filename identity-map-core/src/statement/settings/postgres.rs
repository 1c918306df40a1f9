//! PostgreSQL's `SET`, `RESET` and `DISCARD`.

use super::change::{
    IsolationLevel, SessionChange, SessionChanges, SettingChange, SettingValue, Span,
};
use super::isolation;
use super::kind::SettingKind;
use super::names::postgres::KNOWN;
use crate::statement::lexer::TokenKind;
use crate::statement::token_reader::{TokenReader, Value};

/// What Diesel sets when it establishes a connection. A `RESET` brings back what the server has, which
/// may be something else.
const SET_BY_DIESEL: [(&str, &[&str]); 2] = [
    ("client_encoding", &["UTF8", "UTF-8"]),
    ("timezone", &["UTC"]),
];

/// `RESET ALL` leaves the user that the session acts as.
const WHO: &[&str] = &["session_authorization", "role"];

/// Settings whose names begin so, with the extension that they are of, only log.
const EXTENSIONS_THAT_LOG: [&str; 2] = ["auto_explain.", "pg_stat_statements."];

/// What follows `SET`; `None` if PostgreSQL has no such statement.
pub(super) fn read_set(mut rest: TokenReader<'_, '_>) -> Option<SessionChanges> {
    let mut span = Span::Session;
    if rest.take_words(&["LOCAL"]) {
        span = Span::Transaction;
    } else if !is_about_session(rest) {
        rest.take_words(&["SESSION"]);
    }
    if rest.take_words(&["CONSTRAINTS"]) {
        return Some(SessionChanges {
            changes: Vec::new(),
            // Triggers that were deferred run now.
            may_write: rest.has_word("IMMEDIATE"),
        });
    }
    if rest.take_words(&["SESSION", "CHARACTERISTICS", "AS", "TRANSACTION"]) {
        return Some(default_isolation(isolation::level_in(rest), span));
    }
    if rest.take_words(&["TRANSACTION"]) {
        if rest.take_words(&["SNAPSHOT"]) {
            return Some(SessionChanges::one(SessionChange::Snapshot));
        }
        return Some(SessionChanges::isolation(
            isolation::level_in(rest),
            Span::Transaction,
        ));
    }
    let name = if let Some(name) = take_special_name(&mut rest) {
        name.to_owned()
    } else {
        let name = rest.take_name()?;
        if !rest.take_sign(TokenKind::Equals) && !rest.take_words(&["TO"]) {
            return None;
        }
        name
    };
    (!rest.0.is_empty()).then(|| change(name, span, rest.value()))
}

/// `SELECT set_config('name', value, is_local)`, where the value is a single literal or parameter.
pub(super) fn read_set_config(mut rest: TokenReader<'_, '_>) -> Option<SessionChanges> {
    if !rest.take_words(&["SELECT", "set_config"]) || !rest.take_sign(TokenKind::OpenParen) {
        return None;
    }
    let name = rest.next()?;
    if name.kind != TokenKind::StringLiteral || !rest.take_sign(TokenKind::Comma) {
        return None;
    }
    let value = rest.take_value()?;
    if !rest.take_sign(TokenKind::Comma) {
        return None;
    }
    let span = if rest.take_words(&["TRUE"]) {
        Span::Transaction
    } else if rest.take_words(&["FALSE"]) {
        Span::Session
    } else {
        return None;
    };
    if !rest.take_sign(TokenKind::CloseParen) {
        return None;
    }
    if rest.take_words(&["AS"]) {
        rest.next()?.identifier()?;
    }
    rest.0
        .is_empty()
        .then(|| change(name.text.to_ascii_lowercase(), span, value))
}

/// What follows `RESET`.
pub(super) fn read_reset(mut rest: TokenReader<'_, '_>) -> Option<SessionChanges> {
    if rest.take_words(&["ALL"]) {
        return Some(SessionChanges {
            changes: reset_all(),
            may_write: false,
        });
    }
    if rest.take_words(&["TRANSACTION", "ISOLATION", "LEVEL"]) {
        let level = Some(IsolationLevel::Baseline);
        return Some(SessionChanges::isolation(level, Span::Transaction));
    }
    let name = match take_special_name(&mut rest) {
        Some(name) => name.to_owned(),
        None => rest.take_name()?,
    };
    rest.0.is_empty().then(|| reset(name, Span::Session))
}

/// What follows `DISCARD`.
pub(super) fn read_discard(mut rest: TokenReader<'_, '_>) -> Option<SessionChanges> {
    let changes = if rest.take_words(&["ALL"]) {
        let mut changes = reset_all();
        for name in WHO {
            changes.push(SessionChange::Setting(SettingChange {
                name: (*name).to_owned(),
                is_known: true,
                span: Span::Session,
                to: SettingValue::Baseline,
            }));
        }
        changes.push(SessionChange::DropTemporary);
        changes
    } else if rest.take_words(&["TEMP"]) || rest.take_words(&["TEMPORARY"]) {
        vec![SessionChange::DropTemporary]
    } else if rest.take_words(&["PLANS"]) || rest.take_words(&["SEQUENCES"]) {
        Vec::new()
    } else {
        return None;
    };
    rest.0.is_empty().then_some(SessionChanges {
        changes,
        may_write: false,
    })
}

/// Whether the word `SESSION` that comes next is no span, but a part of what is set.
fn is_about_session(rest: TokenReader<'_, '_>) -> bool {
    let mut ahead = rest;
    ahead.take_words(&["SESSION", "AUTHORIZATION"])
        || ahead.take_words(&["SESSION", "CHARACTERISTICS"])
}

/// A setting that has a grammar of its own.
fn take_special_name(rest: &mut TokenReader<'_, '_>) -> Option<&'static str> {
    const SPECIAL: [(&[&str], &str); 7] = [
        (&["SESSION", "AUTHORIZATION"], "session_authorization"),
        (&["TIME", "ZONE"], "timezone"),
        (&["XML", "OPTION"], "xmloption"),
        (&["SCHEMA"], "search_path"),
        (&["NAMES"], "client_encoding"),
        (&["ROLE"], "role"),
        (&["SEED"], "seed"),
    ];
    let is_assigned = matches!(rest.0, [_, next, ..]
        if next.kind == TokenKind::Equals || next.is_word("TO") || next.kind == TokenKind::Dot);
    if is_assigned {
        return None;
    }
    SPECIAL
        .iter()
        .find(|(words, _)| rest.take_words(words))
        .map(|&(_, name)| name)
}

fn change(name: String, span: Span, value: Value<'_, '_>) -> SessionChanges {
    if value.is_default() || name == "timezone" && value.is_word("LOCAL") {
        return reset(name, span);
    }
    let level = || isolation::level_of_name(value.text().unwrap_or_default());
    match name.as_str() {
        "transaction_isolation" => {
            return SessionChanges::isolation(Some(level()), Span::Transaction);
        }
        "default_transaction_isolation" => return default_isolation(Some(level()), span),
        _ => {}
    }
    let set_by_diesel = SET_BY_DIESEL.iter().find(|(known, _)| *known == name);
    let to = match set_by_diesel {
        Some((_, values)) if value.is_one_of(values) => SettingValue::Baseline,
        _ => SettingValue::Other,
    };
    setting(name, span, to)
}

/// `RESET`, and `TO DEFAULT`: what the server gives a new connection, before Diesel sets anything.
fn reset(name: String, span: Span) -> SessionChanges {
    match name.as_str() {
        "transaction_isolation" => {
            let level = Some(IsolationLevel::Baseline);
            SessionChanges::isolation(level, Span::Transaction)
        }
        "default_transaction_isolation" => default_isolation(Some(IsolationLevel::Baseline), span),
        _ if SET_BY_DIESEL.iter().any(|(known, _)| *known == name) => {
            setting(name, span, SettingValue::Other)
        }
        _ => setting(name, span, SettingValue::Baseline),
    }
}

/// The level of the transactions that begin from now on.
fn default_isolation(level: Option<IsolationLevel>, span: Span) -> SessionChanges {
    // What holds until the end of a transaction is over before the next one begins.
    let level = level.filter(|_| span == Span::Session);
    SessionChanges::isolation(level, Span::Session)
}

fn reset_all() -> Vec<SessionChange> {
    let isolation = SessionChange::Isolation {
        level: IsolationLevel::Baseline,
        span: Span::Session,
    };
    let not_reset = SET_BY_DIESEL.iter().map(|(name, _)| {
        SessionChange::Setting(SettingChange {
            name: (*name).to_owned(),
            is_known: true,
            span: Span::Session,
            to: SettingValue::Other,
        })
    });
    [SessionChange::ResetAll { except: WHO }, isolation]
        .into_iter()
        .chain(not_reset)
        .collect()
}

fn setting(name: String, span: Span, to: SettingValue) -> SessionChanges {
    SessionChanges::setting(kind(&name), name, span, to)
}

fn kind(name: &str) -> SettingKind {
    if EXTENSIONS_THAT_LOG
        .iter()
        .any(|prefix| name.starts_with(prefix))
    {
        return SettingKind::Harmless;
    }
    // A setting with a dot in its name belongs to an extension or to the program, whose policies and
    // views read it.
    if name.contains('.') {
        return SettingKind::ChangesRows;
    }
    KNOWN.kind(name)
}
