//! Statements that may have changed anything.

use super::support::all_mean;
use crate::statement::Meaning::Everything;

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
