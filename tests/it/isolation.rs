//! G5 under load: ten thousand requests of two hundred tenants over one pool, 64 at a time.
//!
//! No request is handed an object that another one holds, nor a row of another tenant.

use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use diesel::ExpressionMethods;
use diesel::QueryDsl;
use diesel_async::pooled_connection::AsyncDieselConnectionManager;
use diesel_async::pooled_connection::bb8::Pool;
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_identity_map::install;
use diesel_identity_map::prelude::*;

use crate::installed::Installed;
use crate::models::*;
use crate::schema::*;

const TENANTS: usize = 200;
const POSTS: usize = 3 * TENANTS;
const REQUESTS: usize = 5_000;
const IN_FLIGHT: usize = 64;

/// Who holds which object, by where it is.
#[derive(Default)]
struct Holders(Mutex<HashMap<usize, usize>>);

impl Holders {
    /// Notes that a request was handed these, and that nobody else has them.
    fn take(&self, request: usize, posts: &[Arc<Post>]) {
        let mut holders = self.0.lock().unwrap();
        for post in posts {
            let holder = holders.entry(Arc::as_ptr(post).addr()).or_insert(request);
            assert_eq!(
                *holder, request,
                "post {} is somebody else's object",
                post.id
            );
        }
    }

    /// A request ends; it drops what it holds after this.
    fn leave(&self, request: usize) {
        self.0
            .lock()
            .unwrap()
            .retain(|_, holder| *holder != request);
    }
}

/// Runs so many requests, so many of them at once, on the runtime of the caller.
async fn requests<F>(count: usize, request: impl Fn(usize, i32) -> F + Clone + Send + 'static)
where
    F: Future<Output = ()> + Send,
{
    let next = Arc::new(AtomicUsize::new(0));
    let mut tasks = Vec::new();
    for _ in 0..IN_FLIGHT {
        let (next, request) = (Arc::clone(&next), request.clone());
        tasks.push(tokio::spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    break;
                }
                let tenant = i32::try_from(number * 7 % TENANTS + 1).unwrap();
                let request = request(number, tenant);
                request.in_identity_scope(Scope::new()).await;
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

/// On one thread, where the requests interleave at each `.await`, and on several.
fn on_one_thread_and_on_many(test: impl AsyncFn()) {
    let one = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    one.unwrap().block_on(test());
    let many = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build();
    many.unwrap().block_on(test());
}

/// A pool of connections that carry maps. (`bb8` has no trait that a function could be bounded by
/// without naming the crate.)
macro_rules! pool {
    ($conn:ty, $url:expr) => {
        Pool::<$conn>::builder()
            .max_size(8)
            .build(AsyncDieselConnectionManager::new($url))
            .await
            .unwrap()
    };
}

/// By a condition: what a tenant does not ask for it is not given.
#[test]
fn tenants_by_a_filter_on_sqlite() {
    let _installed = Installed::new(install);
    let db = crate::db::sqlite::Db::new();
    db.fill(TENANTS, POSTS);
    on_one_thread_and_on_many(async || {
        let pool = pool!(SyncConnectionWrapper<diesel::SqliteConnection>, db.url());
        let holders = Arc::new(Holders::default());
        let request = move |number: usize, tenant: i32| {
            let (pool, holders) = (pool.clone(), Arc::clone(&holders));
            async move {
                let mine = || {
                    Post::cached()
                        .filter(posts::user_id.eq(tenant))
                        .order(posts::id)
                };
                let mut conn = pool.get().await.unwrap();
                let posts = mine().load(&mut conn).await.unwrap();
                holders.take(number, &posts);
                drop(conn);
                let mut conn = pool.get().await.unwrap();
                let again = mine()
                    .strategy(Strategy::KeysFirst)
                    .load(&mut conn)
                    .await
                    .unwrap();
                assert!(
                    again
                        .iter()
                        .zip(&posts)
                        .all(|(one, other)| Arc::ptr_eq(one, other))
                );
                assert!(posts.len() == 3 && posts.iter().all(|post| post.user_id == tenant));
                holders.leave(number);
            }
        };
        requests(REQUESTS, request).await;
    });
}

/// By the database: the same query gives each tenant rows of its own.
#[cfg(feature = "postgres")]
#[test]
fn tenants_by_row_level_security_on_postgres() {
    use diesel::connection::SimpleConnection;

    let _installed = Installed::new(install);
    let db = crate::db::postgres::Db::new();
    db.fill(TENANTS, POSTS);
    // A superuser sees everything, so the requests are another role's.
    let role = format!("identity_map_tenant_{}", std::process::id());
    let mut admin = db.connect();
    admin
        .batch_execute(&format!(
            "CREATE ROLE {role}; GRANT SELECT ON posts TO {role};
             ALTER TABLE posts ENABLE ROW LEVEL SECURITY;
             CREATE POLICY own ON posts USING (user_id = current_setting('app.tenant')::int);"
        ))
        .unwrap();
    on_one_thread_and_on_many(async || {
        let pool = pool!(diesel_async::AsyncPgConnection, db.url());
        let holders = Arc::new(Holders::default());
        let role = role.clone();
        let request = move |number: usize, tenant: i32| {
            let (pool, holders, role) = (pool.clone(), Arc::clone(&holders), role.clone());
            async move {
                let mut conn = pool.get().await.unwrap();
                let settings = format!("SET ROLE {role}; SET app.tenant = '{tenant}'");
                diesel_async::SimpleAsyncConnection::batch_execute(&mut *conn, &settings)
                    .await
                    .unwrap();
                let all = || Post::cached().order(posts::id);
                let posts = all().load(&mut conn).await.unwrap();
                holders.take(number, &posts);
                assert!(posts.len() == 3 && posts.iter().all(|post| post.user_id == tenant));
                let again = all()
                    .strategy(Strategy::KeysFirst)
                    .load(&mut conn)
                    .await
                    .unwrap();
                assert!(
                    again
                        .iter()
                        .zip(&posts)
                        .all(|(one, other)| Arc::ptr_eq(one, other))
                );
                // Post `p` is of user `p % TENANTS + 1`.
                let others = Post::cached().find(tenant).first(&mut conn).await;
                assert_eq!(others.unwrap_err(), diesel::NotFound);
                holders.leave(number);
            }
        };
        requests(REQUESTS, request).await;
    });
    admin
        .batch_execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}"))
        .unwrap();
}
