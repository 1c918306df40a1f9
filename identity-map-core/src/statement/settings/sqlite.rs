//! SQLite's `PRAGMA`.

use super::change::{IsolationLevel, SessionChange, SessionChanges, SettingValue, Span};
use super::kind::SettingKind;
use super::names::sqlite::{KNOWN, ON_BY_ITSELF};
use crate::statement::lexer::TokenKind;
use crate::statement::token_reader::{TokenReader, Value};

/// What follows `PRAGMA`.
pub(super) fn read_pragma(mut rest: TokenReader<'_, '_>) -> Option<SessionChanges> {
    let mut name = rest.next()?.identifier_or_string()?;
    if rest.take_sign(TokenKind::Dot) {
        // What came before the dot was a schema.
        name = rest.next()?.identifier_or_string()?;
    }
    let name = name.to_ascii_lowercase();
    let kind = KNOWN.kind(&name);
    if rest.0.is_empty() {
        // Only asks for a value; but what an unknown one does is unknown.
        return Some(match kind {
            SettingKind::Unknown => unknown(name),
            _ => SessionChanges::default(),
        });
    }
    let value = take_value(rest)?;
    Some(match name.as_str() {
        "read_uncommitted" => {
            let level = if value.is_off() {
                IsolationLevel::Baseline
            } else {
                IsolationLevel::ReadUncommitted
            };
            SessionChanges::isolation(Some(level), Span::Session)
        }
        // Moves the temporary objects elsewhere by dropping them.
        "temp_store" | "temp_store_directory" => SessionChanges::one(SessionChange::DropTemporary),
        // The schema may be read anew, and be another one.
        "schema_version" | "writable_schema" => SessionChanges {
            may_write: true,
            ..change(kind, name, value)
        },
        _ => change(kind, name, value),
    })
}

/// The value in `= value` or `(value)`.
fn take_value<'t, 'a>(mut rest: TokenReader<'t, 'a>) -> Option<Value<'t, 'a>> {
    if rest.take_sign(TokenKind::Equals) {
        return Some(rest.value());
    }
    rest.take_sign(TokenKind::OpenParen).then_some(())?;
    let (last, value) = rest.0.split_last()?;
    (last.kind == TokenKind::CloseParen).then(|| TokenReader(value).value())
}

fn change(kind: SettingKind, name: String, value: Value<'_, '_>) -> SessionChanges {
    let is_baseline = if ON_BY_ITSELF.contains(&name.as_str()) {
        value.is_on()
    } else {
        value.is_off()
    };
    let to = if is_baseline && kind == SettingKind::ChangesRows {
        SettingValue::Baseline
    } else {
        SettingValue::Other
    };
    SessionChanges::setting(kind, name, Span::Session, to)
}

fn unknown(name: String) -> SessionChanges {
    SessionChanges::setting(
        SettingKind::Unknown,
        name,
        Span::Session,
        SettingValue::Other,
    )
}
