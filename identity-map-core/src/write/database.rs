//! Which database it is, and whether it returns what it writes.

use crate::connection::{Database, Driver, Spoken};

/// Whether statements may end in `RETURNING`.
///
/// MariaDB has it for `INSERT` and `DELETE`, but not with what Diesel needs: a prepared
/// statement does not say which columns it will return.
pub(super) fn returns(database: Database) -> bool {
    matches!(database, Database::Sqlite | Database::Postgres)
}

/// The database behind a connection, asked for if the backend is one of the program's own.
pub(super) async fn known_database<D: Spoken, C: Driver<D>>(conn: &mut C) -> Database {
    let by_type = Database::of::<C::Backend>();
    if by_type != Database::Unknown {
        return by_type;
    }
    match conn.slot(|slot| slot.database()) {
        Ok(Database::Unknown) | Err(_) => {}
        Ok(known) => return known,
    }
    // What PostgreSQL refuses would abort its transaction, so it is asked first for what it has.
    let database = if answers(conn, "SELECT pg_backend_pid()").await {
        Database::Postgres
    } else if answers(conn, "SELECT sqlite_version()").await {
        Database::Sqlite
    } else {
        Database::Mysql
    };
    // Without a slot it is asked again.
    let _ = conn.slot(|slot| slot.set_database(database));
    database
}

async fn answers<D: Spoken, C: Driver<D>>(conn: &mut C, question: &str) -> bool {
    conn.announces_question();
    conn.batch(question).await.is_ok()
}
