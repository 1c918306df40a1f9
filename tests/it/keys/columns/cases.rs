//! The types of columns that each database has for a family of keys.

use diesel::connection::SimpleConnection;

/// Values, as SQL spells them.
pub(super) type Values = &'static [&'static str];

pub(super) trait Columns {
    /// The types of columns that hold keys of a family.
    fn columns(family: &str) -> &'static [&'static str];

    /// Whether a value of such a column is as Diesel would bind it. SQLite keeps values of any kind in any
    /// column, and a value that is bound is compared with those of its kind only.
    fn binds_as_kept(_family: &str, _column: &str) -> bool {
        true
    }

    /// What some of the types need.
    fn prepare(&mut self) {}
}

impl Columns for diesel::SqliteConnection {
    fn columns(family: &str) -> &'static [&'static str] {
        match family {
            "text" => &[
                "TEXT",
                "TEXT COLLATE NOCASE",
                "TEXT COLLATE RTRIM",
                "CHAR(8)",
                "",
            ],
            "integer" => &["INTEGER", "BIGINT", "TEXT", "", "NUMERIC"],
            "binary" => &["BLOB", "TEXT", ""],
            "time" => &["TIMESTAMP", "TEXT", ""],
            _ => unreachable!("{family}"),
        }
    }

    fn binds_as_kept(family: &str, column: &str) -> bool {
        family == "text" || family == "integer" && column.contains(['I', 'N'])
    }
}

#[cfg(feature = "postgres")]
impl Columns for diesel::PgConnection {
    fn prepare(&mut self) {
        self.batch_execute(
            "CREATE COLLATION accent_blind (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
             CREATE EXTENSION citext",
        )
        .unwrap();
    }

    fn columns(family: &str) -> &'static [&'static str] {
        match family {
            "text" => &["TEXT", "VARCHAR(9)", "CHAR(8)", "TEXT COLLATE accent_blind"],
            "integer" => &["BIGINT"],
            "binary" => &["BYTEA"],
            "time" => &["TIMESTAMP", "TIMESTAMP(0)", "TIMESTAMP(3)"],
            "citext" => &["CITEXT"],
            "decimal" => &["NUMERIC", "NUMERIC(10, 2)", "NUMERIC(20, 10)"],
            _ => unreachable!("{family}"),
        }
    }
}

#[cfg(feature = "mysql")]
impl Columns for diesel::MysqlConnection {
    fn columns(family: &str) -> &'static [&'static str] {
        match family {
            "text" => &[
                "VARCHAR(20)",
                "VARCHAR(20) COLLATE utf8mb4_general_ci",
                "VARCHAR(20) COLLATE utf8mb4_bin",
                "VARCHAR(20) COLLATE utf8mb4_unicode_ci",
                "CHAR(8)",
            ],
            "integer" => &["BIGINT"],
            "binary" => &["VARBINARY(9)", "BINARY(8)"],
            "time" => &["DATETIME", "DATETIME(3)", "DATETIME(6)", "TIMESTAMP(6)"],
            "decimal" => &["DECIMAL(10, 2)", "DECIMAL(20, 10)"],
            _ => unreachable!("{family}"),
        }
    }
}
