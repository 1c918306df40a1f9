//! The tokens of programs that publish.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel_async::AsyncPgConnection;
use diesel_identity_map::prelude::*;

use super::super::models::*;
use super::super::schema::*;

pub(crate) async fn tokens_of(
    conn: &mut AsyncPgConnection,
    user: UserId,
    at: NaiveDateTime,
) -> QueryResult<Vec<Arc<ApiToken>>> {
    ApiToken::cached()
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
        .load(conn)
        .await
}

pub(crate) async fn create_token(
    conn: &mut AsyncPgConnection,
    token: NewApiToken,
) -> QueryResult<Arc<ApiToken>> {
    ApiToken::cached().insert(token, conn).await
}

/// Who sends a token, which is noted.
pub(crate) async fn authenticate(
    conn: &mut AsyncPgConnection,
    digest: &[u8],
    at: NaiveDateTime,
) -> QueryResult<Option<(Arc<ApiToken>, Arc<User>)>> {
    // wants: ApiToken::cached().filter(..).update_returning(changes, conn)
    let token = ApiToken::cached()
        .filter(api_tokens::digest.eq(digest))
        .filter(api_tokens::revoked.eq(false))
        .first(conn)
        .await
        .optional()?;
    let Some(token) = token else { return Ok(None) };
    let used = api_tokens::last_used_at.eq(at);
    let token = ApiToken::cached().update(&token, used, conn).await?;
    let user = token.load_parent::<User>(conn).await?;
    Ok(Some((token, user.ok_or(diesel::NotFound)?)))
}

pub(crate) async fn revoke_token(
    conn: &mut AsyncPgConnection,
    user: UserId,
    token: TokenId,
) -> QueryResult<usize> {
    ApiToken::cached()
        .find(token)
        .filter(api_tokens::user_id.eq(user))
        .update_all(api_tokens::revoked.eq(true), conn)
        .await
}

pub(crate) async fn revoke_tokens_of(
    conn: &mut AsyncPgConnection,
    user: UserId,
) -> QueryResult<Vec<Arc<ApiToken>>> {
    // wants: ApiToken::cached().filter(..).update_returning(changes, conn)
    let active = api_tokens::user_id
        .eq(user)
        .and(api_tokens::revoked.eq(false));
    let tokens = ApiToken::cached().filter(active).order(api_tokens::id);
    let mut revoked = Vec::new();
    for token in tokens.load(conn).await? {
        let token = ApiToken::cached().update(&token, api_tokens::revoked.eq(true), conn);
        revoked.push(token.await?);
    }
    Ok(revoked)
}
