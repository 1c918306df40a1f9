//! How one row is updated, with `RETURNING` and without: [`RowUpdate`].

use std::sync::Arc;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::dsl::{Filter, SqlTypeOf};
use diesel::expression::QueryMetadata;
use diesel::query_builder::QueryFragment;
use diesel::query_dsl::methods::FilterDsl;
use diesel::result::{EmptyChangeset, Error};

use super::key_source::{KeyLocation, KeySource, capture_updated_key};
use super::missing_row::key_not_returned;
use super::send::{read_row, read_row_by_source, returned, send};
use super::sql_parts::column_names;
use super::statement::{KeyAndVersion, NextVersion, Update};
use crate::connection::{ConnectionKind, Driver};
use crate::database::Speaks;
use crate::map::IdentityMap;
use crate::model::{DecodableModel, Lock, Model, VersionNumber};
use crate::query::{BindKey, CachedQuery, KeyFromServer, KeyIs, Loading, RowKeyIs, Take};

/// Changes of the row of a key, and of a version if one is named.
pub(super) struct RowUpdate<'a, M: Model, C> {
    pub(super) changes: C,
    /// The columns that they assign, if their text is known.
    pub(super) assigned: Option<&'a [String]>,
    pub(super) row: (M::Key, Option<M::Version>),
    pub(super) sets_version: bool,
}

type UpdateOf<'a, M, C, D> = Update<
    'a,
    <M as crate::IdentityMapped>::Table,
    C,
    <M as Model>::VersionColumn,
    <M as Model>::Version,
    KeyAndVersion<RowKeyIs<M, D>, <M as Model>::VersionColumn, <M as Model>::Version>,
>;

impl<M: Model, C> RowUpdate<'_, M, C> {
    /// Sends the update to a database that returns the row.
    pub(super) async fn send_returning<DB, Conn, D>(
        mut self,
        conn: &mut Conn,
        map: Option<&IdentityMap>,
    ) -> QueryResult<Option<Arc<M>>>
    where
        D: ConnectionKind,
        DB: Speaks<D::Dialect>
            + QueryMetadata<SqlTypeOf<M::Selection>>
            + QueryMetadata<SqlTypeOf<M::KeyColumns>>,
        Conn: Driver<D, Backend = DB>,
        M: DecodableModel<DB, Query: FilterDsl<KeyIs<M>>>,
        M::Table: QueryFragment<DB>,
        M::Selection: QueryFragment<DB>,
        M::KeyColumns: QueryFragment<DB>,
        M::Key: BindKey<M::KeyColumns, DB, M::KeyShape>,
        M::VersionColumn: Lock<M::Version, DB>,
        Filter<M::Query, KeyIs<M>>: CachedQuery<M, Conn, D> + 'static,
        C: QueryFragment<DB> + Send,
    {
        self.check_assigned::<DB>()?;
        let mut rows = Loading::uncached(Take::All);
        let statement = self.into_statement::<D::Dialect>("");
        let updated = returned::<M, DB, Conn, D, _>(conn, statement, map, &mut rows).await;
        match updated {
            Ok(()) => Ok(rows.into_objects().into_iter().next()),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sends the update to a database that does not return the row, and reads it by its key.
    pub(super) async fn send_and_read<DB, Conn, D>(
        mut self,
        conn: &mut Conn,
        map: Option<&IdentityMap>,
    ) -> QueryResult<Option<Arc<M>>>
    where
        D: ConnectionKind,
        DB: Speaks<D::Dialect> + QueryMetadata<SqlTypeOf<M::KeyColumns>>,
        Conn: Driver<D, Backend = DB>,
        M: DecodableModel<DB>,
        M::Table: QueryFragment<DB>,
        M::KeyColumns: QueryFragment<DB>,
        M::Key: BindKey<M::KeyColumns, DB, M::KeyShape>,
        M::VersionColumn: Lock<M::Version, DB>,
        M::Query: FilterDsl<KeyIs<M>> + FilterDsl<KeyFromServer<M>>,
        Filter<M::Query, KeyIs<M>>: CachedQuery<M, Conn, D> + 'static,
        Filter<M::Query, KeyFromServer<M>>: CachedQuery<M, Conn, D> + 'static,
        C: QueryFragment<DB> + Send,
    {
        self.check_assigned::<DB>()?;
        let assigned = self.assigned;
        let key = self.row.0.clone();
        let key_names = column_names(&DB::text(&M::key_columns()).unwrap_or_default());
        let is_key_known = assigned.is_some();
        let may_move_key =
            assigned.is_some_and(|names| names.iter().any(|name| key_names.contains(name)));
        let key_capture = if may_move_key {
            capture_updated_key(0, &key_names)
        } else {
            String::new()
        };
        if send(conn, self.into_statement::<D::Dialect>(&key_capture), map).await? == 0 {
            return Ok(None);
        }
        if may_move_key {
            let source = KeySource {
                rows: 1,
                location: KeyLocation::Variables {
                    first: 0,
                    columns: key_names.len(),
                },
            };
            return read_row_by_source::<M, DB, Conn, D>(conn, &source, map).await;
        }
        match read_row(conn, key, map).await? {
            None if !is_key_known => Err(key_not_returned::<M>()),
            row => Ok(row),
        }
    }

    /// Looks whether the version is among the columns that are assigned.
    ///
    /// # Errors
    /// `EmptyChangeset` if none is.
    fn check_assigned<DB: Backend>(&mut self) -> QueryResult<()>
    where
        M::VersionColumn: Lock<M::Version, DB>,
    {
        if self.assigned.is_some_and(<[String]>::is_empty) {
            // Diesel would refuse it too, but only after it has shown the statement to an
            // instrumentation.
            return Err(Error::QueryBuilderError(Box::new(EmptyChangeset)));
        }
        if let (Some(column), Some(assigned)) = (M::VersionColumn::COLUMN, self.assigned) {
            self.sets_version = assigned.iter().any(|name| name == column);
        }
        Ok(())
    }

    fn into_statement<D>(self, key_capture: &str) -> UpdateOf<'_, M, C, D> {
        let (key, version) = self.row;
        let next_version = match version {
            _ if self.sets_version => NextVersion::ByChanges,
            Some(version) => NextVersion::Is(version.next()),
            None => NextVersion::Incremented,
        };
        Update {
            table: M::table(),
            changes: self.changes,
            lock: M::version_column(),
            next_version,
            key_capture,
            condition: KeyAndVersion {
                key: RowKeyIs::new(key),
                lock: M::version_column(),
                version,
            },
        }
    }
}
