//! The name of PostgreSQL's `set_config`, which changes a setting of the session from inside any
//! expression.

const SET_CONFIG: &str = "set_config";

pub(super) fn is_set_config(name: &str) -> bool {
    name.len() == SET_CONFIG.len() && name.eq_ignore_ascii_case(SET_CONFIG)
}

/// Whether a text that may be executed contains the name.
pub(in crate::statement) fn mentions_set_config(text: &str) -> bool {
    text.as_bytes()
        .windows(SET_CONFIG.len())
        .any(|window| window.eq_ignore_ascii_case(SET_CONFIG.as_bytes()))
}
