//! The frame around every write of the manager: [`write`], and [`Frame::begin_statement`] for its
//! statement, whose answer [`Frame::end_statement`] notes.
//!
//! Each write runs through the same steps: statements that were sent before are waited for, a
//! transaction or savepoint begins if one is needed, the pre-hook runs, the statement is sent, the maps
//! learn what it wrote, the post-hook runs, the transaction ends. If a step fails inside a transaction, the
//! database and the maps are as before. A single statement needs none: then [`FailedWrite`] decides whether
//! what it may have changed is read again.

use std::panic::Location;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::result::Error;

use super::transaction::{Undo, WriteTransaction};
use crate::connection::{ConnectionKind, Driver, Slot, identify_product};
use crate::database::{FailedWrite, WritePhase, returns_rows};
use crate::hooks::{Change, RunsHooks};
use crate::map::{IdentityMap, Invalidation, KeySet, ModelWrite};
use crate::model::{KeyType, Model, ModelType, Object, Objects};
use crate::query::{CacheMode, MapRequest, Plan};
use crate::transaction::run_after_commit;

/// What the steps of one write share, whatever its model.
pub(super) struct Frame {
    model: ModelType,
    /// The map that a load by the same plan would ask; `None` if the map is left alone.
    map: Option<IdentityMap>,
    caller: &'static Location<'static>,
    transaction: WriteTransaction,
    phase: WritePhase,
    /// The most that the write has changed so far.
    may_have_changed: Invalidation,
    /// The values may call routines.
    may_call: bool,
    /// The write has called routines, which may have changed what it returned.
    calls_routines: bool,
    /// The key of a row that is gone or has another version than the program's object.
    stale_key: Option<KeySet>,
}

/// What a write consists of, which decides whether it needs a transaction.
#[derive(Debug, Clone, Copy)]
pub(super) enum Steps {
    /// One statement on every database.
    Statement,
    /// One statement on every database, and the hooks of the model.
    StatementAndHooks,
    /// A statement whose rows come back, which takes another statement where the database does not return them,
    /// or where the table has more than the model.
    Rows,
    /// The same with the hooks of the model.
    RowsAndHooks,
}

impl Steps {
    async fn need_transaction<M, Conn, D>(self, conn: &mut Conn) -> bool
    where
        M: Model,
        D: ConnectionKind,
        Conn: Driver<D>,
    {
        match self {
            Self::Statement => false,
            Self::StatementAndHooks => M::HAS_HOOKS,
            Self::RowsAndHooks if M::HAS_HOOKS => true,
            Self::Rows | Self::RowsAndHooks => {
                !M::IS_PLAIN || !returns_rows(identify_product(conn).await)
            }
        }
    }
}

/// Runs a write: `work` inside its frame. If it has several `steps`, either all of them are done or none.
pub(super) async fn write<M, T, Conn, D>(
    plan: &Plan<M>,
    steps: Steps,
    caller: &'static Location<'static>,
    conn: &mut Conn,
    work: impl AsyncFnOnce(&mut Frame, &mut Conn) -> QueryResult<T>,
) -> QueryResult<T>
where
    M: Model,
    T: Send,
    D: ConnectionKind,
    Conn: Driver<D>,
{
    let mut frame = Frame::begin::<M, D, Conn>(plan.map_request(), steps, caller, conn).await?;
    match work(&mut frame, conn).await {
        Ok(written) => {
            frame.commit(conn).await?;
            Ok(written)
        }
        Err(error) => Err(frame.roll_back(error, conn).await),
    }
}

impl Frame {
    async fn begin<M: Model, D: ConnectionKind, Conn: Driver<D>>(
        request: MapRequest<'_>,
        steps: Steps,
        caller: &'static Location<'static>,
        conn: &mut Conn,
    ) -> QueryResult<Self> {
        conn.begin_call().await?;
        let map = target_map(&request, conn)?;
        let needed = steps.need_transaction::<M, Conn, D>(conn).await;
        Ok(Self {
            model: request.model,
            map,
            caller,
            transaction: WriteTransaction::begin(needed, conn).await?,
            phase: WritePhase::Unsent,
            may_have_changed: Invalidation::default(),
            may_call: true,
            calls_routines: false,
            stale_key: None,
        })
    }

    async fn commit<D: ConnectionKind, Conn: Driver<D>>(self, conn: &mut Conn) -> QueryResult<()> {
        if matches!(self.transaction, WriteTransaction::NotNeeded) {
            return Ok(());
        }
        // The future may be dropped before the commit is answered.
        conn.begin_write(self.may_have_changed.clone());
        let committed = self.transaction.commit(conn).await;
        conn.end_write();
        if committed.is_err() {
            invalidate(self.may_have_changed, conn);
        }
        committed
    }

    /// Undoes a write that has failed, and says by which error.
    async fn roll_back<D: ConnectionKind, Conn: Driver<D>>(
        self,
        error: Error,
        conn: &mut Conn,
    ) -> Error {
        let left = FailedWrite::of(&error, self.phase);
        let Undo { error, is_undone } = self.transaction.undo(error, conn).await;
        if left == FailedWrite::Unknown && !is_undone {
            invalidate(self.may_have_changed, conn);
        }
        // This follows the rollback, which restores what the maps held before the write.
        if let Some(key) = self.stale_key {
            invalidate(Invalidation::keys(self.model, key), conn);
        }
        error
    }

    /// The map that counts the statements.
    pub(super) fn map(&self) -> Option<&IdentityMap> {
        self.map.as_ref()
    }

    /// Says that the program's call is why the next statement is sent.
    pub(super) fn set_call_site<D: ConnectionKind, Conn: Driver<D>>(&self, conn: &mut Conn) {
        conn.set_call_site(self.caller);
    }

    /// Says whether the values of the statement may call routines, if their text is known.
    pub(super) fn set_may_call(&mut self, may_call: bool) {
        self.may_call = may_call;
    }

    /// Begins the statement of the write. `invalidation` is the most that the statement can change. It is
    /// noted before, since a future that is dropped before the answer cannot do it any more; after the
    /// answer the caller invalidates what was written in fact.
    pub(super) fn begin_statement<D: ConnectionKind, Conn: Driver<D>>(
        &mut self,
        invalidation: Invalidation,
        conn: &mut Conn,
    ) {
        self.phase = WritePhase::Sent;
        self.may_have_changed = invalidation.clone();
        self.set_call_site(conn);
        conn.begin_write(invalidation);
        if self.may_call {
            let _ = conn.with_slot(Slot::begin_own_watch);
        }
    }

    /// Ends the statement of the write by its answer.
    pub(super) fn end_statement<T, D: ConnectionKind, Conn: Driver<D>>(
        &mut self,
        answer: QueryResult<T>,
        conn: &mut Conn,
    ) -> QueryResult<T> {
        conn.end_write();
        if self.may_call {
            self.calls_routines |= conn.with_slot(Slot::end_own_watch) == Ok(true);
        }
        if answer.is_ok() {
            self.phase = WritePhase::Answered;
        }
        answer
    }

    /// Notes that nothing was written, since the row of this key is gone or has another version: the next
    /// load reads it again.
    pub(super) fn mark_stale<K: KeyType>(&mut self, key: &K) {
        self.may_have_changed = Invalidation::default();
        self.stale_key = Some(KeySet::of([key.clone()]));
    }

    /// Begins the statement of a write to any rows of the model.
    #[inline(never)]
    pub(super) fn begin_model_statement<D: ConnectionKind, Conn: Driver<D>>(
        &mut self,
        write: ModelWrite<'_>,
        conn: &mut Conn,
    ) {
        let written = conn.with_slot(|slot| slot.written_model(self.model, write));
        self.begin_statement(written.unwrap_or_default(), conn);
    }

    /// Invalidates what a write has changed, and makes the row that it returned the object of its key. If a
    /// trigger or a routine may have changed the row afterwards, or another write overlapped with this one, the map
    /// is left alone, since nobody knows what is latest.
    #[inline(never)]
    pub(super) fn put<D: ConnectionKind, Conn: Driver<D>>(
        &self,
        (keys, write): (KeySet, ModelWrite<'_>),
        object: &Arc<dyn Object>,
        conn: &mut Conn,
    ) {
        if let Some(map) = self.map_of_written(keys, write, conn) {
            let _ = conn.with_slot(|slot| slot.put(self.model, map, object));
        }
    }

    /// [`put`](Self::put)s rows that were just inserted.
    #[inline(never)]
    pub(super) fn put_all<D: ConnectionKind, Conn: Driver<D>>(
        &self,
        (keys, write): (KeySet, ModelWrite<'_>),
        objects: &dyn Objects,
        conn: &mut Conn,
    ) {
        if let Some(map) = self.map_of_written(keys, write, conn) {
            let _ = conn.with_slot(|slot| slot.put_all(self.model, map, objects));
        }
    }

    /// Invalidates what a write has changed, and gives the map that takes in the rows it returned.
    fn map_of_written<D: ConnectionKind, Conn: Driver<D>>(
        &self,
        keys: KeySet,
        write: ModelWrite<'_>,
        conn: &mut Conn,
    ) -> Option<&IdentityMap> {
        let are_latest = conn.with_slot(|slot| slot.invalidate_written(self.model, keys, write));
        let is_latest = are_latest == Ok(true) && conn.wrote_alone() && !self.calls_routines;
        self.map.as_ref().filter(|_| is_latest)
    }
}

/// Rows of a model that are written, and whatever else such a write changes.
pub(super) fn written_rows<M: Model, D: ConnectionKind, Conn: Driver<D>>(
    keys: impl IntoIterator<Item = M::Key>,
    write: ModelWrite<'_>,
    conn: &mut Conn,
) -> Invalidation {
    let keys = KeySet::of(keys);
    let written = conn.with_slot(|slot| slot.written_rows(ModelType::of::<M>(), keys, write));
    written.unwrap_or_default()
}

/// Any rows of a model, and whatever else such a write changes.
pub(super) fn written_model<M: Model, D: ConnectionKind, Conn: Driver<D>>(
    write: ModelWrite<'_>,
    conn: &mut Conn,
) -> Invalidation {
    let written = conn.with_slot(|slot| slot.written_model(ModelType::of::<M>(), write));
    written.unwrap_or_default()
}

/// Invalidates rows that were written, and whatever else such a write changes.
pub(super) fn invalidate_rows<M: Model, D: ConnectionKind, Conn: Driver<D>>(
    keys: impl IntoIterator<Item = M::Key>,
    write: ModelWrite<'_>,
    conn: &mut Conn,
) {
    let keys = KeySet::of(keys);
    let _ = conn.with_slot(|slot| slot.invalidate_written(ModelType::of::<M>(), keys, write));
}

/// Invalidates what was written, if the connection has a map.
pub(super) fn invalidate<D: ConnectionKind, Conn: Driver<D>>(
    invalidation: Invalidation,
    conn: &mut Conn,
) {
    let _ = conn.with_slot(|slot| slot.invalidate(invalidation));
}

/// The map that a load by a plan would ask; `None` if the map is left alone.
pub(super) fn target_map<D: ConnectionKind, Conn: Driver<D>>(
    request: &MapRequest<'_>,
    conn: &mut Conn,
) -> QueryResult<Option<IdentityMap>> {
    match request.mode {
        CacheMode::Uncached => {
            if request.has_hooks {
                // Without a slot nobody knows when `after_commit` may run.
                conn.with_slot(|_| ())?;
            }
            Ok(None)
        }
        CacheMode::Cached | CacheMode::Fresh => {
            let map = conn.with_slot(|slot| {
                slot.map_for_query::<Conn::Backend>(request.map, request.name)
            })??;
            Ok(Some(map))
        }
    }
}

/// Queues the `after_commit` hook of a write until the outermost transaction has committed. Outside a
/// transaction the hook runs at once.
pub(super) fn queue_after_commit<M, D, Conn>(object: &Arc<M>, change: Change, conn: &mut Conn)
where
    M: Model + RunsHooks<Conn, D>,
    D: ConnectionKind,
    Conn: Driver<D>,
{
    if !M::HAS_HOOKS {
        return;
    }
    let hook: fn(&Arc<M>, Change) = <M as RunsHooks<Conn, D>>::after_commit;
    let object = Arc::clone(object);
    let hook = Box::new(move || hook(&object, change));
    // A connection without a slot has no transaction that is known.
    let at_once = conn.with_slot(|slot| slot.after_commit(hook));
    if let Ok(Some(hook)) = at_once {
        run_after_commit(vec![hook]);
    }
}
