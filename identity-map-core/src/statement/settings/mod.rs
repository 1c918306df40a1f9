//! What statements change of the session: `SET`, `RESET`, `DISCARD`, `PRAGMA`, and the isolation level
//! of a `BEGIN`.
//!
//! A setting is of one of three kinds ([`SettingKind`](kind::SettingKind)), by the manuals of the three
//! databases: it changes neither rows nor values, or it may, or nothing is known of it, which counts as
//! if it did. `docs/settings.md` says why each is what it is.
//!
//! Each file uses only files above it:
//!
//! ```text
//! kind   names/                        the tables of names
//! change                               the answer
//! isolation                            a level in words
//! postgres   mysql   sqlite            the grammar and the values of each
//! read                                 which of them a statement is read by
//! ```

mod change;
mod isolation;
mod kind;
mod mysql;
mod names;
mod postgres;
mod read;
mod sqlite;

pub(crate) use change::{SessionChange, SessionChanges, SettingValue};
