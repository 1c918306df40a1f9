//! One write of the manager: where it lands, and how it is undone.

use std::sync::Arc;

use diesel::QueryResult;
use diesel::result::Error;

use super::hooks::{Change, RunsHooks};
use crate::connection::{Driver, Spoken, Touched, run_hooks};
use crate::map::IdentityMap;
use crate::model::Model;
use crate::query::{Mode, Plan};

/// Where a write lands: the map that a load by the same plan would ask.
pub(super) struct Write {
    /// None if the map is left alone.
    pub(super) map: Option<IdentityMap>,
}

impl Write {
    pub(super) fn new<M: Model, D: Spoken, Conn: Driver<D>>(
        plan: &Plan<M>,
        conn: &mut Conn,
    ) -> QueryResult<Self> {
        let map = match plan.mode {
            Mode::Uncached => {
                if M::HAS_HOOKS {
                    // Without a slot nobody knows when `after_commit` may run.
                    conn.slot(|_| ())?;
                }
                None
            }
            Mode::Cached | Mode::Fresh => {
                let given = plan.map.as_ref();
                Some(conn.slot(|slot| slot.map_or::<Conn::Backend>(given, M::name()))??)
            }
        };
        Ok(Self { map })
    }

    /// Notes what was written, on a connection that has a map.
    pub(super) fn touch<D: Spoken, Conn: Driver<D>>(conn: &mut Conn, touched: Touched) {
        let _ = conn.slot(|slot| slot.touch(touched));
    }

    /// Makes a row that was just written the object of its key; unless another write overlapped with
    /// this one, since nobody knows which was later.
    pub(super) fn put<M: Model, D: Spoken, Conn: Driver<D>>(
        &self,
        row: M,
        conn: &mut Conn,
    ) -> Arc<M> {
        let object = Arc::new(row);
        if let Some(map) = &self.map
            && conn.wrote_alone()
        {
            let _ = conn.slot(|slot| slot.put(map, &object));
        }
        object
    }

    /// Makes rows that were just inserted the objects of their keys.
    pub(super) fn put_all<M: Model, D: Spoken, Conn: Driver<D>>(
        &self,
        rows: Vec<M>,
        conn: &mut Conn,
    ) -> Vec<Arc<M>> {
        let objects: Vec<Arc<M>> = rows.into_iter().map(Arc::new).collect();
        if let Some(map) = &self.map
            && conn.wrote_alone()
        {
            let _ = conn.slot(|slot| slot.put_all(map, &objects));
        }
        objects
    }
}

/// Whether an error came from the database, which then has changed nothing.
pub(super) fn changed_nothing(error: &Error) -> bool {
    matches!(
        error,
        Error::DatabaseError(..) | Error::QueryBuilderError(_)
    )
}

/// What makes one of a write that has more than one statement, or hooks: a transaction of
/// Diesel's, or a savepoint in one; a savepoint in a transaction that the program began by raw SQL,
/// of which Diesel does not know (its `BEGIN` would fail, or commit what is open); or nothing.
pub(super) enum Whole {
    Nothing,
    Diesel,
    Savepoint(String),
}

impl Whole {
    /// Begins it, if the write `needs` it.
    pub(super) async fn begin<D: Spoken, Conn: Driver<D>>(
        needs: bool,
        conn: &mut Conn,
    ) -> QueryResult<Self> {
        if !needs {
            return Ok(Self::Nothing);
        }
        let depth = conn.slot(|slot| slot.depth()).unwrap_or(0);
        if conn.transaction()?.transaction_depth()?.is_none() && depth > 0 {
            let name = format!("identity_map_{depth}");
            conn.batch(&format!("SAVEPOINT {name}")).await?;
            return Ok(Self::Savepoint(name));
        }
        conn.begin().await?;
        Ok(Self::Diesel)
    }

    /// Ends it. If the write has failed, the database and the maps are as before.
    pub(super) async fn end<T: Send, D: Spoken, Conn: Driver<D>>(
        self,
        written: QueryResult<T>,
        conn: &mut Conn,
    ) -> QueryResult<T> {
        let error = match (written, &self) {
            (written, Self::Nothing) => return written,
            (Ok(written), _) => {
                self.keep(conn).await?;
                return Ok(written);
            }
            (Err(error), _) => error,
        };
        conn.is_undoing(true);
        let undone = self.undo(conn).await;
        conn.is_undoing(false);
        match undone {
            // The error of the write says more than what followed from it.
            Ok(()) | Err(Error::BrokenTransactionManager) => Err(error),
            Err(rollback) => Err(rollback),
        }
    }

    async fn keep<D: Spoken, Conn: Driver<D>>(self, conn: &mut Conn) -> QueryResult<()> {
        match self {
            Self::Nothing => Ok(()),
            Self::Diesel => conn.commit().await,
            Self::Savepoint(name) => conn.batch(&format!("RELEASE SAVEPOINT {name}")).await,
        }
    }

    async fn undo<D: Spoken, Conn: Driver<D>>(self, conn: &mut Conn) -> QueryResult<()> {
        match self {
            Self::Nothing => Ok(()),
            Self::Diesel => conn.roll_back().await,
            Self::Savepoint(name) => conn.batch(&format!("ROLLBACK TO SAVEPOINT {name}")).await,
        }
    }
}

/// Lets the hook run once the write has been committed.
pub(super) fn announce_commit<M, D, Conn>(object: &Arc<M>, change: Change, conn: &mut Conn)
where
    M: Model + RunsHooks<Conn, D>,
    D: Spoken,
    Conn: Driver<D>,
{
    if !M::HAS_HOOKS {
        return;
    }
    let hook: fn(&Arc<M>, Change) = <M as RunsHooks<Conn, D>>::after_commit;
    let object = Arc::clone(object);
    let run = Box::new(move || hook(&object, change));
    if let Ok(Some(now)) = conn.slot(|slot| slot.after_commit(run)) {
        run_hooks(vec![now]);
    }
}
