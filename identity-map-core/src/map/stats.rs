//! What a map or a scope has done: [`Stats`].

use std::ops::AddAssign;

/// Counts since the map or scope was made.
///
/// `hits + misses` is the number of objects that queries have handed out. A relation counts each object
/// once: the one author of ten posts that are loaded `with` it is one hit, or one miss. `statements`
/// counts what this library sent, not what the program sent through plain Diesel.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Objects that a query found alive.
    pub hits: u64,
    /// Objects that had to be read.
    pub misses: u64,
    /// Statements sent to the database.
    pub statements: u64,
    /// Live objects that were forgotten before their holders dropped them.
    pub expired: u64,
    /// Objects alive now.
    pub alive: usize,
    /// How many of the maps hold rows of a database whose catalogue is not known: it could not be read, or the
    /// program does not want it to be. A write there is judged by its text, so that what a trigger or an
    /// undeclared foreign key changes is not seen. For one map it is 0 or 1.
    pub without_catalogue: usize,
}

impl AddAssign for Stats {
    fn add_assign(&mut self, other: Self) {
        self.hits += other.hits;
        self.misses += other.misses;
        self.statements += other.statements;
        self.expired += other.expired;
        self.alive += other.alive;
        self.without_catalogue += other.without_catalogue;
    }
}
