//! PostgreSQL: a copy of a database that each test process migrates once.

use super::server::{self, NAMES, OWNER};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

pub(crate) type Conn = PgConnection;

pub(crate) const URL_VARIABLE: &str = "IDENTITY_MAP_POSTGRES_URL";
const DEFAULT_URL: &str = "postgres://postgres@127.0.0.1:5432/postgres";
const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

pub(crate) struct Db {
    name: String,
    url: String,
}

impl Db {
    pub(crate) fn new() -> Self {
        let mut server = Server::lock();
        let name = server::fresh_name();
        let copy = format!("CREATE DATABASE {name} TEMPLATE {}", server.template);
        server
            .admin
            .batch_execute(&copy)
            .expect("the template is copied");
        let url = server::with_database(&server.url, &name);
        Self { name, url }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Puts rows in: see [`seed`](crate::models::seed).
    pub(crate) fn fill(&self, users: usize, posts: usize) {
        let mut conn = self.connect();
        crate::models::seed(&mut conn, users, posts);
        // Keys that are made up begin above those of the seed, as they do on the other two.
        conn.batch_execute(
            "SELECT setval('users_id_seq', max(id)) FROM users;
             SELECT setval('posts_id_seq', max(id)) FROM posts;",
        )
        .expect("sequences");
    }

    pub(crate) fn connect(&self) -> Conn {
        Conn::establish(&self.url).expect("the test's database accepts a connection")
    }
}

impl Drop for Db {
    fn drop(&mut self) {
        // Best effort, without a panic inside a panic: what stays is swept by a later process.
        if let Err(error) = drop_database(&mut Server::lock().admin, &self.name) {
            eprintln!("{} was not dropped: {error}", self.name);
        }
    }
}

struct Server {
    url: String,
    admin: Conn,
    template: String,
}

impl Server {
    /// The server, for one test at a time: a template cannot be copied twice at once.
    fn lock() -> MutexGuard<'static, Self> {
        static SERVER: LazyLock<Result<Mutex<Server>, String>> = LazyLock::new(|| {
            Server::start()
                .map(Mutex::new)
                .map_err(|error| server::unreachable("PostgreSQL", URL_VARIABLE, error))
        });
        match &*SERVER {
            Ok(server) => server.lock().unwrap_or_else(PoisonError::into_inner),
            Err(message) => panic!("{message}"),
        }
    }

    fn start() -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let url = server::url_from(URL_VARIABLE, DEFAULT_URL);
        let mut admin = Conn::establish(&url)?;
        try_lock(&mut admin, &OWNER)?;
        sweep(&mut admin)?;

        // One collation everywhere, so that an order by text does not depend on the machine.
        let template = server::fresh_name();
        admin.batch_execute(&format!(
            "CREATE DATABASE {template} TEMPLATE template0 ENCODING 'UTF8' \
             LC_COLLATE 'C' LC_CTYPE 'C'"
        ))?;
        Conn::establish(&server::with_database(&url, &template))?
            .run_pending_migrations(MIGRATIONS)?;
        Ok(Self {
            url,
            admin,
            template,
        })
    }
}

/// Drops what processes that have ended left behind: their template at least, since Rust runs no
/// destructor of a static.
fn sweep(admin: &mut Conn) -> QueryResult<()> {
    for name in leftovers(admin)? {
        let owner = server::owner_of(&name);
        if owner != *OWNER && try_lock(admin, owner)? {
            let dropped = drop_database(admin, &name);
            diesel::sql_query("SELECT pg_advisory_unlock(hashtextextended($1, 0))")
                .bind::<Text, _>(owner)
                .execute(admin)?;
            dropped?;
        }
    }
    Ok(())
}

fn leftovers(admin: &mut Conn) -> QueryResult<Vec<String>> {
    diesel::table! {
        pg_database (datname) {
            datname -> Text,
        }
    }
    pg_database::table
        .select(pg_database::datname)
        .filter(diesel::dsl::sql::<Bool>("datname ~ ").bind::<Text, _>(NAMES))
        .load(admin)
}

fn try_lock(admin: &mut Conn, owner: &str) -> QueryResult<bool> {
    diesel::select(
        diesel::dsl::sql::<Bool>("pg_try_advisory_lock(hashtextextended(")
            .bind::<Text, _>(owner)
            .sql(", 0))"),
    )
    .get_result(admin)
}

fn drop_database(admin: &mut Conn, name: &str) -> QueryResult<()> {
    admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
}
