//! `SET` and `PRAGMA`: settings that change how values look or how long things take, and those
//! that change which rows there are.

use super::lexer::{Lexer, Token, TokenKind};
use super::meaning::Meaning;

const HARMLESS: &[&str] = &[
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

/// What follows `SET`.
pub(super) fn set(lexer: &mut Lexer<'_>) -> Meaning {
    let Some(first) = setting(lexer) else {
        return Meaning::OtherRows;
    };
    let mut harmless = first.harmless;
    let mut calls = false;
    // Whether what follows a comma must not be assigned to.
    let mut is_value = false;
    let mut next = first.next;
    while let Some(token) = next {
        if token.kind == TokenKind::Comma {
            // MySQL sets several at once; in PostgreSQL it is a list of values.
            let Some(another) = setting(lexer) else {
                return Meaning::OtherRows;
            };
            is_value = !another.harmless;
            harmless &= another.harmless || another.may_be_value;
            next = another.next;
            continue;
        }
        // Another snapshot has other rows.
        if token.is_word("SNAPSHOT") || is_value && token.kind == TokenKind::Equals {
            harmless = false;
        }
        calls |= token.kind == TokenKind::Open;
        next = lexer.token();
    }
    if !harmless || lexer.doubts() || lexer.is_odd() || lexer.trouble().is_some() {
        Meaning::OtherRows
    } else if calls {
        Meaning::Everything
    } else {
        Meaning::Read
    }
}

struct Setting<'a> {
    harmless: bool,
    /// It can be a value in a list, too.
    may_be_value: bool,
    /// The token behind its name.
    next: Option<Token<'a>>,
}

fn setting<'a>(lexer: &mut Lexer<'a>) -> Option<Setting<'a>> {
    let mut name = lexer.token()?;
    let mut may_be_value = true;
    if name.kind == TokenKind::At {
        name = lexer.token()?;
        // `@x` is a variable of the user's, `@@x` one of the system's.
        if name.kind != TokenKind::At {
            return Some(Setting {
                harmless: false,
                may_be_value: false,
                next: lexer.token(),
            });
        }
        may_be_value = false;
        name = lexer.token()?;
        if name.is_word("SESSION") {
            let dot = lexer.token();
            name = lexer.token()?;
            if !dot.is_some_and(|dot| dot.kind == TokenKind::Dot) {
                return None;
            }
        }
    } else {
        while name.is_one_of(&["SESSION", "LOCAL"]) {
            may_be_value = false;
            name = lexer.token()?;
        }
    }
    let next = lexer.token();
    let known = name
        .name()
        .is_some_and(|text| name.kind != TokenKind::Text && is_one_of(text, HARMLESS));
    Some(Setting {
        // `app.tenant` belongs to the program.
        harmless: known && !next.is_some_and(|next| next.kind == TokenKind::Dot),
        may_be_value,
        next,
    })
}

fn is_one_of(name: &str, list: &[&str]) -> bool {
    list.iter()
        .any(|candidate| name.eq_ignore_ascii_case(candidate))
}

/// What follows `PRAGMA`.
pub(super) fn pragma(lexer: &mut Lexer<'_>) -> Meaning {
    const HARMLESS: &[&str] = &[
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
    let mut name = lexer.token();
    if lexer
        .token()
        .is_some_and(|token| token.kind == TokenKind::Dot)
    {
        name = lexer.token();
    }
    let known = name
        .and_then(Token::name)
        .is_some_and(|name| is_one_of(name, HARMLESS));
    if known {
        Meaning::Read
    } else {
        Meaning::Everything
    }
}
