//! What a routine does, whose name is all that a statement says.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use super::tables::*;
use crate::db::each_connection;

/// A function in SQL that writes, and one that only reads.
fn functions(product: Product) -> [String; 2] {
    match product {
        Product::Mysql => [
            "CREATE FUNCTION count_up(shelf INT) RETURNS INT MODIFIES SQL DATA BEGIN UPDATE shelves SET jars = jars + 1 WHERE id = shelf; RETURN 1; END".to_owned(),
            "CREATE FUNCTION jars_on(shelf INT) RETURNS INT READS SQL DATA BEGIN DECLARE found INT; SELECT jars INTO found FROM shelves WHERE id = shelf; RETURN found; END".to_owned(),
        ],
        _ => [
            "CREATE FUNCTION count_up(shelf int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN UPDATE shelves SET jars = jars + 1 WHERE id = shelf; RETURN 1; END $$".to_owned(),
            "CREATE FUNCTION jars_on(shelf int) RETURNS int LANGUAGE plpgsql AS $$ DECLARE found int; BEGIN SELECT jars INTO found FROM shelves WHERE id = shelf; RETURN found; END $$".to_owned(),
        ],
    }
}

each_connection! {
    /// A routine that writes to one table touches that table, and one that reads touches nothing.
    fn in_a_select_list_and_called(db) {
        let product = Product::of(db.url());
        if product == Product::Sqlite {
            return; // It has no routines.
        }
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        wait!(conn.batch_execute(&product.tables(""))).unwrap();
        for function in functions(product) {
            wait!(conn.batch_execute(&function)).unwrap();
        }
        let body = "UPDATE shelves SET jars = jars + 1 WHERE id = shelf;";
        let procedure = match product {
            Product::Mysql => format!("CREATE PROCEDURE count_on(shelf INT) BEGIN {body} END"),
            _ => format!("CREATE PROCEDURE count_on(shelf int) LANGUAGE plpgsql AS $$ BEGIN {body} END $$"),
        };
        wait!(conn.batch_execute(&procedure)).unwrap();

        let held = wait!(Jar::cached().order(jars::id).load(conn)).unwrap();
        let mut counted = 0;
        for call in ["SELECT count_up(2)", "SELECT jars_on(2)", "CALL count_on(2)", "INSERT INTO badges VALUES (7, count_up(2), 'x')"] {
            let shelves_held = wait!(Shelf::cached().order(shelves::id).load(conn)).unwrap();
            wait!(diesel::sql_query(call).execute(conn)).unwrap();
            sent.take();
            let shelf = wait!(Shelf::cached().find(2).first(conn)).unwrap();
            if call.contains("count") {
                counted += 1;
                assert_eq!(sent.take().len(), 1, "{call}");
            } else {
                assert_eq!(sent.take().len(), 0, "{call}");
                assert!(Arc::ptr_eq(&shelf, &shelves_held[1]));
            }
            assert_eq!(shelf.jars, counted, "{call}");
            for jar in &held {
                assert!(Arc::ptr_eq(&wait!(Jar::cached().find(jar.id).first(conn)).unwrap(), jar), "{call}");
            }
        }
    }
}

/// Shelves of two tenants; the session says whose are seen, and a jar's label says it too.
#[cfg(feature = "postgres")]
const TENANTS: &str = "DROP TABLE IF EXISTS jars; DROP VIEW IF EXISTS shelves; DROP TABLE IF EXISTS all_shelves;
     CREATE TABLE all_shelves (id int, tenant text, name text NOT NULL, jars int NOT NULL);
     CREATE VIEW shelves AS SELECT id, name, jars FROM all_shelves
         WHERE tenant = coalesce(nullif(current_setting('app.tenant', true), ''), 'a');
     INSERT INTO all_shelves VALUES (1, 'a', 'of a', 0), (1, 'b', 'of b', 0);
     CREATE TABLE jars (id int PRIMARY KEY, shelf_id int, label text NOT NULL);
     CREATE OR REPLACE FUNCTION become(tenant text) RETURNS text LANGUAGE sql AS
         $$ SELECT set_config('app.tenant', tenant, false) $$;
     CREATE OR REPLACE PROCEDURE becomes(tenant text) LANGUAGE plpgsql AS
         $$ BEGIN PERFORM become(tenant); END $$;
     CREATE OR REPLACE FUNCTION become_by_trigger() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN PERFORM become(NEW.label); RETURN NEW; END $$;
     CREATE TRIGGER becomes BEFORE INSERT ON jars FOR EACH ROW EXECUTE FUNCTION become_by_trigger();";

/// A function that sets the tenant: what the session reads from then on belongs to nobody else, and what was
/// held is not handed out.
#[cfg(feature = "postgres")]
#[test]
fn one_that_sets_the_tenant() {
    use crate::db::postgres::Db;
    use crate::mapped;
    use diesel::connection::SimpleConnection;

    let db = Db::new();
    for call in [
        "SELECT become('b')",
        "CALL becomes('b')",
        "INSERT INTO jars VALUES (9, 1, 'b')",
        "by the manager",
    ] {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        conn.batch_execute(TENANTS).unwrap();
        let held = Shelf::cached().find(1).first(conn).unwrap();
        assert_eq!(held.name, "of a", "{call}");
        if call == "by the manager" {
            let jar = (jars::id.eq(9), jars::label.eq("b"));
            Jar::cached().insert(jar, conn).unwrap();
        } else {
            diesel::sql_query(call).execute(conn).unwrap();
        }
        assert_eq!(
            Shelf::cached().find(1).first(conn).unwrap().name,
            "of b",
            "{call}"
        );
    }
}

/// G5: the same by the trigger of a plain insert that nobody understood yet, since the catalogue was not read.
#[cfg(feature = "postgres")]
#[test]
fn one_that_sets_the_tenant_early() {
    use crate::db::postgres::Db;
    use crate::mapped;
    use diesel::connection::SimpleConnection;

    let early = "INSERT INTO jars VALUES (9, 1, 'b')";
    let long = format!("{early} /* {} */", "long ".repeat(10_000));
    let long = &*long;
    for (before, after, is_b_inside, is_b_after) in [
        ([early, "SELECT 1"], "SELECT 1", true, true),
        ([early, "BEGIN"], "ROLLBACK", true, true),
        ([long, "BEGIN"], "ROLLBACK", true, true),
        (["SELECT become('b')", "BEGIN"], "ROLLBACK", true, true),
        (["CALL becomes('b')", "SELECT 1"], "SELECT 1", true, true),
        ([early, "BEGIN"], "COMMIT", true, true),
        (["BEGIN", early], "ROLLBACK", true, false),
        (["BEGIN", early], "COMMIT", true, true),
        (
            ["INSERT INTO jars VALUES (9, 1, 'a')", "DELETE FROM jars"],
            "SELECT 1",
            false,
            false,
        ),
    ] {
        let case = format!("{:.40} {:.40}, {after}", before[0], before[1]);
        let db = Db::new();
        db.connect().batch_execute(TENANTS).unwrap();
        let mut one = mapped(db.connect(), db.url()).0;
        let mut other = mapped(db.connect(), db.url()).0;
        let _entered = Scope::new().entered();
        before
            .iter()
            .for_each(|sql| one.batch_execute(sql).unwrap());
        let shelf = |conn: &mut PgConnection| Shelf::cached().find(1).first(conn).unwrap();
        let of = |is_b: bool| if is_b { "of b" } else { "of a" };
        // The other one reads the catalogue, and what it finds is held.
        let held = [shelf(&mut other), shelf(&mut one)];
        assert_eq!(held[0].name, "of a", "{case}");
        assert_eq!(held[1].name, of(is_b_inside), "{case}");
        one.batch_execute(after).unwrap();
        let held = [held, [shelf(&mut one), shelf(&mut other)]];
        assert_eq!(held[1][0].name, of(is_b_after), "{case}");
        assert_eq!(held[1][1].name, "of a", "{case}");
    }
}
