//! One write of the manager: where it lands, and how it is undone.

use std::sync::Arc;

use diesel::QueryResult;
use diesel::connection::{Connection, TransactionManager};
use diesel::result::Error;

use super::hooks::{Change, Hooks};
use crate::connection::{Slot, Touched};
use crate::map::IdentityMap;
use crate::model::Model;
use crate::query::{Mode, Plan};

/// Where a write lands: the map that a load by the same plan would ask.
pub(super) struct Write {
    /// None if the map is left alone.
    pub(super) map: Option<IdentityMap>,
}

impl Write {
    pub(super) fn new<M: Model, Conn: Connection>(
        plan: &Plan<M>,
        conn: &mut Conn,
    ) -> QueryResult<Self> {
        let map = match plan.mode {
            Mode::Uncached => {
                if M::HAS_HOOKS {
                    // Without a slot nobody knows when `after_commit` may run.
                    Slot::of(conn)?;
                }
                None
            }
            Mode::Cached | Mode::Fresh => {
                Some(Slot::of(conn)?.map_or::<Conn>(plan.map.as_ref(), M::name())?)
            }
        };
        Ok(Self { map })
    }

    /// Notes what was written, on a connection that has a map.
    pub(super) fn touch<Conn: Connection>(conn: &mut Conn, touched: Touched) {
        if let Ok(slot) = Slot::of(conn) {
            slot.touch(touched);
        }
    }

    /// Makes a row that was just written the object of its key.
    pub(super) fn put<M: Model, Conn: Connection>(&self, row: M, conn: &mut Conn) -> Arc<M> {
        let object = Arc::new(row);
        if let Some(map) = &self.map
            && let Ok(slot) = Slot::of(conn)
        {
            slot.put(map, &object);
        }
        object
    }

    /// Makes rows that were just inserted the objects of their keys.
    pub(super) fn put_all<M: Model, Conn: Connection>(
        &self,
        rows: Vec<M>,
        conn: &mut Conn,
    ) -> Vec<Arc<M>> {
        let objects: Vec<Arc<M>> = rows.into_iter().map(Arc::new).collect();
        if let Some(map) = &self.map
            && let Ok(slot) = Slot::of(conn)
        {
            slot.put_all(map, &objects);
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

/// Runs a write in one transaction if it has more than one statement, or hooks. If it fails, the
/// database and the maps are as before.
pub(super) fn whole<Conn, T>(
    conn: &mut Conn,
    in_transaction: bool,
    write: impl FnOnce(&mut Conn) -> QueryResult<T>,
) -> QueryResult<T>
where
    Conn: Connection,
{
    if !in_transaction {
        return write(conn);
    }
    let frame = Frame::begin(conn)?;
    match write(conn) {
        Ok(written) => {
            frame.end(true, conn)?;
            Ok(written)
        }
        Err(error) => {
            Slot::set_undoing(conn, true);
            let undone = frame.end(false, conn);
            Slot::set_undoing(conn, false);
            match undone {
                // The error of the write says more than what followed from it.
                Ok(()) | Err(Error::BrokenTransactionManager) => Err(error),
                Err(rollback) => Err(rollback),
            }
        }
    }
}

/// What holds a write together.
enum Frame {
    /// A transaction of Diesel's, or a savepoint in one.
    Diesel,
    /// A savepoint in a transaction that the program began by raw SQL, of which Diesel does not
    /// know: its `BEGIN` would fail, or commit what is open.
    Savepoint(String),
}

impl Frame {
    fn begin<Conn: Connection>(conn: &mut Conn) -> QueryResult<Self> {
        let depth = Slot::of(conn).map_or(0, |slot| slot.depth());
        let status = Conn::TransactionManager::transaction_manager_status_mut(conn);
        if depth > 0 && status.transaction_depth()?.is_none() {
            let name = format!("identity_map_{depth}");
            conn.batch_execute(&format!("SAVEPOINT {name}"))?;
            return Ok(Self::Savepoint(name));
        }
        Conn::TransactionManager::begin_transaction(conn)?;
        Ok(Self::Diesel)
    }

    fn end<Conn: Connection>(self, keep: bool, conn: &mut Conn) -> QueryResult<()> {
        match (self, keep) {
            (Self::Diesel, true) => Conn::TransactionManager::commit_transaction(conn),
            (Self::Diesel, false) => Conn::TransactionManager::rollback_transaction(conn),
            (Self::Savepoint(name), true) => {
                conn.batch_execute(&format!("RELEASE SAVEPOINT {name}"))
            }
            (Self::Savepoint(name), false) => {
                conn.batch_execute(&format!("ROLLBACK TO SAVEPOINT {name}"))
            }
        }
    }
}

/// Lets the hook run once the write has been committed.
pub(super) fn announce_commit<M, Conn>(object: &Arc<M>, change: Change, conn: &mut Conn)
where
    M: Model + Hooks<Conn>,
    Conn: Connection,
{
    if !M::HAS_HOOKS {
        return;
    }
    let hook: fn(&Arc<M>, Change) = <M as Hooks<Conn>>::after_commit;
    let object = Arc::clone(object);
    let run = Box::new(move || hook(&object, change));
    if let Ok(slot) = Slot::of(conn) {
        slot.after_commit(run);
    }
}
