//! What the program says where a catalogue cannot tell, and what the library says where it has none.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use super::tables::*;
use crate::db::each_connection;

/// A procedure that builds its statement at run time.
fn stir(product: Product) -> String {
    let update = "UPDATE shelves SET jars = jars + 1";
    match product {
        Product::Mysql => {
            format!("CREATE PROCEDURE stir() BEGIN EXECUTE IMMEDIATE '{update}'; END")
        }
        _ => format!(
            "CREATE PROCEDURE stir() LANGUAGE plpgsql AS $$ BEGIN EXECUTE '{update}'; END $$"
        ),
    }
}

each_connection! {
    /// Which tables a routine writes to, whose body does not say it.
    fn what_a_routine_writes(db) {
        let product = Product::of(db.url());
        if product == Product::Sqlite {
            return; // It has no routines.
        }
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        wait!(conn.batch_execute(&product.tables(""))).unwrap();
        wait!(conn.batch_execute(&stir(product))).unwrap();
        let jars_held = wait!(Jar::cached().order(jars::id).load(conn)).unwrap();
        assert!(conn.would_expire("CALL stir()").unwrap().everything);

        conn.enable_identity_map_with(MapOptions::new().database(db.url()).routine_writes("stir", &["shelves"]));
        let jars_held = (jars_held, wait!(Jar::cached().order(jars::id).load(conn)).unwrap()).1;
        let _held = wait!(Shelf::cached().order(shelves::id).load(conn)).unwrap();
        let would = conn.would_expire("CALL stir()").unwrap();
        assert_eq!(would.to_string(), "shelves");
        wait!(diesel::sql_query("CALL stir()").execute(conn)).unwrap();
        sent.take();
        assert_eq!(wait!(Shelf::cached().find(2).first(conn)).unwrap().jars, 1);
        assert_eq!(sent.take().len(), 1);
        let jar = wait!(Jar::cached().find(1).first(conn)).unwrap();
        assert!(Arc::ptr_eq(&jar, &jars_held[0]));
        assert_eq!(sent.take().len(), 0);
    }

    /// A routine that only reads, as the program says, also one that the catalogue does not have.
    fn a_routine_that_only_reads(db) {
        let product = Product::of(db.url());
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        wait!(conn.batch_execute(&product.tables(""))).unwrap();
        conn.enable_identity_map_with(
            MapOptions::new().database(db.url()).routine_writes("stir", &[]).routine_writes("app.look", &[])
                .routine_writes("stir_some", &["no_such_table"]),
        );
        let _held = (wait!(Shelf::cached().load(conn)).unwrap(), wait!(Jar::cached().load(conn)).unwrap());
        for call in ["SELECT stir(1)", "SELECT app.look(1), stir(2)", "CALL stir()"] {
            assert_eq!(conn.would_expire(call).unwrap().to_string(), "nothing", "{call}");
        }
        for call in ["SELECT stir_more(1)", "SELECT stir_some(1)"] {
            assert!(conn.would_expire(call).unwrap().everything, "{call}");
        }
        assert_eq!(conn.would_expire("UPDATE jars SET id = stir(1)").unwrap().tables, ["jars"]);
    }

    /// `Stats` says it where a write is judged by its text alone.
    fn a_database_without_a_catalogue(db) {
        let product = Product::of(db.url());
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        wait!(conn.batch_execute(&product.tables(""))).unwrap();
        let scope = Scope::new();
        let entered = scope.clone().entered();
        let _held = wait!(Shelf::cached().load(&mut conn)).unwrap();
        assert_eq!(scope.stats().without_catalogue, 0);
        assert_eq!(conn.identity_map().unwrap().stats().without_catalogue, 0);
        let (mut unread, _) = mapped(wait!(db.connect()), db.url());
        unread.enable_identity_map_with(MapOptions::new().database(db.url()).catalogue(false));
        let _held = wait!(Shelf::cached().load(&mut unread)).unwrap();
        assert_eq!(scope.stats().without_catalogue, 1);
        drop(entered);
        unread.enable_identity_map_with(MapOptions::new().database(db.url()));
        let _held = wait!(Shelf::cached().load(&mut unread)).unwrap();
        assert_eq!(unread.identity_map().unwrap().stats().without_catalogue, 1, "the options stay");
    }
}

/// MariaDB and MySQL hide triggers from who has no privilege to make some.
#[cfg(feature = "mysql")]
#[test]
fn hidden_triggers() {
    use crate::db::mysql::Db;
    use crate::mapped;
    use diesel::connection::SimpleConnection;

    let db = Db::new();
    let product = Product::Mysql;
    let mut root = db.connect();
    root.batch_execute(&product.tables("")).unwrap();
    let count = "UPDATE shelves SET jars = jars + 1;";
    root.batch_execute(&product.trigger("count_up", "AFTER UPDATE", "jars", count))
        .unwrap();
    let (_, name) = db.url().rsplit_once('/').unwrap();
    let user = format!("{name}_u");
    let _ = root.batch_execute(&format!("DROP USER IF EXISTS {user}"));
    root.batch_execute(&format!(
        "CREATE USER {user} IDENTIFIED BY 'x'; GRANT SELECT, INSERT, UPDATE, DELETE ON {name}.* TO {user}"
    ))
    .unwrap();
    let (scheme, rest) = db.url().split_once("://").unwrap();
    let (_, host) = rest.split_once('@').unwrap();
    let url = format!("{scheme}://{user}:x@{host}");
    let connect = |name: &str| mapped(MysqlConnection::establish(&url).unwrap(), name).0;

    // What is hidden may do anything.
    let conn = &mut connect(&url);
    let _held = Shelf::cached().load(conn).unwrap();
    conn.batch_execute("UPDATE jars SET label = 'x' WHERE id = 1")
        .unwrap();
    assert_eq!(Shelf::cached().find(2).first(conn).unwrap().jars, 1);
    assert!(conn.would_expire("DELETE FROM jars").unwrap().everything);

    // The program knows what there is.
    let told = &mut connect("told");
    told.enable_identity_map_with(MapOptions::new().database("told").hidden_triggers(false));
    let _held = (Shelf::cached().load(told), Jar::cached().load(told));
    let would = told.would_expire("DELETE FROM jars").unwrap();
    assert_eq!(would.tables, ["jars"]);

    // And who may see them sees them.
    for (grants, sees_all) in [(&["jars", "shelves"][..], false), (&["*"], true)] {
        for table in grants {
            let grant = format!("GRANT TRIGGER ON {name}.{table} TO {user}");
            root.batch_execute(&grant).unwrap();
        }
        let seen = &mut connect(&format!("{url} {sees_all}"));
        let _held = (Shelf::cached().load(seen), Jar::cached().load(seen));
        let would = seen.would_expire("UPDATE jars SET label = 'x'").unwrap();
        assert_eq!(would.to_string(), "jars, shelves");
        let would = seen.would_expire("UPDATE badges SET id = 1").unwrap();
        assert_eq!(would.everything, !sees_all);
    }
    root.batch_execute(&format!("DROP USER {user}")).unwrap();
}

/// Functions of extensions that make values, as a default does, write to no table.
#[cfg(feature = "postgres")]
#[test]
fn functions_of_extensions() {
    use crate::db::postgres::Db;
    use crate::mapped;
    use diesel::connection::SimpleConnection;

    let db = Db::new();
    let (mut conn, _) = mapped(db.connect(), db.url());
    let conn = &mut conn;
    conn.batch_execute(&Product::Postgres.tables("")).unwrap();
    conn.batch_execute(
        "CREATE EXTENSION pgcrypto; CREATE EXTENSION dblink;
         ALTER TABLE jars ADD salt text NOT NULL DEFAULT gen_salt('md5');",
    )
    .unwrap();
    let _held = (Shelf::cached().load(conn), Jar::cached().load(conn));
    let would = |conn: &mut PgConnection, sql: &str| conn.would_expire(sql).unwrap();
    assert_eq!(
        would(conn, "INSERT INTO jars VALUES (9, 1, 'x')").tables,
        ["jars"]
    );
    assert_eq!(
        would(conn, "SELECT gen_random_bytes(3)").to_string(),
        "nothing"
    );
    assert!(would(conn, "SELECT dblink_exec('UPDATE jars SET id = 9')").everything);
}

/// `tracing` is told what a statement expires, without the values that are bound.
#[cfg(feature = "tracing")]
#[test]
fn the_log_says_what_a_statement_expires() {
    use crate::db::sqlite::Db;
    use crate::mapped;
    use crate::repeats::events::Events;
    use diesel::connection::SimpleConnection;

    let db = Db::new();
    let (mut conn, _) = mapped(db.connect(), db.url());
    let conn = &mut conn;
    conn.batch_execute(&Product::Sqlite.tables("ON DELETE CASCADE"))
        .unwrap();
    let _held = (Shelf::cached().load(conn), Jar::cached().load(conn));
    let events = Events::default();
    tracing::subscriber::with_default(events.clone(), || {
        // Where another thread meets the call for the first time meanwhile, tracing remembers that nobody
        // listens, until it is asked again.
        let heard = (0..1000).any(|_| {
            tracing::callsite::rebuild_interest_cache();
            let delete = diesel::delete(shelves::table.filter(shelves::name.eq("secret")));
            delete.execute(conn).unwrap();
            jars::table.count().get_result::<i64>(conn).unwrap();
            !events.take().is_empty()
        });
        assert!(heard);
        diesel::delete(shelves::table.filter(shelves::name.eq("secret")))
            .execute(conn)
            .unwrap();
        jars::table.count().get_result::<i64>(conn).unwrap();
    });
    let [event]: [String; 1] = events.take().try_into().unwrap();
    assert!(event.starts_with("DEBUG "), "{event}");
    assert!(event.contains("expires=jars, shelves"), "{event}");
    assert!(event.contains("DELETE FROM `shelves`"), "{event}");
    assert!(!event.contains("secret"), "{event}");
}
