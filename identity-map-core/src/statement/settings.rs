//! `SET` and `PRAGMA`. A harmless setting changes how values look or how long things take; any
//! other may change which rows there are.

use super::lexer::{Lexer, Token, TokenKind};
use super::meaning::Meaning;

const HARMLESS_VARIABLES: &[&str] = &[
    "TIME",
    "TIMEZONE",
    "time_zone",
    "NAMES",
    "CHARACTER",
    "CHARSET",
    "CLIENT_ENCODING",
    "TRANSACTION",
    "CHARACTERISTICS",
    "CONSTRAINTS",
    "application_name",
    "statement_timeout",
    "lock_timeout",
    "idle_in_transaction_session_timeout",
    "client_min_messages",
    "foreign_key_checks",
    "unique_checks",
    "character_set_client",
    "character_set_connection",
    "character_set_results",
    "wait_timeout",
    "DateStyle",
];

const HARMLESS_PRAGMAS: &[&str] = &[
    "analysis_limit",
    "application_id",
    "auto_vacuum",
    "automatic_index",
    "busy_timeout",
    "cache_size",
    "cache_spill",
    "cell_size_check",
    "checkpoint_fullfsync",
    "collation_list",
    "compile_options",
    "data_version",
    "database_list",
    "defer_foreign_keys",
    "foreign_key_check",
    "foreign_key_list",
    "foreign_keys",
    "freelist_count",
    "fullfsync",
    "function_list",
    "hard_heap_limit",
    "index_info",
    "index_list",
    "index_xinfo",
    "integrity_check",
    "journal_mode",
    "journal_size_limit",
    "locking_mode",
    "max_page_count",
    "mmap_size",
    "module_list",
    "optimize",
    "page_count",
    "page_size",
    "pragma_list",
    "query_only",
    "quick_check",
    "recursive_triggers",
    "secure_delete",
    "soft_heap_limit",
    "synchronous",
    "table_info",
    "table_list",
    "table_xinfo",
    "threads",
    "user_version",
    "wal_autocheckpoint",
    "wal_checkpoint",
];

/// What follows `SET`.
pub(super) fn classify_set(lexer: &mut Lexer<'_>) -> Meaning {
    let Some(first) = next_setting(lexer) else {
        return Meaning::OtherRows;
    };
    let mut is_harmless = first.is_harmless;
    let mut has_call = false;
    // What stands behind the last comma is no harmless variable. So it must be a value, and nothing may
    // be assigned to it.
    let mut is_value = false;
    let mut next = first.next;
    while let Some(token) = next {
        if token.kind == TokenKind::Comma {
            // MySQL sets several variables at once; to PostgreSQL it is a list of values.
            let Some(another) = next_setting(lexer) else {
                return Meaning::OtherRows;
            };
            is_value = !another.is_harmless;
            is_harmless &= another.is_harmless || another.may_be_value;
            next = another.next;
            continue;
        }
        // Another snapshot has other rows.
        if token.is_word("SNAPSHOT") || is_value && token.kind == TokenKind::Equals {
            is_harmless = false;
        }
        has_call |= token.kind == TokenKind::OpenParen;
        next = lexer.next_token();
    }
    let is_disputed = lexer.structure_is_disputed() || lexer.words_are_disputed();
    if !is_harmless || is_disputed || lexer.error().is_some() {
        Meaning::OtherRows
    } else if has_call {
        Meaning::Everything
    } else {
        Meaning::Read
    }
}

/// A variable that is set, or a value behind a comma.
struct Setting<'a> {
    is_harmless: bool,
    may_be_value: bool,
    /// The token behind its name.
    next: Option<Token<'a>>,
}

fn next_setting<'a>(lexer: &mut Lexer<'a>) -> Option<Setting<'a>> {
    let mut name = lexer.next_token()?;
    let mut may_be_value = true;
    if name.kind == TokenKind::At {
        name = lexer.next_token()?;
        // `@x` is a variable of the user's, `@@x` one of the system's.
        if name.kind != TokenKind::At {
            return Some(Setting {
                is_harmless: false,
                may_be_value: false,
                next: lexer.next_token(),
            });
        }
        may_be_value = false;
        name = lexer.next_token()?;
        if name.is_word("SESSION") {
            let dot = lexer.next_token();
            name = lexer.next_token()?;
            if !dot.is_some_and(|dot| dot.kind == TokenKind::Dot) {
                return None;
            }
        }
    } else {
        while name.is_one_of(&["SESSION", "LOCAL"]) {
            may_be_value = false;
            name = lexer.next_token()?;
        }
    }
    let next = lexer.next_token();
    let is_known = name
        .identifier()
        .is_some_and(|text| is_one_of(text, HARMLESS_VARIABLES));
    // A variable with a dot in its name, such as `app.tenant`, belongs to the program.
    let has_dot = next.is_some_and(|next| next.kind == TokenKind::Dot);
    Some(Setting {
        is_harmless: is_known && !has_dot,
        may_be_value,
        next,
    })
}

/// What follows `PRAGMA`.
pub(super) fn classify_pragma(lexer: &mut Lexer<'_>) -> Meaning {
    let mut name = lexer.next_token();
    let behind_name = lexer.next_token();
    if behind_name.is_some_and(|token| token.kind == TokenKind::Dot) {
        // What came before the dot was a schema.
        name = lexer.next_token();
    }
    let is_known = name
        .and_then(Token::identifier_or_string)
        .is_some_and(|name| is_one_of(name, HARMLESS_PRAGMAS));
    if is_known {
        Meaning::Read
    } else {
        Meaning::Everything
    }
}

fn is_one_of(name: &str, list: &[&str]) -> bool {
    list.iter()
        .any(|candidate| name.eq_ignore_ascii_case(candidate))
}
