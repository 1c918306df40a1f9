//! What makes one of a write that has several statements, or hooks: [`WriteTransaction`].

use diesel::QueryResult;
use diesel::result::Error;

use crate::connection::{ConnectionKind, Driver};

/// A transaction of Diesel's, or a savepoint in one; a savepoint in a transaction that the program began
/// by raw SQL, of which Diesel does not know (its `BEGIN` would fail, or commit what is open); or nothing.
pub(super) enum WriteTransaction {
    Nothing,
    Diesel,
    Savepoint(String),
}

impl WriteTransaction {
    /// Begins it, if the write `needs` it.
    pub(super) async fn begin<D: ConnectionKind, Conn: Driver<D>>(
        needs: bool,
        conn: &mut Conn,
    ) -> QueryResult<Self> {
        if !needs {
            return Ok(Self::Nothing);
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

    /// Ends it. If the write has failed, the database and the maps are as before.
    pub(super) async fn end<T: Send, D: ConnectionKind, Conn: Driver<D>>(
        self,
        written: QueryResult<T>,
        conn: &mut Conn,
    ) -> QueryResult<T> {
        let error = match (written, &self) {
            (written, Self::Nothing) => return written,
            (Ok(written), _) => {
                self.commit(conn).await?;
                return Ok(written);
            }
            (Err(error), _) => error,
        };
        conn.set_rollback_undoes_write(true);
        let undone = self.roll_back(conn).await;
        conn.set_rollback_undoes_write(false);
        match undone {
            // The error of the write says more than what followed from it.
            Ok(()) | Err(Error::BrokenTransactionManager) => Err(error),
            Err(rollback) => Err(rollback),
        }
    }

    async fn commit<D: ConnectionKind, Conn: Driver<D>>(self, conn: &mut Conn) -> QueryResult<()> {
        match self {
            Self::Nothing => Ok(()),
            Self::Diesel => conn.commit().await,
            Self::Savepoint(name) => conn.send_text(&format!("RELEASE SAVEPOINT {name}")).await,
        }
    }

    async fn roll_back<D: ConnectionKind, Conn: Driver<D>>(
        self,
        conn: &mut Conn,
    ) -> QueryResult<()> {
        match self {
            Self::Nothing => Ok(()),
            Self::Diesel => conn.roll_back().await,
            Self::Savepoint(name) => {
                let sql = format!("ROLLBACK TO SAVEPOINT {name}");
                conn.send_text(&sql).await
            }
        }
    }
}
