//! A random schema, and random writes to it, as SQL.

use crate::catalogue::tables::Product;
use crate::dice::Dice;

/// How many tables there are.
const TABLES: usize = 5;

pub(super) struct Schemas<'d> {
    pub(super) product: Product,
    pub(super) dice: &'d mut Dice,
}

impl Schemas<'_> {
    /// What is dropped before, whether it is there or not.
    pub(super) fn drops(product: Product) -> Vec<String> {
        let mut drops = Vec::new();
        if product == Product::Sqlite {
            drops.push("PRAGMA foreign_keys = OFF".to_owned());
        }
        for view in ["v2", "v1", "v0"] {
            drops.push(format!("DROP VIEW IF EXISTS {view}"));
        }
        for table in (0..TABLES).rev() {
            let cascade = if product == Product::Postgres {
                "CASCADE"
            } else {
                ""
            };
            drops.push(format!("DROP TABLE IF EXISTS t{table} {cascade}"));
        }
        if product == Product::Sqlite {
            drops.push("PRAGMA foreign_keys = ON".to_owned());
        }
        if product != Product::Sqlite {
            for routine in ["bump", "bump_more"] {
                drops.push(format!("DROP FUNCTION IF EXISTS {routine}"));
            }
            for trigger in 0..9 {
                if product == Product::Postgres {
                    drops.push(format!("DROP FUNCTION IF EXISTS trigger_{trigger}()"));
                }
            }
        }
        drops
    }

    /// The statements that make a schema, with rows.
    pub(super) fn schema(&mut self) -> Vec<String> {
        let mut sql = Vec::new();
        for at in 0..TABLES {
            sql.extend(self.table(at));
        }
        for at in 0..TABLES {
            for id in 1..=6 {
                let parent = self.dice.below(8);
                let parent = if (1..7).contains(&parent) {
                    parent.to_string()
                } else {
                    "NULL".to_owned()
                };
                sql.push(format!("INSERT INTO t{at} VALUES ({id}, {parent}, {id})"));
            }
        }
        let table = self.dice.below(TABLES);
        sql.push(format!(
            "CREATE VIEW v0 AS SELECT id, parent, note FROM t{table} WHERE note >= 0"
        ));
        sql.push("CREATE VIEW v1 AS SELECT id, parent, note FROM v0".to_owned());
        let (one, other) = (self.dice.below(TABLES), self.dice.below(TABLES));
        sql.push(format!(
            "CREATE VIEW v2 AS SELECT a.id AS id, b.id AS parent, COALESCE(b.note, 0) AS note
             FROM t{one} a LEFT JOIN t{other} b ON b.id = a.parent"
        ));
        if self.product == Product::Sqlite && self.dice.percent(50) {
            sql.push(format!(
                "CREATE TRIGGER v0_update INSTEAD OF UPDATE ON v0
                 BEGIN UPDATE t{table} SET note = NEW.note WHERE id = OLD.id; END"
            ));
        }
        for number in 0..self.dice.below(5) {
            sql.extend(self.trigger(number));
        }
        sql.extend(self.routines());
        if self.product == Product::Postgres && self.dice.percent(30) {
            let from = self.dice.below(TABLES - 1);
            let to = from + 1 + self.dice.below(TABLES - 1 - from);
            sql.push(format!(
                "CREATE RULE also AS ON UPDATE TO t{from} DO ALSO UPDATE t{to} SET note = note + 1 WHERE note < 5"
            ));
        }
        sql
    }

    fn table(&mut self, at: usize) -> Vec<String> {
        let action = |schemas: &mut Self, event: &str| {
            let mut actions = vec!["", "CASCADE", "SET NULL"];
            if schemas.product != Product::Mysql {
                actions.push("SET DEFAULT");
            }
            match schemas.dice.one_of(&actions) {
                "" => String::new(),
                action => format!("ON {event} {action}"),
            }
        };
        let (delete, update) = (action(self, "DELETE"), action(self, "UPDATE"));
        let parent = self.dice.below(at + 1);
        let key = if self.dice.percent(70) {
            format!(", FOREIGN KEY (parent) REFERENCES t{parent} (id) {delete} {update}")
        } else {
            String::new()
        };
        let replaces = if self.product == Product::Sqlite && self.dice.percent(20) {
            "UNIQUE ON CONFLICT REPLACE"
        } else {
            ""
        };
        let is_split = self.product == Product::Postgres && self.dice.percent(25);
        let split = if is_split {
            "PARTITION BY RANGE (id)"
        } else {
            ""
        };
        let mut sql = vec![format!(
            "CREATE TABLE t{at} (id INTEGER NOT NULL PRIMARY KEY, parent INTEGER DEFAULT NULL,
             note INTEGER NOT NULL DEFAULT 0 {replaces} {key}) {split}"
        )];
        if is_split {
            sql.push(format!(
                "CREATE TABLE t{at}_low PARTITION OF t{at} FOR VALUES FROM (MINVALUE) TO (4)"
            ));
            sql.push(format!(
                "CREATE TABLE t{at}_high PARTITION OF t{at} FOR VALUES FROM (4) TO (MAXVALUE)"
            ));
        }
        sql
    }

    /// A trigger that changes a table behind its own, or on some databases its own.
    pub(super) fn trigger(&mut self, number: usize) -> Vec<String> {
        let table = self.dice.below(TABLES);
        let event = self.dice.one_of(&["INSERT", "UPDATE", "DELETE"]);
        let body = self.body(table);
        let trigger = format!("trigger_{number}");
        let when = format!("AFTER {event}");
        let sql = self
            .product
            .trigger(&trigger, &when, &format!("t{table}"), &body);
        if self.product == Product::Postgres {
            let (function, trigger) = sql.split_once("$$;").unwrap();
            return vec![format!("{function}$$"), trigger.to_owned()];
        }
        vec![sql]
    }

    fn body(&mut self, of_table: usize) -> String {
        let first = match self.product {
            Product::Mysql => of_table + 1,
            _ => of_table,
        };
        let table = first + self.dice.below(TABLES - first);
        if table >= TABLES {
            return "SET @nothing = 1;".to_owned();
        }
        let (id, rest) = (1 + self.dice.below(6), self.dice.below(2));
        if self.dice.percent(15) {
            // Another body, by a function.
            match self.product {
                Product::Sqlite => {}
                Product::Postgres => return "PERFORM bump_more();".to_owned(),
                Product::Mysql => return "DO bump_more();".to_owned(),
            }
        }
        match self.dice.below(if table == of_table { 1 } else { 3 }) {
            0 => format!("UPDATE t{table} SET note = note + 1 WHERE note < 5 AND id % 2 = {rest};"),
            1 => format!("DELETE FROM t{table} WHERE id = {id};"),
            _ => format!(
                "INSERT INTO t{table} (id, note) SELECT COALESCE(MAX(id), 0) + 1, 70 + COALESCE(MAX(id), 0)
                 FROM t{table} HAVING COUNT(*) < 9;"
            ),
        }
    }

    /// A function that writes, and one that calls it.
    fn routines(&mut self) -> Vec<String> {
        let mut body = self.body(0);
        if body.contains("bump_more") {
            body = "UPDATE t4 SET note = note + 1 WHERE note < 5;".to_owned();
        }
        match self.product {
            Product::Sqlite => Vec::new(),
            Product::Postgres => vec![
                format!("CREATE FUNCTION bump() RETURNS int LANGUAGE plpgsql AS $$ BEGIN {body} RETURN 1; END $$"),
                "CREATE FUNCTION bump_more() RETURNS int LANGUAGE sql AS $$ SELECT bump() $$".to_owned(),
                format!("ALTER TABLE t{} ALTER note SET DEFAULT bump_more()", self.dice.below(TABLES)),
            ],
            Product::Mysql => vec![
                format!("CREATE FUNCTION bump() RETURNS INT MODIFIES SQL DATA BEGIN {body} RETURN 1; END"),
                "CREATE FUNCTION bump_more() RETURNS INT MODIFIES SQL DATA BEGIN RETURN bump(); END".to_owned(),
            ],
        }
    }

    /// A write as a program would send it.
    pub(super) fn write(&mut self) -> String {
        let mut tables: Vec<String> = (0..TABLES).map(|at| format!("t{at}")).collect();
        tables.push("v0".to_owned());
        if self.product == Product::Postgres {
            tables.push(format!("t{}_low", self.dice.below(TABLES)));
        }
        let table = self.dice.one_of(&tables);
        let (id, note) = (1 + self.dice.below(8), self.dice.below(9));
        let key = 20 + self.dice.below(4);
        match self.dice.below(10) {
            0 | 1 => format!("UPDATE {table} SET note = {note} WHERE id = {id}"),
            2 => format!("UPDATE {table} SET id = {key} WHERE id = {id}"),
            3 => format!("UPDATE {table} SET parent = NULL WHERE id < {id}"),
            4 | 5 => format!("DELETE FROM {table} WHERE id = {id}"),
            6 => format!("INSERT INTO {table} (id, parent, note) VALUES ({key}, NULL, {note})"),
            7 => match self.product {
                Product::Mysql => format!(
                    "INSERT INTO {table} (id, note) VALUES ({id}, 8) ON DUPLICATE KEY UPDATE note = note + 1"
                ),
                Product::Sqlite if self.dice.percent(50) => {
                    format!("REPLACE INTO {table} (id, note) VALUES ({id}, {note})")
                }
                _ => format!(
                    "INSERT INTO {table} (id, note) VALUES ({id}, 8) ON CONFLICT (id) DO UPDATE SET note = 9"
                ),
            },
            8 if self.product != Product::Sqlite => self
                .dice
                .one_of(&[
                    "SELECT bump()",
                    "SELECT bump_more()",
                    "SELECT id, bump() FROM t4",
                    "UPDATE t2 SET note = bump() WHERE id < 3",
                    "INSERT INTO t3 (id) VALUES (25)",
                ])
                .to_owned(),
            _ => format!("UPDATE {table} SET note = note + 1"),
        }
    }
}
