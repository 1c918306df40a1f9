//! Inserting several rows: `insert_many`.

use std::panic::Location;
use std::sync::Arc;

use super::frame::{Frame, Steps, queue_after_commit, write};
use super::inserts_many::InsertsMany;
use super::writes::Writes;
use crate::connection::ConnectionKind;
use crate::hooks::{Change, RunsHooks, Saving};
use crate::map::{KeySet, ModelWrite};
use crate::model::Model;
use crate::query::Cached;
use crate::statement::Operations;

impl<M: Model> Cached<M, M::Query> {
    /// Inserts rows, and returns them as the database has them, in the order of `rows`.
    ///
    /// One statement for as many rows as the backend can bind: on PostgreSQL whatever they are, on
    /// SQLite for rows that give the same columns (an `Option` field that is `None` is a column
    /// left out). On MySQL and MariaDB three for all rows together, in a transaction of their own, if none of
    /// them gives its key, and four if all do. All are inserted or none.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let new = ["Rain", "Rice"].map(|title| posts::title.eq(title));
    /// let posts = Post::cached().insert_many(new, conn)?; // one statement
    /// assert_eq!(posts[1].title, "Rice");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`insert`](Self::insert).
    #[track_caller]
    pub fn insert_many<'c, V, Conn, D>(
        self,
        rows: impl IntoIterator<Item = V>,
        conn: &'c mut Conn,
    ) -> D::Output<'c, Vec<Arc<M>>>
    where
        D: ConnectionKind,
        Conn: Writes<M, D> + InsertsMany<M, V, D, D::Dialect>,
        V: Send + 'c,
    {
        let caller = Location::caller();
        let rows: Vec<V> = rows.into_iter().collect();
        Conn::run(async move {
            if rows.is_empty() {
                return Ok(Vec::new());
            }
            let insert = async |frame: &mut Frame, conn: &mut Conn| {
                for _ in 0..rows.len() {
                    <M as RunsHooks<Conn, D>>::pre_save(Saving::Insert, conn).await?;
                }
                let write = ModelWrite::by(Operations::INSERT);
                frame.begin_model_statement(write, conn);
                let inserted = conn.insert_rows(rows, frame.map()).await;
                let rows = frame.end_statement(inserted, conn)?;
                let keys = KeySet::of(rows.iter().map(|row| row.key()));
                frame.put_all((keys, write), &rows, conn);
                for object in &rows {
                    <M as RunsHooks<Conn, D>>::post_save(object, true, conn).await?;
                    queue_after_commit(object, Change::Created, conn);
                }
                Ok(rows)
            };
            write(&self.plan, Steps::RowsAndHooks, caller, conn, insert).await
        })
    }
}
