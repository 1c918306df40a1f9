//! The `SET` of MySQL and MariaDB, which may assign to several variables at once.

use super::change::{
    CompletionType, IsolationLevel, SessionChange, SessionChanges, SettingValue, Span, Switch,
};
use super::isolation;
use super::kind::SettingKind;
use super::names::mysql::KNOWN;
use crate::statement::lexer::{Token, TokenKind};
use crate::statement::token_reader::{TokenReader, Value};

/// What Diesel sets when it establishes a connection. `DEFAULT` is then something else.
const SET_BY_DIESEL: [(&str, &str); 4] = [
    ("character_set_client", "utf8mb4"),
    ("character_set_connection", "utf8mb4"),
    ("character_set_results", "utf8mb4"),
    ("time_zone", "+00:00"),
];

/// What a variable is in the text of an assignment.
struct Target {
    name: String,
    /// `None` for `@@x`, which is `x` of the session, but where it is about a transaction.
    span: Option<Span>,
}

/// What follows `SET`; `None` if MySQL has no such statement, or it is no list of variables.
pub(super) fn read_set(mut rest: TokenReader<'_, '_>) -> Option<SessionChanges> {
    if let Some(change) = read_set_transaction(rest) {
        return Some(change);
    }
    if rest.take_words(&["PASSWORD"]) {
        return None;
    }
    if rest.take_words(&["ROLE"]) {
        return Some(setting("role", Span::Session, SettingValue::Other));
    }
    let mut changes = SessionChanges::default();
    for assignment in assignments(rest.0) {
        changes = changes.and(read_assignment(TokenReader(assignment))?);
    }
    Some(changes)
}

/// `[GLOBAL | SESSION | LOCAL] TRANSACTION ..`
fn read_set_transaction(mut rest: TokenReader<'_, '_>) -> Option<SessionChanges> {
    let span = take_scope(&mut rest).unwrap_or(Span::NextTransaction);
    rest.take_words(&["TRANSACTION"])
        .then(|| SessionChanges::isolation(isolation::level_in(rest), span))
}

/// The parts between the commas that stand in no parentheses.
fn assignments<'t, 'a>(tokens: &'t [Token<'a>]) -> impl Iterator<Item = &'t [Token<'a>]> {
    let mut depth = 0_usize;
    tokens.split(move |token| {
        match token.kind {
            TokenKind::OpenParen => depth += 1,
            TokenKind::CloseParen => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && token.kind == TokenKind::Comma
    })
}

fn read_assignment(mut rest: TokenReader<'_, '_>) -> Option<SessionChanges> {
    if rest.take_words(&["NAMES"]) {
        return read_character_set(
            rest.value(),
            &["character_set_connection", "collation_connection"],
        );
    }
    if rest.take_words(&["CHARACTER", "SET"]) || rest.take_words(&["CHARSET"]) {
        // The set of the connection becomes that of the database.
        let changes = read_character_set(rest.value(), &[])?;
        return Some(changes.and(both_of_connection(Span::Session, SettingValue::Other)));
    }
    let target = take_target(&mut rest)?;
    rest.take_sign(TokenKind::Colon);
    if !rest.take_sign(TokenKind::Equals) || rest.0.is_empty() {
        return None;
    }
    let value = rest.value();
    let mut changes = if value.assigns() {
        SessionChanges::one(SessionChange::Anything)
    } else {
        assign(target, value)
    };
    changes.may_write |= value.has_parenthesis();
    Some(changes)
}

fn take_target(rest: &mut TokenReader<'_, '_>) -> Option<Target> {
    if !rest.take_sign(TokenKind::At) {
        let span = take_scope(rest).unwrap_or(Span::Session);
        let name = rest.take_name()?;
        return Some(Target {
            name,
            span: Some(span),
        });
    }
    if !rest.take_sign(TokenKind::At) {
        let name = rest.next()?.identifier_or_string()?;
        return Some(Target {
            name: format!("@{}", name.to_lowercase()),
            span: Some(Span::Session),
        });
    }
    let name = rest.take_name()?;
    let scope = name
        .split_once('.')
        .and_then(|(scope, name)| Some((span_of(scope)?, name)));
    Some(match scope {
        Some((span, name)) => Target {
            name: name.to_owned(),
            span: Some(span),
        },
        None => Target { name, span: None },
    })
}

fn take_scope(rest: &mut TokenReader<'_, '_>) -> Option<Span> {
    let span = span_of(rest.0.first().filter(|token| token.is_any_word())?.text)?;
    rest.next();
    Some(span)
}

fn span_of(scope: &str) -> Option<Span> {
    match scope.to_ascii_lowercase().as_str() {
        "session" | "local" => Some(Span::Session),
        "global" | "persist" | "persist_only" => Some(Span::Global),
        _ => None,
    }
}

fn assign(target: Target, value: Value<'_, '_>) -> SessionChanges {
    let Target { name, span } = target;
    let span_of_session = span.unwrap_or(Span::Session);
    if matches!(name.as_str(), "tx_isolation" | "transaction_isolation") {
        let span = span.unwrap_or(Span::NextTransaction);
        return SessionChanges::isolation(Some(level(value)), span);
    }
    if name.starts_with('@') {
        // A variable that nobody has set is null.
        let to = if value.is_word("NULL") {
            SettingValue::Baseline
        } else {
            SettingValue::Other
        };
        return setting(&name, Span::Session, to);
    }
    if span_of_session == Span::Session {
        match name.as_str() {
            "autocommit" => return SessionChanges::one(SessionChange::Autocommit(switch(value))),
            "completion_type" => {
                return SessionChanges::one(SessionChange::CompletionType(completion_type(value)));
            }
            _ => {}
        }
    }
    let set_by_diesel = SET_BY_DIESEL.iter().find(|(known, _)| *known == name);
    let is_baseline = match set_by_diesel {
        Some((_, baseline)) => value.is_one_of(&[baseline]),
        None => value.is_default(),
    };
    let to = if is_baseline {
        SettingValue::Baseline
    } else {
        SettingValue::Other
    };
    match name.as_str() {
        // Each of them changes the other; a character set, to a collation that Diesel had as well.
        "character_set_connection" | "collation_connection" => {
            let to = if name == "collation_connection" {
                SettingValue::Other
            } else {
                to
            };
            both_of_connection(span_of_session, to)
        }
        _ => setting(&name, span_of_session, to),
    }
}

/// What follows `NAMES` or `CHARACTER SET`, which change the sets of the client, of the results and of
/// `others`.
fn read_character_set(value: Value<'_, '_>, others: &[&str]) -> Option<SessionChanges> {
    let to = if value.is_one_of(&["utf8mb4"]) {
        SettingValue::Baseline
    } else {
        SettingValue::Other
    };
    let names = ["character_set_client", "character_set_results"];
    (!value.is_empty()).then(|| {
        names
            .iter()
            .chain(others)
            .map(|name| setting(name, Span::Session, to))
            .fold(SessionChanges::default(), SessionChanges::and)
    })
}

fn both_of_connection(span: Span, to: SettingValue) -> SessionChanges {
    setting("character_set_connection", span, to).and(setting("collation_connection", span, to))
}

fn level(value: Value<'_, '_>) -> IsolationLevel {
    if value.is_default() {
        return IsolationLevel::Baseline;
    }
    match value.text().unwrap_or_default() {
        "0" => IsolationLevel::ReadUncommitted,
        "1" => IsolationLevel::ReadCommitted,
        "2" => IsolationLevel::RepeatableRead,
        "3" => IsolationLevel::Serializable,
        name => isolation::level_of_name(name),
    }
}

fn switch(value: Value<'_, '_>) -> Switch {
    if value.is_on() {
        Switch::On
    } else if value.is_off() {
        Switch::Off
    } else {
        Switch::Unclear
    }
}

fn completion_type(value: Value<'_, '_>) -> CompletionType {
    if value.is_one_of(&["0", "NO_CHAIN"]) {
        CompletionType::NoChain
    } else if value.is_one_of(&["1", "CHAIN"]) {
        CompletionType::Chain
    } else if value.is_one_of(&["2", "RELEASE"]) {
        CompletionType::Release
    } else {
        CompletionType::Unclear
    }
}

fn setting(name: &str, span: Span, to: SettingValue) -> SessionChanges {
    // What the program, or a routine of its, makes of a variable of its own is not known.
    let kind = if name.starts_with('@') {
        SettingKind::ChangesRows
    } else {
        KNOWN.kind(name)
    };
    SessionChanges::setting(kind, name.to_owned(), span, to)
}
