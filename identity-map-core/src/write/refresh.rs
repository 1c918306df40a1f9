//! Reading a row again: `refresh` at once, `expire` by the next load.

use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::result::Error::NotFound;

use super::changed_rows::{invalidate, invalidate_rows, rows_of};
use super::frame::target_map;
use super::writes::Writes;
use super::written_row::row_of_key;
use crate::connection::{ConnectionKind, Driver};
use crate::hooks::{RunsHooks, run_post_load};
use crate::map::ModelWrite;
use crate::model::{Model, ModelType};
use crate::query::{Cached, view_of};
use crate::statement::Operations;

impl<M: Model> Cached<M, M::Query> {
    /// Reads the row of an object again; the result replaces it.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let post = Post::cached().find(2).first(conn)?;
    /// let post = Post::cached().refresh(&post, conn)?;
    /// # assert_eq!(post.id, 2);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`NotFound`] if the row is gone (and the map forgets it), else as
    /// [`load`](Self::load).
    #[track_caller]
    pub fn refresh<'c, Conn, D>(
        self,
        object: &'c Arc<M>,
        conn: &'c mut Conn,
    ) -> D::Output<'c, Arc<M>>
    where
        D: ConnectionKind,
        Conn: Writes<M, D>,
    {
        let caller = Location::caller();
        Conn::run(async move {
            conn.begin_call().await?;
            conn.set_call_site(caller);
            let map = target_map(&self.plan.map_request(), conn)?;
            let key = object.key();
            let view = match map.clone() {
                Some(map) => {
                    let view = view_of(ModelType::of::<M>(), map, conn)?;
                    Some(view.noting_new_objects(M::HAS_HOOKS))
                }
                None => None,
            };
            let Some(fresh) = conn.read_one(key.clone(), map.as_ref()).await? else {
                let row = row_of_key::<M, D, Conn>(&key, Operations::NONE, map.as_ref(), conn);
                invalidate(row, conn);
                return Err(NotFound);
            };
            let Some(view) = view else {
                <M as RunsHooks<Conn, D>>::post_load(&fresh, conn).await?;
                return Ok(fresh);
            };
            let mut fresh = vec![fresh];
            view.replace_all(&mut fresh);
            run_post_load::<M, _, _>(&view, conn).await?;
            view.keep(&fresh);
            fresh.pop().ok_or(NotFound)
        })
    }

    /// Forgets an object, so that the next load reads its row again. Sends nothing.
    ///
    /// # Errors
    /// [`NotEnabled`](crate::IdentityMapError::NotEnabled) on a connection without a map.
    pub fn expire<D: ConnectionKind, Conn: Driver<D>>(
        self,
        object: &Arc<M>,
        conn: &mut Conn,
    ) -> QueryResult<()> {
        if let Some(map) = target_map(&self.plan.map_request(), conn)? {
            map.expire::<M>(&object.key());
        } else {
            let rows = rows_of::<M>([object.key()]);
            invalidate_rows(rows, ModelWrite::by(Operations::NONE), conn);
        }
        Ok(())
    }
}
