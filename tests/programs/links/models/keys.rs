//! Keys are newtypes; some are enumerations, of the database or kept as text.

use std::fmt::{self, Display};
use std::io::Write;

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, Integer, Text};

use crate::links::schema::sql_types;

/// What `derive(DieselNewType)` writes.
macro_rules! newtypes {
    ($($(#[$meta:meta])* $name:ident($inner:ty) $sql:ident;)+) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, AsExpression, FromSqlRow)]
        #[diesel(sql_type = $sql)]
        pub(crate) struct $name(pub(crate) $inner);

        impl FromSql<$sql, Pg> for $name {
            fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
                FromSql::<$sql, Pg>::from_sql(bytes).map(Self)
            }
        }

        impl ToSql<$sql, Pg> for $name {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                ToSql::<$sql, Pg>::to_sql(&self.0, out)
            }
        }

        impl Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

newtypes! {
    #[derive(Copy)] LanguageId(i32) Integer;
    #[derive(Copy)] InstanceId(i32) Integer;
    #[derive(Copy)] SiteId(i32) Integer;
    #[derive(Copy)] PersonId(i32) Integer;
    #[derive(Copy)] RegistrationApplicationId(i32) Integer;
    #[derive(Copy)] CommunityId(i32) Integer;
    #[derive(Copy)] PostId(i32) Integer;
    #[derive(Copy)] TagId(i32) Integer;
    #[derive(Copy)] PostReportId(i32) Integer;
    #[derive(Copy)] CommentId(i32) Integer;
    #[derive(Copy)] PrivateMessageId(i32) Integer;
    #[derive(Copy)] NotificationId(i32) Integer;
    #[derive(Copy)] ModerationId(i32) Integer;
    #[derive(Copy)] ActivityId(i64) BigInt;
    ImageAlias(String) Text;
    CommentPath(String) Text;
}

impl CommentPath {
    /// The path of a comment below this one.
    pub(crate) fn child(&self, id: CommentId) -> Self {
        Self(format!("{}.{id}", self.0))
    }

    /// The comments on the path, from the top.
    pub(crate) fn ids(&self) -> Vec<CommentId> {
        let ids = self.0.split('.').skip(1);
        ids.filter_map(|id| id.parse().ok().map(CommentId))
            .collect()
    }
}

/// An enumeration whose values are texts, in an enumeration of the database or in a column of text.
macro_rules! enumerations {
    ($($name:ident as $sql:ty { $($variant:ident = $text:literal),+ $(,)? })+) => {$(
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, AsExpression, FromSqlRow)]
        #[diesel(sql_type = $sql)]
        pub(crate) enum $name { $($variant),+ }

        impl FromSql<$sql, Pg> for $name {
            fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
                match bytes.as_bytes() {
                    $(text if text == $text.as_bytes() => Ok(Self::$variant),)+
                    other => Err(format!("no value {}", String::from_utf8_lossy(other)).into()),
                }
            }
        }

        impl ToSql<$sql, Pg> for $name {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                out.write_all(match self { $(Self::$variant => $text.as_bytes()),+ })?;
                Ok(IsNull::No)
            }
        }
    )+};
}

enumerations! {
    Visibility as sql_types::Visibility { Public = "public", Local = "local", Private = "private" }
    FollowState as sql_types::FollowState { Accepted = "accepted", Pending = "pending", Approval = "approval" }
    RateAction as sql_types::RateAction { Message = "message", Post = "post", Comment = "comment", Search = "search" }
    ActivityState as sql_types::ActivityState { Waiting = "waiting", Running = "running", Failed = "failed" }
    SettingName as Text { Theme = "theme", Sort = "sort", Language = "language" }
    NotificationKind as Text { Reply = "reply", Message = "message" }
}
