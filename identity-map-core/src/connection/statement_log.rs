//! A record of the statements that a connection sends: [`StatementLog`].

use std::fmt::{self, Display};
use std::sync::{Arc, Mutex, MutexGuard, Weak};

use crate::lock::lock;
use crate::statement::{self, Meaning, SqlText};

type RecordedTexts = Mutex<Vec<String>>;

/// The statements that a connection has sent since
/// [`record_statements`](super::IdentityMapConnection::record_statements); dropping it ends the
/// recording.
///
/// It does not borrow the connection. Several logs of one connection do not know of each other.
///
/// ```
/// # include!("../doctest_setup.rs");
/// # fn main() -> QueryResult<()> {
/// # let conn = &mut blog();
/// let log = conn.record_statements()?;
/// Post::cached().find(1).first(conn)?;
/// diesel::delete(posts::table.find(1)).execute(conn)?;
/// let statements = log.statements();
/// assert!(statements[0].starts_with("SELECT"));
/// assert_eq!(statements[1], "DELETE FROM `posts` WHERE (`posts`.`id` = ?) -- binds: [1]");
/// # Ok(())
/// # }
/// ```
#[must_use = "statements are recorded until the log is dropped"]
pub struct StatementLog {
    texts: Arc<RecordedTexts>,
}

impl StatementLog {
    /// How many statements were sent.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let log = conn.record_statements()?;
    /// Post::cached().load(conn)?;
    /// assert_eq!(log.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether no statement was sent.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let _held = Post::cached().find(1).first(conn)?;
    /// let log = conn.record_statements()?;
    /// Post::cached().find(1).first(conn)?; // the object is alive
    /// assert!(log.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The statements in their order, with their binds as Diesel shows them.
    #[must_use]
    pub fn statements(&self) -> Vec<String> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<String>> {
        lock(&self.texts)
    }
}

impl fmt::Debug for StatementLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&*self.lock()).finish()
    }
}

/// The logs of one connection, which end when their holders drop them.
#[derive(Default)]
pub(super) struct StatementLogs(Vec<Weak<RecordedTexts>>);

impl StatementLogs {
    pub(super) fn open(&mut self) -> StatementLog {
        let texts = Arc::default();
        self.0.push(Arc::downgrade(&texts));
        StatementLog { texts }
    }

    pub(super) fn record(&mut self, query: &(impl Display + ?Sized)) {
        if self.0.is_empty() {
            return;
        }
        self.0.retain(|log| log.strong_count() > 0);
        if self.0.is_empty() {
            return;
        }
        let mut text = SqlText::default();
        text.take(query);
        if text.failed || only_controls_transactions(&text.sql) {
            return;
        }
        let shown = query.to_string();
        for log in self.0.iter().filter_map(Weak::upgrade) {
            lock(&log).push(shown.clone());
        }
    }
}

/// Whether a text does nothing but begin and end transactions and savepoints.
fn only_controls_transactions(sql: &str) -> bool {
    statement::statements(sql).all(|statement| {
        let mut words = statement.identifiers();
        let first = words.next().unwrap_or_default();
        let is_one_of = |known: &[&str]| known.iter().any(|word| first.eq_ignore_ascii_case(word));
        if is_one_of(&["START", "PREPARE", "SET"]) {
            return words
                .next()
                .is_some_and(|word| word.eq_ignore_ascii_case("TRANSACTION"));
        }
        // MariaDB's `BEGIN NOT ATOMIC` begins a block of statements.
        statement.meaning != Meaning::ChangeSession
            && is_one_of(&[
                "BEGIN",
                "COMMIT",
                "END",
                "ROLLBACK",
                "ABORT",
                "SAVEPOINT",
                "RELEASE",
            ])
    })
}

#[cfg(test)]
mod tests {
    use super::only_controls_transactions;

    #[test]
    fn what_begins_and_ends_transactions() {
        for sql in [
            "BEGIN",
            "begin immediate",
            "BEGIN TRANSACTION ISOLATION LEVEL SERIALIZABLE READ ONLY",
            "START TRANSACTION",
            "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
            "COMMIT",
            "END;",
            "COMMIT AND CHAIN",
            "ROLLBACK TO SAVEPOINT diesel_savepoint_1",
            "/* of the request */ SAVEPOINT a; RELEASE a",
            "PREPARE TRANSACTION 'a'",
            "",
        ] {
            assert!(only_controls_transactions(sql), "{sql}");
        }
    }

    #[test]
    fn everything_else_counts() {
        for sql in [
            "SELECT 1",
            "BEGIN; INSERT INTO posts VALUES (1); COMMIT",
            "BEGIN NOT ATOMIC DELETE FROM posts; END",
            "SET search_path TO blog",
            "PREPARE a AS SELECT 1",
            "START REPLICA",
            "LOCK TABLES posts READ",
            "released",
        ] {
            assert!(!only_controls_transactions(sql), "{sql}");
        }
    }
}
