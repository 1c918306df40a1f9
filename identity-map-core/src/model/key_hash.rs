//! A key whatever its type: its [`KeyHash`], and a [`KeyRef`] to it.

use std::any::Any;
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher};
use std::sync::LazyLock;

use foldhash::fast::RandomState;

use super::identity_mapped::IdentityMapped;
use super::key_type::KeyType;

static STATE: LazyLock<RandomState> = LazyLock::new(RandomState::default);

/// The hash of a key, the same in every map of the program.
///
/// It stands in for the key only where it does no harm to take two keys of one hash for the same: where
/// that costs a statement. Whoever hands out an object, or expires one, compares keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct KeyHash(u64);

impl KeyHash {
    #[inline]
    pub(crate) fn of<K: Hash>(key: &K) -> Self {
        Self(STATE.hash_one(key))
    }

    /// The hash of an object's key.
    pub(crate) fn of_object<M: IdentityMapped>(object: &M) -> Self {
        let mut hasher = STATE.build_hasher();
        object.__hash_key(&mut hasher);
        Self(hasher.finish())
    }

    /// Where a table keeps a key whose own hash another key has.
    pub(crate) fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }

    /// What hashes keys.
    #[inline]
    pub(crate) fn hasher() -> &'static RandomState {
        &STATE
    }

    #[inline]
    pub(crate) fn as_u64(self) -> u64 {
        self.0
    }
}

/// What hashes a [`KeyHash`] in a table of them: it is a hash already.
pub(crate) type HashIsHash = BuildHasherDefault<SameHash>;

#[derive(Default)]
pub(crate) struct SameHash(u64);

impl Hasher for SameHash {
    fn write(&mut self, _: &[u8]) {
        unreachable!("a `KeyHash` is one `u64`");
    }

    #[inline]
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}

/// A key of any type, with its hash.
#[derive(Clone, Copy)]
pub(crate) struct KeyRef<'k> {
    pub(crate) hash: KeyHash,
    pub(crate) key: &'k dyn Any,
}

impl<'k> KeyRef<'k> {
    #[inline]
    pub(crate) fn of<K: KeyType>(key: &'k K) -> Self {
        Self {
            hash: KeyHash::of(key),
            key,
        }
    }
}
