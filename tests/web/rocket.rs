//! Rocket's fairing and wrapped routes.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use diesel_identity_map::Scope;
use diesel_identity_map::web::RequestScope;
use diesel_identity_map::web::rocket::in_request_scope;
use rocket::error::ErrorKind;
use rocket::fairing::AdHoc;
use rocket::http::{Header, Status};
use rocket::local::blocking::Client;
use rocket::response::stream::TextStream;
use rocket::tokio::task::{spawn_blocking, yield_now};
use rocket::tokio::time::sleep;
use rocket::{Build, Responder, Rocket, State, get, routes};

use crate::blog::{all_different, all_same};
use crate::server_timing::parts;
use crate::socket::{ask, read_until, until};
use crate::{Blog, keeping};

/// A handle that a handler keeps.
type Held = Arc<Mutex<Option<Scope>>>;

#[get("/twice")]
async fn twice(blog: &State<Blog>) -> &'static str {
    blog.leave();
    blog.watch();
    yield_now().await;
    blog.leave();
    "twice"
}

#[get("/stream")]
fn stream(blog: &State<Blog>) -> TextStream![&'static str + '_] {
    blog.leave();
    blog.watch();
    TextStream! {
        for _ in 0..3 {
            yield_now().await;
            blog.leave();
            yield "a post\n";
        }
    }
}

/// It goes on as long as somebody reads.
#[get("/endless")]
fn endless(scope: Scope, held: &State<Held>, blog: &State<Blog>) -> TextStream![&'static str] {
    blog.watch();
    *held.lock().unwrap() = Some(scope);
    TextStream! {
        loop {
            yield "a post\n";
            sleep(Duration::from_millis(1)).await;
        }
    }
}

#[get("/panics")]
fn panics(blog: &State<Blog>) -> &'static str {
    blog.watch();
    panic!("on purpose");
}

#[get("/fails")]
fn fails(blog: &State<Blog>) -> Status {
    blog.watch();
    Status::ImATeapot
}

#[get("/holds")]
fn holds(scope: Scope, held: &State<Held>, blog: &State<Blog>) {
    assert_eq!(Scope::current(), Some(scope.clone()));
    blog.leave();
    *held.lock().unwrap() = Some(scope);
}

#[get("/elsewhere")]
async fn elsewhere() {
    let here = Scope::current();
    assert!(here.is_some());
    let spawned = rocket::tokio::spawn(async { Scope::current() });
    assert_eq!(spawned.await.unwrap(), None);
    assert_eq!(spawn_blocking(Scope::current).await.unwrap(), None);
    let carried = spawn_blocking(Scope::carry(Scope::current));
    assert_eq!(carried.await.unwrap(), here);
}

#[derive(Responder)]
struct Timed(&'static str, Header<'static>);

#[get("/timed")]
fn timed(blog: &State<Blog>) -> Timed {
    let _held = (blog.posts(), blog.post());
    Timed("timed", Header::new("server-timing", "cdn;dur=1"))
}

/// Not wrapped: the guard is what it has.
#[get("/bare")]
fn bare(scope: Scope, blog: &State<Blog>) {
    assert_eq!(Scope::current(), None);
    scope.in_scope(|| (blog.leave(), blog.leave()));
}

fn app(scope: RequestScope) -> (Client, Blog, Held) {
    let (rocket, blog, held) = build(scope);
    (Client::untracked(rocket).unwrap(), blog, held)
}

fn build(scope: RequestScope) -> (Rocket<Build>, Blog, Held) {
    let (blog, held) = (Blog::new(), Held::default());
    let rocket = quiet()
        .attach(scope)
        .manage(blog.clone())
        .manage(held.clone())
        .mount(
            "/",
            in_request_scope(routes![
                twice, stream, panics, fails, holds, elsewhere, timed, endless
            ]),
        )
        .mount("/", routes![bare]);
    (rocket, blog, held)
}

fn quiet() -> Rocket<Build> {
    rocket::custom(rocket::Config {
        log_level: rocket::config::LogLevel::Off,
        port: 0,
        ..rocket::Config::debug_default()
    })
}

#[test]
fn one_request_shares_and_two_never_do() {
    let (client, blog, _) = app(RequestScope::new());
    let response = client.get("/twice").dispatch();
    assert_eq!(response.body().preset_size(), Some(5));
    assert_eq!(response.into_string().unwrap(), "twice");
    let first = blog.left();
    client.get("/twice").dispatch();
    let second = blog.left();
    assert!(all_same(&first) && all_same(&second));
    assert!(!Arc::ptr_eq(&first[0], &second[0]));

    client.get("/bare").dispatch();
    assert!(all_same(&blog.left()));

    let request = client.get("/twice");
    let responses = (request.clone().dispatch(), request.dispatch());
    let left = blog.left();
    assert!(all_same(&left[..2]) && all_same(&left[2..]) && all_different(&left[1..3]));
    drop(responses);
}

#[test]
fn a_body_that_loads_while_it_streams_is_in_the_scope() {
    let (client, blog, _) = app(RequestScope::new());
    let body = client.get("/stream").dispatch().into_string().unwrap();
    assert_eq!(body.len(), 3 * 7);
    let left = blog.left();
    assert_eq!(left.len(), 4);
    assert!(all_same(&left));
    assert_eq!(Scope::current(), None);
}

#[test]
fn the_scope_ends_with_the_response() {
    let (client, blog, _) = app(keeping());
    for path in ["/twice", "/stream", "/panics", "/fails"] {
        // Not read: the client goes away.
        let response = client.get(path).dispatch();
        blog.left();
        assert!(blog.is_kept(), "{path}");
        drop(response);
        assert!(!blog.is_kept(), "{path}");
    }
}

#[test]
fn a_handle_that_outlives_the_request_is_to_an_ended_scope() {
    let (client, blog, held) = app(keeping());
    client.get("/holds").dispatch();
    let scope = held.lock().unwrap().take().unwrap();
    scope.in_scope(|| (blog.leave(), blog.leave()));
    let left = blog.left();
    assert_eq!(left.len(), 3);
    assert!(all_different(&left));
}

/// Over TCP. Rocket learns of it as it writes.
#[tokio::test]
async fn a_client_that_leaves_in_the_middle_of_the_body() {
    let (rocket, blog, held) = build(keeping());
    let (tell, told) = rocket::tokio::sync::oneshot::channel();
    let tell = Mutex::new(Some(tell));
    let tells = AdHoc::on_liftoff("tells its port", move |rocket| {
        let tell = tell.lock().unwrap().take().unwrap();
        tell.send(rocket.config().port).unwrap();
        Box::pin(async {})
    });
    let rocket = rocket.attach(tells).ignite().await.unwrap();
    let shutdown = rocket.shutdown();
    let launched = rocket::tokio::spawn(rocket.launch());
    let address = (Ipv4Addr::LOCALHOST, told.await.unwrap()).into();
    let mut client = ask(address, "/endless").await;
    read_until(&mut client, "a post").await;
    assert!(blog.is_kept());
    drop(client);
    until("the scope ends", || !blog.is_kept()).await;
    let scope = held.lock().unwrap().take().unwrap();
    scope.in_scope(|| (blog.leave(), blog.leave()));
    assert!(all_different(&blog.left()));
    shutdown.notify();
    launched.await.unwrap().unwrap();
}

#[test]
fn server_timing_is_added() {
    let (client, ..) = app(RequestScope::new().server_timing(true));
    let response = client.get("/timed").dispatch();
    let headers: Vec<&str> = response.headers().get("server-timing").collect();
    assert_eq!((headers.len(), headers[0]), (2, "cdn;dur=1"));
    assert_eq!(parts(headers[1]).1, "hits=1 misses=3 statements=1");

    let (client, ..) = app(RequestScope::new());
    let response = client.get("/timed").dispatch();
    assert_eq!(response.headers().get("server-timing").count(), 1);
}

#[test]
fn blocking_code_and_spawned_tasks() {
    let (client, ..) = app(RequestScope::new());
    assert_eq!(client.get("/elsewhere").dispatch().status(), Status::Ok);
}

#[test]
fn without_the_fairing() {
    let wrapped = quiet().manage(Blog::new());
    let wrapped = wrapped.mount("/", in_request_scope(routes![twice]));
    let client = Client::untracked(wrapped).unwrap();
    assert_eq!(
        client.get("/twice").dispatch().status(),
        Status::InternalServerError
    );

    let guarded = quiet().manage(Blog::new()).mount("/", routes![bare]);
    let refused = Client::untracked(guarded).err().unwrap();
    assert!(matches!(refused.kind(), ErrorKind::SentinelAborts(_)));
}
