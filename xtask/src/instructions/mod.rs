//! `cargo xtask instructions`: what operations of the library take, in instructions.
//!
//! Unlike times they hardly differ between runs, on a busy machine too, so that a change of a few per cent shows. The
//! bench `instructions` does an operation as often as it is told, under valgrind's callgrind, which counts; what twice
//! as many operations take more is what they take. The hashers' seeds differ from run to run and a few collisions with
//! them, so each count is taken several times, and the median counts.

mod counts;
mod options;
mod program;
mod run;

pub(crate) use run::run;
