//! A newtype for the key of each table.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{BigInt, Integer};

macro_rules! keys {
    ($sql_type:ident of $inner:ty: $($Key:ident)+) => {$(
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
        #[diesel(sql_type = $sql_type)]
        pub(crate) struct $Key(pub(crate) $inner);

        impl<DB: Backend> FromSql<$sql_type, DB> for $Key
        where
            $inner: FromSql<$sql_type, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
                <$inner>::from_sql(bytes).map(Self)
            }
        }

        impl<DB: Backend> ToSql<$sql_type, DB> for $Key
        where
            $inner: ToSql<$sql_type, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                self.0.to_sql(out)
            }
        }
    )+};
}

keys! {
    Integer of i32:
    UserId TeamId EmailId PackageId VersionId DependencyId CategoryId KeywordId TokenId DeletedId PublisherId CommentId
}
keys! { BigInt of i64: JobId }
