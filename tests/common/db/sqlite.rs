//! SQLite: a file in a temporary directory, copied from a migrated one.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::sync::LazyLock;
use tempfile::TempDir;

pub(crate) type Conn = SqliteConnection;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

static TEMPLATE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let dir = TempDir::new().expect("a temporary directory");
    let path = dir.path().join("template.db");
    let mut conn = establish(path.to_str().expect("a UTF-8 path"));
    // The file remembers this mode, and with it readers and the writer do not wait for each other:
    // as on the other two databases.
    conn.batch_execute("PRAGMA journal_mode = WAL")
        .expect("write-ahead log");
    conn.run_pending_migrations(MIGRATIONS)
        .expect("migrations run");
    drop(conn);
    std::fs::read(path).expect("the migrated file")
});

pub(crate) struct Db {
    url: String,
    _dir: TempDir,
}

impl Db {
    pub(crate) fn new() -> Self {
        let dir = TempDir::new().expect("a temporary directory");
        let path = dir.path().join("test.db");
        std::fs::write(&path, &*TEMPLATE).expect("a copy of the template");
        Self {
            url: path.into_os_string().into_string().expect("a UTF-8 path"),
            _dir: dir,
        }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Puts rows in: see [`seed`](crate::models::seed).
    pub(crate) fn fill(&self, users: usize, posts: usize) {
        crate::models::seed(&mut self.connect(), users, posts);
    }

    /// A new connection. SQLite keeps foreign keys only where a connection asks for them.
    pub(crate) fn connect(&self) -> Conn {
        establish(&self.url)
    }
}

fn establish(url: &str) -> Conn {
    let mut conn = Conn::establish(url).expect("the file opens");
    conn.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON")
        .expect("pragmas");
    conn
}
