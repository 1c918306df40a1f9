//! Enums of PostgreSQL, and enums that are kept as text.

use std::io::Write;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Text;

use super::super::schema::sql_types;

macro_rules! database_enums {
    ($($Enum:ident as $sql_type:path { $($Variant:ident = $label:literal),+ $(,)? })+) => {$(
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
        #[diesel(sql_type = $sql_type)]
        pub(crate) enum $Enum { $($Variant),+ }

        impl FromSql<$sql_type, Pg> for $Enum {
            fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
                match bytes.as_bytes() {
                    $(label if label == $label.as_bytes() => Ok(Self::$Variant),)+
                    other => Err(format!("no {}: {other:?}", stringify!($Enum)).into()),
                }
            }
        }

        impl ToSql<$sql_type, Pg> for $Enum {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                out.write_all(match self { $(Self::$Variant => $label.as_bytes()),+ })?;
                Ok(IsNull::No)
            }
        }
    )+};
}

database_enums! {
    OwnerKind as sql_types::OwnerKind { User = "user", Team = "team" }
    DependencyKind as sql_types::DependencyKind { Normal = "normal", Build = "build", Dev = "dev" }
    TokenScope as sql_types::TokenScope {
        PublishNew = "publish_new",
        PublishUpdate = "publish_update",
        Yank = "yank",
        Owners = "owners",
    }
}

macro_rules! text_enums {
    ($($Enum:ident { $($Variant:ident = $label:literal),+ $(,)? })+) => {$(
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
        #[diesel(sql_type = Text)]
        pub(crate) enum $Enum { $($Variant),+ }

        impl<DB: Backend> FromSql<Text, DB> for $Enum
        where
            String: FromSql<Text, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
                match String::from_sql(bytes)?.as_str() {
                    $($label => Ok(Self::$Variant),)+
                    other => Err(format!("no {}: {other}", stringify!($Enum)).into()),
                }
            }
        }

        impl<DB: Backend> ToSql<Text, DB> for $Enum
        where
            str: ToSql<Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                match self { $(Self::$Variant => $label),+ }.to_sql(out)
            }
        }
    )+};
}

text_enums! {
    LimitedAction { PublishNew = "publish-new", PublishUpdate = "publish-update", Yank = "yank" }
    BadgeKind { Maintenance = "maintenance", Coverage = "coverage" }
    Provider { Forge = "forge", Pipeline = "pipeline" }
    JobKind { RenderReadme = "render-readme", SyncIndex = "sync-index", SendMail = "send-mail" }
}
