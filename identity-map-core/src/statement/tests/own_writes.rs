//! What this library's writes do beyond what it knows of them.

use crate::statement::is_more_than_a_write;

#[test]
fn a_write_by_itself_is_no_more() {
    for sql in [
        r#"INSERT INTO "posts" ("id", "title") VALUES ($1, lower($2)) RETURNING "posts"."id""#,
        r#"UPDATE "posts" SET "title" = $1, "version" = "posts"."version" + 1 WHERE "posts"."id" = $2"#,
        "INSERT INTO `posts` (`id`, `at`) VALUES ((@identity_map_0_0 := ?), NOW()), ((@identity_map_1_0 := ?), NOW())",
        "UPDATE `posts` SET `title` = ?, `id` = (@identity_map_0_0 := `id`) WHERE `posts`.`id` = ?",
        "SELECT @identity_map_0_0 UNION ALL SELECT NULLIF(LAST_INSERT_ID(), 0) + 1 * @@auto_increment_increment",
        r#"DELETE FROM "posts" WHERE mine("posts"."id") RETURNING "posts"."id""#,
    ] {
        assert!(!is_more_than_a_write(sql), "{sql}");
    }
}

#[test]
fn what_it_calls_may_do_more() {
    for sql in [
        r#"INSERT INTO "posts" ("id", "title") VALUES ($1, mine($2))"#,
        r#"UPDATE "posts" SET "title" = "app"."mine"($1) WHERE "posts"."id" = $2"#,
        r#"UPDATE "posts" SET "title" = set_config('a', 'b', false) WHERE "posts"."id" = $2"#,
    ] {
        assert!(is_more_than_a_write(sql), "{sql}");
    }
}
