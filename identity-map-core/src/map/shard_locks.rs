//! The locks of all shards of a map at once: [`read_all`], [`write_all`]. They are taken in the order of the shards, so two
//! threads never wait for each other.

use std::ops::Deref;

use dashmap::{RwLock, RwLockReadGuard, RwLockWriteGuard};

/// There are few shards: a map belongs to one request or connection, so threads seldom compete for it,
/// and each shard costs 128 bytes in every scope that uses the model.
pub(super) const SHARDS: usize = 4;

/// Locks every shard, to read.
#[inline(never)]
pub(super) fn read_all<T, P>(shards: &[P]) -> [RwLockReadGuard<'_, T>; SHARDS]
where
    P: Deref<Target = RwLock<T>>,
{
    std::array::from_fn(|shard| shards[shard].read())
}

/// Locks every shard, to write.
#[inline(never)]
pub(super) fn write_all<T, P>(shards: &[P]) -> [Option<RwLockWriteGuard<'_, T>>; SHARDS]
where
    P: Deref<Target = RwLock<T>>,
{
    std::array::from_fn(|shard| Some(shards[shard].write()))
}
