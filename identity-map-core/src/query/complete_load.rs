//! What follows the statement of a load: [`Loading::complete`].

use std::ops::ControlFlow;

use diesel::QueryResult;

use super::load_by_keys::{LoadByKeys, load_batches};
use super::loading::Loading;
use super::plan::CacheMode;
use crate::connection::{ConnectionKind, Driver, SelectedColumns};
use crate::hooks::{RunsHooks, run_post_load, run_post_load_uncached};
use crate::model::Model;

impl<M: Model> Loading<'_, M> {
    /// Completes the load after its statement: loads what is missing, and tells the map and the hooks. If
    /// this fails, the map is as before the load.
    ///
    /// It breaks if the rows of some keys were not found that may be there all the same, since the database
    /// may not find a row by the key as the row shows it: then the query has to be sent once more, for keys
    /// and models, and the load completed after that.
    pub(super) async fn complete<Conn, D>(
        &mut self,
        conn: &mut Conn,
    ) -> QueryResult<ControlFlow<()>>
    where
        D: ConnectionKind,
        Conn: Driver<D>,
        M: LoadByKeys<Conn, D> + RunsHooks<Conn, D>,
    {
        let Some(view) = self.run.view else {
            run_post_load_uncached::<M, _, _>(&self.objects, conn).await?;
            return Ok(ControlFlow::Continue(()));
        };
        if self.run.selects == SelectedColumns::Key && self.take_held() {
            let missing = self.missing();
            let loaded = load_batches::<M, _, _>(Some(view), CacheMode::Cached, &missing, conn);
            let loaded = loaded.await?;
            self.take_misses(&loaded);
            if !M::rows_are_found_by_their_keys() && self.leaves_out_rows() {
                self.begin_again();
                return Ok(ControlFlow::Break(()));
            }
        }
        self.run.fill_map(view, &mut self.objects);
        run_post_load::<M, _, _>(view, conn).await?;
        self.run.end(view, &self.objects);
        Ok(ControlFlow::Continue(()))
    }
}
