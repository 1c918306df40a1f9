//! How old the rows may be that a connection reads: [`ReadAge`].

use super::fillers::Filler;
use super::stamp::Stamp;
use super::store::Store;

/// How old the rows may be that a connection reads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReadAge {
    /// The connection.
    pub(crate) filler: Filler,
    /// They are not older than this.
    pub(crate) since: Stamp,
    /// They are all as old as the first read: nothing that was committed later is among them.
    pub(crate) is_snapshot: bool,
    /// The database has to be asked for each of them, so that it knows what was read.
    pub(crate) asks_for_each: bool,
    /// What others commit meanwhile may be among them. Where neither or both may be, both hold.
    pub(crate) follows_commits: bool,
}

impl ReadAge {
    /// Whether the store may have newer rows than the connection reads.
    pub(crate) fn is_behind(&self, store: &Store) -> bool {
        self.is_snapshot && store.is_filled_by_others_since(self.filler, self.since)
    }
}
