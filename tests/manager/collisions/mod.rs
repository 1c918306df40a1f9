//! Keys that all have the same hash: they cost comparisons, and change nothing else.

mod drops;
mod loads;
mod models;
mod prefetches;
mod threads;
mod writes;
