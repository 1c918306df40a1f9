//! Shelves with jars on them, and what triggers and keys do between them.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

diesel::table! {
    shelves (id) {
        id -> Integer,
        name -> Text,
        jars -> Integer,
    }
}

diesel::table! {
    jars (id) {
        id -> Integer,
        shelf_id -> Nullable<Integer>,
        label -> Text,
    }
}

diesel::table! {
    badges (id) {
        id -> Integer,
        shelf_id -> Integer,
        name -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(shelves, jars, badges);

#[derive(Queryable, Selectable, IdentityMapped, Debug, Clone, PartialEq)]
#[diesel(table_name = shelves)]
pub(super) struct Shelf {
    pub(super) id: i32,
    pub(super) name: String,
    pub(super) jars: i32,
}

/// Nothing says here that a jar belongs to a shelf.
#[derive(Queryable, Selectable, IdentityMapped, Debug, Clone, PartialEq)]
#[diesel(table_name = jars)]
pub(super) struct Jar {
    pub(super) id: i32,
    pub(super) shelf_id: Option<i32>,
    pub(super) label: String,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug, Clone, PartialEq)]
#[diesel(table_name = badges)]
pub(super) struct Badge {
    pub(super) id: i32,
    pub(super) shelf_id: i32,
    pub(super) name: String,
}

/// A shelf with its badge.
#[derive(HasQuery, IdentityMapped, Debug, Clone, PartialEq)]
#[diesel(table_name = shelves)]
#[diesel(base_query = shelves::table.left_join(badges::table.on(badges::shelf_id.eq(shelves::id))))]
pub(super) struct BadgedShelf {
    pub(super) id: i32,
    #[diesel(select_expression = badges::name.nullable())]
    pub(super) badge: Option<String>,
}

/// A shelf of which the program says that badges change it.
#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = shelves)]
#[identity_map(changed_by(badges))]
pub(super) struct ToldShelf {
    pub(super) id: i32,
}

/// The product behind a test's database.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Product {
    Sqlite,
    Postgres,
    Mysql,
}

impl Product {
    pub(super) fn of(url: &str) -> Self {
        match url.split_once(':') {
            Some(("postgres", _)) => Self::Postgres,
            Some(("mysql", _)) => Self::Mysql,
            _ => Self::Sqlite,
        }
    }

    /// The tables, with the keys as `key` says it of the jars' one.
    pub(super) fn tables(self, key: &str) -> String {
        let integer = "INTEGER NOT NULL";
        let pragma = if self == Self::Sqlite {
            "PRAGMA foreign_keys = ON;"
        } else {
            ""
        };
        format!(
            "{pragma}
             CREATE TABLE shelves (id {integer} PRIMARY KEY, name VARCHAR(20) NOT NULL, jars {integer} DEFAULT 0);
             CREATE TABLE jars (id {integer} PRIMARY KEY, shelf_id INTEGER DEFAULT NULL, label VARCHAR(20) NOT NULL,
                 FOREIGN KEY (shelf_id) REFERENCES shelves (id) {key});
             CREATE TABLE badges (id {integer} PRIMARY KEY, shelf_id {integer}, name VARCHAR(20) NOT NULL);
             INSERT INTO shelves VALUES (1, 'low', 0), (2, 'high', 0);
             INSERT INTO jars VALUES (1, 1, 'plum'), (2, 1, 'pear'), (3, 2, 'fig');
             INSERT INTO badges VALUES (1, 1, 'new');"
        )
    }

    /// A trigger `name` on a table that runs statements; they end in semicolons.
    pub(super) fn trigger(self, name: &str, when: &str, table: &str, statements: &str) -> String {
        match self {
            Self::Sqlite | Self::Mysql if statements.matches(';').count() == 1 && self == Self::Mysql => {
                format!("CREATE TRIGGER {name} {when} ON {table} FOR EACH ROW {statements}")
            }
            Self::Sqlite => {
                format!("CREATE TRIGGER {name} {when} ON {table} FOR EACH ROW BEGIN {statements} END;")
            }
            Self::Mysql => {
                format!("CREATE TRIGGER {name} {when} ON {table} FOR EACH ROW BEGIN {statements} END")
            }
            Self::Postgres => format!(
                "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {statements} RETURN NULL; END $$;
                 CREATE TRIGGER {name} {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}();"
            ),
        }
    }
}
