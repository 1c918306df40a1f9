//! A text is cut into its statements, and none of their identifiers is missing.

use super::support::{meanings, names};
use crate::statement::Meaning::{
    Begin, ChangeSession, Commit, Everything, Insert, Read, Release, RollbackTo, Savepoint, Write,
};

#[test]
fn a_text_is_cut_at_its_semicolons() {
    for (sql, expected) in [
        ("", &[][..]),
        ("  \r\n ; ;; -- x\n /* y */ ", &[]),
        ("\u{FEFF}", &[]),
        ("SELECT 2; SET ROLE x", &[Read, ChangeSession]),
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
        ("SELECT 1; SELECT 'a\\'b'; SELECT 2", &[Read, ChangeSession]),
        ("SELECT 1; SELECT 'open", &[Read, ChangeSession]),
        ("SELECT 1;\r\n--it's\r\nSELECT 2;--;\n", &[Read, Read]),
    ] {
        assert_eq!(meanings(sql), expected, "{sql}");
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
