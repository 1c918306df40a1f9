//! A request that takes too long, in the middle of a load by a connection of diesel-async.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response};
use diesel::dsl::sql;
use diesel::prelude::{ExpressionMethods, QueryDsl, SelectableHelper};
use diesel::sql_types::Bool;
use diesel::{ConnectionResult, SqliteConnection};
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig};
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use diesel_identity_map::prelude::*;
use diesel_identity_map::{MapOptions, Scope};
use tower::timeout::{TimeoutLayer, error::Elapsed};
use tower::{BoxError, Layer, ServiceExt, service_fn};

use crate::blog::{Post, posts};
use crate::keeping;
use crate::tower::request;

/// Of the session, so that no server has to be tidied.
const POSTS: &str = "CREATE TEMPORARY TABLE posts (id INTEGER PRIMARY KEY, title TEXT NOT NULL);
    INSERT INTO posts VALUES (1, 'Rows'), (2, 'Rust'), (3, 'Runes');";

/// Enough for the quick queries of a request on a busy machine.
const LIMIT: Duration = Duration::from_millis(500);

/// A condition that takes longer, for each row that it is asked of.
const SLOW: &str = "pg_sleep(1.0) IS NOT NULL";

diesel::define_sql_function! {
    /// PostgreSQL has it; SQLite is given it.
    fn pg_sleep(seconds: diesel::sql_types::Double) -> Bool;
}

/// What a handler leaves for the test.
#[derive(Default)]
struct Left {
    scopes: Vec<Scope>,
    posts: Vec<Arc<Post>>,
    /// How many requests got to their slow query.
    slow: usize,
}

// On several threads, because a future of SQLite's that is dropped waits for its statement.
macro_rules! each_connection {
    ($($(#[$gate:meta])* $name:ident $Conn:ty, $connect:expr;)+) => {$(
        $(#[$gate])*
        mod $name {
            use super::*;

            async fn connect() -> ConnectionResult<$Conn> {
                let mut conn = $connect;
                conn.batch_execute(POSTS).await.unwrap();
                conn.enable_identity_map_with(MapOptions::new().database("blog"));
                Ok(conn)
            }

            fn pool() -> Pool<$Conn> {
                let mut config = ManagerConfig::default();
                config.custom_setup = Box::new(|_| Box::pin(connect()));
                let manager = AsyncDieselConnectionManager::new_with_config("", config);
                Pool::builder(manager).max_size(1).build().unwrap()
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn inside_the_layer() {
                times_out!(pool(), |service| keeping().layer(TimeoutLayer::new(LIMIT).layer(service)));
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn outside_the_layer() {
                times_out!(pool(), |service| TimeoutLayer::new(LIMIT).layer(keeping().layer(service)));
            }
        }
    )+};
}

/// G5 and G7: the scope of the request is empty and has ended, its connection is whole and goes
/// back to the pool of one, and the next request is right.
macro_rules! times_out {
    ($pool:expr, |$service:ident| $layered:expr) => {{
        let pool = $pool;
        drop(pool.get().await.unwrap());
        let left = Mutex::new(Left::default());
        let handler = async |request: Request<Body>| {
            let mut conn = pool.get().await?;
            let post = Post::cached().find(1).first(&mut conn).await?;
            let scope = Scope::current().unwrap();
            assert_eq!(scope.stats().alive, 1);
            {
                let mut left = left.lock().unwrap();
                left.scopes.push(scope);
                left.posts.push(post);
                left.slow += usize::from(request.uri().path() == "/slow");
            }
            if request.uri().path() == "/slow" {
                let slow = Post::cached().filter(posts::id.eq(3));
                slow.filter(sql::<Bool>(SLOW)).load(&mut conn).await?;
            }
            let all = Post::cached().order(posts::id).load(&mut conn).await?;
            let plain = posts::table.order(posts::id).select(Post::as_select());
            let plain: Vec<Post> = plain.load(&mut conn).await?;
            assert!(all.iter().map(|post| &**post).eq(&plain));
            left.lock().unwrap().posts.extend(all);
            Ok::<_, BoxError>(Response::new(Body::empty()))
        };
        let $service = service_fn(&handler);
        let service = $layered;
        for number in 1..=2 {
            let mut slow = request();
            *slow.uri_mut() = "/slow".parse().unwrap();
            let error = service.clone().oneshot(slow).await.err().unwrap();
            assert!(error.is::<Elapsed>(), "{error}");
            {
                let left = left.lock().unwrap();
                assert_eq!(
                    (left.slow, left.posts.len()),
                    (number, 1),
                    "it was in its load"
                );
            }
            let of_slow = left.lock().unwrap().scopes.pop().unwrap();
            assert_eq!(of_slow.stats().alive, 0);
            assert_eq!(pool.status().available, 1, "the connection is back");

            // The next one waits for what is under way on the connection.
            let next = service_fn(&handler);
            keeping().layer(next).oneshot(request()).await.unwrap();
            assert_eq!(pool.status().size, 1);
            let mut posts = std::mem::take(&mut left.lock().unwrap().posts);
            let of_next = left.lock().unwrap().scopes.pop().unwrap();
            assert_eq!((posts.len(), of_next.stats().alive), (5, 0));
            let of_slow_one = posts.remove(0);
            assert!(Arc::ptr_eq(&posts[0], &posts[1]));
            assert!(!Arc::ptr_eq(&posts[0], &of_slow_one));

            // Nobody comes late into a scope that has ended.
            let late = async {
                let mut conn = pool.get().await.unwrap();
                let one = Post::cached().find(1).first(&mut conn).await.unwrap();
                let other = Post::cached().find(1).first(&mut conn).await.unwrap();
                assert!(!Arc::ptr_eq(&one, &other));
            };
            late.in_identity_scope(of_slow).await;
        }
    }};
}

each_connection! {
    sqlite SyncConnectionWrapper<SqliteConnection>, {
        let mut conn = <SqliteConnection as diesel::Connection>::establish(":memory:")?;
        pg_sleep_utils::register_impl(&mut conn, |seconds: f64| {
            std::thread::sleep(Duration::from_secs_f64(seconds));
            true
        }).unwrap();
        SyncConnectionWrapper::new(conn)
    };
    #[cfg(feature = "postgres")]
    postgres diesel_async::AsyncPgConnection, {
        let url = std::env::var("IDENTITY_MAP_POSTGRES_URL");
        let url = url.unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
        <diesel_async::AsyncPgConnection as diesel_async::AsyncConnection>::establish(&url).await?
    };
}
