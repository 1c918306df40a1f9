//! A text as tokens, where SQLite, PostgreSQL and MySQL agree on them.
//!
//! They do not agree on backslashes, brackets, `#`, `--x` and `/*! .. */`. A stretch of text that some
//! of them skip is a disputed span: its tokens are read, but none may reach beyond its end. So a
//! database that skips the span goes on with the same token as one that reads it. Where even that
//! cannot be had, the lexer gives up with a [`LexError`].
//!
//! Each file uses only files above it:
//!
//! ```text
//! keyword   disputes   set_config          words, disagreements, one function's name
//! token                                    one piece of the text
//! state                                    where the lexer stands: Lexer
//! words_and_numbers   comments             one kind of text each
//! quotes                                   strings and quoted names; dollars may begin a number
//! next_token                               which of them a byte begins
//! ```

mod comments;
mod disputes;
mod keyword;
mod next_token;
mod quotes;
mod set_config;
mod state;
mod token;
mod words_and_numbers;

pub(super) use disputes::LexError;
pub(super) use keyword::Keyword;
pub(super) use set_config::mentions_set_config;
pub(super) use state::{Call, Lexer};
pub(super) use token::{Token, TokenKind};
