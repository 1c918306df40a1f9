//! What follows the statement of a load: [`Loading::load_misses`] and [`Loading::complete`].

use std::ops::ControlFlow;

use diesel::QueryResult;

use super::by_rows_only;
use super::load_by_keys::{LoadByKeys, load_batches};
use super::loading::Loading;
use super::plan::CacheMode;
use crate::connection::{ConnectionKind, Driver};
use crate::hooks::{RunsHooks, run_post_load, run_post_load_uncached};
use crate::model::Model;

impl<M: Model> Loading<'_, M> {
    /// Loads the objects of the keys that are not held. It breaks if the rows of some keys were not found
    /// that may be there all the same, since the database may not find a row by the key as the row shows
    /// it: then the query has to be sent once more, for keys and models.
    pub(super) async fn load_misses<Conn, D>(
        &mut self,
        conn: &mut Conn,
    ) -> QueryResult<ControlFlow<()>>
    where
        D: ConnectionKind,
        Conn: Driver<D>,
        M: LoadByKeys<Conn, D>,
    {
        if !self.take_held() {
            return Ok(ControlFlow::Continue(()));
        }
        let missing = self.missing();
        let loaded = load_batches::<M, _, _>(self.run.view, CacheMode::Cached, &missing, conn);
        let loaded = loaded.await?;
        self.take_misses(&loaded);
        if M::rows_are_found_by_their_keys() || !self.leaves_out_rows() {
            return Ok(ControlFlow::Continue(()));
        }
        self.begin_again(missing, &loaded);
        Ok(ControlFlow::Break(()))
    }

    /// Completes the load after its statements: tells the map and the hooks. If this fails, the map is as
    /// before the load.
    pub(super) async fn complete<Conn, D>(&mut self, conn: &mut Conn) -> QueryResult<()>
    where
        D: ConnectionKind,
        Conn: Driver<D>,
        M: LoadByKeys<Conn, D> + RunsHooks<Conn, D>,
    {
        let Some(view) = self.run.view else {
            return run_post_load_uncached::<M, _, _>(&self.objects, conn).await;
        };
        if let Some(first) = self.first_attempt.take() {
            self.run.hits = first.hits;
            let is_there = |object| first.not_found.contains_key_of(object);
            if self.objects.iter().any(|object| is_there(&**object)) {
                by_rows_only::note(view);
            }
        }
        self.run.fill_map(view, &mut self.objects);
        run_post_load::<M, _, _>(view, conn).await?;
        self.run.end(view, &self.objects);
        Ok(())
    }
}
