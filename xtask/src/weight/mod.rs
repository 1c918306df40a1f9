//! `cargo xtask weight`: what the library adds to a program, in bytes and in the time that it takes to build.
//!
//! Two programs do the same, one with plain Diesel and one with the library: its *twin*. Both are generated, with as many
//! models as is asked for, since what counts is what a further model costs. They are built in turns and never run. The
//! programs link the system's SQLite, so that its size counts in neither.
//!
//! The sizes are read with GNU binutils: `nm`, `size` and `strip`.

mod binary;
mod ceiling;
mod manifest;
mod measure;
mod needs;
mod options;
mod program;
mod run;
#[path = "../../../benches/weight/source.rs"]
mod source;
mod symbols;
mod table;
mod times;
mod workspace;

pub(crate) use needs::missing;
pub(crate) use run::run;
pub(crate) use times::Times;
