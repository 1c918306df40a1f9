//! Where nothing is returned, as on MySQL and MariaDB: the row that an insert gives is the inserted one,
//! whatever the server makes of its key; or there is an error, and no row.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use crate::db::each_connection;

/// Writes each test once, for connections that block and those that are awaited.
macro_rules! on_mysql {
    ($($tests:tt)+) => {
        each_connection!(@blocks [] mysql $($tests)+);
        each_connection!(@awaits [#[cfg(feature = "__async-tests")]] mysql async_mysql [&mut] $($tests)+);
    };
}

/// A table `kept (id, name)`, and its model.
macro_rules! kept {
    ($module:ident $SqlType:ty, $Key:ty) => {
        mod $module {
            use diesel::prelude::*;
            use diesel_identity_map::IdentityMapped;

            diesel::table! {
                kept (id) {
                    id -> $SqlType,
                    name -> diesel::sql_types::Text,
                }
            }

            #[derive(Queryable, Selectable, Insertable, IdentityMapped, Debug, PartialEq)]
            #[diesel(table_name = kept)]
            pub(super) struct Kept {
                pub(super) id: $Key,
                pub(super) name: String,
            }
        }
    };
}

kept!(integers diesel::sql_types::Integer, i32);
kept!(texts diesel::sql_types::Text, String);
kept!(bytes diesel::sql_types::Binary, Vec<u8>);
kept!(times diesel::sql_types::Timestamp, chrono::NaiveDateTime);
kept!(decimals diesel::sql_types::Numeric, bigdecimal::BigDecimal);

/// The rows of the table, as plain Diesel has them.
macro_rules! rows {
    ($conn:expr, $module:ident) => {
        wait!(
            $module::kept::table
                .order($module::kept::name)
                .load::<$module::Kept>($conn)
        )
        .unwrap()
    };
}

/// Inserts by the manager. What comes back is the row that plain Diesel has under this name; after an error
/// there is none.
macro_rules! insert {
    ($conn:expr, $module:ident, $values:expr, $name:literal) => {{
        let before = rows!($conn, $module);
        let inserted = wait!($module::Kept::cached().insert($values, $conn));
        let mut rows = rows!($conn, $module);
        match &inserted {
            Ok(inserted) => {
                assert_eq!(inserted.name, $name, "the inserted row, and no other");
                assert!(rows.contains(inserted), "{inserted:?} in {rows:?}");
                assert_eq!(rows.len(), before.len() + 1);
                rows.retain(|row| row != &**inserted);
            }
            Err(error) => {
                let error = error.to_string();
                assert!(
                    error.contains("which key the written `Kept` has"),
                    "{error}"
                );
            }
        }
        assert_eq!(rows, before, "nothing else was written: {inserted:?}");
        inserted.ok()
    }};
}

on_mysql! {
    /// A zero is no key where the server generates keys, also where a row has the key zero.
    fn a_zero(db) {
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        for there in [false, true] {
            wait!(conn.batch_execute("DROP TABLE IF EXISTS kept;
                CREATE TABLE kept (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(9) NOT NULL)")).unwrap();
            if there {
                wait!(conn.batch_execute("INSERT INTO kept VALUES (7, 'other');
                    UPDATE kept SET id = 0")).unwrap();
            }
            use integers::kept;
            let row = insert!(conn, integers, (kept::id.eq(0), kept::name.eq("new")), "new");
            assert_ne!(row.expect("it is found by its generated key").id, 0);
            let null = (kept::id.eq(diesel::dsl::sql("NULL")), kept::name.eq("null"));
            assert!(insert!(conn, integers, null, "null").is_some());
            let three = [0, 40, 0].map(|id| (kept::id.eq(id), kept::name.eq("three")));
            if let Ok(rows) = wait!(integers::Kept::cached().insert_many(three, conn)) {
                assert!(rows.iter().all(|row| row.name == "three"), "{rows:?}");
            }
        }
    }

    /// In this mode zero is a key like any other.
    fn a_zero_that_is_a_key(db) {
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        wait!(conn.batch_execute("SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO';
            CREATE TABLE kept (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(9) NOT NULL);
            INSERT INTO kept (name) VALUES ('other')")).unwrap();
        use integers::kept;
        let row = insert!(conn, integers, (kept::id.eq(0), kept::name.eq("new")), "new");
        assert_eq!(row.unwrap().id, 0);
    }

    /// A key that the server generates for another column is none.
    fn a_generated_value_that_is_no_key(db) {
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        wait!(conn.batch_execute("CREATE TABLE kept (id VARCHAR(9) PRIMARY KEY, name VARCHAR(9) NOT NULL,
            number INT AUTO_INCREMENT UNIQUE) AUTO_INCREMENT = 5;
            INSERT INTO kept (id, name) VALUES ('6', 'other')")).unwrap();
        use texts::kept;
        assert!(insert!(conn, texts, (kept::id.eq("a"), kept::name.eq("new")), "new").is_some());
        assert!(insert!(conn, texts, (kept::id.eq("0"), kept::name.eq("zero")), "zero").is_some());
    }

    /// A trigger gives another key than the statement.
    fn a_trigger_that_changes_the_key(db) {
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        for (key, there) in [("INT PRIMARY KEY", 1), ("INT PRIMARY KEY", 9), ("INT AUTO_INCREMENT PRIMARY KEY", 1)] {
            wait!(conn.batch_execute(&format!("DROP TABLE IF EXISTS kept;
                CREATE TABLE kept (id {key}, name VARCHAR(9) NOT NULL);
                INSERT INTO kept VALUES ({there}, 'other');
                CREATE TRIGGER keys_of_its_own BEFORE INSERT ON kept FOR EACH ROW SET NEW.id = 777"))).unwrap();
            use integers::kept;
            insert!(conn, integers, (kept::id.eq(1), kept::name.eq("new")), "new");
            wait!(conn.batch_execute("DELETE FROM kept WHERE id = 777;
                DROP TABLE IF EXISTS numbered;
                CREATE TABLE numbered (id INT AUTO_INCREMENT PRIMARY KEY);
                INSERT INTO numbered VALUES (NULL)")).unwrap();
            insert!(conn, integers, kept::name.eq("new"), "new");
            wait!(conn.batch_execute("DELETE FROM kept WHERE id = 777")).unwrap();
        }
    }

    /// A trigger gives the key where the statement gives none.
    fn a_trigger_that_gives_the_key(db) {
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        wait!(conn.batch_execute("CREATE TABLE kept (id CHAR(36) PRIMARY KEY, name VARCHAR(9) NOT NULL);
            CREATE TRIGGER keys_of_its_own BEFORE INSERT ON kept FOR EACH ROW SET NEW.id = UUID()")).unwrap();
        insert!(conn, texts, texts::kept::name.eq("new"), "new");
    }

    /// The commonest key that nobody gives beside an `AUTO_INCREMENT`.
    fn a_default_expression(db) {
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        wait!(conn.batch_execute("CREATE TABLE kept (id CHAR(36) DEFAULT (UUID()) PRIMARY KEY,
            name VARCHAR(9) NOT NULL);
            CREATE TABLE numbered (id INT AUTO_INCREMENT PRIMARY KEY);
            INSERT INTO numbered VALUES (5)")).unwrap();
        use texts::kept;
        for round in 0..2 {
            sent.take();
            let row = insert!(conn, texts, kept::name.eq("new"), "new").expect("its key is known");
            // What the two loads of plain Diesel's send is counted too.
            assert_eq!(sent.take().len(), 2 + if round == 0 { 5 } else { 4 }, "it is remembered");
            assert_eq!(row.id.len(), 36);
            sent.take();
            let found = wait!(texts::Kept::cached().find(&row.id).first(conn)).unwrap();
            assert!(Arc::ptr_eq(&found, &row) && sent.take().is_empty());
        }
        let many = ["a", "b", "c"].map(|name| kept::name.eq(name));
        let rows = wait!(texts::Kept::cached().insert_many(many, conn)).unwrap();
        let names: Vec<&str> = rows.iter().map(|row| &*row.name).collect();
        assert_eq!(names, ["a", "b", "c"]);
        let all = rows!(conn, texts);
        assert!(rows.iter().all(|row| all.contains(row)) && all.len() == 5);
        // What the program gives is refused as plain Diesel's would be.
        let refused = wait!(texts::Kept::cached().insert(kept::name.eq("much too long"), conn));
        assert!(matches!(refused, Err(diesel::result::Error::DatabaseError(..))), "{refused:?}");
    }

    /// A key that is neither given nor made is refused as plain Diesel's insert is.
    fn no_key_at_all(db) {
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        wait!(conn.batch_execute("CREATE TABLE kept (id INT PRIMARY KEY, name VARCHAR(9) NOT NULL)")).unwrap();
        let name = integers::kept::name;
        let plain = wait!(diesel::insert_into(integers::kept::table).values(name.eq("new")).execute(conn));
        let refused = wait!(integers::Kept::cached().insert(name.eq("new"), conn)).unwrap_err();
        assert!(plain.is_err() && refused.to_string().contains("'id'"), "{refused}");
        assert_eq!(rows!(conn, integers), []);
    }

    /// The column keeps another value than is given: a decimal with fewer digits, padded bytes, a time without
    /// its fraction, a text in other letters.
    fn a_value_that_the_column_changes(db) {
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        let create = |column: &str| format!("DROP TABLE IF EXISTS kept;
            CREATE TABLE kept (id {column} PRIMARY KEY, name VARCHAR(9) NOT NULL)");
        wait!(conn.batch_execute(&create("DECIMAL(10, 2)"))).unwrap();
        for id in ["1.5", "1.009", "1.01", "2.004"] {
            let id: bigdecimal::BigDecimal = id.parse().unwrap();
            let _ = wait!(diesel::sql_query("DELETE FROM kept").execute(conn));
            insert!(conn, decimals, decimals::Kept { id, name: "new".to_owned() }, "new");
        }
        wait!(conn.batch_execute(&create("BINARY(16)"))).unwrap();
        for id in [b"abc".to_vec(), vec![0; 16], b"0123456789abcdef".to_vec()] {
            insert!(conn, bytes, bytes::Kept { id, name: "new".to_owned() }, "new");
        }
        wait!(conn.batch_execute(&create("DATETIME"))).unwrap();
        for nanos in [0, 250_000_000, 750_000_000] {
            let day = chrono::NaiveDate::from_ymd_opt(2020, 1, 2).unwrap();
            let id = day.and_hms_nano_opt(3, 4, 5, nanos).unwrap();
            let _ = wait!(diesel::sql_query("DELETE FROM kept").execute(conn));
            insert!(conn, times, times::Kept { id, name: "new".to_owned() }, "new");
        }
        wait!(conn.batch_execute(&create("CHAR(8) COLLATE utf8mb4_general_ci"))).unwrap();
        for id in ["ab ", "é", "'q'", "0"] {
            let row = insert!(conn, texts, texts::Kept { id: id.to_owned(), name: "new".to_owned() }, "new");
            assert!(row.is_some(), "{id:?}");
        }
    }

    /// The same with several rows: each is the one in its place.
    fn several_rows_with_given_keys(db) {
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        wait!(conn.batch_execute("CREATE TABLE kept (id VARCHAR(9) COLLATE utf8mb4_general_ci PRIMARY KEY,
            name VARCHAR(9) NOT NULL)")).unwrap();
        let values = ["b", "é ", "A", "c'c"].map(|id| texts::Kept { id: id.to_owned(), name: id.to_owned() });
        let rows = wait!(texts::Kept::cached().insert_many(values, conn)).unwrap();
        let names: Vec<&str> = rows.iter().map(|row| &*row.name).collect();
        assert_eq!(names, ["b", "é ", "A", "c'c"]);
        let twice = ["z", "a"].map(|id| texts::Kept { id: id.to_owned(), name: id.to_owned() });
        wait!(texts::Kept::cached().insert_many(twice, conn)).unwrap_err();
        assert_eq!(rows!(conn, texts).len(), 4);
    }

    /// The program may ask for the key that it inserted before, in its values and after them.
    fn the_programs_own_last_insert_id(db) {
        use diesel::dsl::sql;
        use diesel::sql_types::{BigInt, Integer, Text};
        use integers::kept;

        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        wait!(conn.batch_execute("CREATE TABLE parents (id INT AUTO_INCREMENT PRIMARY KEY) AUTO_INCREMENT = 40;
            CREATE TABLE kept (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(9) NOT NULL)")).unwrap();
        let last = || sql::<Text>("LAST_INSERT_ID()");
        let parent = "INSERT INTO parents VALUES (NULL)";
        wait!(conn.batch_execute(parent)).unwrap();
        let row = wait!(integers::Kept::cached().insert((kept::id.eq(500), kept::name.eq(last())), conn)).unwrap();
        assert_eq!((row.id, &*row.name), (500, "40"));
        let shown = wait!(diesel::select(sql::<BigInt>("LAST_INSERT_ID()")).get_result::<i64>(conn)).unwrap();
        assert_eq!(shown, 40, "a given key leaves it as it is");
        wait!(conn.batch_execute(parent)).unwrap();
        let row = wait!(integers::Kept::cached().insert((None::<i32>.map(|id| kept::id.eq(id)), kept::name.eq(last())), conn)).unwrap();
        assert_eq!(row.name, "41");
        wait!(conn.batch_execute(parent)).unwrap();
        let rows = wait!(integers::Kept::cached().insert_many([kept::name.eq(last()), kept::name.eq(last())], conn)).unwrap();
        assert!(rows.iter().all(|row| row.name == "42"), "{rows:?}");
        wait!(conn.batch_execute(parent)).unwrap();
        let row = wait!(integers::Kept::cached().insert((kept::id.eq(sql::<Integer>("LAST_INSERT_ID()")), kept::name.eq("same")), conn)).unwrap();
        assert_eq!((row.id, &*row.name), (43, "same"));
    }

    /// A snapshot shows a row that another connection has deleted.
    fn a_key_that_is_free_again(db) {
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        wait!(conn.batch_execute("CREATE TABLE kept (id INT PRIMARY KEY, name VARCHAR(9) NOT NULL);
            INSERT INTO kept VALUES (1, 'old'), (2, 'other')")).unwrap();
        let mut other = wait!(db.connect());
        wait!(conn.batch_execute("BEGIN")).unwrap();
        assert_eq!(rows!(conn, integers).len(), 2);
        wait!(other.batch_execute("DELETE FROM kept WHERE id = 1")).unwrap();
        let new = integers::Kept { id: 1, name: "new".to_owned() };
        let row = wait!(integers::Kept::cached().insert(new, conn)).unwrap();
        assert_eq!((row.id, &*row.name), (1, "new"));
        wait!(conn.batch_execute("COMMIT")).unwrap();
        assert_eq!(rows!(conn, integers).len(), 2);
    }
}
