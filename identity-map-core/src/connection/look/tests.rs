use super::*;

fn meanings(sql: &str) -> Vec<Meaning> {
    statements(sql).map(|statement| statement.meaning).collect()
}

/// Every text is one statement of this meaning.
fn all(meaning: Meaning, texts: &[&str]) {
    for sql in texts {
        assert_eq!(meanings(sql), [meaning], "{sql}");
        for variant in [
            sql.to_uppercase(),
            format!("\u{feff} \r\n-- why; not\n/* ; */ {sql} ;; "),
        ] {
            // Strings and names may mean something else in capitals; their shape does not.
            assert_eq!(meanings(&variant), [meaning], "{variant}");
        }
        assert_eq!(is_read(sql), meaning == Meaning::Read, "{sql}");
    }
}

const READS: &[&str] = &[
    "SELECT `posts`.`id` FROM `posts` WHERE (`posts`.`title` LIKE ?) ORDER BY `posts`.`id` LIMIT ?",
    r#"SELECT "posts"."id" FROM "posts" WHERE "posts"."id" = ANY($1)"#,
    r#"SELECT count(*), max("a"."b") FROM "a" GROUP BY "a"."c" HAVING sum(x) > 1"#,
    "select 'update posts; delete from posts' from a",
    r#"select "update", `delete`, a.insert_at from "set""#,
    "select $$ ; drop table x $$, $a$ update $a$",
    "select 'it''s', e'it\\'s; update', n'x'",
    "select * from a where st_distance(a.b, $1) < 3 order by similarity(a.c, 'x')",
    "select * from a join b on my_match(a.x, b.y) for no key update skip locked",
    "select * from a for update",
    "with recursive t(a, b) as (select 1, 2 union all select a + 1, b from t), u(c) as (select 3) select * from t",
    "(select 1) union (select 2)",
    "values (1, 2)",
    "table users",
    "show tables",
    "explain select * from users",
    "explain update users set a = 1",
    "pragma foreign_keys = on",
    "set time zone 'utc'",
    "set client_encoding to 'utf8'",
    "set time_zone = '+00:00'",
    "set character_set_results = 'utf8mb4'",
    "set @@session.time_zone = '+00:00'",
    "set transaction isolation level serializable",
    "set constraints all deferred",
    "copy users to stdout",
    "copy (select * from users) to stdout",
    "declare c cursor for select * from users",
    "fetch next from c",
    "listen x",
    "lock table users in exclusive mode",
    "select nextval('a'), setval('a', 3), now(), gen_random_uuid()",
    "select cast(a as numeric(10, 2)) from b",
    "select sum(a) over (partition by b order by c) from d",
    "select pg_catalog.lower(a) from b",
];

const INSERTS: &[&str] = &[
    r#"INSERT INTO "posts" ("id", "title") VALUES ($1, $2), ($3, DEFAULT)"#,
    "insert into `blog`.`posts` (`id`) values (?) returning `id`",
    "insert into posts select * from drafts where a = lower(b)",
    "insert into posts default values",
    "insert into posts (replaced_by) values (1)",
    "copy posts (id, title) from stdin with (format csv)",
];

const WRITES: &[&str] = &[
    "update posts set a = 1",
    r#"UPDATE "posts" SET "title" = $1 WHERE "posts"."id" = $2 RETURNING "id""#,
    "update or fail posts set a = 1",
    "update a join b on a.x = b.y set a.z = 1",
    "delete from posts",
    "delete a, b from a join b using (id)",
    "replace into posts (id) values (1)",
    "insert or replace into posts (id) values (1)",
    "insert into posts (id) values (1) on conflict (id) do update set a = excluded.a",
    "insert into posts (id) values (1) on conflict do nothing",
    "insert into posts (id) values (1) on duplicate key update a = values(a)",
    "merge into posts using drafts on true when matched then delete",
    "truncate posts, comments cascade",
    "with gone as (delete from posts returning *) insert into old select * from gone",
    "with a as (select 1) update posts set b = 1",
    "with a as (insert into posts (id) values (1) returning id) select * from a",
    "copy (delete from posts returning id) to stdout",
];

const EVERYTHING: &[&str] = &[
    "create table a (id int)",
    "alter table a add column b int",
    "drop table a",
    "grant all on a to b",
    "refresh materialized view a",
    "select archive_posts(3)",
    "select * from archive_posts(3)",
    r#"select "archive"('x')"#,
    "select a from b where c in (select archive(d) from e)",
    "insert into posts (id) values (make_one(2))",
    "update posts set a = recount(id)",
    "explain analyze update posts set a = 1",
    "explain (analyze) select 1",
    "select * into copy_of from posts",
    "select 'no end",
    "select 'a\\' from posts",
    "analyze",
    "frobnicate posts",
    "rename table a to b",
    "start slave",
];

const OTHER_ROWS: &[&str] = &[
    "set role tenant_a",
    "set local role tenant_a",
    "set search_path to tenant_a",
    "set session authorization bob",
    "set app.tenant = '1'",
    "set @tenant = 1",
    "set autocommit = 0",
    "set time_zone = '+00:00', role = 'x'",
    "select set_config($1, $2, $3)",
    "select pg_catalog.set_config('a', 'b', true)",
    "reset all",
    "discard all",
    "use other",
    "attach database 'x' as y",
    "do $$ begin perform 1; end $$",
    "call something(1)",
    "execute plan(1)",
    "prepare plan as select 1",
    "/*!50000 set role x */",
    "xa start 'x'",
];

const LOST: &[&str] = &[
    "commit and chain",
    "rollback and chain",
    "commit release",
    "prepare transaction 'x'",
    "commit prepared 'x'",
    "rollback prepared 'x'",
    "lock tables posts write",
    "unlock tables",
];

#[test]
fn reads() {
    all(Meaning::Read, READS);
}

#[test]
fn inserts() {
    all(Meaning::Insert, INSERTS);
}

#[test]
fn writes() {
    all(Meaning::Write, WRITES);
}

#[test]
fn what_may_do_anything() {
    for sql in EVERYTHING {
        assert_eq!(meanings(sql), [Meaning::Everything], "{sql}");
    }
}

#[test]
fn what_changes_the_session() {
    all(Meaning::OtherRows, OTHER_ROWS);
}

#[test]
fn transactions() {
    all(Meaning::LostTransaction, LOST);
    for (sql, meaning, name) in [
        ("begin", Meaning::Begin, None),
        ("BEGIN IMMEDIATE", Meaning::Begin, None),
        (
            "begin transaction isolation level serializable read only",
            Meaning::Begin,
            None,
        ),
        ("START TRANSACTION", Meaning::Begin, None),
        ("commit", Meaning::Commit, None),
        ("end", Meaning::Commit, None),
        ("commit work and no chain no release", Meaning::Commit, None),
        ("rollback", Meaning::Rollback, None),
        ("abort", Meaning::Rollback, None),
        (
            "SAVEPOINT diesel_savepoint_1",
            Meaning::Savepoint,
            Some("diesel_savepoint_1"),
        ),
        ("savepoint \"A\"", Meaning::Savepoint, Some("a")),
        ("RELEASE SAVEPOINT x", Meaning::Release, Some("x")),
        ("release X", Meaning::Release, Some("x")),
        ("ROLLBACK TO SAVEPOINT x", Meaning::RollbackTo, Some("x")),
        (
            "rollback transaction to `x`",
            Meaning::RollbackTo,
            Some("x"),
        ),
    ] {
        let found: Vec<Statement<'_>> = statements(sql).collect();
        assert_eq!(found.len(), 1, "{sql}");
        assert_eq!(found[0].meaning, meaning, "{sql}");
        if name.is_some() {
            assert_eq!(found[0].savepoint().as_deref(), name, "{sql}");
        }
    }
}

#[test]
fn batches() {
    use Meaning::*;
    for (sql, expected) in [
        ("", &[][..]),
        (" ; ;; -- nothing", &[]),
        (
            "BEGIN; UPDATE a SET b = ';'; COMMIT;",
            &[Begin, Write, Commit],
        ),
        ("SELECT 2; SET ROLE x", &[Read, OtherRows]),
        ("select $$;$$; delete from a", &[Read, Write]),
        ("select 1 -- ; commit\n; rollback", &[Read, Rollback]),
        ("select 1 --commit\n; rollback", &[Read, Rollback]),
        (
            "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET c = 1; DELETE FROM d; END; SELECT 1",
            &[Everything, Write, Read, Read],
        ),
        (
            "CREATE PROCEDURE p() BEGIN START TRANSACTION; COMMIT; END",
            &[Everything, LostTransaction, Read],
        ),
        ("select 'a\\'; commit; --'", &[LostTransaction]),
        ("select 1; update a set b = 'unending", &[Read, Everything]),
        ("select /* /* */ 1; commit */ 2", &[LostTransaction]),
        ("/*M!100500 commit */", &[Commit]),
    ] {
        assert_eq!(meanings(sql), expected, "{sql}");
    }
}

#[test]
fn identifiers_are_all_names() {
    let sql = r#"UPDATE "blog"."posts" SET `a` = 'comments', b = $1 -- users"#;
    let statement = statements(sql).next().expect("one");
    let names: Vec<&str> = statement.identifiers().collect();
    assert_eq!(names, ["UPDATE", "blog", "posts", "SET", "a", "b"]);
}

#[test]
fn the_short_way_knows_what_diesel_writes_most() {
    assert!(
        READS[..2]
            .iter()
            .all(|sql| super::select::surely_reads(sql))
    );
    let lists = [INSERTS, WRITES, EVERYTHING, OTHER_ROWS, LOST];
    for sql in lists.into_iter().flatten() {
        assert!(!super::select::surely_reads(sql), "{sql}");
        assert!(
            !super::select::surely_reads(&format!("SELECT 1; {sql}")),
            "{sql}"
        );
        assert!(
            !super::select::surely_reads(&sql.replacen("select", "SELECT", 1)),
            "{sql}"
        );
    }
}

#[test]
fn nothing_that_is_cut_off_panics_or_passes_for_a_read() {
    let lists = [READS, INSERTS, WRITES, EVERYTHING, OTHER_ROWS, LOST];
    for sql in lists.into_iter().flatten() {
        for end in (0..sql.len()).filter(|end| sql.is_char_boundary(*end)) {
            let cut = &sql[..end];
            let found = meanings(cut);
            assert_eq!(
                is_read(cut),
                found.iter().all(|m| *m == Meaning::Read),
                "{cut}"
            );
            // An odd number of quotes: a string was cut.
            let quotes = cut.matches('\'').count();
            if quotes % 2 == 1 && !cut.contains(['$', '\\', '"']) {
                assert!(!is_read(cut), "{cut}");
            }
            for statement in statements(cut) {
                let _ = (statement.identifiers().count(), statement.savepoint());
            }
        }
    }
}
