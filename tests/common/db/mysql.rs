//! MariaDB or MySQL: a database that is created and migrated for each test.

use super::server::{self, NAMES, OWNER};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

pub(crate) type Conn = MysqlConnection;

pub(crate) const URL_VARIABLE: &str = "IDENTITY_MAP_MYSQL_URL";
const DEFAULT_URL: &str = "mysql://root@127.0.0.1:3306/mysql";
const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/mysql");

pub(crate) struct Db {
    name: String,
    url: String,
}

impl Db {
    pub(crate) fn new() -> Self {
        let name = server::fresh_name();
        let url = {
            let mut server = Server::lock();
            let create = format!("CREATE DATABASE {name} CHARACTER SET utf8mb4");
            server
                .admin
                .batch_execute(&create)
                .expect("a database is created");
            server::with_database(&server.url, &name)
        };
        let db = Self { name, url };
        db.connect()
            .run_pending_migrations(MIGRATIONS)
            .expect("migrations run");
        db
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Puts rows in: see [`seed`](crate::models::seed).
    pub(crate) fn fill(&self, users: usize, posts: usize) {
        crate::models::seed(&mut self.connect(), users, posts);
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
}

impl Server {
    fn lock() -> MutexGuard<'static, Self> {
        static SERVER: LazyLock<Result<Mutex<Server>, String>> = LazyLock::new(|| {
            Server::start()
                .map(Mutex::new)
                .map_err(|error| server::unreachable("MariaDB or MySQL", URL_VARIABLE, error))
        });
        match &*SERVER {
            Ok(server) => server.lock().unwrap_or_else(PoisonError::into_inner),
            Err(message) => panic!("{message}"),
        }
    }

    fn start() -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let url = server::url_from(URL_VARIABLE, DEFAULT_URL);
        let mut admin = Conn::establish(&url)?;
        // A transaction that a test left open would hold up `DROP DATABASE` for a day.
        admin.batch_execute("SET SESSION lock_wait_timeout = 5")?;
        ask(&mut admin, "GET_LOCK", ", 0", &OWNER)?;
        sweep(&mut admin)?;
        Ok(Self { url, admin })
    }
}

/// Drops what processes that were killed left behind.
fn sweep(admin: &mut Conn) -> QueryResult<()> {
    for name in leftovers(admin)? {
        if ask(admin, "IS_FREE_LOCK", "", server::owner_of(&name))? {
            drop_database(admin, &name)?;
        }
    }
    Ok(())
}

fn leftovers(admin: &mut Conn) -> QueryResult<Vec<String>> {
    diesel::table! {
        information_schema.schemata (schema_name) {
            schema_name -> Text,
        }
    }
    schemata::table
        .select(schemata::schema_name)
        .filter(diesel::dsl::sql::<Bool>("schema_name REGEXP ").bind::<Text, _>(NAMES))
        .load(admin)
}

fn ask(admin: &mut Conn, function: &str, rest: &str, lock: &str) -> QueryResult<bool> {
    diesel::select(
        diesel::dsl::sql::<Bool>(&format!("{function}("))
            .bind::<Text, _>(lock)
            .sql(&format!("{rest})")),
    )
    .get_result(admin)
}

fn drop_database(admin: &mut Conn, name: &str) -> QueryResult<()> {
    admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name}"))
}
