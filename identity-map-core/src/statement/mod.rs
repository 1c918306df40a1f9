//! What the text of a statement says. The program sends statements of its own, beside those of this
//! library, and their texts tell what they can have changed.
//!
//! The text may be SQLite's, PostgreSQL's or MySQL's; nobody says which. Where they would read
//! it differently, the reading that changes most counts. A statement is never judged to change
//! less than it may: what is not understood has changed everything.
//!
//! What no text shows is not seen here either: triggers, rules, cascades, the tables behind a
//! view. The catalogue knows them (`database/catalogue/`). A stored function that has the name of a built-in
//! one is taken for that.
//!
//! Each file uses only files above it:
//!
//! ```text
//! sql_text                                       the text, as Diesel shows it
//! meaning   operations                           the answer
//! plain_select   builtin_functions               what is recognized at once
//! lexer/                                         a text as tokens
//! unknown_statement                              families of statements
//! transaction_control   definitions   clauses/   families of statements, which may be unknown ones
//! first_word                                     which family a statement is of
//! classified_statement                           one statement and its meaning
//! token_reader                                   its tokens, one after the other
//! table_writes   text_to_tables   savepoint_name    what else it tells
//! routine_body                                   the bodies of triggers and routines
//! settings/   implicit_commit                    what else it tells
//! classify                                       all statements of a text
//! calls                                          the routines that a statement calls
//! ```

mod builtin_functions;
mod calls;
mod classified_statement;
mod classify;
mod clauses;
mod definitions;
mod first_word;
mod implicit_commit;
mod lexer;
mod meaning;
mod operations;
mod plain_select;
mod routine_body;
mod savepoint_name;
mod session_effect;
mod settings;
mod sql_text;
mod table_writes;
mod temporary;
mod text_to_tables;
mod token_reader;
mod transaction_control;
mod unknown_statement;

#[cfg(test)]
mod tests;

pub(crate) use classified_statement::ClassifiedStatement;
pub(crate) use classify::{is_more_than_a_write, locks_rows, only_reads, statements};
pub(crate) use implicit_commit::ImplicitCommit;
pub(crate) use meaning::Meaning;
pub(crate) use operations::Operations;
pub(crate) use routine_body::{read_body, trigger_event};
pub(crate) use session_effect::SessionEffect;
pub(crate) use settings::{
    CompletionType, IsolationLevel, SessionChange, SessionChanges, SettingChange, SettingValue,
    Span, Switch,
};
pub(crate) use sql_text::SqlText;
pub(crate) use table_writes::{ObjectName, TableWrite, names_in};
