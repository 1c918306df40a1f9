//! Statements that change the rows of the tables they name.

use super::support::all_mean;
use crate::statement::Meaning::{Insert, Write};

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
