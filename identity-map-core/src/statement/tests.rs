use super::*;
use Meaning::{
    Begin, Commit, Everything, Insert, LostTransaction, OtherRows, Read, Release, Rollback,
    RollbackTo, Savepoint, Write,
};

fn meanings(sql: &str) -> Vec<Meaning> {
    statements(sql).map(|statement| statement.meaning).collect()
}

fn names(sql: &str) -> Vec<&str> {
    statements(sql)
        .flat_map(|statement| statement.identifiers())
        .collect()
}

#[track_caller]
fn all_mean(meaning: Meaning, texts: &[&str]) {
    for sql in texts {
        assert_eq!(meanings(sql), [meaning], "{sql}");
        // Case, line ends, and what stands around a statement change nothing.
        for same in [
            format!("\u{FEFF}{sql}"),
            format!("\r\n\t {sql}\r\n"),
            format!("-- why; SET ROLE x\r\n/* it's */ {sql};"),
            format!(";; {sql} ; ;"),
            format!("{sql}\n-- it's; SET ROLE x"),
            format!("{sql}\n/* \" */ ;-- \n"),
            format!("--it's for nobody\n#nor this\n{sql}"),
        ] {
            assert_eq!(meanings(&same), [meaning], "{same}");
        }
        if sql.is_ascii() && !sql.contains(['\'', '$']) && !sql.contains("/*M") {
            let upper = sql.to_uppercase();
            assert_eq!(meanings(&upper), [meaning], "{upper}");
            let lower = sql.to_lowercase();
            assert_eq!(meanings(&lower), [meaning], "{lower}");
        }
        let twice = format!("{sql}\n;{sql}");
        if !swallows(sql) {
            assert_eq!(meanings(&twice), [meaning, meaning], "{twice}");
        }
    }
}

/// Texts whose last statement takes in all that follows it.
fn swallows(sql: &str) -> bool {
    meanings(&format!("{sql}\n;SELECT 1")).last() != Some(&Read)
}

/// To be told by the lexer, though they begin like what is told at once.
const LESS_PLAIN: &[&str] = &[
    "SELECT * FROM END(",
    "SELECT * FROM .FOR UPDATE",
    "SELECT by (1), JOIN(2)",
    "SELECT \"a\" (1)",
    "SELECT `a``b` (1)",
    "SELECT \"set_config\"",
    "SELECT \"a\\\"b\"",
    "SELECT a FROM b",
    "SELECT COUNT1(*)",
    "SELECT count_it(*)",
    "SELECT DISTINCTS(1)",
    "SELECT COUNT\u{e9}(1)",
    "SELECT 1FROM b",
    "SELECT 5.FROM (1)",
    "SELECT $1a, $$",
    "SELECT (1))",
    "SELECT * FOR UPDATES",
    "SELECT * FOR SHARE",
    "SELECT * FOR UPDATE(1)",
    "SELECT * FOR UPDATE (1)",
    "SELECT * INTO \"b\"",
    "SELECT *;",
    "SELECT ",
    "SELECT",
    "SELECT *\0",
    "SELECT \"\0\"",
];

const DIESEL_READS: &[&str] = &[
    "SELECT `posts`.`id`, `posts`.`title` FROM `posts` WHERE (`posts`.`id` = ?) LIMIT ?",
    r#"SELECT "posts"."id", "posts"."title" FROM "posts" WHERE ("posts"."id" = ANY($1))"#,
    r#"SELECT "users"."id" FROM ("users" INNER JOIN "posts" ON ("posts"."user_id" = "users"."id")) WHERE ("users"."name" LIKE $1) ORDER BY "users"."id" DESC LIMIT $2 OFFSET $3 FOR UPDATE SKIP LOCKED"#,
    "SELECT COUNT(*) FROM `posts`",
    r#"SELECT count(*), max("posts"."id") FROM "posts" GROUP BY "posts"."author" HAVING (count(*) > $1)"#,
    r#"SELECT EXISTS (SELECT "posts"."id" FROM "posts" WHERE ("posts"."id" IN ($1, $2)))"#,
    r#"SELECT DISTINCT ON ("posts"."author") "posts"."id" FROM "posts" ORDER BY "posts"."author""#,
    r#"SELECT "t"."tags" FROM "t" WHERE ("t"."tags" && ARRAY[$1, $2]) AND ("t"."data" #>> $3) = $4"#,
    r#"SELECT CAST("posts"."id" AS Text) FROM "posts""#,
    "SELECT last_insert_rowid()",
    "SELECT CASE WHEN (`a`.`b` = ?) THEN (?) ELSE lower(`a`.`c`) END FROM `a` FOR SHARE",
];

#[test]
fn reads() {
    all_mean(Read, DIESEL_READS);
    all_mean(
        Read,
        &[
            "SELECT 1",
            "SELECT 1.5e-3, 0xFF, .5, 1e5, $1, ?, ?1, :name FROM t",
            "(SELECT 1) UNION ALL (SELECT 2)",
            "((SELECT 1))",
            "VALUES (1, 'a'), (2, 'b')",
            "TABLE posts",
            "SELECT '; DELETE FROM posts; it''s' FROM posts",
            r#"SELECT "update", "set" FROM "delete""#,
            "SELECT `update`, `;` FROM `x;y`",
            r#"SELECT "a""b;c" FROM t"#,
            "SELECT posts.update, posts.set, posts.where FROM posts",
            "SELECT /* ; SET ROLE x; */ 1 -- ; SET ROLE x",
            "SELECT /*+ INDEX(t i) */ a FROM t",
            "SELECT a FROM t WHERE b = 'c\\\\' AND d = 'e'",
            r"SELECT a FROM t WHERE b LIKE '%\%' ESCAPE '\\'",
            "SELECT N'x', x'00ff', B'01', E'a\\nb', _utf8'x'",
            "SELECT übung FROM größe WHERE größe.id = 1",
            "WITH a AS (SELECT 1), b(x, y) AS (WITH c(z) AS (SELECT 2) SELECT z, z FROM c) SELECT * FROM a, b",
            "WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 100) SELECT sum(n) FROM t",
            "WITH t AS NOT MATERIALIZED (SELECT 1) SELECT replace(a, 'b', 'c') FROM t FOR NO KEY UPDATE",
            "SELECT * FROM posts FOR UPDATE",
            "SELECT * FROM posts FOR UPDATE OF posts NOWAIT",
            "SELECT * FROM posts LOCK IN SHARE MODE",
            "SELECT pg_catalog.lower(name), \"pg_catalog\".\"upper\"(name) FROM t",
            "SELECT count (*) FROM t WHERE id IN (1) AND NOT (a OR b) AND x BETWEEN (1) AND (2)",
            "SELECT x::numeric(10, 2), CAST(y AS VARCHAR(10)) FROM t",
            "SELECT row_number() OVER (PARTITION BY a ORDER BY b) FROM t",
            "SELECT count(*) FILTER (WHERE my_fn(a)) FROM t",
            "SELECT * FROM t WHERE my_fn(a) ORDER BY other_fn(b), third.fn(c)",
            "SELECT * FROM t JOIN u ON st_mine(t.a, u.b) WHERE true",
            "SELECT a FROM t GROUP BY my_fn(a) HAVING my_fn(a) > 1",
            "SELECT * FROM (VALUES (1, 2)) AS v(a, b)",
            "SELECT * FROM (VALUES (1, 2)) v(a, b)",
            "SELECT * FROM unnest(ARRAY['a', 'b']) AS t(x) WHERE x = 'a'",
            "SELECT * FROM unnest($1::int[]) WITH ORDINALITY AS t(x, n)",
            "SELECT * FROM generate_series(1, 10), json_each(t.data)",
            "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a) FROM t",
            "SELECT EXTRACT(YEAR FROM at), TRIM(BOTH 'x' FROM name) FROM t",
            "SELECT data #>> '{a,b}', data #- '{c}' FROM t WHERE data @> '{}'",
            "SELECT a FROM t USE INDEX (i) WHERE a = 1",
            "SELECT [a], [b c] FROM [t] WHERE [a] = 1",
            "SELECT tags[1], tags[1:2], a[(1)] FROM t",
            "SELECT nextval('s'), currval('s'), pg_advisory_xact_lock(1), LAST_INSERT_ID(), uuid_generate_v4()",
            "SELECT 'café', \"naïve\" FROM t",
            "EXPLAIN SELECT * FROM posts",
            "EXPLAIN DELETE FROM posts",
            "EXPLAIN QUERY PLAN SELECT * FROM posts",
            "EXPLAIN (COSTS OFF) UPDATE posts SET a = 1",
            "EXPLAIN ANALYZE SELECT * FROM posts",
            "EXPLAIN (ANALYZE, BUFFERS) WITH t(a) AS (SELECT 1) SELECT a FROM t",
            "DESCRIBE posts",
            "DESC posts",
            "SHOW TABLES LIKE 'x'",
            "SHOW search_path",
            "PRAGMA foreign_keys = ON",
            "PRAGMA main.table_info('posts')",
            "PRAGMA journal_mode=WAL",
            "LISTEN x",
            "NOTIFY x, 'set role y;'",
            "UNLISTEN *",
            "CLOSE c",
            "DEALLOCATE ALL",
            "CHECKPOINT",
            "KILL 5",
            "DECLARE c CURSOR WITH HOLD FOR SELECT id FROM posts FOR UPDATE",
            "LOCK TABLE posts IN ACCESS EXCLUSIVE MODE",
            "LOCK posts IN SHARE MODE NOWAIT",
            "COPY posts TO STDOUT",
            "COPY posts (id, title) TO STDOUT (FORMAT csv, FORCE_QUOTE (id))",
            "COPY (SELECT lower(title) FROM posts) TO STDOUT WITH (FORMAT csv)",
        ],
    );
}

#[test]
fn harmless_settings_are_reads() {
    all_mean(
        Read,
        &[
            "SET TIME ZONE 'UTC'",
            "SET LOCAL TIME ZONE 'UTC'",
            "SET CLIENT_ENCODING TO 'UTF8'",
            "SET time_zone = '+00:00'",
            "SET character_set_results = 'utf8mb4'",
            "SET NAMES utf8mb4 COLLATE utf8mb4_bin",
            "SET @@session.time_zone = '+00:00'",
            "SET @@time_zone = '+00:00'",
            "SET SESSION time_zone = '+00:00', foreign_key_checks = 0, @@unique_checks = 0",
            "SET NAMES 'utf8', CHARACTER SET 'utf8'",
            "SET DateStyle TO ISO, DMY",
            "SET DateStyle = ISO, DMY",
            "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
            "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY",
            "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
            "SET CONSTRAINTS ALL DEFERRED",
            "SET statement_timeout = 0",
            "SET application_name = 'x; SET ROLE y'",
        ],
    );
}

#[test]
fn inserts() {
    all_mean(
        Insert,
        &[
            "INSERT INTO `posts` (`title`) VALUES (?)",
            r#"INSERT INTO "posts" ("id", "title") VALUES ($1, DEFAULT), ($2, $3) RETURNING "posts"."id""#,
            r#"INSERT INTO "blog"."posts" ("id") VALUES ($1)"#,
            "INSERT INTO posts DEFAULT VALUES",
            "INSERT INTO posts AS p (id) VALUES (1)",
            "INSERT INTO posts SELECT * FROM drafts FOR UPDATE",
            "INSERT INTO posts (a) OVERRIDING SYSTEM VALUE VALUES (now())",
            "INSERT INTO posts SET title = 'update; delete'",
            "INSERT INTO posts (a) SELECT lower(b) FROM t WHERE my_fn(c)",
            "INSERT INTO posts (a) VALUES (replace('a', 'b', 'c')) RETURNING upper(a)",
            "INSERT INTO posts (tags) VALUES (ARRAY['a', 'b'])",
            "INSERT IGNORE INTO posts (a) VALUES (1)",
            "COPY posts FROM STDIN",
            r#"COPY "posts" ("id", "title") FROM STDIN WITH (FORMAT binary)"#,
            "COPY posts FROM 'f' (FORMAT csv) WHERE my_fn(id)",
            "LOAD DATA LOCAL INFILE 'f' INTO TABLE posts FIELDS TERMINATED BY ',' IGNORE 1 LINES (a, b) SET c = REPLACE('x', 'y', 'z')",
        ],
    );
}

#[test]
fn writes() {
    all_mean(
        Write,
        &[
            "UPDATE `posts` SET `title` = ? WHERE (`posts`.`id` = ?)",
            r#"UPDATE "posts" SET "title" = $1 WHERE my_fn("id") RETURNING "posts"."id""#,
            "UPDATE posts SET (a, b) = (SELECT 1, 2)",
            "UPDATE OR FAIL posts SET a = 1",
            "UPDATE a JOIN b ON a.id = b.id SET a.x = lower(b.x)",
            "DELETE FROM posts WHERE id = 1",
            "DELETE FROM posts USING users WHERE posts.a = users.a RETURNING *",
            "DELETE FROM posts WHERE a IS DISTINCT FROM 'x'",
            "REPLACE INTO posts (id) VALUES (1)",
            "INSERT OR REPLACE INTO posts (id) VALUES (1)",
            "INSERT OR IGNORE INTO posts (id) VALUES (1)",
            r#"INSERT INTO "posts" ("id") VALUES ($1) ON CONFLICT ("id") DO UPDATE SET "a" = excluded."a" WHERE my_fn($2)"#,
            "INSERT INTO posts (id) VALUES (1) ON CONFLICT DO NOTHING",
            "INSERT INTO posts (id) VALUES (1) ON DUPLICATE KEY UPDATE a = VALUES(a)",
            "INSERT INTO t WITH d AS (DELETE FROM u RETURNING *) SELECT * FROM d",
            "MERGE INTO posts USING drafts ON posts.id = drafts.id WHEN MATCHED THEN UPDATE SET a = 1 WHEN NOT MATCHED THEN INSERT (a) VALUES (1)",
            "TRUNCATE posts",
            "TRUNCATE TABLE posts, users RESTART IDENTITY",
            "WITH d AS (DELETE FROM posts RETURNING *) SELECT * FROM d",
            "WITH d AS (SELECT 1) INSERT INTO posts SELECT * FROM d",
            "WITH d(a) AS (SELECT 1), e AS (UPDATE posts SET a = 1 RETURNING a) SELECT * FROM d",
            "(WITH d AS (DELETE FROM posts RETURNING *) SELECT * FROM d)",
            "WITH x AS (SELECT 1) UPDATE posts SET a = 1",
            "EXPLAIN ANALYZE DELETE FROM posts",
            "EXPLAIN (ANALYZE, FORMAT JSON) INSERT INTO posts (a) VALUES (1)",
            "COPY (DELETE FROM posts RETURNING *) TO STDOUT",
            "LOAD DATA INFILE 'f' REPLACE INTO TABLE posts",
            "UPDATE [posts] SET [title] = 1",
        ],
    );
}

#[test]
fn everything() {
    all_mean(
        Everything,
        &[
            "CREATE TABLE posts (id INTEGER PRIMARY KEY, at TEXT DEFAULT 'it''s;')",
            "CREATE TABLE IF NOT EXISTS posts (a INT REFERENCES b (c) ON UPDATE SET NULL)",
            "CREATE INDEX i ON posts (lower(title))",
            "CREATE VIEW v AS SELECT 1",
            "CREATE FUNCTION f() RETURNS int AS $$ BEGIN; SET ROLE x; COMMIT; END; $$ LANGUAGE plpgsql",
            "CREATE FUNCTION f() RETURNS int AS $body$ $$;SET ROLE x;$$ $body$ LANGUAGE plpgsql",
            "CREATE TRIGGER t AFTER UPDATE ON posts EXECUTE FUNCTION f()",
            "CREATE TRIGGER t AFTER UPDATE ON a BEGIN UPDATE b SET c = 1; DELETE FROM d; END",
            "CREATE TRIGGER t AFTER UPDATE ON a FOR EACH ROW BEGIN SELECT CASE WHEN 1 THEN 2 END; END",
            "ALTER TABLE posts ADD COLUMN set_by TEXT",
            "ALTER TABLE posts DISABLE TRIGGER ALL",
            "DROP TABLE posts",
            "RENAME TABLE a TO b",
            "GRANT SELECT ON posts TO bob",
            "REVOKE ALL ON posts FROM bob",
            "REFRESH MATERIALIZED VIEW v",
            "FLUSH TABLES",
            "ANALYZE posts",
            "OPTIMIZE TABLE posts",
            "HANDLER posts OPEN",
            "VACUUM",
            "REINDEX posts",
            "COMMENT ON TABLE posts IS 'set; role'",
            "FETCH ALL FROM c",
            "MOVE 5 FROM c",
            "PRAGMA writable_schema = 1",
            "PRAGMA temp_store = MEMORY",
            "TRUNCATE posts CASCADE",
            "gibberish",
            "'text'",
            "1",
        ],
    );
}

#[test]
fn stored_functions_may_do_everything() {
    all_mean(
        Everything,
        &[
            "SELECT my_fn(1)",
            "SELECT my_fn (1)",
            r#"SELECT "my_fn"($1)"#,
            "SELECT `my_fn`(1)",
            r#"SELECT "lower"(a) FROM t"#,
            "SELECT [my_fn](1)",
            "SELECT blog.lower(a) FROM t",
            "SELECT blog . my_fn (a) FROM t",
            "SELECT a, (SELECT b FROM c WHERE d), my_fn(1) FROM t",
            "SELECT count(*) FILTER (WHERE a), my_fn(1) FROM t",
            "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a), my_fn(1) FROM t",
            "SELECT row_number() OVER (ORDER BY a), my_fn(1) FROM t",
            "SELECT lower(my_fn(1))",
            "SELECT * FROM my_fn(1)",
            "SELECT * FROM a, LATERAL my_fn(a.b) x",
            "SELECT * FROM a JOIN my_fn(1) f ON true",
            "SELECT * FROM a JOIN b ON a.x = b.x, my_fn(1) f",
            "SELECT DISTINCT ON (a) my_fn(b) FROM t",
            "SELECT 1 AS where, my_fn(2)",
            "SELECT t.where, my_fn(2) FROM t",
            "SELECT * FROM t WHERE a IN (SELECT my_fn(b) FROM u)",
            "SELECT * FROM t WHERE EXISTS (SELECT 1 FROM my_fn(1))",
            "SELECT 1 WHERE true UNION SELECT my_fn(1)",
            "SELECT * FROM t ORDER BY a LIMIT my_fn(1)",
            "VALUES (my_fn(1))",
            "WITH d AS (SELECT my_fn(1)) SELECT * FROM d",
            "WITH d AS (SELECT 1) SELECT * FROM d WHERE true UNION SELECT my_fn(1)",
            "SELECT * FROM unnest(ARRAY[1]) WITH ORDINALITY, my_fn(1)",
            "SELECT query_to_xml('delete from posts', true, true, '')",
            "SELECT delete(a, 'b') FROM t",
            "SELECT filter(1), over(2), key(3)",
            "INSERT INTO posts (a) VALUES (my_fn(1))",
            "INSERT INTO posts (a) SELECT my_fn(1)",
            "INSERT INTO posts (a) VALUES (1) RETURNING my_fn(a)",
            "INSERT INTO posts (a) VALUES (1) RETURNING WITH (OLD AS o) my_fn(a)",
            "INSERT INTO posts (a) VALUES (1) ON DUPLICATE KEY UPDATE a = my_fn(1)",
            "INSERT INTO posts (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET a = my_fn(1)",
            "UPDATE posts SET a = my_fn(1)",
            "UPDATE posts SET a = 1 WHERE b RETURNING my_fn(a)",
            "DELETE FROM posts USING my_fn(1) f WHERE true",
            "EXPLAIN ANALYZE SELECT my_fn(1)",
            "EXPLAIN SELECT * FROM (SELECT my_fn(1)) d",
            "EXPLAIN ANALYZE CREATE TABLE a AS SELECT 1",
            "DECLARE c CURSOR FOR SELECT my_fn(1)",
            "COPY (SELECT my_fn(1)) TO STDOUT",
            "COPY posts FROM PROGRAM 'x'",
            "SET time_zone = my_fn(1)",
        ],
    );
}

#[test]
fn what_is_hard_to_tell_may_do_everything() {
    all_mean(
        Everything,
        &[
            // Tables that a query makes.
            "SELECT * INTO b FROM posts",
            "SELECT 1 INTO OUTFILE 'f'",
            "WITH a AS (SELECT 1) SELECT * INTO b FROM a",
            // SQLite takes strings for names.
            "DELETE FROM 'posts'",
            "UPDATE 'posts' SET a = 1",
            "UPDATE OR FAIL 'posts' SET a = 1",
            "UPDATE main.'posts' SET a = 1",
            "INSERT INTO 'posts' (a) VALUES (1)",
            "WITH x AS (SELECT 1) DELETE FROM 'posts'",
            // One database skips it, another does not.
            "SELECT $$it's$$",
            "SELECT 1from t",
            "SELECT a FROM t WHERE b = 1returning my_fn(1)",
            "SELECT a #> b, my_fn(1) FROM t",
            "SELECT a FROM t WHERE b #> c AND my_fn(1)",
            "SELECT my_fn --lower\n (1)",
            "SELECT a, --where\n my_fn(1)",
            "SELECT a # where\n, my_fn(1)",
            "SELECT a /*! where */, my_fn(1)",
            "SELECT [where], my_fn(1)",
            "SELECT 1 /*! INTO OUTFILE 'f' */",
            "INSERT --x\n OR FAIL INTO 'posts' VALUES (1)",
            "WITH x AS (SELECT 1) SELECT 1 --for\n UPDATE",
        ],
    );
}

#[test]
fn other_rows() {
    all_mean(
        OtherRows,
        &[
            "SET ROLE tenant_a",
            "SET LOCAL ROLE tenant_a",
            "SET search_path TO tenant_a",
            "SET SESSION AUTHORIZATION bob",
            "SET app.tenant = '1'",
            "SET LOCAL app.tenant = '1'",
            "SET time_zone.tenant = '1'",
            "SET @tenant = 1",
            "SET @time_zone = 1",
            "SET autocommit = 0",
            "SET @@autocommit = 1",
            "SET GLOBAL time_zone = 'x'",
            "SET @@global.time_zone = 'x'",
            "SET time_zone = 'x', sql_mode = ''",
            "SET NAMES utf8, @tenant = 1",
            "SET NAMES utf8, GLOBAL x = 1",
            "SET NAMES utf8, SESSION sql_mode = ''",
            "SET time_zone = 'x', a.b = 1",
            "SET TRANSACTION SNAPSHOT 'x'",
            "SET STATEMENT max_statement_time = 1 FOR SELECT 1",
            "SET --time_zone\n ROLE x",
            "SET time_zone = 1 /*! , sql_mode = 1 */",
            "SET",
            "SELECT set_config($1, $2, $3)",
            r#"SELECT pg_catalog."set_config"('role', 'x', true)"#,
            "UPDATE t SET a = Set_Config('role', 'x', true)",
            "SELECT a FROM t WHERE set_config('role', 'x', true) = ''",
            "SELECT dblink_exec('select set_config(1, 2, 3)')",
            "SELECT 1 INTO @tenant",
            "SELECT @tenant := 1",
            "LOAD DATA INFILE 'f' INTO TABLE t (a, @b)",
            "RESET ALL",
            "DISCARD ALL",
            "USE other",
            "ATTACH DATABASE 'x' AS y",
            "DETACH y",
            "DO $$ begin perform 1; end $$",
            "DO SLEEP(1)",
            "CALL f()",
            "EXECUTE f",
            "EXPLAIN ANALYZE EXECUTE f",
            "PREPARE f AS SELECT 1",
            "PREPARE f FROM 'SELECT 1'",
            "LOAD 'auto_explain'",
            "XA START 'x'",
            "/*!50000 SET ROLE x */",
            "/*!40101 SET NAMES utf8 */",
            "/*M!100100 SELECT 1 */",
            "/*!SELECT 1*/",
            "SELECT 1 /*!; SET ROLE x */",
            "gibberish; SET ROLE x",
            "IF 1 THEN CALL f(); END IF",
            "a: LOOP SET ROLE x; END LOOP a",
            "BEGIN NOT ATOMIC SET ROLE x; END",
            "SELECT 'it\\'s; SET ROLE x; --'",
            "SELECT \"it\\\"; SET ROLE x; -- \"",
            "SELECT E'\\'; SET ROLE x; --'",
            "SELECT 1 --it's\n; SET ROLE x; --'",
            "SELECT 1 # it's\n; SET ROLE x; --'",
            "SELECT 1 --; SET ROLE x",
            "SELECT 1 #> ; SET ROLE x",
            "SELECT [it's]; SET ROLE x; SELECT ']'",
            "SELECT [a;b] FROM t",
            "SELECT 1 /* /* */; SET ROLE x; /* */ */",
            "SELECT 1 -- a\rSET x\n; SET ROLE x",
            "CREATE TRIGGER t AFTER UPDATE ON a BEGIN SELECT 1; END; SET ROLE x",
            "CREATE TRIGGER t AFTER UPDATE ON a BEGIN SELECT 1; END; COMMIT",
            "CREATE TRIGGER t AFTER UPDATE ON a BEGIN SELECT 1; END; END",
            "CREATE DEFINER = user@host TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET NEW.a = 1; SET NEW.b = 2; END",
        ],
    );
}

#[test]
fn boundaries() {
    all_mean(
        Begin,
        &[
            "BEGIN",
            "BEGIN TRANSACTION",
            "BEGIN WORK",
            "BEGIN IMMEDIATE",
            "BEGIN EXCLUSIVE TRANSACTION",
            "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY NOT DEFERRABLE",
            "BEGIN ISOLATION LEVEL SERIALIZABLE, READ WRITE",
            "START TRANSACTION",
            "START TRANSACTION WITH CONSISTENT SNAPSHOT",
            "START TRANSACTION READ ONLY",
        ],
    );
    all_mean(
        Commit,
        &[
            "COMMIT",
            "COMMIT WORK",
            "COMMIT TRANSACTION",
            "END",
            "END TRANSACTION",
            "COMMIT AND NO CHAIN",
            "COMMIT WORK AND NO CHAIN NO RELEASE",
            "COMMIT NO RELEASE",
        ],
    );
    all_mean(
        Rollback,
        &[
            "ROLLBACK",
            "ROLLBACK WORK",
            "ABORT",
            "ROLLBACK AND NO CHAIN",
        ],
    );
    all_mean(Savepoint, &["SAVEPOINT x", "SAVEPOINT \"X\""]);
    all_mean(Release, &["RELEASE x", "RELEASE SAVEPOINT x"]);
    all_mean(
        RollbackTo,
        &[
            "ROLLBACK TO x",
            "ROLLBACK TO SAVEPOINT x",
            "ROLLBACK WORK TO x",
            "ROLLBACK TRANSACTION TO SAVEPOINT x",
        ],
    );
    all_mean(
        LostTransaction,
        &[
            "COMMIT AND CHAIN",
            "ROLLBACK AND CHAIN",
            "COMMIT RELEASE",
            "ROLLBACK WORK AND NO CHAIN RELEASE",
            "COMMIT PREPARED 'x'",
            "ROLLBACK PREPARED 'x'",
            "PREPARE TRANSACTION 'x'",
            "END IF",
            "START SLAVE",
            "LOCK TABLES a READ, b WRITE",
            "LOCK TABLES mode AS m READ",
            "UNLOCK TABLES",
            "COMMIT /*! AND CHAIN */",
            "ROLLBACK --TO x\n",
        ],
    );
}

#[test]
fn savepoints_have_names() {
    for sql in [
        "SAVEPOINT Sp_1",
        "SAVEPOINT \"sp_1\"",
        "SAVEPOINT `SP_1`",
        "SAVEPOINT 'sp_1'",
        "/* a */ release sp_1;",
        "RELEASE SAVEPOINT \"SP_1\"",
        "ROLLBACK TO sp_1",
        "ROLLBACK TO SAVEPOINT sp_1",
        "ROLLBACK WORK TO \"sp_1\"",
        "rollback transaction to savepoint SP_1 -- x",
    ] {
        let found: Vec<_> = statements(sql).filter_map(|s| s.savepoint()).collect();
        assert_eq!(found, ["sp_1"], "{sql}");
    }
    for (sql, name) in [
        ("RELEASE savepoint", Some("savepoint")),
        ("SAVEPOINT savepoint", Some("savepoint")),
        ("SAVEPOINT", None),
        ("RELEASE", None),
        ("ROLLBACK TO", None),
        ("ROLLBACK", None),
        ("SELECT a FROM b", None),
    ] {
        for statement in statements(sql) {
            assert_eq!(statement.savepoint().as_deref(), name, "{sql}");
        }
    }
}

#[test]
fn identifiers_are_all_there() {
    for (sql, expected) in [
        (
            r#"UPDATE "blog"."posts" SET a='b', c = "d""e" WHERE 1 = $1 -- f"#,
            &[
                "UPDATE", "blog", "posts", "SET", "a", "c", "d\"\"e", "WHERE",
            ][..],
        ),
        ("DELETE FROM `my posts`", &["DELETE", "FROM", "my posts"]),
        (
            "UPDATE [my posts] SET x = 1",
            &["UPDATE", "my", "posts", "my posts", "SET", "x"],
        ),
        ("DELETE FROM größe /* a */", &["DELETE", "FROM", "größe"]),
        ("DELETE FROM /*! a */ b", &["DELETE", "FROM", "a", "b"]),
        (
            "UPDATE blog.update SET set.a$ = 1",
            &["UPDATE", "blog", "update", "SET", "set", "a$"],
        ),
        ("UPDATE 2fa SET a = 1", &["UPDATE", "2fa", "SET", "a"]),
        (
            "REPLACE INTO t VALUES ('a', 'b''c')",
            &["REPLACE", "INTO", "t", "VALUES"],
        ),
    ] {
        assert_eq!(names(sql), expected, "{sql}");
    }
}

#[test]
fn a_text_is_cut_at_its_semicolons() {
    for (sql, expected) in [
        ("", &[][..]),
        ("  \r\n ; ;; -- x\n /* y */ ", &[]),
        ("\u{FEFF}", &[]),
        ("SELECT 2; SET ROLE x", &[Read, OtherRows]),
        (
            "BEGIN; INSERT INTO a VALUES (';'); UPDATE a SET b = 1; COMMIT;",
            &[Begin, Insert, Write, Commit],
        ),
        (
            "SAVEPOINT a;DELETE FROM b;ROLLBACK TO a;RELEASE a",
            &[Savepoint, Write, RollbackTo, Release],
        ),
        (
            "BEGIN; CREATE TABLE a (b INT); CREATE INDEX i ON a (b); COMMIT",
            &[Begin, Everything, Everything, Commit],
        ),
        (
            "BEGIN; CREATE FUNCTION f() RETURNS int AS $$ BEGIN RETURN 1; END $$ LANGUAGE plpgsql; COMMIT",
            &[Begin, Everything, Commit],
        ),
        (
            "CREATE TRIGGER a AFTER UPDATE ON b BEGIN DELETE FROM c; END;\n CREATE TRIGGER d AFTER UPDATE ON b BEGIN DELETE FROM e; END;",
            &[Everything],
        ),
        ("SELECT 1; SELECT 'a\\'b'; SELECT 2", &[Read, OtherRows]),
        ("SELECT 1; SELECT 'open", &[Read, OtherRows]),
        ("SELECT 1;\r\n--it's\r\nSELECT 2;--;\n", &[Read, Read]),
    ] {
        assert_eq!(meanings(sql), expected, "{sql}");
    }
}

#[test]
fn one_statement_of_two_readings_may_change_everything() {
    for sql in [
        "SELECT 'it\\'s'",
        "SELECT \"it\\\"s\";\n",
        "UPDATE posts SET a = 'it\\'s'",
        "CREATE TABLE a (b TEXT DEFAULT 'it\\'s')",
        "SELECT 1 /* /* */ */",
        "SELECT a #> 'b\n'",
        "SELECT ARRAY['x]y']",
        "SELECT 1 \0",
    ] {
        assert_eq!(meanings(sql), [Everything], "{sql}");
    }
    for sql in [
        "SELECT 'it\\'s';SELECT 1",
        "SELECT 'it\\'s', set_config(1, 2)",
        "SELECT 'it\\'s' INTO @a",
        "SET NAMES 'it\\'s'",
        "COMMIT 'it\\'s'",
        "/* /* */ SELECT 1 /* */ */",
        "/* /* */ COMMIT",
        "CREATE TRIGGER t AFTER UPDATE ON a BEGIN SELECT 1; END; /* /* */ COMMIT",
        "gibberish.; SET ROLE x",
    ] {
        assert_eq!(meanings(sql), [OtherRows], "{sql}");
    }
}

#[test]
fn what_is_unterminated_is_not_understood() {
    for sql in [
        "SELECT 'a",
        "SELECT \"a",
        "SELECT `a",
        "SELECT /* a",
        "SELECT $$a",
        "SELECT $a$ $b$",
        "SELECT [a",
        "'",
        "/*",
        "/*!",
        "$$",
    ] {
        assert_eq!(meanings(sql), [OtherRows], "{sql}");
        assert!(!only_reads(sql), "{sql}");
    }
}

#[test]
fn the_fast_way_agrees() {
    let texts: Vec<&str> = include_str!("tests.rs")
        .split('"')
        .filter(|text| text.len() > 3)
        .collect();
    assert!(texts.len() > 300);
    let others = DIESEL_READS.iter().chain(LESS_PLAIN).copied();
    for text in texts.iter().copied().chain(others) {
        for (end, _) in text.char_indices() {
            for part in [&text[..end], &text[end..]] {
                let all = meanings(part);
                assert_eq!(only_reads(part), all == [Read], "{part}");
                for statement in statements(part) {
                    let _ = statement.savepoint();
                    assert!(statement.identifiers().all(|name| part.contains(name)));
                }
            }
        }
    }
}

#[test]
fn what_diesel_writes_is_told_at_once() {
    let told = DIESEL_READS.iter().filter(|sql| plain_select::is_plain_select(sql));
    assert!(told.count() * 2 > DIESEL_READS.len());
    for sql in LESS_PLAIN {
        assert_eq!(only_reads(sql), meanings(sql) == [Read], "{sql}");
    }
}

#[test]
fn a_cut_string_is_no_read() {
    for text in [
        "SELECT 'one' FROM posts WHERE a = 'two''three' AND b = 'four'",
        "SELECT `one` FROM `posts` WHERE `a``b` = 1",
    ] {
        let quote = if text.contains('\'') { '\'' } else { '`' };
        for (end, _) in text.char_indices() {
            let part = &text[..end];
            if part.matches(quote).count() % 2 == 1 {
                assert_eq!(meanings(part), [OtherRows], "{part}");
            }
        }
    }
}
