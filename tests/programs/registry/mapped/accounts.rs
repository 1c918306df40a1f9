//! Accounts.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use diesel_identity_map::prelude::*;

use super::super::models::*;
use super::super::schema::*;

pub(crate) async fn user_by_login(
    conn: &mut AsyncPgConnection,
    login: &str,
) -> QueryResult<Option<Arc<User>>> {
    let user = User::cached().filter(users::login.eq(login));
    user.first(conn).await.optional()
}

pub(crate) async fn accounts(
    conn: &mut AsyncPgConnection,
) -> QueryResult<Vec<(Arc<User>, Option<Arc<Email>>)>> {
    users::table
        .left_join(emails::table)
        .order(users::id)
        .select((User::as_select(), Option::<Email>::as_select()))
        .mapped()
        .load(conn)
        .await
}

pub(crate) async fn sign_in(
    conn: &mut AsyncPgConnection,
    user: NewUser,
    address: &str,
) -> QueryResult<Arc<User>> {
    conn.transaction(async |conn| {
        // wants: upsert through the manager
        let id: UserId = diesel::insert_into(users::table)
            .values(&user)
            .on_conflict(users::login)
            .do_update()
            .set(&user)
            .returning(users::id)
            .get_result(conn)
            .await?;
        let user = User::cached().find(id).first(conn).await?;
        let email = NewEmail {
            user_id: user.id,
            address: address.to_owned(),
            verified: false,
            token: format!("token of {address}"),
        };
        diesel::insert_into(emails::table)
            .values(&email)
            .on_conflict_do_nothing()
            .execute(conn)
            .await?;
        QueryResult::Ok(user)
    })
    .await
}

pub(crate) async fn confirm_email(
    conn: &mut AsyncPgConnection,
    token: &str,
) -> QueryResult<Option<Arc<Email>>> {
    // wants: Email::cached().filter(..).update_returning(changes, conn)
    let email = Email::cached().filter(emails::token.eq(token));
    let Some(email) = email.first(conn).await.optional()? else {
        return Ok(None);
    };
    let email = Email::cached().update(&email, emails::verified.eq(true), conn);
    email.await.map(Some)
}

pub(crate) async fn lock_account(
    conn: &mut AsyncPgConnection,
    user: UserId,
    until: Option<NaiveDateTime>,
) -> QueryResult<Arc<User>> {
    // wants: update by key without loading
    let user = User::cached().find(user).first(conn).await?;
    User::cached()
        .update(&user, users::locked_until.eq(until), conn)
        .await
}

/// The database deletes what the account has, and a trigger what it owns.
pub(crate) async fn delete_account(
    conn: &mut AsyncPgConnection,
    user: UserId,
) -> QueryResult<usize> {
    let user = User::cached().filter(users::id.eq(user));
    user.delete_all(conn).await
}

pub(crate) async fn limits_of(
    conn: &mut AsyncPgConnection,
    user: UserId,
) -> QueryResult<Vec<Arc<PublishLimit>>> {
    PublishLimit::cached()
        .filter(publish_limits::user_id.eq(user))
        .order(publish_limits::action)
        .load(conn)
        .await
}

pub(crate) async fn limit(
    conn: &mut AsyncPgConnection,
    user: UserId,
    action: LimitedAction,
) -> QueryResult<Option<Arc<PublishLimit>>> {
    let limit = PublishLimit::cached().find((user, action));
    limit.first(conn).await.optional()
}

/// Takes one of what an account may do, of ten at first.
pub(crate) async fn take_limit(
    conn: &mut AsyncPgConnection,
    user: UserId,
    action: LimitedAction,
    at: NaiveDateTime,
) -> QueryResult<Arc<PublishLimit>> {
    let first = PublishLimit {
        user_id: user,
        action,
        tokens: 9,
        last_refill: at,
    };
    // wants: upsert through the manager
    diesel::insert_into(publish_limits::table)
        .values(&first)
        .on_conflict((publish_limits::user_id, publish_limits::action))
        .do_update()
        .set(publish_limits::tokens.eq(publish_limits::tokens - 1))
        .execute(conn)
        .await?;
    PublishLimit::cached()
        .find((user, action))
        .first(conn)
        .await
}
