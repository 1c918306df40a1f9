//! Changing the row of a key that was found by no load: `find(key).update(changes, conn)`.

use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::dsl::Filter;
use diesel::query_dsl::methods::FilterDsl;
use diesel::result::Error;

use super::changes::Updates;
use super::frame::{Frame, Steps, write};
use super::update::update_row;
use super::writes::Writes;
use super::written_row::held_object;
use crate::connection::ConnectionKind;
use crate::hooks::{RunsHooks, Saving};
use crate::model::Model;
use crate::query::{Cached, KeyIs};

/// Changes to the row of a key: [`update`](Self::update).
///
/// Implemented for `Post::cached().find(key)`.
pub trait UpdateFound<M: Model>: Sized {
    /// Makes changes to the row with this key, and returns it as the database has it then. The row is not loaded
    /// before, unless the model has hooks and the map does not hold its object.
    ///
    /// `changes` is what Diesel's `update(..).set(..)` takes. A version gets one higher, whatever it is: who has to
    /// know that the row is as it was loaded updates by the object, [`Cached::update`].
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let post = Post::cached().find(2).update(posts::title.eq("Tables"), conn)?; // one statement
    /// assert_eq!(post.title, "Tables");
    /// let same = Post::cached().find(2).first(conn)?; // sends nothing
    /// assert!(Arc::ptr_eq(&post, &same));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`NotFound`](diesel::NotFound) if there is no such row, else as [`Cached::update`].
    #[track_caller]
    fn update<'c, C, Conn, D>(self, changes: C, conn: &'c mut Conn) -> D::Output<'c, Arc<M>>
    where
        D: ConnectionKind,
        Conn: Updates<M, C, D>,
        Self: 'c,
        C: 'c;
}

impl<M> UpdateFound<M> for Cached<M, Filter<M::Query, KeyIs<M>>>
where
    M: Model<Query: FilterDsl<KeyIs<M>>>,
{
    #[track_caller]
    fn update<'c, C, Conn, D>(self, changes: C, conn: &'c mut Conn) -> D::Output<'c, Arc<M>>
    where
        D: ConnectionKind,
        Conn: Updates<M, C, D>,
        Self: 'c,
        C: 'c,
    {
        let caller = Location::caller();
        let plan = self.plan;
        Conn::run(async move {
            let key = plan.found_key().ok_or_else(not_by_key)?;
            let update = async |frame: &mut Frame, conn: &mut Conn| {
                if M::HAS_HOOKS {
                    let object = match held_object::<M, D, Conn>(&key, frame.map(), conn) {
                        Some(object) => object,
                        None => read(&key, frame, conn).await?,
                    };
                    <M as RunsHooks<Conn, D>>::pre_save(Saving::Update(&object), conn).await?;
                }
                update_row(frame, (key, None), changes.into_changeset(), false, conn).await
            };
            write(&plan, Steps::RowsAndHooks, caller, conn, update).await
        })
    }
}

/// The row as the hooks see it.
async fn read<M, Conn, D>(key: &M::Key, frame: &mut Frame, conn: &mut Conn) -> QueryResult<Arc<M>>
where
    M: Model,
    D: ConnectionKind,
    Conn: Writes<M, D>,
{
    let row = conn.read_one(key.clone(), frame.map()).await?;
    row.ok_or(Error::NotFound)
}

/// `from_query` was given a query of its own, so that the rows are not all those of the model.
fn not_by_key() -> Error {
    Error::QueryBuilderError(
        "`update` by a key begins with the model: `Post::cached().find(key).update(..)`".into(),
    )
}
