//! How the rows of a query become shared objects: [`Share`].

use std::future::Future;
use std::sync::Arc;

use diesel::QueryResult;

use super::plan::Plan;
use crate::connection::{ConnectionKind, Driver};
use crate::hooks::{RunsHooks, run_post_load, run_post_load_uncached};
use crate::map::{IdentityMap, Peers};
use crate::model::{Model, ObjectsByKey, downcast};
use crate::transaction::ReadView;

/// Something that a row is decoded to, in which every model can become a shared object.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be loaded as shared objects",
    note = "it must be a model that derives `IdentityMapped`, an `Option` of one, or a tuple of these"
)]
pub trait Share: Sized {
    /// The same with `Arc`s for models.
    type Shared: Send;
    /// A view of the map for each model.
    #[doc(hidden)]
    type Views: Send + Sync + Unpin;

    /// The views of the maps that the options name.
    #[doc(hidden)]
    fn views<D: ConnectionKind, Conn: Driver<D>>(
        options: &MappedOptions,
        conn: &mut Conn,
    ) -> QueryResult<Self::Views>;

    /// The row with shared objects for its models.
    #[doc(hidden)]
    fn share(self, views: &mut Self::Views) -> Self::Shared;

    /// Puts the objects into the map, once all rows were decoded.
    #[doc(hidden)]
    fn finish(views: &mut Self::Views);

    /// Counts hits and misses, once the query has succeeded.
    #[doc(hidden)]
    fn count(views: &Self::Views);
}

/// A row whose models have their `post_load` hooks run on the connection `Conn`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be loaded on `{Conn}`: hooks are announced and not implemented",
    note = "a model that says `#[identity_map(hooks)]` must implement `Hooks<{Conn}>`"
)]
pub trait ShareOn<Conn, D>: Share {
    #[doc(hidden)]
    fn post_load(
        views: &mut Self::Views,
        conn: &mut Conn,
    ) -> impl Future<Output = QueryResult<()>> + Send;
}

/// The options of a query, for each of its models.
#[doc(hidden)]
#[derive(Debug)]
pub struct MappedOptions {
    /// `None` if the query is uncached.
    pub(super) map: Option<IdentityMap>,
    pub(super) fresh: bool,
    pub(super) peers: Option<Peers>,
    /// The rows are shared one by one, and no hook runs after them.
    pub(super) is_stream: bool,
}

/// Where one model of a query finds and puts its objects.
#[doc(hidden)]
pub struct ModelTarget<M: Model> {
    view: Option<ReadView>,
    /// With `fresh`, the objects that were read, by key, since a row that a join repeats is one object.
    fresh: Option<ObjectsByKey>,
    /// The objects of the rows: for their peer group, or for the hooks where there is no map.
    shared: Vec<Arc<M>>,
    /// The objects that are in no map are kept for the hooks.
    keeps_own: bool,
    hits: usize,
    rows: usize,
}

impl<M: Model> Share for M {
    type Shared = Arc<M>;
    type Views = ModelTarget<M>;

    fn views<D: ConnectionKind, Conn: Driver<D>>(
        options: &MappedOptions,
        conn: &mut Conn,
    ) -> QueryResult<Self::Views> {
        let view = match &options.map {
            Some(map) => {
                let plan = Plan::<M> {
                    map: Some(map.clone()),
                    peers: options.peers,
                    ..Plan::bare()
                };
                Some(plan.view(conn, true)?)
            }
            None => None,
        };
        Ok(ModelTarget {
            view,
            fresh: options.fresh.then(ObjectsByKey::default),
            shared: Vec::new(),
            keeps_own: M::HAS_HOOKS && !options.is_stream,
            hits: 0,
            rows: 0,
        })
    }

    fn share(self, views: &mut Self::Views) -> Arc<M> {
        views.rows += 1;
        let Some(view) = &views.view else {
            let own = Arc::new(self);
            if views.keeps_own {
                views.shared.push(Arc::clone(&own));
            }
            return own;
        };
        if let Some(read) = &mut views.fresh {
            return read.first_of(Arc::new(self));
        }
        let row = view.held_or_decoded(self);
        views.hits += usize::from(row.is_hit);
        let shared = row.object;
        view.keep(&shared);
        // A join repeats the row of a parent in rows that follow each other.
        let all = &mut views.shared;
        if !all.last().is_some_and(|last| Arc::ptr_eq(last, &shared)) {
            all.push(Arc::clone(&shared));
        }
        shared
    }

    fn finish(views: &mut Self::Views) {
        let Some(view) = &views.view else { return };
        let mut shared = std::mem::take(&mut views.shared);
        if let Some(read) = &mut views.fresh {
            view.replace(read);
            shared.extend(std::mem::take(read).values().cloned().filter_map(downcast));
            view.keep(&shared);
        }
        view.join_group(&shared, true);
    }

    fn count(views: &Self::Views) {
        if let Some(view) = &views.view {
            view.count_query(views.hits, views.rows - views.hits);
        }
    }
}

impl<M, Conn, D> ShareOn<Conn, D> for M
where
    M: Model + RunsHooks<Conn, D>,
    Conn: Send,
{
    async fn post_load(views: &mut Self::Views, conn: &mut Conn) -> QueryResult<()> {
        if let Some(view) = &views.view {
            return run_post_load::<M, _, _>(view, conn).await;
        }
        let own = std::mem::take(&mut views.shared);
        run_post_load_uncached(&own, conn).await
    }
}

impl<T: Share> Share for Option<T> {
    type Shared = Option<T::Shared>;
    type Views = T::Views;

    fn views<D: ConnectionKind, Conn: Driver<D>>(
        options: &MappedOptions,
        conn: &mut Conn,
    ) -> QueryResult<Self::Views> {
        T::views(options, conn)
    }

    fn share(self, views: &mut Self::Views) -> Self::Shared {
        self.map(|row| row.share(views))
    }

    fn finish(views: &mut Self::Views) {
        T::finish(views);
    }

    fn count(views: &Self::Views) {
        T::count(views);
    }
}

impl<T: ShareOn<Conn, D>, Conn, D> ShareOn<Conn, D> for Option<T> {
    fn post_load(
        views: &mut Self::Views,
        conn: &mut Conn,
    ) -> impl Future<Output = QueryResult<()>> + Send {
        T::post_load(views, conn)
    }
}

/// A value beside models, which is taken as it is.
#[derive(Debug)]
pub struct Plain<U>(pub(super) U);

impl<U: Send> Share for Plain<U> {
    type Shared = U;
    type Views = ();

    fn views<D: ConnectionKind, Conn: Driver<D>>(
        _: &MappedOptions,
        _: &mut Conn,
    ) -> QueryResult<()> {
        Ok(())
    }

    fn share(self, (): &mut ()) -> U {
        self.0
    }

    fn finish((): &mut ()) {}

    fn count((): &()) {}
}

impl<U: Send, Conn: Send, D> ShareOn<Conn, D> for Plain<U> {
    async fn post_load((): &mut (), _: &mut Conn) -> QueryResult<()> {
        Ok(())
    }
}

macro_rules! tuples {
    ($(($($part:ident $at:tt),+))+) => {$(
        impl<$($part: Share),+> Share for ($($part,)+) {
            type Shared = ($($part::Shared,)+);
            type Views = ($($part::Views,)+);

            fn views<D: ConnectionKind, Conn: Driver<D>>(
                options: &MappedOptions,
                conn: &mut Conn,
            ) -> QueryResult<Self::Views> {
                Ok(($($part::views(options, conn)?,)+))
            }

            fn share(self, views: &mut Self::Views) -> Self::Shared {
                ($(self.$at.share(&mut views.$at),)+)
            }

            fn finish(views: &mut Self::Views) {
                $($part::finish(&mut views.$at);)+
            }

            fn count(views: &Self::Views) {
                $($part::count(&views.$at);)+
            }
        }

        impl<$($part: ShareOn<Conn, D>,)+ Conn: Send, D> ShareOn<Conn, D> for ($($part,)+) {
            async fn post_load(views: &mut Self::Views, conn: &mut Conn) -> QueryResult<()> {
                $($part::post_load(&mut views.$at, conn).await?;)+
                Ok(())
            }
        }
    )+};
}

tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, E 3)
    (A 0, B 1, C 2, E 3, F 4)
    (A 0, B 1, C 2, E 3, F 4, G 5)
    (A 0, B 1, C 2, E 3, F 4, G 5, H 6)
    (A 0, B 1, C 2, E 3, F 4, G 5, H 6, I 7)
    (A 0, B 1, C 2, E 3, F 4, G 5, H 6, I 7, J 8)
    (A 0, B 1, C 2, E 3, F 4, G 5, H 6, I 7, J 8, K 9)
    (A 0, B 1, C 2, E 3, F 4, G 5, H 6, I 7, J 8, K 9, L 10)
    (A 0, B 1, C 2, E 3, F 4, G 5, H 6, I 7, J 8, K 9, L 10, M 11)
    (A 0, B 1, C 2, E 3, F 4, G 5, H 6, I 7, J 8, K 9, L 10, M 11, N 12)
    (A 0, B 1, C 2, E 3, F 4, G 5, H 6, I 7, J 8, K 9, L 10, M 11, N 12, O 13)
    (A 0, B 1, C 2, E 3, F 4, G 5, H 6, I 7, J 8, K 9, L 10, M 11, N 12, O 13, P 14)
    (A 0, B 1, C 2, E 3, F 4, G 5, H 6, I 7, J 8, K 9, L 10, M 11, N 12, O 13, P 14, Q 15)
}
