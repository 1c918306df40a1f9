//! To other threads and tasks.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, mpsc};

use axum::body::Body;
use axum::http::{Request, Response};
use deadpool_diesel::Runtime;
use deadpool_diesel::sqlite::{Hook, HookError, Manager, Pool};
use diesel::SqliteConnection;
use diesel_identity_map::web::RequestScope;
use diesel_identity_map::{
    IdentityMapConnection, IdentityMapped, InIdentityScope, MapOptions, Scope,
};
use tokio::task::spawn_blocking;
use tower::{Layer, ServiceExt, service_fn};

use crate::Blog;
use crate::blog::{Post, all_different, all_same};
use crate::tower::request;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_spawned_inherits_nothing_unless_it_is_given_the_scope() {
    let handler = async |_: Request<Body>| {
        let here = Scope::current();
        assert!(here.is_some());
        assert_eq!(
            tokio::spawn(async { Scope::current() }).await.unwrap(),
            None
        );
        assert_eq!(spawn_blocking(Scope::current).await.unwrap(), None);

        let carried = spawn_blocking(Scope::carry(Scope::current)).await.unwrap();
        assert_eq!(carried, here);
        let given = async { Scope::current() }.in_identity_scope(here.clone().unwrap());
        assert_eq!(tokio::spawn(given).await.unwrap(), here);
        Ok::<_, Infallible>(Response::new(Body::empty()))
    };
    let service = RequestScope::new().layer(service_fn(handler));
    service.oneshot(request()).await.unwrap();
}

#[tokio::test]
async fn blocking_code_shares_the_objects_of_its_request() {
    let blog = Blog::new();
    let service = RequestScope::new().layer(service_fn(async |_: Request<Body>| {
        blog.leave();
        for _ in 0..2 {
            let blog = blog.clone();
            spawn_blocking(Scope::carry(move || blog.leave()))
                .await
                .unwrap();
        }
        let interact = |f: Box<dyn FnOnce(&mut Blog) + Send>| {
            spawn_blocking({
                let mut blog = blog.clone();
                move || f(&mut blog)
            })
        };
        interact(Box::new(Scope::carry_with(|blog: &mut Blog| blog.leave())))
            .await
            .unwrap();
        Ok::<_, Infallible>(Response::new(Body::empty()))
    }));
    service.oneshot(request()).await.unwrap();
    let left = blog.left();
    assert_eq!(left.len(), 4);
    assert!(all_same(&left));
}

/// As on a thread of rayon that runs somebody else's job while it waits.
#[test]
fn a_carried_job_shadows_the_scope_of_the_thread_it_runs_on() {
    let (mine, theirs) = (Scope::new(), Scope::new());
    let job = mine.in_scope(|| Scope::carry(Scope::current));
    let homeless = Scope::carry(Scope::current);
    let _entered = theirs.enter();
    assert_eq!(job(), Some(mine));
    assert_eq!(homeless(), None);
    assert_eq!(Scope::current(), Some(theirs.clone()));

    let panics = Scope::new().in_scope(|| Scope::carry(|| panic!("on purpose")));
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(panics)).is_err());
    assert_eq!(Scope::current(), Some(theirs.clone()));
}

/// A pool of threads runs a job in the scope it was carried from, and else in none.
#[test]
fn jobs_of_rayon() {
    let blog = Blog::new();
    let threads = rayon::ThreadPoolBuilder::new().num_threads(2).build();
    let threads = threads.unwrap();
    let scope = Scope::new();
    scope.in_scope(|| {
        blog.leave();
        threads.in_place_scope(|jobs| {
            for _ in 0..8 {
                let job = Scope::carry(|| blog.leave());
                jobs.spawn(|_| job());
            }
        });
        threads.install(Scope::carry(|| {
            // Here it is the current one, to be carried on.
            let leaves = Scope::carry(|| blog.leave());
            let ((), other) = rayon::join(leaves, Scope::carry(Scope::current));
            assert_eq!(other, Some(scope.clone()));
        }));
        let (tell, told) = mpsc::channel();
        let job = Scope::carry({
            let (blog, tell) = (blog.clone(), tell.clone());
            move || tell.send((Scope::current(), blog.leave())).unwrap()
        });
        threads.spawn(job);
        assert_eq!(told.recv().unwrap().0, Some(scope.clone()));

        assert_eq!(threads.install(Scope::current), None, "it was not carried");
        threads.spawn(move || tell.send((Scope::current(), ())).unwrap());
        assert_eq!(told.recv().unwrap().0, None);
        assert_eq!(Scope::current(), Some(scope.clone()));
    });
    let left = blog.left();
    assert_eq!(left.len(), 1 + 8 + 1 + 1);
    assert!(all_same(&left));
}

/// A thread of rayon that waits runs somebody else's job meanwhile: here the one thread there is.
#[test]
fn a_job_that_rayon_runs_in_the_midst_of_another() {
    let threads = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let threads = threads.unwrap();
    let (mine, theirs) = (Scope::new(), Scope::new());
    let (tell, told) = mpsc::channel();
    let tells = || {
        let tell = tell.clone();
        move || tell.send(Scope::current()).unwrap()
    };
    let carried = mine.in_scope(|| Scope::carry(tells()));
    let homeless = Scope::carry(tells());
    let careless = tells();
    threads.install(|| {
        theirs.in_scope(|| {
            rayon::spawn(carried);
            rayon::spawn(homeless);
            rayon::spawn(careless);
            while rayon::yield_now() == Some(rayon::Yield::Executed) {}
            assert_eq!(Scope::current(), Some(theirs.clone()));
        });
    });
    // In the order of the thread, not of the calls.
    let seen: Vec<Option<Scope>> = told.try_iter().collect();
    assert_eq!(seen.len(), 3);
    for scope in [Some(mine), None, Some(theirs)] {
        assert!(seen.contains(&scope), "{seen:?}");
    }
}

/// Its `interact` runs on a blocking thread, with a connection that other requests have as well.
#[tokio::test]
async fn a_connection_of_deadpool_diesel() {
    let blog = Blog::new();
    let manager = Manager::new(blog.url(), Runtime::Tokio1);
    let pool = Pool::builder(manager)
        .max_size(1)
        .post_create(Hook::async_fn(|conn, _| {
            Box::pin(async {
                let enabled = conn.interact(|conn| {
                    conn.enable_identity_map_with(MapOptions::new().database("blog"));
                });
                let enabled = enabled.await;
                enabled.map_err(|error| HookError::message(error.to_string()))
            })
        }))
        .build()
        .unwrap();
    let first = |conn: &mut SqliteConnection| Post::cached().find(1).first(conn).unwrap();
    let all = Mutex::new(Vec::new());
    let service = RequestScope::new().layer(service_fn(async |_: Request<Body>| {
        let held = blog.post();
        let conn = pool.get().await.unwrap();
        let carried = conn.interact(Scope::carry_with(first)).await.unwrap();
        assert!(Arc::ptr_eq(&held, &carried));
        let strange = conn.interact(first).await.unwrap();
        assert!(!Arc::ptr_eq(&held, &strange), "it was not carried");
        all.lock().unwrap().extend([held, strange]);
        Ok::<_, Infallible>(Response::new(Body::empty()))
    }));
    service.clone().oneshot(request()).await.unwrap();
    service.oneshot(request()).await.unwrap();
    // All four are held, and the one connection has taken none of them with it.
    assert!(all_different(&all.lock().unwrap()));
    let conn = pool.get().await.unwrap();
    let map = conn.interact(|conn| conn.identity_map().unwrap());
    assert_eq!(map.await.unwrap().len::<Post>(), 0);
    assert_eq!(pool.status().size, 1);
}
