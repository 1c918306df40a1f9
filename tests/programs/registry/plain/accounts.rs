//! Accounts.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

use super::super::models::*;
use super::super::schema::*;

pub(crate) async fn user_by_login(
    conn: &mut AsyncPgConnection,
    login: &str,
) -> QueryResult<Option<User>> {
    let users = users::table.filter(users::login.eq(login));
    users.select(User::as_select()).first(conn).await.optional()
}

pub(crate) async fn accounts(
    conn: &mut AsyncPgConnection,
) -> QueryResult<Vec<(User, Option<Email>)>> {
    users::table
        .left_join(emails::table)
        .order(users::id)
        .select((User::as_select(), Option::<Email>::as_select()))
        .load(conn)
        .await
}

pub(crate) async fn sign_in(
    conn: &mut AsyncPgConnection,
    user: NewUser,
    address: &str,
) -> QueryResult<User> {
    conn.transaction(async |conn| {
        let user: User = diesel::insert_into(users::table)
            .values(&user)
            .on_conflict(users::login)
            .do_update()
            .set(&user)
            .returning(User::as_returning())
            .get_result(conn)
            .await?;
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
) -> QueryResult<Option<Email>> {
    diesel::update(emails::table.filter(emails::token.eq(token)))
        .set(emails::verified.eq(true))
        .returning(Email::as_returning())
        .get_result(conn)
        .await
        .optional()
}

pub(crate) async fn lock_account(
    conn: &mut AsyncPgConnection,
    user: UserId,
    until: Option<NaiveDateTime>,
) -> QueryResult<User> {
    diesel::update(users::table.find(user))
        .set(users::locked_until.eq(until))
        .returning(User::as_returning())
        .get_result(conn)
        .await
}

/// The database deletes what the account has, and a trigger what it owns.
pub(crate) async fn delete_account(
    conn: &mut AsyncPgConnection,
    user: UserId,
) -> QueryResult<usize> {
    diesel::delete(users::table.find(user)).execute(conn).await
}

pub(crate) async fn limits_of(
    conn: &mut AsyncPgConnection,
    user: UserId,
) -> QueryResult<Vec<PublishLimit>> {
    publish_limits::table
        .filter(publish_limits::user_id.eq(user))
        .order(publish_limits::action)
        .select(PublishLimit::as_select())
        .load(conn)
        .await
}

pub(crate) async fn limit(
    conn: &mut AsyncPgConnection,
    user: UserId,
    action: LimitedAction,
) -> QueryResult<Option<PublishLimit>> {
    publish_limits::table
        .find((user, action))
        .select(PublishLimit::as_select())
        .first(conn)
        .await
        .optional()
}

/// Takes one of what an account may do, of ten at first.
pub(crate) async fn take_limit(
    conn: &mut AsyncPgConnection,
    user: UserId,
    action: LimitedAction,
    at: NaiveDateTime,
) -> QueryResult<PublishLimit> {
    let first = PublishLimit {
        user_id: user,
        action,
        tokens: 9,
        last_refill: at,
    };
    diesel::insert_into(publish_limits::table)
        .values(&first)
        .on_conflict((publish_limits::user_id, publish_limits::action))
        .do_update()
        .set(publish_limits::tokens.eq(publish_limits::tokens - 1))
        .returning(PublishLimit::as_returning())
        .get_result(conn)
        .await
}
