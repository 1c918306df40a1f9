//! Where a connection stands: shared, apart or lost; and transactions exactly as the database has them.
//!
//! The oracle is plain Diesel on the same connection.

mod batches;
mod chains;
mod definitions;
mod ended_unseen;
mod first_reads;
mod isolation;
mod property;
mod savepoints;
mod sessions;
mod taken_back;

use std::sync::{Mutex, PoisonError};

use diesel_identity_map::prelude::*;

use crate::schema::posts;

/// A post whose writes are transactions, for their hooks.
#[derive(diesel::Queryable, diesel::Selectable, IdentityMapped, Debug)]
#[diesel(table_name = posts)]
#[identity_map(hooks)]
struct Hooked {
    #[allow(dead_code)] // decoded, and the key
    id: i32,
    title: String,
}

/// The titles of the committed ones; each test has its own.
static COMMITTED: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn is_said_to_be_committed(title: &str) -> bool {
    let committed = COMMITTED.lock().unwrap_or_else(PoisonError::into_inner);
    committed.iter().any(|known| known == title)
}

impl Hooked {
    fn note_committed(&self) {
        let committed = COMMITTED.lock();
        committed
            .unwrap_or_else(PoisonError::into_inner)
            .push(self.title.clone());
    }
}

impl<C: diesel::Connection> Hooks<C> for Hooked {
    fn after_commit(object: &Arc<Self>, _: Change) {
        object.note_committed();
    }
}

#[cfg(feature = "__async-tests")]
impl<C: diesel_async::AsyncConnection> AsyncHooks<C> for Hooked {
    fn after_commit(object: &Arc<Self>, _: Change) {
        object.note_committed();
    }
}

/// Cached loads by every strategy, and of every key, give what plain Diesel reads on the connection.
///
/// It says `wait!` as the body of a test that is written for every kind of connection.
macro_rules! assert_as_plain {
    ($conn:ident, $when:expr) => {
        let plain = posts::table.order(posts::id).select(Post::as_select());
        let plain: Vec<Post> = wait!(plain.load(&mut $conn)).unwrap();
        for strategy in [Strategy::Auto, Strategy::KeysFirst, Strategy::Rows] {
            let cached = Post::cached().strategy(strategy).order(posts::id);
            let cached = wait!(cached.load(&mut $conn)).unwrap();
            let cached: Vec<&Post> = cached.iter().map(AsRef::as_ref).collect();
            assert_eq!(
                cached,
                plain.iter().collect::<Vec<_>>(),
                "{}, {strategy:?}",
                $when
            );
        }
        for plain in &plain {
            let found = wait!(Post::cached().find(plain.id).first(&mut $conn)).unwrap();
            assert_eq!(*found, *plain, "{}", $when);
        }
    };
}
use assert_as_plain;
