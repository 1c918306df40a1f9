//! Tables, columns and targets of triggers whose names could be taken for something else.

mod models;
mod raw;
mod typed;

use super::tables::Product;

/// A name as SQL of the product.
fn quoted(product: Product, name: &str) -> String {
    match product {
        Product::Mysql => format!("`{}`", name.replace('`', "``")),
        _ => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}

/// The table of that name with a key column of the same name, children that refer to it, a trigger from it to the
/// ledger and one from the levers to it, and a view. Each statement is a batch.
fn schema(product: Product, name: &str) -> Vec<String> {
    let (odd, int) = (quoted(product, name), "INTEGER NOT NULL");
    let mut all = Product::drops(product);
    all.push(format!("DROP TABLE IF EXISTS {odd}"));
    all.extend([
        format!(
            "CREATE TABLE {odd} (id {int} PRIMARY KEY, {odd} {int} UNIQUE, v {int} DEFAULT 0);
             CREATE TABLE children (id {int} PRIMARY KEY, parent {int}, FOREIGN KEY (parent) REFERENCES {odd} ({odd})
                 ON DELETE CASCADE ON UPDATE CASCADE);
             CREATE TABLE ledger (id {int} PRIMARY KEY, n {int});
             CREATE TABLE levers (id {int} PRIMARY KEY, n {int});
             CREATE VIEW shown AS SELECT id, v FROM {odd};
             INSERT INTO {odd} VALUES (1, 10, 0), (2, 20, 0), (3, 30, 0);
             INSERT INTO children VALUES (1, 10), (2, 20), (3, 30), (4, 30);
             INSERT INTO ledger VALUES (1, 0); INSERT INTO levers VALUES (1, 0);"
        ),
        product.trigger("odd_update", "AFTER UPDATE", &odd, "UPDATE ledger SET n = n + 1;"),
        product.trigger("odd_insert", "AFTER INSERT", &odd, "UPDATE ledger SET n = n + 10;"),
        product.trigger("lever_update", "AFTER UPDATE", "levers", &format!("UPDATE {odd} SET v = v + 1;")),
    ]);
    all
}

impl Product {
    /// What takes away what stands around the odd table, which goes by itself.
    fn drops(self) -> Vec<String> {
        let cascade = if self == Self::Postgres {
            "CASCADE"
        } else {
            ""
        };
        let mut drops = vec![format!("DROP VIEW IF EXISTS shown {cascade}")];
        for table in ["children", "ledger", "levers"] {
            drops.push(format!("DROP TABLE IF EXISTS {table} {cascade}"));
        }
        for trigger in ["odd_update", "odd_insert", "lever_update"] {
            drops.push(match self {
                Self::Postgres => format!("DROP FUNCTION IF EXISTS {trigger} CASCADE"),
                _ => format!("DROP TRIGGER IF EXISTS {trigger}"),
            });
        }
        drops
    }
}
