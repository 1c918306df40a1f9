//! Futures that are dropped half-way: wherever that is, the map says what the database says.

mod connections;
mod setup;
mod writes;

pub(crate) use setup::drop_after;
