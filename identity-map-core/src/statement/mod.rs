//! A look at the text of the statements that a program sends by itself: what they can have
//! changed.
//!
//! The text may be SQLite's, PostgreSQL's or MySQL's; nobody says which. Where they would read
//! it differently, the reading that changes most counts. A statement is never judged to change
//! less than it may: what is not understood has changed everything.
//!
//! What no text shows is not seen here either: triggers, rules, cascades, the tables behind a
//! view, a stored function that bears a built-in's name.

mod boundary;
mod classify;
mod clauses;
mod functions;
mod head;
mod keyword;
mod lexer;
mod meaning;
mod only_sets;
mod plain;
mod routine;
mod settings;
mod sql_text;
mod table_names;

#[cfg(test)]
mod tests;

pub(crate) use classify::{only_reads, statements};
pub(crate) use meaning::Meaning;
pub(crate) use sql_text::SqlText;
