//! Any model on any awaited connection: the twins of [`CachedModel`](crate::CachedModel) and
//! [`AnyConnection`](crate::AnyConnection).

use diesel::deserialize::FromSqlRow;
use diesel::dsl::{Filter, Limit, Offset, SqlTypeOf};
use diesel::expression::{Expression, QueryMetadata};
#[cfg(feature = "mysql")]
use diesel::mysql::Mysql;
#[cfg(feature = "postgres")]
use diesel::pg::Pg;
use diesel::query_builder::QueryFragment;
use diesel::query_dsl::methods::{FilterDsl, LimitDsl, OffsetDsl};
use diesel::sql_types::BigInt;
#[cfg(feature = "sqlite")]
use diesel::sqlite::Sqlite;
#[cfg(feature = "postgres")]
use diesel_async::AsyncPgConnection;
use diesel_async::{AsyncConnection, AsyncConnectionCore};

use super::kind::Async;
#[cfg(feature = "mysql")]
use crate::database::MysqlDialect;
#[cfg(feature = "postgres")]
use crate::database::PgDialect;
#[cfg(feature = "sqlite")]
use crate::database::SqliteDialect;
use crate::hooks::RunsHooks;
use crate::model::{DecodableModel, FindKey, IdentityMapped, Lock, Model, ModelSelection};
use crate::query::{AnyBackend, BindKey, CachedQuery, Given, KeyFromServer, KeyIs, LoadByKeys};
use crate::write::cached_model::{FindOf, KeyColumnsOf, KeyOf, LimitOf, StatementOf, cached_model};

/// Any connection of `diesel-async` to SQLite, PostgreSQL or MySQL, plain or pooled, for functions over any model:
/// see [`AsyncCachedModel`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no awaited connection that the identity map knows",
    note = "it must be a connection of `diesel-async` to SQLite, PostgreSQL or MySQL, with that feature enabled in \
            `diesel-identity-map`"
)]
pub trait AnyAsyncConnection: AsyncConnection<Backend: AnyBackend> {}

impl<C: AsyncConnection<Backend: AnyBackend>> AnyAsyncConnection for C {}

type BackendOf<C> = <C as AsyncConnectionCore>::Backend;
type KindOf<C> = Async<<BackendOf<C> as AnyBackend>::Dialect>;

cached_model! {
    /// Any model, as a function over models takes it: it can be loaded and written on the connection `C`, which is
    /// awaited. What may be done with it says [`CachedModel`](crate::CachedModel).
    ///
    /// ```
    /// # use diesel::QueryResult;
    /// # use identity_map_core::{AnyAsyncConnection, AsyncCachedModel};
    /// # use std::sync::Arc;
    /// async fn read<M, C>(key: M::Key, conn: &mut C) -> QueryResult<Arc<M>>
    /// where
    ///     M: AsyncCachedModel<C>,
    ///     C: AnyAsyncConnection,
    /// {
    ///     M::cached().find(key).first(conn).await
    /// }
    /// ```
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is no model that can be loaded and written on `{C}`",
        note = "`{Self}` must derive `IdentityMapped`, and be loadable by plain Diesel on this connection",
        note = "if `{Self}` says `#[identity_map(hooks)]`, it must implement `AsyncHooks<{C}>`",
        note = "in a function over any model write `M: AsyncCachedModel<C>`, or, of a known connection, \
                `M: AsyncPgModel`, `AsyncMysqlModel` or `AsyncSqliteModel`"
    )]
    AsyncCachedModel<C: AnyAsyncConnection> on BackendOf<C> as KindOf<C>
}

#[cfg(feature = "postgres")]
cached_model! {
    /// [`AsyncCachedModel`] on connections to PostgreSQL: what to write where the connection is known.
    ///
    /// ```
    /// # use diesel::QueryResult;
    /// # use diesel_async::AsyncPgConnection;
    /// # use identity_map_core::{AsyncPgModel, IdentityMapped};
    /// # use std::sync::Arc;
    /// /// Once for every model.
    /// trait Crud: IdentityMapped {
    ///     async fn read(key: Self::Key, conn: &mut AsyncPgConnection) -> QueryResult<Arc<Self>>;
    /// }
    ///
    /// impl<M: AsyncPgModel> Crud for M {
    ///     async fn read(key: M::Key, conn: &mut AsyncPgConnection) -> QueryResult<Arc<M>> {
    ///         M::cached().find(key).first(conn).await
    ///     }
    /// }
    /// ```
    AsyncPgModel<C: AsyncConnection<Backend = Pg> = AsyncPgConnection> on Pg as Async<PgDialect>
}

#[cfg(feature = "mysql")]
cached_model! {
    /// [`AsyncCachedModel`] on connections to MySQL and MariaDB: what to write where the connection is known, as
    /// in `M: AsyncMysqlModel<AsyncMysqlConnection>`.
    AsyncMysqlModel<C: AsyncConnection<Backend = Mysql>> on Mysql as Async<MysqlDialect>
}

#[cfg(feature = "sqlite")]
cached_model! {
    /// [`AsyncCachedModel`] on connections to SQLite: what to write where the connection is known, as in
    /// `M: AsyncSqliteModel<SyncConnectionWrapper<SqliteConnection>>`.
    AsyncSqliteModel<C: AsyncConnection<Backend = Sqlite>>
    on Sqlite as Async<SqliteDialect>
}
