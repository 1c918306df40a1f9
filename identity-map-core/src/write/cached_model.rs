//! Any model on any connection: the bounds [`CachedModel`] and [`AnyConnection`]; and on those of one database.
//!
//! As in [`CachedConnection`](crate::CachedConnection), the list of what Diesel asks for stands in supertraits,
//! where Rust takes it for given. The types of the queries have names here, since Rust does not see through a
//! projection of a type that it does not know.

use diesel::connection::LoadConnection;
use diesel::deserialize::FromSqlRow;
use diesel::dsl::{Filter, Limit, Offset, SqlTypeOf};
use diesel::expression::{Expression, QueryMetadata};
#[cfg(feature = "mysql")]
use diesel::mysql::{Mysql, MysqlConnection};
#[cfg(feature = "postgres")]
use diesel::pg::{Pg, PgConnection};
use diesel::query_builder::QueryFragment;
use diesel::query_dsl::methods::{FilterDsl, LimitDsl, OffsetDsl};
use diesel::sql_types::BigInt;
#[cfg(feature = "sqlite")]
use diesel::sqlite::{Sqlite, SqliteConnection};

#[cfg(feature = "mysql")]
use crate::database::MysqlDialect;
#[cfg(feature = "postgres")]
use crate::database::PgDialect;
#[cfg(feature = "sqlite")]
use crate::database::SqliteDialect;
use crate::hooks::RunsHooks;
use crate::model::{DecodableModel, FindKey, IdentityMapped, Lock, Model, ModelSelection};
use crate::query::{AnyBackend, BindKey, CachedQuery, Given, KeyFromServer, KeyIs, LoadByKeys};

/// Any connection to SQLite, PostgreSQL or MySQL that blocks, plain or pooled, for functions over any model: see
/// [`CachedModel`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no connection that blocks and that the identity map knows",
    note = "it must be a connection to SQLite, PostgreSQL or MySQL, with that feature enabled in \
            `diesel-identity-map`; for one of `diesel-async` the bound is `AnyAsyncConnection`"
)]
pub trait AnyConnection: LoadConnection<Backend: AnyBackend> {}

impl<C: LoadConnection<Backend: AnyBackend>> AnyConnection for C {}

type BackendOf<C> = <C as diesel::Connection>::Backend;
type DialectOn<C> = <BackendOf<C> as AnyBackend>::Dialect;

/// Declares the bound of a model on a connection `C` of any backend, and implements it. The types of the queries are
/// those of the trait itself, which has no parameter but `C`: where `C` is known, Rust would not find the types of a
/// trait whose other parameters are projections.
macro_rules! cached_model {
    ($(#[$meta:meta])* $name:ident<C: $bound:path $(= $default:ty)?> on $backend:ty as $kind:ty) => {
        $(#[$meta])*
        pub trait $name<C: $bound $(= $default)?>:
            ModelSelection<$backend, Selection = <Self as $name<C>>::Columns>
            + FromSqlRow<SqlTypeOf<<Self as $name<C>>::Columns>, $backend>
            + Given<<Self as Model>::KeyRow, Is: FromSqlRow<SqlTypeOf<KeyColumnsOf<Self>>, $backend>>
            + LoadByKeys<C, $kind>
            + RunsHooks<C, $kind>
            + Given<KeyOf<Self>, Is: FindKey<KeyOf<Self>, <Self as Model>::KeyShape>>
            + Given<KeyOf<Self>, Is: BindKey<KeyColumnsOf<Self>, $backend, <Self as Model>::KeyShape>>
            + Given<<Self as IdentityMapped>::Table, Is: QueryFragment<$backend>>
            + Given<<Self as $name<C>>::Columns, Is: QueryFragment<$backend>>
            + Given<KeyColumnsOf<Self>, Is: QueryFragment<$backend>>
            + Given<<Self as Model>::VersionColumn, Is: Lock<<Self as Model>::Version, $backend>>
            + Given<$backend, Is: QueryMetadata<SqlTypeOf<<Self as $name<C>>::Columns>>>
            + Given<$backend, Is: QueryMetadata<SqlTypeOf<KeyColumnsOf<Self>>> + QueryMetadata<BigInt>>
            + Given<
                <Self as IdentityMapped>::Query,
                Is: FilterDsl<KeyIs<Self>, Output = <Self as $name<C>>::Find>
                        + FilterDsl<KeyFromServer<Self>, Output = <Self as $name<C>>::FindOnServer>
                        + LimitDsl<Output = <Self as $name<C>>::Limit>
                        + CachedQuery<Self, C, $kind, Statement = <Self as $name<C>>::Statement>,
            > + Given<
                <Self as $name<C>>::Find,
                Is: LimitDsl<Output = <Self as $name<C>>::FindFirst>
                        + CachedQuery<Self, C, $kind, Statement = <Self as $name<C>>::FindStatement>,
            > + Given<
                <Self as $name<C>>::FindFirst,
                Is: CachedQuery<Self, C, $kind, Statement = <Self as $name<C>>::FindFirstStatement>,
            > + Given<
                <Self as $name<C>>::Limit,
                Is: OffsetDsl<Output = <Self as $name<C>>::LimitOffset>
                        + CachedQuery<Self, C, $kind, Statement = <Self as $name<C>>::LimitStatement>,
            > + Given<
                <Self as $name<C>>::LimitOffset,
                Is: CachedQuery<Self, C, $kind, Statement = <Self as $name<C>>::LimitOffsetStatement>,
            > + Given<<Self as $name<C>>::FindOnServer, Is: CachedQuery<Self, C, $kind>>
        {
            /// What is selected of a row.
            #[doc(hidden)]
            type Columns: Expression + 'static;
            /// `find(key)`
            #[doc(hidden)]
            type Find: Send + 'static;
            /// `find(key).limit(1)`
            #[doc(hidden)]
            type FindFirst: Send;
            /// `limit(n)`
            #[doc(hidden)]
            type Limit: Send;
            /// `limit(n).offset(m)`
            #[doc(hidden)]
            type LimitOffset: Send;
            /// `find(key)`, with a key that only the server has.
            #[doc(hidden)]
            type FindOnServer: 'static;
            /// The statement of the model's query.
            #[doc(hidden)]
            type Statement: QueryFragment<$backend> + Send;
            /// The statement of [`Find`](Self::Find).
            #[doc(hidden)]
            type FindStatement: QueryFragment<$backend> + Send;
            /// The statement of [`FindFirst`](Self::FindFirst).
            #[doc(hidden)]
            type FindFirstStatement: QueryFragment<$backend> + Send;
            /// The statement of [`Limit`](Self::Limit).
            #[doc(hidden)]
            type LimitStatement: QueryFragment<$backend> + Send;
            /// The statement of [`LimitOffset`](Self::LimitOffset).
            #[doc(hidden)]
            type LimitOffsetStatement: QueryFragment<$backend> + Send;
        }

        #[diagnostic::do_not_recommend]
        impl<M, C> $name<C> for M
        where
            C: $bound,
            $backend: QueryMetadata<SqlTypeOf<M::Selection>>
                + QueryMetadata<SqlTypeOf<M::KeyColumns>>
                + QueryMetadata<BigInt>,
            M: DecodableModel<$backend> + LoadByKeys<C, $kind> + RunsHooks<C, $kind>,
            M::Key: FindKey<M::Key, M::KeyShape> + BindKey<M::KeyColumns, $backend, M::KeyShape>,
            M::Table: QueryFragment<$backend>,
            M::Selection: QueryFragment<$backend>,
            M::KeyColumns: QueryFragment<$backend>,
            M::VersionColumn: Lock<M::Version, $backend>,
            M::Query: FilterDsl<KeyIs<M>> + FilterDsl<KeyFromServer<M>> + LimitDsl,
            M::Query: CachedQuery<M, C, $kind, Statement: Send>,
            FindOf<M>: LimitDsl + CachedQuery<M, C, $kind, Statement: Send> + Send + 'static,
            Limit<FindOf<M>>: CachedQuery<M, C, $kind, Statement: Send> + Send,
            LimitOf<M>: OffsetDsl + CachedQuery<M, C, $kind, Statement: Send> + Send,
            Offset<LimitOf<M>>: CachedQuery<M, C, $kind, Statement: Send> + Send,
            Filter<M::Query, KeyFromServer<M>>: CachedQuery<M, C, $kind> + 'static,
        {
            type Columns = M::Selection;
            type Find = FindOf<M>;
            type FindFirst = Limit<FindOf<M>>;
            type Limit = LimitOf<M>;
            type LimitOffset = Offset<LimitOf<M>>;
            type FindOnServer = Filter<M::Query, KeyFromServer<M>>;
            type Statement = StatementOf<M::Query, M, C, $kind>;
            type FindStatement = StatementOf<FindOf<M>, M, C, $kind>;
            type FindFirstStatement = StatementOf<Limit<FindOf<M>>, M, C, $kind>;
            type LimitStatement = StatementOf<LimitOf<M>, M, C, $kind>;
            type LimitOffsetStatement = StatementOf<Offset<LimitOf<M>>, M, C, $kind>;
        }
    };
}

pub(crate) type KeyOf<M> = <M as IdentityMapped>::Key;
pub(crate) type KeyColumnsOf<M> = <M as Model>::KeyColumns;
pub(crate) type FindOf<M> = Filter<<M as IdentityMapped>::Query, KeyIs<M>>;
pub(crate) type LimitOf<M> = Limit<<M as IdentityMapped>::Query>;
pub(crate) type StatementOf<Q, M, C, D> = <Q as CachedQuery<M, C, D>>::Statement;

#[cfg(feature = "async")]
pub(crate) use cached_model;

cached_model! {
    /// Any model, as a function over models takes it: it can be loaded and written on the connection `C`.
    ///
    /// With this bound `M::cached()` can be loaded as it is, with `find`, `find_many` and `limit`; and objects can be
    /// refreshed, and deleted. What is inserted is bound by [`InsertRow`](super::InsertRow), and what is changed by
    /// [`Changes`](super::Changes). On a connection of `diesel-async` the bound is `AsyncCachedModel`.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// use diesel_identity_map::write::{Changes, InsertRow};
    ///
    /// /// Once for every model and every connection.
    /// trait Crud: IdentityMapped {
    ///     fn read<C: AnyConnection>(key: Self::Key, conn: &mut C) -> QueryResult<Arc<Self>>
    ///     where
    ///         Self: CachedModel<C>,
    ///     {
    ///         Self::cached().find(key).first(conn)
    ///     }
    ///
    ///     fn create<C: AnyConnection, N>(new: N, conn: &mut C) -> QueryResult<Arc<Self>>
    ///     where
    ///         Self: CachedModel<C>,
    ///         N: InsertRow<Self, C::Backend>,
    ///     {
    ///         Self::cached().insert(new, conn)
    ///     }
    ///
    ///     fn change<C: AnyConnection, U>(key: Self::Key, changes: U, conn: &mut C) -> QueryResult<Arc<Self>>
    ///     where
    ///         Self: CachedModel<C>,
    ///         U: Changes<Self, C::Backend>,
    ///     {
    ///         Self::cached().find(key).update(changes, conn)
    ///     }
    /// }
    ///
    /// impl<M: IdentityMapped> Crud for M {}
    ///
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let post = Post::create(posts::title.eq("Runs"), conn)?;
    /// let post = Post::change(post.id, posts::title.eq("Ran"), conn)?;
    /// assert!(Arc::ptr_eq(&Post::read(post.id, conn)?, &post));
    /// # Ok(())
    /// # }
    /// ```
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is no model that can be loaded and written on `{C}`",
        note = "`{Self}` must derive `IdentityMapped`, and be loadable by plain Diesel on this connection",
        note = "if `{Self}` says `#[identity_map(hooks)]`, it must implement `Hooks<{C}>`",
        note = "in a function over any model write `M: CachedModel<C>`, or, of a known connection, `M: PgModel`, \
                `MysqlModel` or `SqliteModel`"
    )]
    CachedModel<C: AnyConnection> on BackendOf<C> as DialectOn<C>
}

#[cfg(feature = "postgres")]
cached_model! {
    /// [`CachedModel`] on connections to PostgreSQL: what to write where the connection is known.
    PgModel<C: LoadConnection<Backend = Pg> = PgConnection> on Pg as PgDialect
}

#[cfg(feature = "mysql")]
cached_model! {
    /// [`CachedModel`] on connections to MySQL and MariaDB: what to write where the connection is known.
    MysqlModel<C: LoadConnection<Backend = Mysql> = MysqlConnection> on Mysql as MysqlDialect
}

#[cfg(feature = "sqlite")]
cached_model! {
    /// [`CachedModel`] on connections to SQLite: what to write where the connection is known.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// /// Once for every model.
    /// trait Crud: IdentityMapped {
    ///     fn read(key: Self::Key, conn: &mut SqliteConnection) -> QueryResult<Arc<Self>>;
    /// }
    ///
    /// impl<M: SqliteModel> Crud for M {
    ///     fn read(key: M::Key, conn: &mut SqliteConnection) -> QueryResult<Arc<M>> {
    ///         M::cached().find(key).first(conn)
    ///     }
    /// }
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// # assert_eq!(Post::read(1, conn)?.id, 1);
    /// # Ok(())
    /// # }
    /// ```
    SqliteModel<C: LoadConnection<Backend = Sqlite> = SqliteConnection> on Sqlite as SqliteDialect
}
