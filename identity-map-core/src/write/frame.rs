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

use super::changed_rows::invalidate;
use super::transaction::{Undo, WriteTransaction};
use crate::connection::{ConnectionKind, Driver, Slot, identify_product};
use crate::database::{FailedWrite, WritePhase, returns_rows};
use crate::hooks::{Change, RunsHooks};
use crate::map::{IdentityMap, Invalidation, KeySet, ModelWrite};
use crate::model::{KeyType, Model, ModelType, Object, Objects};
use crate::query::{CacheMode, MapRequest, Plan};
use crate::transaction::{AfterCommit, run_after_commit};

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
    /// Whether a write of a model needs a transaction.
    async fn need_transaction<D: ConnectionKind, Conn: Driver<D>>(
        self,
        request: &MapRequest<'_>,
        conn: &mut Conn,
    ) -> bool {
        match self {
            Self::Statement => false,
            Self::StatementAndHooks => request.has_hooks,
            Self::RowsAndHooks if request.has_hooks => true,
            Self::Rows | Self::RowsAndHooks => {
                !request.is_plain || !returns_rows(identify_product(conn).await)
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
    let mut frame = Frame::begin(plan.map_request(), steps, caller, conn).await?;
    let written = work(&mut frame, conn).await;
    frame.end(written.as_ref().err(), conn).await?;
    written
}

impl Frame {
    async fn begin<D: ConnectionKind, Conn: Driver<D>>(
        request: MapRequest<'_>,
        steps: Steps,
        caller: &'static Location<'static>,
        conn: &mut Conn,
    ) -> QueryResult<Self> {
        conn.begin_call().await?;
        let map = target_map(&request, conn)?;
        let needed = steps.need_transaction(&request, conn).await;
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

    /// Commits a write, or undoes it if it has `failed`. An error of this says more than the one of the write.
    async fn end<D: ConnectionKind, Conn: Driver<D>>(
        self,
        failed: Option<&Error>,
        conn: &mut Conn,
    ) -> QueryResult<()> {
        match failed {
            None => self.commit(conn).await,
            Some(error) => self.roll_back(error, conn).await,
        }
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

    /// Undoes a write that has failed.
    async fn roll_back<D: ConnectionKind, Conn: Driver<D>>(
        self,
        error: &Error,
        conn: &mut Conn,
    ) -> QueryResult<()> {
        let left = FailedWrite::of(error, self.phase);
        let undone = self.transaction.undo(conn).await;
        if left == FailedWrite::Unknown && undone != Ok(Undo::IsUndone) {
            invalidate(self.may_have_changed, conn);
        }
        // This follows the rollback, which restores what the maps held before the write.
        if let Some(key) = self.stale_key {
            invalidate(Invalidation::keys(self.model, key), conn);
        }
        undone.map(|_| ())
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
    queue_hook(Box::new(move || hook(&object, change)), conn);
}

fn queue_hook<D: ConnectionKind, Conn: Driver<D>>(hook: AfterCommit, conn: &mut Conn) {
    // A connection without a slot has no transaction that is known.
    let at_once = conn.with_slot(|slot| slot.after_commit(hook));
    if let Ok(Some(hook)) = at_once {
        run_after_commit(vec![hook]);
    }
}
