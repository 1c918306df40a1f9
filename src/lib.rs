//! An identity map for [Diesel]: within a scope (a connection, a thread, a web request) one
//! database row is one object.
//!
//! It is not a cache: it keeps nothing alive that the program does not hold (unless a
//! [`Retain`] policy asks for it). It is not a session either: objects are immutable snapshots,
//! shared in [`Arc`](std::sync::Arc)s, and nothing is written behind your back.
//!
//! ```
//! use diesel::prelude::*;
//! use diesel_identity_map::prelude::*;
//!
//! # diesel::table! { posts (id) { id -> Integer, title -> Text, } }
//! #[derive(Queryable, Selectable, IdentityMapped, Debug)]
//! #[diesel(table_name = posts)]
//! struct Post {
//!     id: i32,
//!     title: String,
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut conn = SqliteConnection::establish(":memory:")?;
//! # diesel::sql_query("CREATE TABLE posts (id INTEGER PRIMARY KEY, title TEXT NOT NULL)").execute(&mut conn)?;
//! # diesel::insert_into(posts::table).values(posts::title.eq("Rust")).execute(&mut conn)?;
//! conn.enable_identity_map();
//!
//! let posts: Vec<Arc<Post>> = Post::cached().order(posts::id.desc()).load(&mut conn)?;
//! let post = Post::cached().find(1).first(&mut conn)?; // sends nothing
//! assert!(Arc::ptr_eq(&posts[0], &post));
//! # Ok(())
//! # }
//! ```
//!
//! # How it maps onto Diesel
//!
//! | Diesel | here |
//! |---|---|
//! | `posts::table.filter(..).load::<Post>(conn)` | [`Post::cached()`](IdentityMapped::cached)`.filter(..).load(conn)`, giving `Vec<Arc<Post>>` |
//! | `posts::table.find(3).first(conn)` | `Post::cached().find(3).first(conn)`, without a statement if the object is alive |
//! | `posts::id.eq_any(ids)` | [`Post::cached().find_many(ids)`](Cached::find_many), aligned with the ids |
//! | `Post::belonging_to(&user)`, any query of the table | [`Cached::from_query(..)`](Cached::from_query) |
//! | `.load_iter(conn)` | [`.load_iter(conn)`](Cached::load_iter), row by row on PostgreSQL too |
//! | `posts.inner_join(users)`, `belonging_to`, `grouped_by`, `as_select` in tuples | see [`relation`] |
//! | `fn f(conn: &mut impl LoadConnection<..>)` | [`fn f<C: CachedConnection<Post>>(conn: &mut C)`](CachedConnection) |
//! | `insert_into(posts::table).values(..)` | [`Post::cached().insert(.., conn)`](Cached::insert), [`insert_many`](Cached::insert_many), giving the new objects |
//! | `update(&post).set(..)`, `post.save_changes(conn)` | [`Post::cached().update(&post, .., conn)`](Cached::update), [`save`](Cached::save); without a load [`Post::cached().find(7).update(.., conn)`](UpdateFound::update) |
//! | `insert_into(..).values(..).on_conflict(..)..` | [`Post::cached().upsert(.., conn)`](Cached::upsert) of the same statement, also on MySQL and MariaDB |
//! | `delete(&post)` | [`Post::cached().delete(&post, conn)`](Cached::delete) |
//! | `update(posts::table.filter(..)).set(..)` | [`Post::cached().filter(..).update_all(.., conn)`](Cached::update_all), [`delete_all`](Cached::delete_all) |
//! | the same with `.returning(Post::as_returning())` | [`Post::cached().filter(..).update_returning(.., conn)`](Cached::update_returning); or [`.mapped()`](MapReturning::mapped) behind it, as with an upsert |
//! | any other statement, by Diesel or raw | stays as it is: it is watched, and what it may have changed is read again |
//! | `set_default_instrumentation(f)` | [`install_with(f)`](install_with) |
//! | `AsyncPgConnection::try_from(client)` | after [`install_with_options(f)`](install_with_options), which names the database |
//!
//! # What happens to memory
//!
//! An object is dropped with its last `Arc`, at once. What it leaves in the map, an entry and the
//! allocation that the entry's weak reference keeps (without what the object itself had allocated),
//! is swept as the map is used, or given back by [`IdentityMap::clear`] and with the [`Scope`].
//!
//! # Where to read on
//!
//! [`Cached`] is the query and the writes, [`Hooks`] what happens around them, [`Strategy`] how a query runs, [`IdentityMap`] what it fills, [`Scope`] for
//! how long, [`IdentityMapConnection`] how a connection gets it, and
//! [`derive(IdentityMapped)`](derive@IdentityMapped) what a model has to be. [`assert_statements!`]
//! counts what a test sends, and [`Scope::report`] finds the queries in loops.
//!
//! # A function over any connection
//!
//! ```
//! # use diesel::prelude::*;
//! # use diesel_identity_map::prelude::*;
//! # diesel::table! { posts (id) { id -> Integer, title -> Text, } }
//! # #[derive(Queryable, Selectable, IdentityMapped)]
//! # #[diesel(table_name = posts)]
//! # struct Post { id: i32, title: String }
//! fn recent<C: CachedConnection<Post>>(conn: &mut C) -> QueryResult<Vec<Arc<Post>>> {
//!     Post::cached().order(posts::id.desc()).limit(10).load(conn)
//! }
//! # fn main() {}
//! ```
//!
//! # A function over any model
//!
//! ```
//! # use diesel::prelude::*;
//! # use diesel_identity_map::prelude::*;
//! fn read<M: CachedModel<C>, C: AnyConnection>(key: M::Key, conn: &mut C) -> QueryResult<Arc<M>> {
//!     M::cached().find(key).first(conn)
//! }
//! # fn main() {}
//! ```
//!
//! Where the connection is known, the bound names its database: `impl<M: PgModel> Crud for M`. See [`CachedModel`].
//!
//! # Features
//!
//! `sqlite`, `postgres`, `mysql` and `r2d2`, in Diesel's sense; `async` for connections of `diesel-async`, on
//! which every method returns a future; `tower`, `axum`, `actix-web` and `rocket`, which give each request of a
//! web server a scope (the module `web`); `tracing`, which warns of statements that are sent
//! [again and again](Scope::report); and `filter-by-key`, with which a condition `posts::id.eq(7)` alone is answered like
//! [`find(7)`](Cached::find), at the cost of more code for each model. None is on by default.
//!
//! [Diesel]: https://diesel.rs

pub use identity_map_core::*;
pub use identity_map_derive::{IdentityMapped, MappedView};

#[doc(hidden)]
pub use identity_map_core::__private;

/// What a program that uses the map imports, beside `diesel::prelude::*`.
pub mod prelude {
    #[cfg(all(feature = "async", feature = "mysql"))]
    pub use crate::AsyncMysqlModel;
    #[cfg(all(feature = "async", feature = "sqlite"))]
    pub use crate::AsyncSqliteModel;
    #[cfg(feature = "mysql")]
    pub use crate::MysqlModel;
    #[cfg(feature = "postgres")]
    pub use crate::PgModel;
    #[cfg(feature = "sqlite")]
    pub use crate::SqliteModel;
    #[cfg(feature = "async")]
    pub use crate::{AnyAsyncConnection, AsyncCachedModel, AsyncIdentityMapConnection};
    pub use crate::{
        AnyConnection, AsyncHooks, Cached, CachedConnection, CachedModel, Change, Children,
        GroupedByParents, Hooks, IdentityMap, IdentityMapConnection, IdentityMapped,
        InIdentityScope, LoadMapped, LoadMappedSql, MapOptions, MapReturning, MappedView, Peers,
        RelatedObject, RelatedObjects, Retain, Saving, Scope, Stats, Strategy, Through,
        UpdateFound,
    };
    #[cfg(all(feature = "async", feature = "postgres"))]
    pub use crate::{AsyncPgModel, SharedIdentityMapConnection};
    #[doc(no_inline)]
    pub use std::sync::Arc;
}

/// The README's programs run as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// So do those of the page on moving from plain Diesel.
#[cfg(doctest)]
#[doc = include_str!("../docs/moving.md")]
struct Moving;
