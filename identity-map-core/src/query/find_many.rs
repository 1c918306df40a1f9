//! Many rows by key, aligned with the keys: [`FindMany`].

use std::panic::Location;
use std::sync::Arc;

use super::cached::Cached;
use super::find_by_key::load_aligned;
use super::loads::Loads;
use super::pairing::KeyOrigin;
use super::plan::Plan;
use crate::connection::ConnectionKind;
use crate::model::{FindKey, Model};

/// Some keys of a model, to be loaded; see [`Cached::find_many`].
#[must_use = "queries are only executed when calling `load`"]
pub struct FindMany<M: Model> {
    keys: Vec<M::Key>,
    plan: Plan<M>,
}

impl<M: Model> Cached<M, M::Query> {
    /// The rows with these keys. What is alive comes from the map, the rest is loaded in one
    /// batch; when everything is alive, no statement is sent.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let posts = Post::cached().find_many([3, 99, 1]).load(conn)?;
    /// let ids: Vec<Option<i32>> = posts.iter().map(|post| Some(post.as_ref()?.id)).collect();
    /// assert_eq!(ids, [Some(3), None, Some(1)]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn find_many<K>(self, keys: impl IntoIterator<Item = K>) -> FindMany<M>
    where
        K: FindKey<M::Key, M::KeyShape>,
    {
        FindMany {
            keys: keys.into_iter().map(FindKey::into_key).collect(),
            plan: self.plan,
        }
    }
}

impl<M: Model> FindMany<M> {
    /// The objects, aligned with the keys: `None` where there is no such row. A key that was
    /// asked for twice gives the same object twice.
    ///
    /// # Errors
    /// As [`Cached::load`].
    #[track_caller]
    pub fn load<D>(
        self,
        conn: &mut impl Loads<M, M::Query, D>,
    ) -> D::Output<'_, Vec<Option<Arc<M>>>>
    where
        D: ConnectionKind,
    {
        self.load_on(Location::caller(), conn)
    }

    fn load_on<'c, Conn, D>(
        self,
        caller: &'static Location<'static>,
        conn: &'c mut Conn,
    ) -> D::Output<'c, Vec<Option<Arc<M>>>>
    where
        D: ConnectionKind,
        Conn: Loads<M, M::Query, D>,
    {
        Conn::run(async move {
            conn.begin_call().await?;
            conn.set_call_site(caller);
            load_aligned(
                &self.plan,
                self.keys.into_iter().map(Some),
                KeyOrigin::Program,
                conn,
            )
            .await
        })
    }
}

impl<M: Model> std::fmt::Debug for FindMany<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FindMany")
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}
