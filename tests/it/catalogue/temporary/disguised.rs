//! Temporary objects that a routine makes, or that do not look like any.

use super::cases::{Hides, ROWS, columns, hides, tables, transactions, views};
use crate::catalogue::tables::Product;

/// Every case.
pub(super) fn all(product: Product) -> Vec<Hides> {
    let groups = [
        tables(product),
        transactions(product),
        views(product),
        routines(product),
        functions(product),
        disguised(product),
    ];
    groups.into_iter().flatten().collect()
}

/// Tables that a procedure or a block makes.
fn routines(product: Product) -> Vec<Hides> {
    match product {
        Product::Sqlite => Vec::new(),
        Product::Postgres => vec![
            hides(&["BEGIN", "SELECT hide()"], &["ROLLBACK"]),
            hides(
                &["DO $$ BEGIN PERFORM hide(); END $$"],
                &["DO $$ BEGIN DROP TABLE shelves; END $$"],
            ),
            hides(
                &[
                    "DO $$ BEGIN CREATE TEMP TABLE shelves AS SELECT 1 AS id, 'x'::text AS name, 1 AS jars; END $$",
                ],
                &["DISCARD TEMP"],
            ),
        ],
        Product::Mysql => vec![
            hides(&["CALL hide()"], &["DROP TABLE shelves"]),
            hides(
                &["BEGIN", "CALL hide()"],
                &["ROLLBACK", "DROP TEMPORARY TABLE shelves"],
            ),
            hides(
                &[
                    "EXECUTE IMMEDIATE 'CREATE TEMPORARY TABLE shelves AS SELECT 3 AS id, CAST(\"x\" AS CHAR(20)) AS name, 1 AS jars'",
                ],
                &["EXECUTE IMMEDIATE 'DROP TABLE shelves'"],
            ),
        ],
    }
}

/// Tables that a function makes, or a trigger.
fn functions(product: Product) -> Vec<Hides> {
    match product {
        Product::Sqlite => Vec::new(),
        Product::Postgres => vec![
            hides(&["SELECT hide()"], &["DROP TABLE shelves"]),
            hides(&["SELECT hide()"], &["DISCARD TEMP"]),
            hides(&["BEGIN", "SELECT hide()"], &["COMMIT", "DISCARD TEMP"]),
            hides(&["UPDATE badges SET name = 'x'"], &["DISCARD TEMP"]),
        ],
        Product::Mysql => vec![
            hides(&["SELECT hide_too()"], &["DROP TEMPORARY TABLE shelves"]),
            hides(
                &["SELECT hide_by_itself()"],
                &["DROP TEMPORARY TABLE shelves"],
            ),
            hides(
                &["UPDATE badges SET name = 'x'"],
                &["DROP TEMPORARY TABLE shelves"],
            ),
        ],
    }
}

/// Tables that do not look like temporary ones.
fn disguised(product: Product) -> Vec<Hides> {
    match product {
        Product::Sqlite => vec![
            hides(
                &[concat!("CREATE TABLE 'temp'.shelves ", columns!()), ROWS],
                &["DROP TABLE shelves"],
            ),
            hides(
                &["CREATE VIEW [temp].shelves AS SELECT 3 AS id, 'x' AS name, 1 AS jars"],
                &["DROP VIEW shelves"],
            ),
        ],
        Product::Postgres => vec![
            hides(
                &[
                    "EXPLAIN ANALYZE CREATE TEMP TABLE shelves AS SELECT 3 AS id, 'x' AS name, 1 AS jars",
                ],
                &["DISCARD TEMP"],
            ),
            hides(
                &[
                    "SET search_path TO pg_temp, public",
                    concat!("CREATE TABLE shelves ", columns!()),
                    ROWS,
                    "SET search_path TO DEFAULT",
                ],
                &["DISCARD TEMP"],
            ),
            hides(
                &[
                    "BEGIN",
                    "SET LOCAL search_path TO pg_temp, public",
                    concat!("CREATE TABLE shelves ", columns!()),
                    ROWS,
                    "COMMIT",
                ],
                &["DISCARD TEMP"],
            ),
            hides(
                &[
                    concat!("CREATE TABLE U&\"pg\\005Ftemp\".shelves ", columns!()),
                    ROWS,
                ],
                &["DISCARD TEMP"],
            ),
        ],
        Product::Mysql => Vec::new(),
    }
}

/// What the tests of routines need: a statement each.
pub(super) fn routine(product: Product) -> &'static [&'static str] {
    match product {
        Product::Sqlite => &[],
        Product::Postgres => &[
            "CREATE SCHEMA old;
             CREATE FUNCTION hide() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
                 CREATE TEMP TABLE shelves AS SELECT id, name || '!' AS name, jars + 2 AS jars FROM public.shelves;
             END $$;
             CREATE FUNCTION hides() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM hide(); RETURN NULL; END $$;
             CREATE TRIGGER hides AFTER UPDATE ON badges FOR EACH STATEMENT EXECUTE FUNCTION hides()",
        ],
        Product::Mysql => &[
            "CREATE PROCEDURE hide()
             CREATE TEMPORARY TABLE shelves AS SELECT 3 AS id, CAST('third' AS CHAR(20)) AS name, 2 AS jars",
            "CREATE FUNCTION hide_too() RETURNS INTEGER BEGIN CALL hide(); RETURN 1; END",
            "CREATE FUNCTION hide_by_itself() RETURNS INTEGER BEGIN
             CREATE TEMPORARY TABLE shelves AS SELECT 3 AS id, CAST('third' AS CHAR(20)) AS name, 2 AS jars;
             RETURN 1; END",
            "CREATE TRIGGER hides AFTER UPDATE ON badges FOR EACH ROW CALL hide()",
        ],
    }
}
