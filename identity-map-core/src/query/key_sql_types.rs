//! What is known of the SQL types of key columns, each given as its `Nullable`.

use std::any::TypeId;

use diesel::sql_types::{BigInt, Bool, Integer, Nullable, SmallInt, SqlType, TinyInt, is_nullable};

/// The `Nullable` of a type.
fn of<ST: SqlType<IsNull = is_nullable::NotNull>>() -> TypeId {
    TypeId::of::<Nullable<ST>>()
}

/// Whether two values of this SQL type are equal in Rust wherever a database takes them for equal.
///
/// A type that is not in this list may be as exact: a text is, unless its collation ignores case or
/// accents, or its column pads. Only the database knows.
pub(super) fn is_exact(sql_type: TypeId) -> bool {
    let is_integer = [
        of::<TinyInt>(),
        of::<SmallInt>(),
        of::<Integer>(),
        of::<BigInt>(),
    ]
    .contains(&sql_type);
    #[cfg(feature = "mysql")]
    let is_integer = is_integer || is_unsigned(sql_type);
    #[cfg(feature = "postgres")]
    let is_integer = is_integer || is_identifier(sql_type);
    is_integer || sql_type == of::<Bool>()
}

#[cfg(feature = "mysql")]
fn is_unsigned(sql_type: TypeId) -> bool {
    use diesel::sql_types::Unsigned;

    [
        of::<Unsigned<TinyInt>>(),
        of::<Unsigned<SmallInt>>(),
        of::<Unsigned<Integer>>(),
        of::<Unsigned<BigInt>>(),
    ]
    .contains(&sql_type)
}

/// `uuid` and `oid`, which PostgreSQL alone has.
#[cfg(feature = "postgres")]
fn is_identifier(sql_type: TypeId) -> bool {
    use diesel::sql_types::{Oid, Uuid};

    [of::<Uuid>(), of::<Oid>()].contains(&sql_type)
}

/// Whether it is a text, padded or not.
pub(super) fn is_text(sql_type: TypeId) -> bool {
    sql_type == of::<diesel::sql_types::Text>()
}

/// MariaDB compares a `TIMESTAMP` only with the first of several bound values in an `IN`.
#[cfg(feature = "mysql")]
pub(super) fn is_not_timestamp(sql_type: TypeId) -> bool {
    sql_type != of::<diesel::sql_types::Timestamp>()
        && sql_type != of::<diesel::mysql::sql_types::Datetime>()
}

#[cfg(test)]
mod tests {
    use diesel::sql_types::{Numeric, Text, Timestamp};

    use super::*;

    #[test]
    fn what_a_collation_or_a_precision_may_change_is_not_exact() {
        assert!(is_exact(of::<Integer>()) && is_exact(of::<Bool>()));
        assert!(!is_exact(of::<Text>()) && !is_exact(of::<Timestamp>()));
        assert!(!is_exact(of::<Numeric>()));
    }
}
