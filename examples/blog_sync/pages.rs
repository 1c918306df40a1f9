//! The pages: what each request asks for, and what it gets.

use axum::Router;
use axum::extract::rejection::{FormRejection, PathRejection, QueryRejection};
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use diesel::QueryResult;
use diesel::r2d2::ConnectionManager;
use diesel_identity_map::{IdentityMapConnection, Scope};
use tokio::task::spawn_blocking;

use super::{Conn, queries};
use crate::shared::forms::{NewComment, PageOf};
use crate::shared::html::{self, Page};
use crate::shared::panel::Panel;
use crate::shared::problem::{Outcome, Problem};

type Pool = diesel::r2d2::Pool<ConnectionManager<Conn>>;
/// What the extractors of axum give: what is wrong with a request is for our own page to say.
type Asked<T, E> = Result<T, E>;

pub(super) fn router(pool: Pool) -> Router {
    Router::new()
        .route("/", get(list))
        .route("/users/{id}", get(user))
        .route("/tags/{id}", get(tag))
        .route("/posts/{id}", get(thread))
        .route("/posts/{id}/comments", post(comment))
        .fallback(async || Problem::from(diesel::NotFound))
        .method_not_allowed_fallback(async || Problem::method())
        .with_state(pool)
}

async fn list(
    scope: Scope,
    State(pool): State<Pool>,
    at: Asked<Query<PageOf>, QueryRejection>,
) -> Outcome<Page> {
    let at = page_of(at)?;
    let (entries, panel) = ask(scope, pool, move |conn| queries::newest(at, conn)).await?;
    Ok(html::list("Newest posts", &entries, at, &panel))
}

async fn user(
    scope: Scope,
    State(pool): State<Pool>,
    id: Asked<Path<i32>, PathRejection>,
    at: Asked<Query<PageOf>, QueryRejection>,
) -> Outcome<Page> {
    let (Path(id), at) = (id?, page_of(at)?);
    let asked = ask(scope, pool, move |conn| queries::by_user(id, at, conn));
    let ((user, entries), panel) = asked.await?;
    let heading = format!("Posts by {}", user.name);
    Ok(html::list(&heading, &entries, at, &panel))
}

async fn tag(
    scope: Scope,
    State(pool): State<Pool>,
    id: Asked<Path<i32>, PathRejection>,
    at: Asked<Query<PageOf>, QueryRejection>,
) -> Outcome<Page> {
    let (Path(id), at) = (id?, page_of(at)?);
    let asked = ask(scope, pool, move |conn| queries::with_tag(id, at, conn));
    let ((tag, entries), panel) = asked.await?;
    let heading = format!("Posts on {}", tag.name);
    Ok(html::list(&heading, &entries, at, &panel))
}

async fn thread(
    scope: Scope,
    State(pool): State<Pool>,
    id: Asked<Path<i32>, PathRejection>,
) -> Outcome<Page> {
    let Path(id) = id?;
    let (thread, panel) = ask(scope, pool, move |conn| queries::thread(id, conn)).await?;
    Ok(html::thread(&thread, None, &panel))
}

async fn comment(
    scope: Scope,
    State(pool): State<Pool>,
    id: Asked<Path<i32>, PathRejection>,
    form: Asked<Form<NewComment>, FormRejection>,
) -> Outcome<Response> {
    let (Path(id), Form(form)) = (id?, form?);
    match form.check() {
        Ok(form) => {
            let asked = ask(scope, pool, move |conn| queries::comment(id, &form, conn));
            let (comment, _) = asked.await?;
            let there = format!("/posts/{id}#comment-{}", comment.id);
            Ok(Redirect::to(&there).into_response())
        }
        Err(refused) => {
            let (thread, panel) = ask(scope, pool, move |conn| queries::thread(id, conn)).await?;
            let page = html::thread(&thread, Some(&refused), &panel);
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

fn page_of(at: Asked<Query<PageOf>, QueryRejection>) -> Outcome<PageOf> {
    let Query(at) = at?;
    at.check()
        .map_err(|wrong| Problem::of_the_client(StatusCode::BAD_REQUEST, wrong))
}

/// Asks the database on a thread that may block, in the scope of the request: what it answers, and
/// what that took.
async fn ask<T: Send + 'static>(
    scope: Scope,
    pool: Pool,
    question: impl FnOnce(&mut Conn) -> QueryResult<T> + Send + 'static,
) -> Outcome<(T, Panel)> {
    let asked = spawn_blocking(Scope::carry(move || {
        let mut conn = pool.get().map_err(Problem::of_the_server)?;
        let log = conn.record_statements()?;
        let answer = question(&mut conn)?;
        Ok((answer, Panel::of(&scope, Some(&log))))
    }));
    asked.await.map_err(Problem::of_the_server)?
}
