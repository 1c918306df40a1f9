//! What the text of a statement says. The program sends statements of its own, beside those of this
//! library, and their texts tell what they can have changed.
//!
//! The text may be SQLite's, PostgreSQL's or MySQL's; nobody says which. Where they would read
//! it differently, the reading that changes most counts. A statement is never judged to change
//! less than it may: what is not understood has changed everything.
//!
//! What no text shows is not seen here either: triggers, rules, cascades, the tables behind a
//! view, a stored function that has the name of a built-in one.
//!
//! Each file uses only files above it:
//!
//! ```text
//! sql_text                                       the text, as Diesel shows it
//! meaning   rules                                the answer; the database whose rules are followed
//! plain_select   builtin_functions               what is recognized at once
//! lexer/                                         a text as tokens
//! unknown_statement                              families of statements
//! transaction_control   definitions   clauses/   families of statements, which may be unknown ones
//! first_word                                     which family a statement is of
//! classified_statement                           one statement and its meaning
//! token_reader                                   its tokens, one after the other
//! text_to_tables   savepoint_name                what else it tells
//! settings/   implicit_commit                    what else it tells
//! classify                                       all statements of a text
//! ```

mod builtin_functions;
mod classified_statement;
mod classify;
mod clauses;
mod definitions;
mod first_word;
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "the connection does not ask yet")
)]
mod implicit_commit;
mod lexer;
mod meaning;
mod plain_select;
mod rules;
mod savepoint_name;
mod settings;
mod sql_text;
mod text_to_tables;
mod token_reader;
mod transaction_control;
mod unknown_statement;

#[cfg(test)]
mod tests;

pub(crate) use classify::{only_reads, statements};
pub(crate) use meaning::Meaning;
pub(crate) use rules::Rules;
pub(crate) use settings::{SessionChange, SessionChanges, SettingValue};
pub(crate) use sql_text::SqlText;
