//! An `&AsyncPgConnection`, on which several statements are under way at once.

mod catalogue;
mod dropped;
mod interleaving;
mod loads;
mod overlaps;
mod plain_writes;
mod sessions;
mod setup;
