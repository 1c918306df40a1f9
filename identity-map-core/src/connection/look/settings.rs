//! Settings that change how values look or how long things take, not which rows there are.

use super::lexer::is_word;

const SCOPES: &[&str] = &["SESSION", "LOCAL", "@@session"];

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

/// Whether what stands behind `SET` is one setting of these, and nothing else.
pub(super) fn is_harmless(setting: &str) -> bool {
    // `SET a = 1, role = x` sets several.
    if setting.contains(',') {
        return false;
    }
    let mut words = setting
        .split(|c: char| !(u8::try_from(c).is_ok_and(is_word) || matches!(c, '.' | '@')))
        .filter(|word| !word.is_empty());
    let is_scope = |word: &&str| SCOPES.iter().any(|scope| word.eq_ignore_ascii_case(scope));
    words.find(|word| !is_scope(word)).is_some_and(|name| {
        let name = name.rsplit_once("@@").map_or(name, |(_, name)| name);
        let name = match name.split_once('.') {
            Some((scope, name)) if scope.eq_ignore_ascii_case("session") => name,
            _ => name,
        };
        HARMLESS
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known))
    })
}
