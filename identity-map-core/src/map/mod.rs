//! The map itself: [`IdentityMap`], a set of weak references to the objects that are alive.
//!
//! It is no cache: it keeps nothing alive (unless a [`Retain`] policy asks for it) and only knows
//! what the program holds. It knows nothing of SQL either; queries fill it.
//!
//! ```
//! # use identity_map_core::{IdentityMap, IdentityMapped, Cached, model};
//! # struct User { id: i32, name: &'static str }
//! # impl IdentityMapped for User {
//! #     type Key = i32; type Table = (); type Query = ();
//! #     fn key(&self) -> i32 { self.id }
//! #     fn cached() -> Cached<Self, ()> { unreachable!() }
//! # }
//! let map = IdentityMap::new();
//! let ada = map.adopt(User { id: 1, name: "Ada" });
//! let same = map.adopt(User { id: 1, name: "somebody else" });
//! assert_eq!(same.name, "Ada"); // the held object wins
//! assert_eq!(map.len::<User>(), 1);
//!
//! drop((ada, same));
//! assert!(map.get::<User>(&1).is_none()); // nobody holds it, so it is gone
//! ```

mod clock;
mod drop_later;
mod entries;
mod fillers;
mod identity_map;
mod invalidation;
mod key_set;
mod known_groups;
mod layers;
mod members;
mod peer_group;
mod peer_groups;
mod peers;
mod prefetch_cycles;
mod prefetched;
mod prefetches;
mod read_age;
mod retain;
mod schema;
mod shard_locks;
mod stamp;
mod stats;
mod store;
mod sweep;
mod take_over;
mod type_map;
mod usage;
mod weak_map;
mod write_stamps;

pub(crate) use clock::Clock;
pub(crate) use fillers::Filler;
pub(crate) use invalidation::{Invalidation, ModelWrite};
pub(crate) use key_set::KeySet;
pub(crate) use peer_group::PeerGroup;
pub(crate) use prefetched::{FoundParents, PrefetchKey, Prefetched};
pub(crate) use read_age::ReadAge;
pub(crate) use stamp::{AtomicStamp, Stamp};
pub(crate) use store::{Adopted, Store};
pub(crate) use weak_map::WeakMap;

pub use identity_map::IdentityMap;
pub use peers::Peers;
pub use retain::Retain;
pub use stats::Stats;
