//! The tokens of programs that publish.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::super::models::*;
use super::super::schema::*;

pub(crate) async fn tokens_of(
    conn: &mut AsyncPgConnection,
    user: UserId,
    at: NaiveDateTime,
) -> QueryResult<Vec<ApiToken>> {
    api_tokens::table
        .filter(
            api_tokens::user_id
                .eq(user)
                .and(api_tokens::revoked.eq(false)),
        )
        .filter(
            api_tokens::expires_at
                .is_null()
                .or(api_tokens::expires_at.gt(at)),
        )
        .order(api_tokens::id)
        .select(ApiToken::as_select())
        .load(conn)
        .await
}

pub(crate) async fn create_token(
    conn: &mut AsyncPgConnection,
    token: NewApiToken,
) -> QueryResult<ApiToken> {
    diesel::insert_into(api_tokens::table)
        .values(token)
        .returning(ApiToken::as_returning())
        .get_result(conn)
        .await
}

/// Who sends a token, which is noted.
pub(crate) async fn authenticate(
    conn: &mut AsyncPgConnection,
    digest: &[u8],
    at: NaiveDateTime,
) -> QueryResult<Option<(ApiToken, User)>> {
    let token = diesel::update(api_tokens::table)
        .filter(api_tokens::digest.eq(digest))
        .filter(api_tokens::revoked.eq(false))
        .set(api_tokens::last_used_at.eq(at))
        .returning(ApiToken::as_returning())
        .get_result::<ApiToken>(conn)
        .await
        .optional()?;
    let Some(token) = token else { return Ok(None) };
    let user = users::table.find(token.user_id).select(User::as_select());
    let user = user.first(conn).await?;
    Ok(Some((token, user)))
}

pub(crate) async fn revoke_token(
    conn: &mut AsyncPgConnection,
    user: UserId,
    token: TokenId,
) -> QueryResult<usize> {
    diesel::update(
        api_tokens::table
            .find(token)
            .filter(api_tokens::user_id.eq(user)),
    )
    .set(api_tokens::revoked.eq(true))
    .execute(conn)
    .await
}

pub(crate) async fn revoke_tokens_of(
    conn: &mut AsyncPgConnection,
    user: UserId,
) -> QueryResult<Vec<ApiToken>> {
    let mut revoked: Vec<ApiToken> = diesel::update(api_tokens::table)
        .filter(
            api_tokens::user_id
                .eq(user)
                .and(api_tokens::revoked.eq(false)),
        )
        .set(api_tokens::revoked.eq(true))
        .returning(ApiToken::as_returning())
        .get_results(conn)
        .await?;
    revoked.sort_by_key(|token| token.id);
    Ok(revoked)
}
