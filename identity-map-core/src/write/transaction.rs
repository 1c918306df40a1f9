//! What makes a write of several statements, or with hooks, all or nothing: [`WriteTransaction`].

use diesel::QueryResult;
use diesel::result::Error;

use crate::connection::{ConnectionKind, Driver};

/// The transaction or savepoint around one write.
pub(super) enum WriteTransaction {
    /// The write is one statement.
    NotNeeded,
    /// A transaction of Diesel's, or a savepoint of Diesel's in one.
    Diesel,
    /// A savepoint in a transaction that the program began by raw SQL. Diesel does not know of that
    /// transaction, so Diesel's `BEGIN` would fail, or commit what is open.
    Savepoint(String),
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
            Err(error) => Err(transaction.undo(error, conn).await),
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
        let depth = conn.with_slot(|slot| slot.depth()).unwrap_or(0);
        if conn.transaction_status()?.transaction_depth()?.is_none() && depth > 0 {
            let name = format!("identity_map_{depth}");
            conn.send_text(&format!("SAVEPOINT {name}")).await?;
            return Ok(Self::Savepoint(name));
        }
        conn.begin().await?;
        Ok(Self::Diesel)
    }

    /// Rolls a write back that has failed: the database and the maps are then as before. The result is the
    /// error to report.
    pub(super) async fn undo<D: ConnectionKind, Conn: Driver<D>>(
        self,
        error: Error,
        conn: &mut Conn,
    ) -> Error {
        if matches!(self, Self::NotNeeded) {
            return error;
        }
        conn.set_rollback_undoes_write(true);
        let undone = self.roll_back(conn).await;
        conn.set_rollback_undoes_write(false);
        match undone {
            // The error of the write says more than a rollback that failed because of it.
            Ok(()) | Err(Error::BrokenTransactionManager) => error,
            Err(rollback) => rollback,
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
            Self::Savepoint(name) => {
                let sql = format!("ROLLBACK TO SAVEPOINT {name}");
                conn.send_text(&sql).await
            }
        }
    }
}
