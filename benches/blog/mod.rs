//! Posts and their authors, and every way to load them, for the benchmarks `related` and `heap`.
//!
//! Plain Diesel runs on a connection of its own, without a map, whose tables have the same rows.
//! There is no index on the foreign key: whoever reads every post is best served by a scan.

use std::borrow::Borrow;
use std::sync::atomic::{AtomicU64, Ordering};

use diesel::connection::{Instrumentation, InstrumentationEvent, SimpleConnection};
use diesel::prelude::*;
use diesel_identity_map::prelude::*;

diesel::table! {
    users (id) {
        id -> Integer,
        name -> Text,
        bio -> Text,
    }
}

diesel::table! {
    posts (id) {
        id -> Integer,
        user_id -> Integer,
        title -> Text,
        body -> Text,
    }
}

diesel::joinable!(posts -> users (user_id));
diesel::allow_tables_to_appear_in_same_query!(users, posts);

#[derive(Queryable, Selectable, Identifiable, IdentityMapped)]
pub(crate) struct User {
    id: i32,
    #[allow(dead_code)] // decoded and dropped
    name: String,
    bio: String,
}

#[derive(Queryable, Selectable, Identifiable, Associations, IdentityMapped)]
#[diesel(belongs_to(User))]
#[allow(dead_code)] // decoded and dropped
pub(crate) struct Post {
    id: i32,
    user_id: i32,
    title: String,
    body: String,
}

pub(crate) const BODIES: [(&str, usize); 2] = [("40B", 40), ("2KB", 2000)];
const BIO: usize = 400;

/// How many posts, by how many authors.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) posts: i32,
    pub(crate) users: i32,
}

pub(crate) const MANY_AUTHORS: Size = Size {
    posts: 10_000,
    users: 1_000,
};
pub(crate) const FEW_AUTHORS: Size = Size {
    posts: 5_000,
    users: 5,
};

/// Fills the tables anew.
pub(crate) fn fill(conn: &mut impl SimpleConnection, size: Size, body: usize, settle: &str) {
    conn.batch_execute(
        "DROP TABLE IF EXISTS posts;
         DROP TABLE IF EXISTS users;
         CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, bio TEXT NOT NULL);
         CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL,
                             title TEXT NOT NULL, body TEXT NOT NULL);",
    )
    .expect("tables");
    let bio = "b".repeat(BIO);
    insert(conn, "users", size.users, |id| {
        format!("({id}, 'user number {id}', '{bio}')")
    });
    let text = "x".repeat(body);
    insert(conn, "posts", size.posts, |id| {
        // Neighbours have different authors.
        let user = id * 7 % size.users + 1;
        format!("({id}, {user}, 'post number {id}', '{text}')")
    });
    // What a server does by itself after a while; to temporary tables it does not.
    conn.batch_execute(settle).expect("statistics");
}

fn insert(conn: &mut impl SimpleConnection, table: &str, count: i32, row: impl Fn(i32) -> String) {
    let ids: Vec<i32> = (1..=count).collect();
    for ids in ids.chunks(500) {
        let rows: Vec<String> = ids.iter().map(|id| row(*id)).collect();
        conn.batch_execute(&format!("INSERT INTO {table} VALUES {}", rows.join(", ")))
            .expect("rows");
    }
}

static STATEMENTS: AtomicU64 = AtomicU64::new(0);

/// Counts the statements of a connection.
pub(crate) struct Counting;

impl Instrumentation for Counting {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { .. } = event {
            STATEMENTS.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// What was loaded, whatever its type is.
pub(crate) trait Answer {
    /// Each post and its author.
    fn keys(&self) -> Vec<(i32, i32)>;
}

impl<P: Borrow<Post>, U: Borrow<User>> Answer for Vec<(P, U)> {
    fn keys(&self) -> Vec<(i32, i32)> {
        let pairs = self.iter();
        pairs
            .map(|(post, user)| (post.borrow().id, user.borrow().id))
            .collect()
    }
}

/// The lazy loop, which drops the authors.
impl Answer for Vec<Arc<Post>> {
    fn keys(&self) -> Vec<(i32, i32)> {
        self.iter().map(|post| (post.id, post.user_id)).collect()
    }
}

/// Authors, each with posts.
impl<P: Borrow<Post>, U: Borrow<User>> Answer for (Vec<U>, Vec<Vec<P>>) {
    fn keys(&self) -> Vec<(i32, i32)> {
        let mut keys: Vec<(i32, i32)> = std::iter::zip(&self.0, &self.1)
            .flat_map(|(user, posts)| {
                let of_user = |post: &P| (post.borrow().id, user.borrow().id);
                posts.iter().map(of_user)
            })
            .collect();
        keys.sort_unstable();
        keys
    }
}

/// One way to load.
pub(crate) struct Contender<Conn> {
    pub(crate) name: &'static str,
    /// How many statements it sends while the map holds nothing.
    pub(crate) statements: u64,
    load: Box<dyn Fn(&mut Conn) -> Box<dyn Answer>>,
}

impl<Conn: 'static> Contender<Conn> {
    fn new<A: Answer + 'static>(
        name: &'static str,
        statements: u64,
        load: fn(&mut Conn) -> QueryResult<A>,
    ) -> Self {
        let load = move |conn: &mut Conn| Box::new(load(conn).expect("rows")) as Box<dyn Answer>;
        Self {
            name,
            statements,
            load: Box::new(load),
        }
    }

    pub(crate) fn load(&self, conn: &mut Conn) -> Box<dyn Answer> {
        (self.load)(conn)
    }

    /// Loads once, and looks at what came and by how many statements.
    pub(crate) fn check(&self, size: Size, statements: u64, conn: &mut Conn) -> Box<dyn Answer> {
        let before = STATEMENTS.load(Ordering::Relaxed);
        let answer = self.load(conn);
        let sent = STATEMENTS.load(Ordering::Relaxed) - before;
        assert_eq!(sent, statements, "statements of `{}`", self.name);
        let expected = (1..=size.posts).map(|id| (id, id * 7 % size.users + 1));
        assert!(answer.keys().into_iter().eq(expected), "{}", self.name);
        answer
    }
}

/// The ways on one database. A macro, because plain Diesel has no bound for "any".
macro_rules! database {
    ($name:ident, $Conn:ty, $settle:literal, $connect:expr) => {
        pub(crate) mod $name {
            use std::collections::{HashMap, HashSet};
            use std::hint::black_box;

            use diesel::connection::DefaultLoadingMode;

            use super::*;

            pub(crate) const LABEL: &str = stringify!($name);
            pub(crate) const SETTLE: &str = $settle;

            /// A connection without a map.
            pub(crate) fn plain() -> $Conn {
                let mut conn = $connect;
                conn.set_instrumentation(Counting);
                conn
            }

            /// A connection with a map of its own.
            pub(crate) fn mapped() -> $Conn {
                let mut conn = $connect;
                conn.enable_identity_map_with(MapOptions::new().instrumentation(Counting));
                conn
            }

            /// Plain Diesel.
            pub(crate) fn theirs() -> Vec<Contender<$Conn>> {
                vec![
                    Contender::new("join", 1, join),
                    Contender::new("by hand", 2, by_hand),
                    Contender::new("by hand, own posts", 2, by_hand_own_posts),
                    Contender::new("belonging_to", 2, belonging_to),
                    Contender::new("by hand, children", 2, children_by_hand),
                ]
            }

            /// The map.
            pub(crate) fn ours() -> Vec<Contender<$Conn>> {
                vec![
                    Contender::new("with", 2, with),
                    Contender::new("with, each author used", 2, eager),
                    Contender::new("load_parent, each author used", 2, lazy),
                    Contender::new("load_children", 2, load_children),
                    Contender::new("mapped join", 1, mapped_join),
                ]
            }

            fn join(conn: &mut $Conn) -> QueryResult<Vec<(Post, User)>> {
                posts::table
                    .inner_join(users::table)
                    .order(posts::id)
                    .select((Post::as_select(), User::as_select()))
                    .load(conn)
            }

            fn mapped_join(conn: &mut $Conn) -> QueryResult<Vec<(Arc<Post>, Arc<User>)>> {
                posts::table
                    .inner_join(users::table)
                    .order(posts::id)
                    .select((Post::as_select(), User::as_select()))
                    .mapped()
                    .load(conn)
            }

            /// What "the hand-written loader" means: the same result as `with`.
            fn by_hand(conn: &mut $Conn) -> QueryResult<Vec<(Arc<Post>, Arc<User>)>> {
                let query = posts::table.order(posts::id).select(Post::as_select());
                let posts: Vec<Arc<Post>> = query
                    .load_iter::<Post, DefaultLoadingMode>(conn)?
                    .map(|post| post.map(Arc::new))
                    .collect::<QueryResult<_>>()?;
                let authors = authors(posts.iter().map(|post| post.user_id), conn)?;
                let mut pairs = Vec::with_capacity(posts.len());
                for post in posts {
                    if let Some(author) = authors.get(&post.user_id) {
                        pairs.push((post, Arc::clone(author)));
                    }
                }
                Ok(pairs)
            }

            /// The same where nobody shares posts. No ratio is to this one.
            fn by_hand_own_posts(conn: &mut $Conn) -> QueryResult<Vec<(Post, Arc<User>)>> {
                let query = posts::table.order(posts::id).select(Post::as_select());
                let posts: Vec<Post> = query.load(conn)?;
                let authors = authors(posts.iter().map(|post| post.user_id), conn)?;
                let mut pairs = Vec::with_capacity(posts.len());
                for post in posts {
                    if let Some(author) = authors.get(&post.user_id) {
                        pairs.push((post, Arc::clone(author)));
                    }
                }
                Ok(pairs)
            }

            fn authors(
                ids: impl Iterator<Item = i32>,
                conn: &mut $Conn,
            ) -> QueryResult<HashMap<i32, Arc<User>>> {
                let ids: HashSet<i32> = ids.collect();
                users::table
                    .filter(users::id.eq_any(ids))
                    .select(User::as_select())
                    .load_iter::<User, DefaultLoadingMode>(conn)?
                    .map(|user| user.map(|user| (user.id, Arc::new(user))))
                    .collect()
            }

            fn belonging_to(conn: &mut $Conn) -> QueryResult<(Vec<User>, Vec<Vec<Post>>)> {
                let users = users::table
                    .order(users::id)
                    .select(User::as_select())
                    .load(conn)?;
                let posts = Post::belonging_to(&users)
                    .order(posts::id)
                    .select(Post::as_select())
                    .load(conn)?
                    .grouped_by(&users);
                Ok((users, posts))
            }

            /// The same result as `load_children`.
            fn children_by_hand(
                conn: &mut $Conn,
            ) -> QueryResult<(Vec<Arc<User>>, Vec<Vec<Arc<Post>>>)> {
                let users: Vec<Arc<User>> = users::table
                    .order(users::id)
                    .select(User::as_select())
                    .load_iter::<User, DefaultLoadingMode>(conn)?
                    .map(|user| user.map(Arc::new))
                    .collect::<QueryResult<_>>()?;
                let ids = users.iter().map(|user| user.id);
                let places: HashMap<i32, usize> = ids.clone().zip(0..).collect();
                let mut groups: Vec<Vec<Arc<Post>>> = vec![Vec::new(); users.len()];
                let posts = posts::table
                    .filter(posts::user_id.eq_any(ids))
                    .order(posts::id)
                    .select(Post::as_select())
                    .load_iter::<Post, DefaultLoadingMode>(conn)?;
                for post in posts {
                    let post = post?;
                    if let Some(place) = places.get(&post.user_id) {
                        groups[*place].push(Arc::new(post));
                    }
                }
                Ok((users, groups))
            }

            fn with(conn: &mut $Conn) -> QueryResult<Vec<(Arc<Post>, Arc<User>)>> {
                Post::cached().order(posts::id).with::<User>().load(conn)
            }

            fn eager(conn: &mut $Conn) -> QueryResult<Vec<(Arc<Post>, Arc<User>)>> {
                let pairs = with(conn)?;
                for (_, author) in &pairs {
                    black_box(author.bio.len());
                }
                Ok(pairs)
            }

            fn lazy(conn: &mut $Conn) -> QueryResult<Vec<Arc<Post>>> {
                let posts = Post::cached().order(posts::id).load(conn)?;
                for post in &posts {
                    let author = post.load_parent::<User>(conn)?;
                    black_box(author.map(|author| author.bio.len()));
                }
                Ok(posts)
            }

            fn load_children(
                conn: &mut $Conn,
            ) -> QueryResult<(Vec<Arc<User>>, Vec<Vec<Arc<Post>>>)> {
                let users = User::cached().order(users::id).load(conn)?;
                let posts = users.load_children_from(Post::cached().order(posts::id), conn)?;
                Ok((users, posts))
            }
        }
    };
}

database!(
    sqlite,
    SqliteConnection,
    "ANALYZE",
    SqliteConnection::establish(":memory:").expect("memory")
);

#[cfg(feature = "postgres")]
database!(postgres, PgConnection, "VACUUM ANALYZE users, posts", {
    let url = std::env::var("IDENTITY_MAP_POSTGRES_URL")
        .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
    let mut conn = PgConnection::establish(&url).expect("a server; run `cargo xtask bench`");
    conn.batch_execute("SET search_path TO pg_temp")
        .expect("a schema of its own");
    conn
});
