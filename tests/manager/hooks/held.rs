//! What a test holds before a write, and how it tells that all of it is held still.

use std::fmt::Debug;
use std::sync::Arc;

use diesel::prelude::*;
use diesel_identity_map::{IdentityMap, IdentityMapConnection, IdentityMapped};

use crate::models::{Post, User};

use super::models::{Answer, Noted};

/// Every object of the models that read the tables of a noted post.
pub(super) struct Held {
    pub(super) noted: Vec<Arc<Noted>>,
    pub(super) posts: Vec<Arc<Post>>,
    pub(super) answers: Vec<Arc<Answer>>,
    pub(super) users: Vec<Arc<User>>,
}

/// Loads every object, and forgets what its hooks noted. This is no function, because that would
/// have to spell out what each query asks of a connection.
macro_rules! hold {
    ($conn:expr) => {{
        use $crate::hooks::models::{Answer, Noted};
        use $crate::models::{Post, User};
        use $crate::schema::{comments, posts, users};
        let held = $crate::hooks::held::Held {
            noted: Noted::cached().order(posts::id).load($conn).unwrap(),
            posts: Post::cached().order(posts::id).load($conn).unwrap(),
            answers: Answer::cached().order(comments::id).load($conn).unwrap(),
            users: User::cached().order(users::id).load($conn).unwrap(),
        };
        $crate::hooks::log::log();
        held
    }};
}
pub(super) use hold;

impl Held {
    /// The map still holds every one of these objects.
    pub(super) fn assert_still<C: Connection>(&self, what: &str, conn: &mut C) {
        let map = conn.identity_map().unwrap();
        assert_same(&map, &self.noted, what);
        assert_same(&map, &self.posts, what);
        assert_same(&map, &self.answers, what);
        assert_same(&map, &self.users, what);
    }

    /// The map still holds what a write to the post `id` cannot have touched.
    pub(super) fn assert_others_still<C: Connection>(&self, id: i32, what: &str, conn: &mut C) {
        let map = conn.identity_map().unwrap();
        assert_same(&map, self.noted.iter().filter(|old| old.id != id), what);
        assert_same(&map, &self.users, what);
    }
}

fn assert_same<'a, M>(map: &IdentityMap, objects: impl IntoIterator<Item = &'a Arc<M>>, what: &str)
where
    M: IdentityMapped + Debug,
{
    for old in objects {
        let now = map.get::<M>(&old.key());
        assert!(
            now.is_some_and(|now| Arc::ptr_eq(old, &now)),
            "{what}: {old:?}"
        );
    }
}
