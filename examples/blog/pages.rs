//! The pages: what each request asks for, and what it gets.

use axum::Router;
use axum::extract::rejection::{FormRejection, PathRejection, QueryRejection};
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use diesel_async::pooled_connection::deadpool;
use diesel_identity_map::{AsyncIdentityMapConnection, Scope, StatementLog};

use super::{Conn, queries};
use crate::shared::forms::{NewComment, PageOf};
use crate::shared::html::{self, Page};
use crate::shared::panel::Panel;
use crate::shared::problem::{Outcome, Problem};

type Pool = deadpool::Pool<Conn>;
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
    let (mut conn, log) = connect(&pool).await?;
    let entries = queries::newest(at, &mut conn).await?;
    Ok(html::list(
        "Newest posts",
        &entries,
        at,
        &Panel::of(&scope, Some(&log)),
    ))
}

async fn user(
    scope: Scope,
    State(pool): State<Pool>,
    id: Asked<Path<i32>, PathRejection>,
    at: Asked<Query<PageOf>, QueryRejection>,
) -> Outcome<Page> {
    let (Path(id), at) = (id?, page_of(at)?);
    let (mut conn, log) = connect(&pool).await?;
    let (user, entries) = queries::by_user(id, at, &mut conn).await?;
    let heading = format!("Posts by {}", user.name);
    Ok(html::list(
        &heading,
        &entries,
        at,
        &Panel::of(&scope, Some(&log)),
    ))
}

async fn tag(
    scope: Scope,
    State(pool): State<Pool>,
    id: Asked<Path<i32>, PathRejection>,
    at: Asked<Query<PageOf>, QueryRejection>,
) -> Outcome<Page> {
    let (Path(id), at) = (id?, page_of(at)?);
    let (mut conn, log) = connect(&pool).await?;
    let (tag, entries) = queries::with_tag(id, at, &mut conn).await?;
    let heading = format!("Posts on {}", tag.name);
    Ok(html::list(
        &heading,
        &entries,
        at,
        &Panel::of(&scope, Some(&log)),
    ))
}

async fn thread(
    scope: Scope,
    State(pool): State<Pool>,
    id: Asked<Path<i32>, PathRejection>,
) -> Outcome<Page> {
    let Path(id) = id?;
    let (mut conn, log) = connect(&pool).await?;
    let thread = queries::thread(id, &mut conn).await?;
    Ok(html::thread(&thread, None, &Panel::of(&scope, Some(&log))))
}

async fn comment(
    scope: Scope,
    State(pool): State<Pool>,
    id: Asked<Path<i32>, PathRejection>,
    form: Asked<Form<NewComment>, FormRejection>,
) -> Outcome<Response> {
    let (Path(id), Form(form)) = (id?, form?);
    let (mut conn, log) = connect(&pool).await?;
    match form.check() {
        Ok(form) => {
            let comment = queries::comment(id, &form, &mut conn).await?;
            let there = format!("/posts/{id}#comment-{}", comment.id);
            Ok(Redirect::to(&there).into_response())
        }
        Err(refused) => {
            let thread = queries::thread(id, &mut conn).await?;
            let page = html::thread(&thread, Some(&refused), &Panel::of(&scope, Some(&log)));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

fn page_of(at: Asked<Query<PageOf>, QueryRejection>) -> Outcome<PageOf> {
    let Query(at) = at?;
    at.check()
        .map_err(|wrong| Problem::of_the_client(StatusCode::BAD_REQUEST, wrong))
}

/// A connection of the pool, and the log of what it sends in this request.
async fn connect(pool: &Pool) -> Outcome<(deadpool::Object<Conn>, StatementLog)> {
    let mut conn = pool.get().await.map_err(Problem::of_the_server)?;
    let log = conn.record_statements()?;
    Ok((conn, log))
}
