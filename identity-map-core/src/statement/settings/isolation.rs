//! The isolation level that a statement gives in words.

use super::change::IsolationLevel;
use crate::statement::token_reader::TokenReader;

/// The level behind the last `ISOLATION LEVEL`, among other options of a transaction.
pub(super) fn level_in(mut options: TokenReader<'_, '_>) -> Option<IsolationLevel> {
    let mut level = None;
    while !options.0.is_empty() {
        if options.take_words(&["ISOLATION", "LEVEL"]) {
            level = Some(take_level(&mut options));
        } else {
            options.next();
        }
    }
    level
}

fn take_level(words: &mut TokenReader<'_, '_>) -> IsolationLevel {
    if words.take_words(&["READ", "UNCOMMITTED"]) {
        IsolationLevel::ReadUncommitted
    } else if words.take_words(&["READ", "COMMITTED"]) {
        IsolationLevel::ReadCommitted
    } else if words.take_words(&["REPEATABLE", "READ"]) {
        IsolationLevel::RepeatableRead
    } else if words.take_words(&["SERIALIZABLE"]) {
        IsolationLevel::Serializable
    } else {
        IsolationLevel::Unclear
    }
}

/// The level of this name. PostgreSQL has a space between two words, MySQL a hyphen.
pub(super) fn level_of_name(name: &str) -> IsolationLevel {
    match name.to_ascii_lowercase().replace(' ', "-").as_str() {
        "read-uncommitted" => IsolationLevel::ReadUncommitted,
        "read-committed" => IsolationLevel::ReadCommitted,
        "repeatable-read" => IsolationLevel::RepeatableRead,
        "serializable" => IsolationLevel::Serializable,
        _ => IsolationLevel::Unclear,
    }
}
