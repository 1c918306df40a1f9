//! Where the rows are: a SQLite file that goes with the program, or the PostgreSQL database of
//! `DATABASE_URL`; migrated, and filled if it holds no posts.

use std::env;
use std::error::Error;

use diesel::connection::SimpleConnection;
use diesel::migration::MigrationSource;
use diesel::prelude::*;
use diesel_identity_map::CachedConnection;
use diesel_identity_map::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use tempfile::TempDir;

use super::models::Post;
use super::rows;

/// What can be said to who starts the program.
pub(crate) type Done<T> = Result<T, Box<dyn Error + Send + Sync>>;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
#[cfg(feature = "postgres")]
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// What a connection to SQLite is told first.
pub(crate) const PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON;";

pub(crate) enum Database {
    /// The file goes with the directory, when this is dropped.
    Sqlite {
        url: String,
        #[expect(dead_code, reason = "it is held, not asked")]
        directory: TempDir,
    },
    #[cfg(feature = "postgres")]
    Postgres { url: String },
}

impl Database {
    /// # Errors
    /// When there is no such database, or the program was not built for it.
    pub(crate) fn prepare() -> Done<Self> {
        match env::var("DATABASE_URL") {
            Ok(url) if url.starts_with("postgres") => Self::postgres(url),
            Ok(_) => Err("DATABASE_URL: this program speaks to `postgres://..`; \
                 without the variable it makes a SQLite file of its own"
                .into()),
            Err(_) => Self::sqlite(),
        }
    }

    fn sqlite() -> Done<Self> {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("blog.db");
        let url = path
            .to_str()
            .ok_or("the path of the temporary directory is not UTF-8")?
            .to_owned();
        let mut conn = SqliteConnection::establish(&url)?;
        conn.batch_execute("PRAGMA journal_mode = WAL")?; // readers and a writer at once
        fill(&mut conn, SQLITE)?;
        Ok(Self::Sqlite { url, directory })
    }

    #[cfg(feature = "postgres")]
    fn postgres(url: String) -> Done<Self> {
        let mut conn = PgConnection::establish(&url)?;
        fill(&mut conn, POSTGRES)?;
        Ok(Self::Postgres { url })
    }

    #[cfg(not(feature = "postgres"))]
    fn postgres(_: String) -> Done<Self> {
        Err(
            "DATABASE_URL names a PostgreSQL database, which this build does not know: \
             run it with `--features postgres`"
                .into(),
        )
    }
}

fn fill<C>(conn: &mut C, migrations: impl MigrationSource<C::Backend>) -> Done<()>
where
    C: CachedConnection<Post> + MigrationHarness<C::Backend>,
{
    conn.run_pending_migrations(migrations)?;
    if Post::cached().uncached().limit(1).load(conn)?.is_empty() {
        conn.transaction(|conn| conn.batch_execute(&rows::statements()))?;
    }
    Ok(())
}
