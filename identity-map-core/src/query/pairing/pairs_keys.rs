//! How each dialect pairs keys with rows: [`PairsKeys`].

use std::future::Future;
#[cfg(feature = "postgres")]
use std::marker::PhantomData;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::deserialize::FromSqlRow;
use diesel::dsl::{Filter, Select};
use diesel::expression::QueryMetadata;
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel::query_dsl::methods::{FilterDsl, SelectDsl};
use diesel::sql_types::Text;

use super::key_origin::KeyOrigin;
use super::marks::KeyMarks;
#[cfg(feature = "postgres")]
use super::numbered_keys::{KeyIsListed, NumberedKeys, NumberedRows};
use super::paired_rows::{MarkedRows, PairedRows};
use crate::connection::{ConnectionKind, Driver};
#[cfg(feature = "mysql")]
use crate::database::MysqlDialect;
#[cfg(feature = "postgres")]
use crate::database::PgDialect;
#[cfg(feature = "sqlite")]
use crate::database::SqliteDialect;
use crate::database::{CommonDialect, Dialect};
use crate::model::{DecodableModel, Model, ModelSelection};
use crate::query::key_conditions::{KeysIn, OwnKeysIn};

/// A dialect in which the database pairs keys with the rows they find.
#[doc(hidden)]
pub trait PairsKeys<M: Model, Conn, D>: Dialect {
    /// Sends one statement for the rows that these keys find, at most
    /// [`PAIR_LIMIT`](Dialect::PAIR_LIMIT) of them.
    ///
    /// # Errors
    /// Whatever the database answers, and rows that do not decode.
    fn send_for_pairs<'c>(
        conn: &'c mut Conn,
        keys: Vec<M::Key>,
        origin: KeyOrigin,
        rows: &'c mut PairedRows<M>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c;
}

type OwnKeyMarks<M, D> = KeyMarks<
    <M as Model>::KeyColumns,
    <M as crate::IdentityMapped>::Key,
    D,
    <M as Model>::KeyShape,
>;
type MarksAndModel<M, D, DB> = (OwnKeyMarks<M, D>, <M as ModelSelection<DB>>::Selection);
type RowsOfKeys<M, D> = Filter<<M as crate::IdentityMapped>::Query, OwnKeysIn<M, D>>;
type MarkedQuery<M, D, DB> = Select<RowsOfKeys<M, D>, MarksAndModel<M, D, DB>>;

/// Implements it by [`KeyMarks`].
macro_rules! pairs_by_marks {
    ($($(#[$gate:meta])* $dialect:ident;)+) => {$(
        $(#[$gate])*
        #[diagnostic::do_not_recommend]
        impl<M, Conn, D, DB> PairsKeys<M, Conn, D> for $dialect
        where
            D: ConnectionKind<Dialect = Self>,
            DB: Backend + QueryMetadata<<MarkedQuery<M, Self, DB> as Query>::SqlType>,
            Conn: Driver<D, Backend = DB>,
            M: DecodableModel<DB>,
            M::Query: FilterDsl<OwnKeysIn<M, Self>>,
            RowsOfKeys<M, Self>: SelectDsl<MarksAndModel<M, Self, DB>>,
            MarkedQuery<M, Self, DB>: Query + QueryFragment<DB> + QueryId + 'static,
            String: FromSqlRow<Text, DB>,
        {
            fn send_for_pairs<'c>(
                conn: &'c mut Conn,
                keys: Vec<M::Key>,
                _: KeyOrigin,
                rows: &'c mut PairedRows<M>,
            ) -> impl Future<Output = QueryResult<()>> + Send + 'c {
                let marked = MarkedRows { keys: keys.len(), rows };
                let marks = KeyMarks::new(M::key_columns(), M::KEY_COLUMNS, keys.clone());
                let of_keys = KeysIn::new(M::key_columns(), M::KEY_COLUMNS, keys);
                let query = M::query().filter(of_keys).select((marks, M::selection()));
                conn.visit_rows(query, marked)
            }
        }
    )+};
}

pairs_by_marks! {
    #[cfg(feature = "sqlite")]
    SqliteDialect;
    #[cfg(feature = "mysql")]
    MysqlDialect;
    CommonDialect;
}

#[cfg(feature = "postgres")]
type RowsOfListedKey<M> = Select<
    Filter<<M as crate::IdentityMapped>::Query, KeyIsListed<M>>,
    <M as ModelSelection<diesel::pg::Pg>>::Selection,
>;
#[cfg(feature = "postgres")]
type OfNumberedKeys<M> = NumberedKeys<
    RowsOfListedKey<M>,
    <M as Model>::KeyColumns,
    <M as crate::IdentityMapped>::Key,
    <M as Model>::KeyShape,
>;

#[cfg(feature = "postgres")]
#[diagnostic::do_not_recommend]
impl<M, Conn, D> PairsKeys<M, Conn, D> for PgDialect
where
    D: ConnectionKind<Dialect = Self>,
    Conn: Driver<D, Backend = diesel::pg::Pg>,
    M: DecodableModel<diesel::pg::Pg>,
    M::Query: FilterDsl<KeyIsListed<M>>,
    Filter<M::Query, KeyIsListed<M>>: SelectDsl<M::Selection>,
    RowsOfListedKey<M>: Query,
    OfNumberedKeys<M>: Query + QueryFragment<diesel::pg::Pg> + 'static,
    diesel::pg::Pg: QueryMetadata<<OfNumberedKeys<M> as Query>::SqlType>,
{
    fn send_for_pairs<'c>(
        conn: &'c mut Conn,
        keys: Vec<M::Key>,
        origin: KeyOrigin,
        rows: &'c mut PairedRows<M>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c {
        let numbered = NumberedRows {
            keys: keys.len(),
            rows,
        };
        let is_listed = KeyIsListed {
            columns: M::key_columns(),
            table: M::table(),
            origin,
        };
        let query: OfNumberedKeys<M> = NumberedKeys {
            query: M::query().filter(is_listed).select(M::selection()),
            keys,
            width: M::KEY_COLUMNS,
            columns: PhantomData,
        };
        conn.visit_rows(query, numbered)
    }
}
