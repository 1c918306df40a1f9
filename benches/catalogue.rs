//! What it costs to know a database: the time and the memory that the reading of its catalogue takes, and what a
//! write's look at it costs.
//!
//! `cargo xtask bench` runs this; it prints tables. A schema of so many tables has a foreign key on each of them, a
//! trigger on every fifth, and a view over every tenth. The reading is measured as a load of no rows right after
//! `forget_schema`, beside the same load without that. The look is that of `UPDATE .. WHERE id = 0` by plain
//! Diesel on a connection that has the catalogue, beside one that has none; a fifth of the statements are
//! on a table with a trigger.

#![allow(missing_docs)] // a program

use std::time::{Duration, Instant};

use diesel::connection::LoadConnection;
use diesel::prelude::*;
use diesel_identity_map::prelude::*;
use peak_alloc::PeakAlloc;

#[allow(dead_code)] // some of it is for others
mod rounds;

use rounds::Rounds;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

macro_rules! models {
    ($($table:ident $Model:ident)+) => {
        $(
            diesel::table! {
                $table (id) {
                    id -> Integer,
                    note -> Integer,
                }
            }

            #[derive(Queryable, Selectable, IdentityMapped)]
            #[diesel(table_name = $table)]
            #[allow(dead_code)] // decoded and dropped
            struct $Model {
                id: i32,
                note: i32,
            }
        )+

        /// Uses every model once.
        macro_rules! load_all {
            ($conn:ident) => {
                $($Model::cached().limit(0).load($conn).expect("no rows");)+
            };
        }
    };
}

models! { t1 M1 t2 M2 t3 M3 t4 M4 t5 M5 t6 M6 t7 M7 t8 M8 t9 M9 t10 M10 }

/// The statements that make so many tables, and what is on them.
fn schema(tables: usize, product: &str) -> Vec<String> {
    let mut sql = Vec::new();
    for at in 1..=tables {
        let parent = (at - 1).max(1);
        sql.push(format!(
            "CREATE TABLE t{at} (id INTEGER NOT NULL PRIMARY KEY, note INTEGER NOT NULL, parent INTEGER,
             FOREIGN KEY (parent) REFERENCES t{parent} (id) ON DELETE CASCADE)"
        ));
    }
    for at in (5..=tables).step_by(5) {
        let body = format!("UPDATE t{} SET note = note + 1 WHERE id = NEW.id;", at - 1);
        let on = format!("AFTER UPDATE ON t{at} FOR EACH ROW");
        match product {
            "postgres" => {
                sql.push(format!(
                    "CREATE FUNCTION f{at}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$"
                ));
                sql.push(format!(
                    "CREATE TRIGGER g{at} {on} EXECUTE FUNCTION f{at}()"
                ));
            }
            "mysql" => sql.push(format!(
                "CREATE TRIGGER g{at} {on} {}",
                body.trim_end_matches(';')
            )),
            _ => sql.push(format!("CREATE TRIGGER g{at} {on} BEGIN {body} END")),
        }
    }
    for at in (10..=tables).step_by(10) {
        sql.push(format!("CREATE VIEW v{at} AS SELECT id, note FROM t{at}"));
    }
    sql
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// How many statements are looked at in a turn.
const LOOKS: u32 = 500;

/// Measures one database. `connect` makes a connection to it, whose map is not enabled.
macro_rules! measure {
    ($product:literal, $tables:expr, $connect:expr) => {{
        let mut plain = $connect;
        for sql in schema($tables, $product) {
            diesel::sql_query(&sql).execute(&mut plain).expect(&sql);
        }
        let name = |which: &str| format!("{} {} {which}", $product, $tables);
        let options = |which: &str| MapOptions::new().database(name(which));
        let mut known = $connect;
        known.enable_identity_map_with(options("known"));
        let mut unknown = $connect;
        unknown.enable_identity_map_with(options("unknown").catalogue(false));
        for conn in [&mut known, &mut unknown] {
            load_all!(conn);
        }

        // Held by the program's list of databases, so that it stays when the connection goes.
        let mut another = $connect;
        another.enable_identity_map_with(options("another"));
        let before = ALLOCATED.current_usage();
        let conn = &mut another;
        load_all!(conn);
        diesel::sql_query("UPDATE t1 SET note = 1 WHERE id = 0")
            .execute(conn)
            .expect("an update");
        let mut none = $connect;
        none.enable_identity_map_with(options("none").catalogue(false));
        let between = ALLOCATED.current_usage();
        let conn = &mut none;
        load_all!(conn);
        diesel::sql_query("UPDATE t1 SET note = 1 WHERE id = 0")
            .execute(conn)
            .expect("an update");
        let after = ALLOCATED.current_usage();
        let memory = (between - before).saturating_sub(after - between);

        let map = known.identity_map().expect("a map");
        let reading = Rounds::of(2, 20, |contender| {
            if contender == 0 {
                map.forget_schema();
            }
            timed(|| drop(M1::cached().limit(0).load(&mut known).expect("no rows")))
        });
        let updates: Vec<String> = (1..=10)
            .map(|table| format!("UPDATE t{table} SET note = 1 WHERE id = 0"))
            .collect();
        let look_at_all = |conn: &mut _| {
            timed(|| {
                for at in 0..LOOKS {
                    send(&updates[at as usize % updates.len()], conn);
                }
            })
        };
        let looks = Rounds::of(3, 30, |contender| match contender {
            0 => look_at_all(&mut known),
            1 => look_at_all(&mut unknown),
            _ => look_at_all(&mut plain),
        });
        let look = |of: usize| looks.time(of) / f64::from(LOOKS) * 1e6;
        println!(
            "| {} | {} | {:.2} ms | {} KB | {:.2} µs | {:.2} µs | {:.2} µs |",
            $product,
            $tables,
            (reading.time(0) - reading.time(1)) * 1e3,
            memory / 1024,
            look(2),
            look(1) - look(2),
            look(0) - look(2),
        );
    }};
}

fn send<C: LoadConnection>(sql: &str, conn: &mut C) {
    conn.batch_execute(sql).expect("an update");
}

fn sqlite(tables: usize) {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let url = file.path().to_str().expect("a name");
    let connect = || SqliteConnection::establish(url).expect("SQLite");
    measure!("sqlite", tables, connect());
}

#[cfg(feature = "postgres")]
fn postgres(tables: usize) {
    let url = std::env::var("IDENTITY_MAP_POSTGRES_URL")
        .unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432/postgres".to_owned());
    let mut admin = PgConnection::establish(&url).expect("a server; run `cargo xtask bench`");
    let name = format!("identity_map_catalogue_{}", std::process::id());
    send(&format!("CREATE DATABASE {name}"), &mut admin);
    let (server, _) = url.rsplit_once('/').expect("a database");
    let own = format!("{server}/{name}");
    let connect = || PgConnection::establish(&own).expect("PostgreSQL");
    measure!("postgres", tables, connect());
    send(&format!("DROP DATABASE {name}"), &mut admin);
}

#[cfg(feature = "mysql")]
fn mysql(tables: usize) {
    let url = std::env::var("IDENTITY_MAP_MYSQL_URL")
        .unwrap_or_else(|_| "mysql://root@127.0.0.1:3306/mysql".to_owned());
    let mut admin = MysqlConnection::establish(&url).expect("a server; run `cargo xtask bench`");
    let name = format!("identity_map_catalogue_{}", std::process::id());
    send(&format!("CREATE DATABASE {name}"), &mut admin);
    let (server, _) = url.rsplit_once('/').expect("a database");
    let own = format!("{server}/{name}");
    let connect = || MysqlConnection::establish(&own).expect("MySQL");
    measure!("mysql", tables, connect());
    send(&format!("DROP DATABASE {name}"), &mut admin);
}

fn main() {
    println!(
        "\n| database | tables | reading | memory | plain Diesel | look without a catalogue | look with it |\n|---|---|---|---|---|---|---|"
    );
    for tables in [10, 100, 1000] {
        sqlite(tables);
        #[cfg(feature = "postgres")]
        postgres(tables);
        #[cfg(feature = "mysql")]
        mysql(tables);
    }
}
