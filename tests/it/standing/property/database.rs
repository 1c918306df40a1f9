//! The tables of the programs on each database, and their rows.

/// Whose SQL a program is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Product {
    Sqlite,
    #[cfg_attr(not(feature = "postgres"), allow(dead_code))]
    Postgres,
    #[cfg_attr(not(feature = "mysql"), allow(dead_code))]
    Mysql,
}

/// The keys that rows can have. Those up to [`SEEDED`] are there at the start.
pub(super) const KEYS: std::ops::RangeInclusive<i32> = 1..=9;
const SEEDED: i32 = 6;

impl Product {
    /// Makes the tables. `place` says of each row and event in which test it came to be.
    pub(super) fn tables(self, place: &str) -> String {
        let tables: String = ["notes", "tasks"]
            .map(|table| {
                format!(
                    "CREATE TABLE {table} (id INTEGER NOT NULL PRIMARY KEY, n INTEGER NOT NULL, \
                     place VARCHAR(20) NOT NULL DEFAULT '{place}');"
                )
            })
            .concat();
        let shared = "CREATE TABLE journal (what VARCHAR(1) NOT NULL, id INTEGER NOT NULL, n INTEGER NOT NULL);
             CREATE TABLE pins (id INTEGER NOT NULL PRIMARY KEY);
             INSERT INTO pins VALUES (1);";
        let (journal, seen, ends) = (self.journal(), self.seen(), self.ends());
        format!("{tables} {shared} {journal} {seen} {ends}")
    }

    /// What ends transactions without a text that says so.
    fn ends(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "CREATE TABLE ends (id INTEGER NOT NULL PRIMARY KEY ON CONFLICT ROLLBACK);
                 INSERT INTO ends VALUES (1);"
            }
            Self::Postgres => "",
            Self::Mysql => {
                "CREATE PROCEDURE rolls_back() BEGIN ROLLBACK; START TRANSACTION; END;
                 CREATE PROCEDURE leaves_open() BEGIN START TRANSACTION; END;"
            }
        }
    }

    /// Notes each write of `tasks` in the same transaction: what is in the journal is committed.
    fn journal(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "CREATE TRIGGER tasks_i AFTER INSERT ON tasks BEGIN INSERT INTO journal VALUES ('w', new.id, new.n); END;
                 CREATE TRIGGER tasks_u AFTER UPDATE ON tasks BEGIN INSERT INTO journal VALUES ('w', new.id, new.n); END;
                 CREATE TRIGGER tasks_d AFTER DELETE ON tasks BEGIN INSERT INTO journal VALUES ('d', old.id, old.n); END;"
            }
            Self::Postgres => {
                "CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                     IF TG_OP = 'DELETE' THEN INSERT INTO public.journal VALUES ('d', OLD.id, OLD.n);
                     ELSE INSERT INTO public.journal VALUES ('w', NEW.id, NEW.n); END IF;
                     RETURN NULL; END $$;
                 CREATE TRIGGER tasks_noted AFTER INSERT OR UPDATE OR DELETE ON tasks
                     FOR EACH ROW EXECUTE FUNCTION noted();"
            }
            Self::Mysql => {
                "CREATE TRIGGER tasks_i AFTER INSERT ON tasks FOR EACH ROW INSERT INTO journal VALUES ('w', new.id, new.n);
                 CREATE TRIGGER tasks_u AFTER UPDATE ON tasks FOR EACH ROW INSERT INTO journal VALUES ('w', new.id, new.n);
                 CREATE TRIGGER tasks_d AFTER DELETE ON tasks FOR EACH ROW INSERT INTO journal VALUES ('d', old.id, old.n);"
            }
        }
    }

    /// A view of rows that nobody writes, whose text depends on the settings of the session.
    fn seen(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "CREATE TABLE moments (id INTEGER NOT NULL PRIMARY KEY, word TEXT NOT NULL);
                 INSERT INTO moments VALUES (1, 'Apple'), (2, 'apple'), (3, 'berry');
                 CREATE VIEW seen AS
                     SELECT id, CASE WHEN word LIKE 'A%' THEN 'with A' ELSE 'without' END AS said FROM moments;"
            }
            Self::Postgres => {
                "CREATE TABLE moments (id INTEGER NOT NULL PRIMARY KEY, at TIMESTAMPTZ NOT NULL, raw BYTEA NOT NULL);
                 INSERT INTO moments VALUES (1, '2024-01-31 12:00:00+00', 'a'), (2, '2024-07-01 23:30:00+00', 'b'),
                     (3, '2025-01-01 00:00:00+00', 'c');
                 CREATE VIEW seen AS SELECT id, at::text || ' ' || raw::text AS said FROM moments;
                 CREATE SCHEMA aside;
                 CREATE TABLE aside.notes (LIKE public.notes INCLUDING ALL);"
            }
            Self::Mysql => {
                "CREATE TABLE moments (id INTEGER NOT NULL PRIMARY KEY, at TIMESTAMP NOT NULL, pad CHAR(5) NOT NULL);
                 SET time_zone = '+00:00';
                 INSERT INTO moments VALUES (1, '2024-01-31 12:00:00', 'a'), (2, '2024-07-01 23:30:00', 'b'),
                     (3, '2025-01-01 00:00:00', 'c');
                 CREATE VIEW seen AS SELECT id, CONCAT(at, '|', pad, '|') AS said FROM moments;"
            }
        }
    }

    /// Puts the rows there that each program begins with.
    pub(super) fn reset(self) -> String {
        let rows = |value: &dyn Fn(i32) -> i32| -> String {
            let rows = (1..=SEEDED).map(|id| format!("({id}, {})", value(id)));
            rows.collect::<Vec<_>>().join(", ")
        };
        let aside = match self {
            Self::Postgres => format!(
                "DELETE FROM aside.notes; INSERT INTO aside.notes (id, n) VALUES {};",
                rows(&|id| -id)
            ),
            _ => String::new(),
        };
        format!(
            "BEGIN; DELETE FROM notes; DELETE FROM tasks; {aside}
             INSERT INTO notes (id, n) VALUES {rows}; INSERT INTO tasks (id, n) VALUES {rows};
             DELETE FROM journal; COMMIT; DROP TABLE IF EXISTS scratch",
            rows = rows(&|id| id)
        )
    }

    /// What every connection is told before it has a map: nobody waits for a lock, since the others go
    /// on only when it is done, and nothing need be durable.
    pub(super) fn session(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => Some("PRAGMA busy_timeout = 0; PRAGMA synchronous = OFF"),
            // In the address, so that `RESET ALL` comes back to it.
            Self::Postgres => None,
            Self::Mysql => Some("SET SESSION innodb_lock_wait_timeout = 0, lock_wait_timeout = 0"),
        }
    }

    /// Who is connected to the database, as rows of an `id`.
    pub(super) fn sessions(self) -> &'static str {
        match self {
            Self::Sqlite => "SELECT 0 AS id WHERE FALSE",
            Self::Postgres => {
                "SELECT pid::bigint AS id FROM pg_stat_activity WHERE datname = current_database()"
            }
            Self::Mysql => {
                "SELECT CAST(id AS SIGNED) AS id FROM information_schema.processlist WHERE db = database()"
            }
        }
    }

    pub(super) fn address(self, url: &str) -> String {
        match self {
            Self::Postgres => {
                let options = "-c%20lock_timeout%3D10ms%20-c%20synchronous_commit%3Doff";
                let also = if url.contains('?') { '&' } else { '?' };
                format!("{url}{also}options={options}")
            }
            Self::Sqlite | Self::Mysql => url.to_owned(),
        }
    }
}
