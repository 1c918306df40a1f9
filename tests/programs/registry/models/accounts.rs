//! Who has an account, and what an account has.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel_identity_map::IdentityMapped;

use super::super::schema::*;
use super::{EmailId, LimitedAction, TeamId, TokenId, TokenScope, UserId};

#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(all(), derive(Queryable, Selectable, Identifiable, IdentityMapped))]
#[cfg_attr(all(), diesel(table_name = users, check_for_backend(diesel::pg::Pg)))]
pub(crate) struct User {
    pub(crate) id: UserId,
    pub(crate) login: String,
    pub(crate) display_name: Option<String>,
    pub(crate) is_admin: bool,
    pub(crate) locked_until: Option<NaiveDateTime>,
}

#[derive(Debug, Clone, Insertable, AsChangeset)]
#[cfg_attr(all(), diesel(table_name = users))]
pub(crate) struct NewUser {
    pub(crate) login: String,
    pub(crate) display_name: Option<String>,
}

#[derive(Debug, Clone, PartialEq, HasQuery, Identifiable, IdentityMapped)]
#[diesel(table_name = teams)]
pub(crate) struct Team {
    pub(crate) id: TeamId,
    pub(crate) slug: String,
    pub(crate) org_id: i64,
    pub(crate) title: Option<String>,
}

#[derive(Debug, Clone, Insertable, AsChangeset)]
#[diesel(table_name = teams)]
pub(crate) struct NewTeam {
    pub(crate) slug: String,
    pub(crate) org_id: i64,
    pub(crate) title: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    all(),
    derive(Queryable, Selectable, Identifiable, Associations, IdentityMapped)
)]
#[cfg_attr(all(), diesel(table_name = emails, belongs_to(User)))]
pub(crate) struct Email {
    pub(crate) id: EmailId,
    pub(crate) user_id: UserId,
    pub(crate) address: String,
    pub(crate) verified: bool,
    pub(crate) token: String,
}

#[derive(Debug, Clone, Insertable, AsChangeset)]
#[diesel(table_name = emails)]
pub(crate) struct NewEmail {
    pub(crate) user_id: UserId,
    pub(crate) address: String,
    pub(crate) verified: bool,
    pub(crate) token: String,
}

#[derive(
    Debug, Clone, PartialEq, Queryable, Selectable, Identifiable, Associations, IdentityMapped,
)]
#[diesel(table_name = api_tokens, belongs_to(User))]
pub(crate) struct ApiToken {
    pub(crate) id: TokenId,
    pub(crate) user_id: UserId,
    pub(crate) name: String,
    pub(crate) revoked: bool,
    pub(crate) scopes: Option<Vec<TokenScope>>,
    pub(crate) last_used_at: Option<NaiveDateTime>,
    pub(crate) expires_at: Option<NaiveDateTime>,
}

#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = api_tokens)]
pub(crate) struct NewApiToken {
    pub(crate) user_id: UserId,
    pub(crate) name: String,
    pub(crate) digest: Vec<u8>,
    pub(crate) scopes: Option<Vec<TokenScope>>,
    pub(crate) expires_at: Option<NaiveDateTime>,
}

/// How often an account may still do something.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Queryable,
    Selectable,
    Insertable,
    Identifiable,
    AsChangeset,
    IdentityMapped,
)]
#[diesel(table_name = publish_limits, primary_key(user_id, action))]
pub(crate) struct PublishLimit {
    pub(crate) user_id: UserId,
    pub(crate) action: LimitedAction,
    pub(crate) tokens: i32,
    pub(crate) last_refill: NaiveDateTime,
}
