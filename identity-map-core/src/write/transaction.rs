//! What makes a write of several statements, or with hooks, all or nothing: [`WriteTransaction`].

use std::sync::atomic::{AtomicU64, Ordering};

use diesel::QueryResult;
use diesel::result::Error;

use crate::connection::{ConnectionKind, Driver};

/// The transaction or savepoint around one write.
pub(super) enum WriteTransaction {
    /// The write is one statement.
    NotNeeded,
    /// A transaction of Diesel's, or a savepoint of Diesel's in one.
    Diesel,
    /// A transaction that Diesel does not know of: the database has ended Diesel's by itself, as MySQL does
    /// before it defines a table.
    Raw,
    /// A savepoint in a transaction that the program began by raw SQL. Diesel does not know of that
    /// transaction, so Diesel's `BEGIN` would fail, or commit what is open.
    Savepoint(String),
}

/// Whether a write that has failed was undone.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Undo {
    /// There was a transaction or savepoint, and it was rolled back.
    IsUndone,
    /// There was none, or it could not be rolled back because of the error of the write.
    IsLeft,
}

impl WriteTransaction {
    /// Runs `work` in a transaction or savepoint, if it needs one.
    pub(super) async fn run<T: Send, D: ConnectionKind, Conn: Driver<D>>(
        needed: bool,
        conn: &mut Conn,
        work: impl AsyncFnOnce(&mut Conn) -> QueryResult<T>,
    ) -> QueryResult<T> {
        let transaction = Self::begin(needed, conn).await?;
        match work(conn).await {
            Ok(written) => {
                transaction.commit(conn).await?;
                Ok(written)
            }
            Err(error) => {
                transaction.undo(conn).await?;
                Err(error)
            }
        }
    }

    /// Begins it, if the write needs it.
    pub(super) async fn begin<D: ConnectionKind, Conn: Driver<D>>(
        needed: bool,
        conn: &mut Conn,
    ) -> QueryResult<Self> {
        if !needed {
            return Ok(Self::NotNeeded);
        }
        if conn.with_slot(|slot| slot.is_lost()) == Ok(true) {
            // A transaction may be open, which another `BEGIN` would end on MySQL.
            return Ok(Self::NotNeeded);
        }
        if conn.transaction_status()?.transaction_depth()?.is_some() {
            if conn.with_slot(|slot| slot.known_depth()) == Ok(Some(0)) {
                conn.send_text("BEGIN").await?;
                return Ok(Self::Raw);
            }
        } else if let Some(name) = savepoint_in_raw_transaction(conn).await {
            conn.send_text(&format!("SAVEPOINT {name}")).await?;
            return Ok(Self::Savepoint(name));
        }
        conn.begin().await?;
        Ok(Self::Diesel)
    }

    /// Rolls a write back that has failed: the database and the maps are then as before.
    ///
    /// # Errors
    /// Of a rollback that says more than the error of the write.
    pub(super) async fn undo<D: ConnectionKind, Conn: Driver<D>>(
        self,
        conn: &mut Conn,
    ) -> QueryResult<Undo> {
        if matches!(self, Self::NotNeeded) {
            return Ok(Undo::IsLeft);
        }
        conn.set_rollback_undoes_write(true);
        let undone = self.roll_back(conn).await;
        conn.set_rollback_undoes_write(false);
        match undone {
            Ok(()) => Ok(Undo::IsUndone),
            // The rollback has failed because of the error of the write.
            Err(Error::BrokenTransactionManager) => Ok(Undo::IsLeft),
            Err(rollback) => Err(rollback),
        }
    }

    /// Commits the write.
    pub(super) async fn commit<D: ConnectionKind, Conn: Driver<D>>(
        self,
        conn: &mut Conn,
    ) -> QueryResult<()> {
        match self {
            Self::NotNeeded => Ok(()),
            Self::Diesel => conn.commit().await,
            Self::Raw => conn.send_text("COMMIT").await,
            Self::Savepoint(name) => conn.send_text(&format!("RELEASE SAVEPOINT {name}")).await,
        }
    }

    async fn roll_back<D: ConnectionKind, Conn: Driver<D>>(
        self,
        conn: &mut Conn,
    ) -> QueryResult<()> {
        match self {
            Self::NotNeeded => Ok(()),
            Self::Diesel => conn.roll_back().await,
            Self::Raw => conn.send_text("ROLLBACK").await,
            Self::Savepoint(name) => {
                let sql = format!("ROLLBACK TO SAVEPOINT {name}");
                conn.send_text(&sql).await
            }
        }
    }
}

/// A name for a savepoint, if the program has begun a transaction by raw SQL. Where nobody watches what the
/// program sends, the database is asked.
async fn savepoint_in_raw_transaction<D: ConnectionKind, Conn: Driver<D>>(
    conn: &mut Conn,
) -> Option<String> {
    static ASKED: AtomicU64 = AtomicU64::new(0);
    match conn.with_slot(|slot| slot.known_depth()) {
        Ok(Some(0)) => None,
        Ok(Some(depth)) => Some(format!("identity_map_{depth}")),
        Ok(None) | Err(_) => {
            let number = ASKED.fetch_add(1, Ordering::Relaxed);
            let name = format!("identity_map_unwatched_{number}");
            takes_savepoint(&name, conn).await.then_some(name)
        }
    }
}

/// Whether a savepoint can be set and released. Outside a transaction PostgreSQL refuses to set it, and
/// MySQL to release it; SQLite begins and ends a transaction of its own.
async fn takes_savepoint<D: ConnectionKind, Conn: Driver<D>>(name: &str, conn: &mut Conn) -> bool {
    for question in ["SAVEPOINT", "RELEASE SAVEPOINT"] {
        conn.announce_question();
        if conn.send_text(&format!("{question} {name}")).await.is_err() {
            return false;
        }
    }
    true
}
