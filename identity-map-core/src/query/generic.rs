//! Any connection, whatever its database: the bound [`CachedConnection`].
//!
//! Diesel checks a query against its backend, so a function over *any* backend would have to
//! repeat in its `where` clause what every clause and value of its queries needs. The traits
//! here carry that list in their supertraits, where Rust takes it for given.

use diesel::backend::{Backend, SqlDialect};
use diesel::connection::LoadConnection;
use diesel::deserialize::{FromSql, FromSqlRow};
use diesel::dsl::SqlTypeOf;
use diesel::internal::derives::as_expression::Bound;
use diesel::internal::derives::multiconnection::sql_dialect::{
    alias_syntax::AsAliasSyntax, exists_syntax::AnsiSqlExistsSyntax,
    select_statement_syntax::AnsiSqlSelectStatement,
};
use diesel::internal::derives::multiconnection::{
    DieselReserveSpecialization, LimitClause, LimitOffsetClause, NoLimitClause, NoOffsetClause,
    OffsetClause,
};
use diesel::query_builder::QueryFragment;
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, Binary, Bool, Double, Float, HasSqlType, Integer, SmallInt, Text};

use super::load_by_keys::LoadByKeys;
use crate::database::{Dialect, Speaks};
use crate::hooks::RunsHooks;
use crate::model::Model;

/// Any connection on which the model `M` can be loaded: SQLite, PostgreSQL or MySQL, plain or
/// pooled.
///
/// A function with this bound may use every query of the table's columns, of the standard
/// types (`bool`, integers, floats, strings, bytes), with conditions, orders, joins, limit and
/// offset. For what only one database has (`ilike`, `distinct_on`, locks) name that one:
/// `C: LoadConnection<Backend = Pg>`.
#[diagnostic::on_unimplemented(
    message = "`{M}` cannot be loaded on `{Self}` by a function over any connection",
    note = "`{Self}` must be a connection to SQLite, PostgreSQL or MySQL, with that feature \
            enabled in `diesel-identity-map`"
)]
pub trait CachedConnection<M: Model>:
    LoadConnection<Backend: AnyBackend>
    + Given<M, Is: LoadByKeys<Self, DialectOn<Self>> + RunsHooks<Self, DialectOn<Self>>>
    + Given<M::KeyRow, Is: FromSqlRow<SqlTypeOf<M::KeyColumns>, BackendOf<Self>>>
{
}

impl<M, C> CachedConnection<M> for C
where
    M: LoadByKeys<C, DialectOn<C>> + RunsHooks<C, DialectOn<C>>,
    M::KeyRow: FromSqlRow<SqlTypeOf<M::KeyColumns>, BackendOf<C>>,
    C: LoadConnection<Backend: AnyBackend>,
{
}

type BackendOf<C> = <C as diesel::Connection>::Backend;
type DialectOn<C> = <BackendOf<C> as AnyBackend>::Dialect;

/// A backend on which queries of plain columns and values can be written without naming it.
pub trait AnyBackend:
    Backend
    + DieselReserveSpecialization
    + SqlDialect<
        SelectStatementSyntax = AnsiSqlSelectStatement,
        AliasSyntax = AsAliasSyntax,
        ExistsSyntax = AnsiSqlExistsSyntax,
    > + Speaks<<Self as AnyBackend>::Dialect>
    + HasSqlType<Bool>
    + Given<bool, Is: ToSql<Bool, Self> + FromSql<Bool, Self>>
    + Given<i16, Is: ToSql<SmallInt, Self> + FromSql<SmallInt, Self>>
    + Given<i32, Is: ToSql<Integer, Self> + FromSql<Integer, Self>>
    + Given<i64, Is: ToSql<BigInt, Self> + FromSql<BigInt, Self>>
    + Given<f32, Is: ToSql<Float, Self> + FromSql<Float, Self>>
    + Given<f64, Is: ToSql<Double, Self> + FromSql<Double, Self>>
    + Given<str, Is: ToSql<Text, Self>>
    + Given<String, Is: ToSql<Text, Self> + FromSql<Text, Self>>
    + Given<[u8], Is: ToSql<Binary, Self>>
    + Given<Vec<u8>, Is: ToSql<Binary, Self> + FromSql<Binary, Self>>
    + Given<LimitOffsetClause<NoLimitClause, NoOffsetClause>, Is: QueryFragment<Self>>
    + Given<LimitOffsetClause<Limit, NoOffsetClause>, Is: QueryFragment<Self>>
    + Given<LimitOffsetClause<Limit, Offset>, Is: QueryFragment<Self>>
{
    /// What the backend speaks.
    type Dialect: Dialect;
}

type Limit = LimitClause<Bound<BigInt, i64>>;
type Offset = OffsetClause<Bound<BigInt, i64>>;

#[cfg(feature = "sqlite")]
impl AnyBackend for diesel::sqlite::Sqlite {
    type Dialect = crate::database::SqliteDialect;
}

#[cfg(feature = "postgres")]
impl AnyBackend for diesel::pg::Pg {
    type Dialect = crate::database::PgDialect;
}

#[cfg(feature = "mysql")]
impl AnyBackend for diesel::mysql::Mysql {
    type Dialect = crate::database::MysqlDialect;
}

/// Carries a bound on `T` into the supertraits of another trait.
pub trait Given<T: ?Sized>: Same<T, Is = T> {}

impl<S: ?Sized, T: ?Sized> Given<T> for S {}

/// The equation that lets [`Given`] be seen through.
pub trait Same<T: ?Sized> {
    /// `T`.
    type Is: ?Sized;
}

impl<S: ?Sized, T: ?Sized> Same<T> for S {
    type Is = T;
}
