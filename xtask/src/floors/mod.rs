//! `cargo xtask floors`: whether the imports of the libraries go the way that their floors say.
//!
//! The table of the floors stands in the docs of a library's `lib.rs`, and only there; [`table`] says how it is
//! written. A *room* is a folder or a file beside `lib.rs`. Five things are checked:
//!
//! - Each file stands in a room of the table. A file imports from its own room and from rooms on lower floors, in its
//!   tests too ([`levels`]).
//! - No files of one room import each other in a circle ([`circles`]).
//! - A file of more than 350 lines says why in its docs ([`length`]).
//! - An exception of the table is needed.
//! - The files that `docs/` names are there ([`doc_paths`]).

mod check;
mod circles;
mod doc_paths;
mod imports;
mod length;
mod levels;
mod library;
mod problem;
mod source;
mod table;
mod tokens;

pub(crate) use check::run;
