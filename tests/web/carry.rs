//! To other threads and tasks.

use std::convert::Infallible;

use axum::body::Body;
use axum::http::{Request, Response};
use diesel_identity_map::web::RequestScope;
use diesel_identity_map::{InIdentityScope, Scope};
use tokio::task::spawn_blocking;
use tower::{Layer, ServiceExt, service_fn};

use crate::Blog;
use crate::blog::all_same;
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
