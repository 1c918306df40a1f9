//! Temporary tables and views, and by what they go away.

use crate::catalogue::tables::Product;

/// What hides the shelves, a statement each; and what lets them be seen again.
pub(super) struct Hides {
    pub(super) make: &'static [&'static str],
    pub(super) gone: &'static [&'static str],
}

pub(super) const fn hides(make: &'static [&'static str], gone: &'static [&'static str]) -> Hides {
    Hides { make, gone }
}

/// The columns of the shelves.
macro_rules! columns {
    () => {
        "(id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(20) NOT NULL, jars INTEGER NOT NULL DEFAULT 0)"
    };
}
pub(super) use columns;

pub(super) const TABLE: &str = concat!("CREATE TEMPORARY TABLE shelves ", columns!());
pub(super) const ROWS: &str = "INSERT INTO shelves VALUES (1, 'passing', 5), (3, 'third', 6)";

/// Tables that somebody drops.
pub(super) fn tables(product: Product) -> Vec<Hides> {
    let mut all = vec![
        hides(&[TABLE, ROWS], &["DROP TABLE shelves"]),
        hides(
            &[
                "CREATE TEMPORARY TABLE passing AS SELECT id, name, jars + 7 AS jars FROM shelves WHERE id = 1",
                "ALTER TABLE passing RENAME TO shelves",
            ],
            &["DROP TABLE shelves"],
        ),
        hides(&[TABLE, ROWS], &["ALTER TABLE shelves RENAME TO passing"]),
    ];
    match product {
        Product::Sqlite => all.extend([
            hides(&[concat!("CREATE TABLE temp.shelves ", columns!()), ROWS], &["DROP TABLE temp.shelves"]),
            hides(&["CREATE TEMP TABLE shelves AS SELECT * FROM main.shelves WHERE id = 2", ROWS], &["DROP TABLE \"temp\".[shelves]"]),
            hides(&[TABLE, ROWS], &["PRAGMA temp_store = FILE"]),
        ]),
        Product::Postgres => all.extend([
            hides(&[concat!("CREATE TABLE pg_temp.shelves ", columns!()), ROWS], &["DROP TABLE pg_temp.shelves"]),
            hides(&["SELECT id, name || '?' AS name, jars INTO TEMP shelves FROM public.shelves"], &["DROP TABLE shelves"]),
            hides(&[TABLE, ROWS], &["DISCARD TEMP"]),
            hides(&[TABLE, ROWS], &["DISCARD ALL"]),
            hides(&[concat!("CREATE TEMP TABLE shelves ", columns!(), " ON COMMIT DELETE ROWS")], &["DROP TABLE shelves"]),
            hides(&[concat!("CREATE TABLE old.shelves ", columns!()), "SET search_path TO old, public", TABLE, ROWS],
                &["DROP TABLE shelves", "SET search_path TO public", "SET search_path TO DEFAULT"]),
        ]),
        Product::Mysql => all.extend([
            hides(&[TABLE, ROWS], &["DROP TEMPORARY TABLE shelves"]),
            hides(&["CREATE TEMPORARY TABLE passing LIKE shelves", "ALTER TABLE passing RENAME TO shelves", ROWS], &["DROP TEMPORARY TABLE IF EXISTS shelves"]),
            hides(&["/*!50000 CREATE TEMPORARY TABLE shelves AS SELECT 3 AS id, CAST('x' AS CHAR(20)) AS name, 1 AS jars */"],
                &["CREATE OR REPLACE TEMPORARY TABLE shelves AS SELECT 1 AS id, CAST('y' AS CHAR(20)) AS name, 2 AS jars", "DROP TABLE shelves"]),
        ]),
    }
    all
}

/// Tables that are made in a transaction, and that its end takes away where the product does so.
pub(super) fn transactions(product: Product) -> Vec<Hides> {
    let mut all = vec![
        hides(&["BEGIN", TABLE, ROWS], &["COMMIT", "DROP TABLE shelves"]),
        hides(&[TABLE, ROWS, "BEGIN"], &["ROLLBACK", "DROP TABLE shelves"]),
    ];
    match product {
        Product::Mysql => all.extend([
            hides(&["BEGIN", TABLE, ROWS], &["ROLLBACK", "DROP TABLE shelves"]),
            hides(
                &["BEGIN", TABLE, ROWS],
                &["DROP TEMPORARY TABLE shelves", "COMMIT"],
            ),
        ]),
        _ => all.extend([
            hides(&["BEGIN", TABLE, ROWS], &["ROLLBACK"]),
            hides(
                &["BEGIN", "SAVEPOINT here", TABLE, ROWS],
                &["ROLLBACK TO SAVEPOINT here", "COMMIT"],
            ),
            hides(
                &["BEGIN", TABLE, ROWS],
                &[
                    "SAVEPOINT here; DROP TABLE shelves",
                    "ROLLBACK TO SAVEPOINT here",
                    "ROLLBACK",
                ],
            ),
            hides(
                &[TABLE, ROWS],
                &[
                    "BEGIN; DROP TABLE shelves",
                    "ROLLBACK",
                    "BEGIN; DROP TABLE shelves; COMMIT",
                ],
            ),
        ]),
    }
    if product == Product::Postgres {
        all.extend([
            hides(
                &[
                    "BEGIN",
                    concat!("CREATE TEMP TABLE shelves ", columns!(), " ON COMMIT DROP"),
                    ROWS,
                ],
                &["COMMIT"],
            ),
            hides(
                &[
                    "BEGIN",
                    concat!("CREATE TEMP TABLE shelves ", columns!(), " ON COMMIT DROP"),
                    ROWS,
                ],
                &["ROLLBACK"],
            ),
            hides(
                &[
                    "BEGIN",
                    concat!(
                        "CREATE TEMP TABLE shelves ",
                        columns!(),
                        " ON COMMIT DELETE ROWS"
                    ),
                    ROWS,
                ],
                &["COMMIT", "DISCARD TEMP"],
            ),
        ]);
    }
    all
}

/// Views. One of PostgreSQL's is written through, to the table of all.
pub(super) fn views(product: Product) -> Vec<Hides> {
    match product {
        Product::Sqlite => vec![
            hides(
                &[
                    "CREATE TEMP VIEW shelves AS SELECT id, name || '?' AS name, jars + 1 AS jars FROM main.shelves",
                ],
                &["DROP VIEW shelves"],
            ),
            hides(
                &[
                    "BEGIN",
                    "CREATE TEMP VIEW shelves AS SELECT 3 AS id, 'x' AS name, 1 AS jars",
                ],
                &["ROLLBACK"],
            ),
        ],
        Product::Postgres => vec![
            hides(
                &[
                    "CREATE TEMP VIEW shelves AS SELECT id, name || '?' AS name, jars + 1 AS jars FROM public.shelves",
                ],
                &["DROP VIEW shelves"],
            ),
            hides(
                &[
                    "CREATE TEMP VIEW shelves AS SELECT id, name, jars FROM public.shelves WHERE id <> 2",
                ],
                &["DROP VIEW pg_temp.shelves"],
            ),
            hides(
                &[
                    "CREATE TEMP VIEW shelves AS SELECT id, name, jars FROM public.shelves WHERE id <> 2",
                ],
                &["DISCARD TEMP"],
            ),
            hides(
                &[
                    "CREATE TEMP VIEW shelves AS SELECT id, name, jars FROM public.shelves WHERE id <> 2",
                ],
                &[
                    "CREATE OR REPLACE TEMP VIEW shelves AS SELECT id, name, jars FROM public.shelves WHERE id <> 1",
                    "DISCARD ALL",
                ],
            ),
            hides(
                &[
                    "BEGIN",
                    "CREATE TEMP VIEW shelves AS SELECT 3 AS id, 'x'::text AS name, 1 AS jars",
                ],
                &["ROLLBACK"],
            ),
        ],
        Product::Mysql => Vec::new(), // It has none.
    }
}
