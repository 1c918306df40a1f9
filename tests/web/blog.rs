//! What the handlers of these tests load from.

use std::sync::{Arc, Mutex, Weak};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool};
use diesel_identity_map::connection::MapCustomizer;
use diesel_identity_map::web::RequestScope;
use diesel_identity_map::{IdentityMapped, Retain};
use tempfile::TempDir;

diesel::table! {
    posts (id) {
        id -> Integer,
        title -> Text,
    }
}

#[derive(Queryable, Selectable, IdentityMapped, Debug, PartialEq)]
#[diesel(table_name = posts)]
pub(crate) struct Post {
    id: i32,
    title: String,
}

/// Scopes that keep their objects, so that an object lives exactly as long as the scope.
pub(crate) fn keeping() -> RequestScope {
    RequestScope::new().retain(Retain::UntilScopeEnds)
}

/// A database of three posts with a pool of connections, and what handlers left for the test.
#[derive(Clone)]
pub(crate) struct Blog {
    pool: Pool<ConnectionManager<SqliteConnection>>,
    left: Arc<Mutex<Vec<Arc<Post>>>>,
    watched: Arc<Mutex<Vec<Weak<Post>>>>,
    file: Arc<TempDir>,
}

impl Blog {
    pub(crate) fn new() -> Self {
        let file = tempfile::tempdir().unwrap();
        let pool = Pool::builder()
            .max_size(4)
            .connection_customizer(Box::new(MapCustomizer::new("blog")))
            .build(ConnectionManager::<SqliteConnection>::new(url(&file)))
            .unwrap();
        pool.get()
            .unwrap()
            .batch_execute(
                "CREATE TABLE posts (id INTEGER PRIMARY KEY, title TEXT NOT NULL);
                 INSERT INTO posts VALUES (1, 'Rows'), (2, 'Rust'), (3, 'Runes');",
            )
            .unwrap();
        Self {
            pool,
            left: Arc::default(),
            watched: Arc::default(),
            file: Arc::new(file),
        }
    }

    /// The address of the database, which connections to it call "blog".
    pub(crate) fn url(&self) -> String {
        url(&self.file)
    }

    /// The first post, by a connection of the pool.
    pub(crate) fn post(&self) -> Arc<Post> {
        let conn = &mut self.pool.get().unwrap();
        let post = Post::cached().find(1).first(conn).unwrap();
        assert_eq!((post.id, &*post.title), (1, "Rows"));
        post
    }

    pub(crate) fn posts(&self) -> Vec<Arc<Post>> {
        let conn = &mut self.pool.get().unwrap();
        Post::cached().order(posts::id).load(conn).unwrap()
    }

    /// Loads the first post and leaves it for the test.
    pub(crate) fn leave(&self) {
        let post = self.post();
        self.left.lock().unwrap().push(post);
    }

    /// What was left since the last call.
    pub(crate) fn left(&self) -> Vec<Arc<Post>> {
        std::mem::take(&mut self.left.lock().unwrap())
    }

    /// Loads the first post and remembers it, without holding it.
    pub(crate) fn watch(&self) {
        let post = Arc::downgrade(&self.post());
        self.watched.lock().unwrap().push(post);
    }

    /// Whether what was watched last is alive.
    pub(crate) fn is_kept(&self) -> bool {
        let watched = self.watched.lock().unwrap();
        let last = watched.last().expect("something was watched");
        last.strong_count() > 0
    }
}

fn url(file: &TempDir) -> String {
    let path = file.path().join("blog.db");
    path.to_str().unwrap().to_owned()
}

pub(crate) fn all_same(posts: &[Arc<Post>]) -> bool {
    posts.windows(2).all(|two| Arc::ptr_eq(&two[0], &two[1]))
}

pub(crate) fn all_different(posts: &[Arc<Post>]) -> bool {
    let mut at: Vec<_> = posts.iter().map(Arc::as_ptr).collect();
    at.sort_unstable();
    at.dedup();
    at.len() == posts.len()
}
