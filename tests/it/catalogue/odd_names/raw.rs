//! Raw writes to a table of an odd name, spelled in every way that the product has.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use super::models::*;
use super::{quoted, schema};
use crate::catalogue::tables::Product;
use crate::db::each_database;
use crate::mapped;

const NAMES: [&str; 19] = [
    "a.b",
    ".a",
    "a.",
    "a -- b",
    "--",
    "a /* b",
    "a */ b",
    "a b",
    "a[b]",
    "Odd",
    "order",
    "table",
    "größe",
    "表 格",
    "a;b",
    "a'b",
    "a\nb",
    "$1 ?",
    "a_name_of_sixty_three_bytes_which_is_the_longest_that_postgres_",
];

/// The ways to say a table's name.
fn spelled(product: Product, name: &str, database: &str) -> Vec<String> {
    let plain = quoted(product, name);
    let mut all = vec![plain.clone()];
    match product {
        Product::Sqlite => {
            all.push(format!("`{}`", name.replace('`', "``")));
            all.push(format!("'{}'", name.replace('\'', "''")));
            all.push(format!("main.{plain}"));
            all.push(format!("\"main\" /* . */ .\n{plain}"));
            all.push(plain.to_ascii_uppercase());
            if !name.contains(']') {
                all.push(format!("[{name}]"));
                all.push(format!("[main].[{name}]"));
            }
        }
        Product::Postgres => {
            all.push(format!("public.{plain}"));
            all.push(format!("ONLY \"public\" /* . */ .\n{plain}"));
            let escaped: String = name
                .chars()
                .map(|letter| format!("\\+{:06X}", u32::from(letter)))
                .collect();
            all.push(format!("U&\"{escaped}\""));
            all.push(format!("u&\"{}\" UESCAPE '!'", escaped.replace('\\', "!")));
            if name.len() == 63 {
                all.push(format!("{name}_and_more")); // which the database cuts
                all.push(format!("\"{name} and more\""));
            }
        }
        Product::Mysql => {
            all.push(format!("`{database}`.{plain}"));
            all.push(format!("{database} /* . */ .\n{plain}"));
            all.push(format!("/*!50000 {plain} */"));
        }
    }
    all
}

/// Compares a model with plain Diesel's rows, and notes what differs.
macro_rules! check {
    ($conn:ident, $held:ident, $wrong:ident, $when:expr => $($at:tt $table:ident $model:ident)+) => {$(
        let rows: Vec<$model> = $table::table.order($table::id).load($conn).unwrap();
        for id in [1, 5] {
            let found = $model::cached().find(id).first($conn).optional().unwrap();
            let row = rows.iter().find(|row| row.id == id);
            if found.as_deref() != row {
                $wrong.push(format!("after {}: found {found:?}, is {row:?}", $when));
            }
        }
        let found = $model::cached().order($table::id).load($conn).unwrap();
        if !found.iter().map(|row| &**row).eq(&rows) {
            $wrong.push(format!("after {}: loaded {found:?}, are {rows:?}", $when));
        }
        $held.$at = found;
    )+};
}

macro_rules! every_spelling {
    ($db:ident, $names:expr) => {
        let product = Product::of($db.url());
        let database = $db.url().rsplit('/').next().unwrap();
        let (mut tried, mut report) = (0, Vec::new());
        for name in $names {
            if product == Product::Mysql && name.ends_with(' ') {
                continue; // It has no such names.
            }
            let (mut conn, _) = mapped($db.connect(), $db.url());
            let conn = &mut conn;
            for sql in schema(product, name) {
                conn.batch_execute(&sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
            }
            let mut wrong = Vec::new();
            let mut held = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
            check!(conn, held, wrong, "nothing" => 0 children Child 1 ledger Ledger 2 levers Lever 3 shown Shown);
            let column = quoted(product, name);
            for (number, table) in (100..).zip(spelled(product, name, database)) {
                for sql in [
                    format!("UPDATE {table} SET v = v + 1"),
                    format!("UPDATE {table} SET {column} = {column} + 1 WHERE id = 1"),
                    format!("INSERT INTO {} VALUES ({number}, {number}, 0)", table.replace("ONLY ", "")),
                    format!("INSERT INTO children VALUES (5, {number})"),
                    format!("DELETE FROM {table} WHERE id = {number}"),
                    "UPDATE levers SET n = n + 1".to_owned(),
                ] {
                    // A name that the catalogue does not have expires everything once.
                    for _ in 0..2 {
                        if let Err(error) = conn.batch_execute(&sql) {
                            // A spelling that it does not take, or the insert a second time.
                            assert!(sql.contains(&table) || sql.starts_with("INSERT"), "{sql}: {error}");
                            continue;
                        }
                        tried += 1;
                        let when = format!("{sql} (table {name:?})");
                        check!(conn, held, wrong, when => 0 children Child 1 ledger Ledger 2 levers Lever 3 shown Shown);
                    }
                }
            }
            report.extend(wrong.into_iter().next()); // of each the first
        }
        assert!(report.is_empty(), "{}", report.join("\n"));
        assert!(tried > $names.len() * 10, "{tried}");
    };
}

each_database! {
    /// G3: what the write moves is read anew, by trigger, by key and through the view.
    fn every_spelling(db) {
        every_spelling!(db, NAMES);
    }

    fn quotes_within(db) {
        every_spelling!(db, ["a\"b", "a\"\"b", "\"", "a`b", "a``b"]);
    }

    fn columns_with_commas_and_spaces(db) {
        every_spelling!(db, ["a(b), c", " a", "a "]);
    }
}
