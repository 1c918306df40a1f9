//! Which tables a statement writes to, and how.

use crate::statement::{Operations, statements};

const UPDATE: Operations = Operations::UPDATE;
const MOVE: Operations = Operations::MOVE;
const INSERT: Operations = Operations::INSERT;
const DELETE: Operations = Operations::DELETE;

/// The writes of a statement: what is done to which of these tables.
#[track_caller]
fn writes(sql: &str, tables: &[&str]) -> Vec<(Operations, Vec<String>)> {
    let statement = statements(sql).next().unwrap();
    let writes = statement.table_writes().expect(sql).into_iter();
    writes
        .map(|write| {
            let targets = write.targets.iter().map(|target| match target.schema {
                Some(schema) => format!("{schema}.{}", target.name),
                None => target.name.to_owned(),
            });
            let named = targets.filter(|target| tables.contains(&&**target));
            (write.operations, named.collect())
        })
        .collect()
}

#[track_caller]
fn one(sql: &str, operations: Operations, table: &str) {
    let tables = ["a", "b", "app.a", "a.b"];
    let expected = vec![(operations, vec![table.to_owned()])];
    assert_eq!(writes(sql, &tables), expected, "{sql}");
}

#[test]
fn the_target_and_no_table_that_is_read() {
    one("INSERT INTO a (id) SELECT id FROM b", INSERT, "a");
    one("INSERT INTO \"app\".\"a\" VALUES ($1)", INSERT, "app.a");
    one("INSERT OR IGNORE INTO a VALUES (1)", INSERT, "a");
    one("INSERT INTO a SET id = 1", INSERT, "a");
    one(
        "UPDATE a SET x = (SELECT max(x) FROM b)",
        UPDATE | MOVE,
        "a",
    );
    one(
        "UPDATE ONLY app.a AS t SET x = 1 FROM b WHERE b.id = t.id",
        UPDATE | MOVE,
        "app.a",
    );
    one("DELETE FROM a WHERE id IN (SELECT id FROM b)", DELETE, "a");
    one("TRUNCATE TABLE a", DELETE, "a");
    one("REPLACE INTO a VALUES (1)", INSERT | DELETE, "a");
    one("COPY a FROM STDIN", INSERT, "a");
    one(
        "MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN UPDATE SET x = 1",
        Operations::ALL,
        "a",
    );
    one(
        "WITH x AS (SELECT 1 FROM b) UPDATE a SET id = 1",
        UPDATE | MOVE,
        "a",
    );
}

#[test]
fn an_upsert_updates_too() {
    let upsert = INSERT | UPDATE | MOVE;
    one(
        "INSERT INTO a VALUES (1) ON CONFLICT (id) DO UPDATE SET x = 1",
        upsert,
        "a",
    );
    one(
        "INSERT INTO a VALUES (1) ON DUPLICATE KEY UPDATE x = 1",
        upsert,
        "a",
    );
    one(
        "INSERT INTO a VALUES (1) ON CONFLICT DO NOTHING",
        INSERT,
        "a",
    );
    let replaces = writes("INSERT OR REPLACE INTO a VALUES (1)", &["a"]);
    assert_eq!(replaces[1], (INSERT | DELETE, vec!["a".to_owned()]));
}

#[test]
fn several_writes_in_one_statement() {
    let found = writes(
        "WITH gone AS (DELETE FROM a RETURNING id) INSERT INTO b SELECT id FROM gone",
        &["a", "b"],
    );
    assert_eq!(
        found,
        [
            (DELETE, vec!["a".to_owned()]),
            (INSERT, vec!["b".to_owned()])
        ]
    );
    let both = writes(
        "UPDATE a JOIN b ON a.id = b.id SET a.x = 1, b.x = 2",
        &["a", "b", "a.b"],
    );
    assert!(both[0].1.contains(&"a".to_owned()) && both[0].1.contains(&"b".to_owned()));
    let alias = writes("DELETE t FROM a AS t WHERE t.id = 1", &["a"]);
    assert_eq!(alias, [(DELETE, vec!["a".to_owned()])]);
}

#[test]
fn the_columns_that_are_assigned() {
    let statement = statements("UPDATE a SET x = y + 1 WHERE id = 7")
        .next()
        .unwrap();
    assert_eq!(statement.table_writes().unwrap()[0].assigned, ["x", "y"]);
}
