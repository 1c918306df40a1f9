//! `upsert` and `upsert_many`: Diesel's own statement, whose row is the object that loads find, whether it was
//! inserted or updated.

use std::cell::RefCell;
use std::sync::{Arc, Mutex};

use diesel::prelude::*;
use diesel::result::Error::{NotFound, QueryBuilderError};
use diesel::upsert::excluded;
use diesel_identity_map::prelude::*;
use diesel_identity_map::{AsyncHooks, Change, IdentityMapError};

use crate::db::each_connection;
use crate::models::{Country, Post, PostTag, Tag, User};
use crate::schema::*;

use super::asserts::*;

fn is_not_one_row(error: &diesel::result::Error) -> bool {
    matches!(
        IdentityMapError::of(error),
        Some(IdentityMapError::NotOneRow { .. })
    )
}

fn is_mysql(url: &str) -> bool {
    url.starts_with("mysql")
}

/// What an upsert is in conflict with: a column, or on MySQL any key.
trait ConflictsOn {
    type Target<C>;

    fn on<C>(column: C) -> Self::Target<C>;
}

macro_rules! conflicts_on {
    ($($(#[$gate:meta])* $Conn:ty: $column:ident => $Target:ty = $target:expr;)+) => {$(
        $(#[$gate])*
        impl ConflictsOn for $Conn {
            type Target<C> = $Target;

            fn on<C>($column: C) -> Self::Target<C> {
                $target
            }
        }
    )+};
}

conflicts_on! {
    SqliteConnection: column => C = column;
    #[cfg(feature = "postgres")]
    PgConnection: column => C = column;
    #[cfg(feature = "mysql")]
    MysqlConnection: _column => diesel::dsl::DuplicatedKeys = diesel::dsl::DuplicatedKeys;
    #[cfg(feature = "__async-tests")]
    diesel_async::sync_connection_wrapper::SyncConnectionWrapper<SqliteConnection>: column => C = column;
    #[cfg(all(feature = "__async-tests", feature = "postgres"))]
    diesel_async::AsyncPgConnection: column => C = column;
    #[cfg(all(feature = "__async-tests", feature = "mysql"))]
    diesel_async::AsyncMysqlConnection: _column => diesel::dsl::DuplicatedKeys = diesel::dsl::DuplicatedKeys;
}

/// Inserts a post, or gives the one that is there another title.
macro_rules! titled {
    ($id:expr, $title:expr) => {
        diesel::insert_into(posts::table)
            .values((
                posts::id.eq($id),
                posts::user_id.eq(1),
                posts::title.eq($title),
                posts::body.eq("new"),
            ))
            .on_conflict(<Conn as ConflictsOn>::on(posts::id))
            .do_update()
            .set(posts::title.eq($title))
    };
}

/// What the hooks of all tests were called for: with the title of a row, that ends in the test's database.
/// `after_commit` may run on another thread.
static CALLS: Mutex<Vec<String>> = Mutex::new(Vec::new());

thread_local! {
    /// What `pre_save` was called for.
    static SAVING: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn call(what: String) {
    CALLS.lock().unwrap().push(what);
}

/// The calls for rows of this database, without its name.
fn calls(database: &str) -> Vec<String> {
    let mut calls = CALLS.lock().unwrap();
    let calls = calls.extract_if(.., |call| call.contains(database));
    calls.map(|call| call.replace(database, "")).collect()
}

#[derive(Queryable, Selectable, IdentityMapped, Debug, PartialEq)]
#[diesel(table_name = posts)]
#[identity_map(hooks)]
struct Noted {
    id: i32,
    title: String,
}

fn refuse(title: &str) -> QueryResult<()> {
    if title.starts_with("refused") {
        return Err(QueryBuilderError("refused".into()));
    }
    Ok(())
}

impl<C: 'static> Hooks<C> for Noted {
    fn pre_save(saving: Saving<'_, Self>, _: &mut C) -> QueryResult<()> {
        SAVING.with_borrow_mut(|all| all.push(format!("{saving:?}")));
        Ok(())
    }

    fn post_upsert(object: &Arc<Self>, created: Option<bool>, _: &mut C) -> QueryResult<()> {
        call(format!("{} {created:?}", object.title));
        refuse(&object.title)
    }

    fn after_commit(object: &Arc<Self>, change: Change) {
        call(format!("{} {change:?}", object.title));
    }
}

impl<C: Send + 'static> AsyncHooks<C> for Noted {
    async fn pre_save(saving: Saving<'_, Self>, conn: &mut C) -> QueryResult<()> {
        <Self as Hooks<C>>::pre_save(saving, conn)
    }

    async fn post_upsert(
        object: &Arc<Self>,
        created: Option<bool>,
        conn: &mut C,
    ) -> QueryResult<()> {
        <Self as Hooks<C>>::post_upsert(object, created, conn)
    }

    fn after_commit(object: &Arc<Self>, change: Change) {
        <Self as Hooks<C>>::after_commit(object, change);
    }
}

/// Whose `post_upsert` is the default.
#[derive(Queryable, Selectable, IdentityMapped, Debug, PartialEq)]
#[diesel(table_name = tags)]
#[identity_map(hooks)]
struct NotedTag {
    id: i32,
    name: String,
}

impl<C: 'static> Hooks<C> for NotedTag {
    fn post_save(object: &Arc<Self>, created: bool, _: &mut C) -> QueryResult<()> {
        call(format!("{} {created}", object.name));
        Ok(())
    }
}

impl<C: Send + 'static> AsyncHooks<C> for NotedTag {
    async fn post_save(object: &Arc<Self>, created: bool, conn: &mut C) -> QueryResult<()> {
        <Self as Hooks<C>>::post_save(object, created, conn)
    }
}

/// A post with its author: more than its table.
#[derive(HasQuery, IdentityMapped, Debug, PartialEq)]
#[diesel(table_name = posts, base_query = posts::table.inner_join(users::table))]
struct Signed {
    id: i32,
    title: String,
    #[diesel(select_expression = users::name)]
    author: String,
}

each_connection! {
    /// G1, G3: the row is the object that loads find, the one it was before is no longer, and others stay.
    fn inserted_or_updated(db) {
        db.fill(2, 3);
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        let old = wait!(Post::cached().order(posts::id).load(conn)).unwrap();
        let users = wait!(User::cached().order(users::id).load(conn)).unwrap();
        for (id, body) in [(2, "body 2"), (40, "new"), (40, "new")] {
            sent.take();
            let title = format!("title {id}");
            let post = wait!(Post::cached().upsert(titled!(id, &title), conn)).unwrap().unwrap();
            // Begin, is there (and is there still), forget, upsert, read (and read what was inserted), commit.
            let on_mysql = if sent.count() == 0 { 0 } else { 7 };
            assert_eq!(sent.take().len(), if is_mysql(db.url()) { on_mysql } else { 1 });
            assert_eq!((post.id, &post.title), (id, &title));
            assert!(id == 2 || post.body == body);
            let found = wait!(Post::cached().find(id).first(conn)).unwrap();
            assert!(Arc::ptr_eq(&found, &post));
            assert_eq!(sent.take(), Vec::<String>::new());
            let row: Post = wait!(posts::table.find(id).first(conn)).unwrap();
            assert_eq!(*post, row);
        }
        assert!(old[1].title != "title 2");
        for post in [&old[0], &old[2]] {
            let found = wait!(Post::cached().find(post.id).first(conn)).unwrap();
            assert!(Arc::ptr_eq(&found, post));
        }
        let found = wait!(User::cached().find(2).first(conn)).unwrap();
        assert!(Arc::ptr_eq(&found, &users[1]));
    }

    /// G2, G3: nothing is written, nothing is returned, nothing is read again.
    fn nothing_is_done(db) {
        db.fill(2, 3);
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        let held = wait!(Post::cached().find(2).first(conn)).unwrap();
        let upsert = || {
            let values = (posts::id.eq(2), posts::user_id.eq(1), posts::title.eq("x"), posts::body.eq("y"));
            diesel::insert_into(posts::table).values(values).on_conflict(<Conn as ConflictsOn>::on(posts::id))
        };
        let nothing = None::<diesel::dsl::Eq<posts::score, i32>>;
        assert_eq!(wait!(Post::cached().upsert(upsert().do_nothing(), conn)).unwrap(), None);
        assert_eq!(wait!(Post::cached().upsert(upsert().do_update().set(nothing), conn)).unwrap(), None);
        sent.take();
        let found = wait!(Post::cached().find(2).first(conn)).unwrap();
        assert!(Arc::ptr_eq(&found, &held));
        assert_eq!(sent.take(), Vec::<String>::new());
        let values = (posts::id.eq(50), posts::user_id.eq(1), posts::title.eq("x"), posts::body.eq("y"));
        let new = diesel::insert_into(posts::table).values(values).on_conflict(<Conn as ConflictsOn>::on(posts::id));
        let new = wait!(Post::cached().upsert(new.do_nothing(), conn)).unwrap().unwrap();
        assert_eq!(new.id, 50);
        // A plain insert is one that is never in conflict.
        let values = (posts::id.eq(51), posts::user_id.eq(1), posts::title.eq("x"), posts::body.eq("y"));
        let new = wait!(Post::cached().upsert(diesel::insert_into(posts::table).values(values), conn)).unwrap().unwrap();
        assert_eq!(new.id, 51);
    }

    /// A conflict on another unique column, with a generated key and with a given one.
    fn another_unique_column(db) {
        db.fill(1, 1);
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        wait!(conn.batch_execute("INSERT INTO tags (id, name) VALUES (7, 'seven'), (8, 'eight')")).unwrap();
        let _tags = wait!(Tag::cached().load(conn)).unwrap();
        let upsert = |name: &'static str, to: &'static str| {
            diesel::insert_into(tags::table)
                .values(tags::name.eq(name))
                .on_conflict(<Conn as ConflictsOn>::on(tags::name))
                .do_update()
                .set(tags::name.eq(to))
        };
        let tag = wait!(Tag::cached().upsert(upsert("seven", "Seven, 'it''s' ?"), conn)).unwrap().unwrap();
        assert_eq!((tag.id, &*tag.name), (7, "Seven, 'it''s' ?"));
        let given = diesel::insert_into(tags::table)
            .values((tags::id.eq(30), tags::name.eq("eight")))
            .on_conflict(<Conn as ConflictsOn>::on(tags::name))
            .do_update()
            .set(tags::name.eq("Eight"));
        let tag = wait!(Tag::cached().upsert(given, conn)).unwrap().unwrap();
        assert_eq!((tag.id, &*tag.name), (8, "Eight"));
        // PostgreSQL generates the key behind those that the rows above were given.
        if db.url().starts_with("postgres") {
            wait!(conn.batch_execute("SELECT setval(pg_get_serial_sequence('tags', 'id'), 100)")).unwrap();
        }
        let tag = wait!(Tag::cached().upsert(upsert("new", "not this"), conn)).unwrap().unwrap();
        assert_eq!(tag.name, "new");
        let rows: Vec<Tag> = wait!(tags::table.order(tags::id).load(conn)).unwrap();
        let loaded = wait!(Tag::cached().order(tags::id).load(conn)).unwrap();
        assert!(loaded.iter().map(|tag| &**tag).eq(&rows));
        assert!(Arc::ptr_eq(&tag, loaded.iter().find(|loaded| loaded.id == tag.id).unwrap()));
    }

    /// Keys of two columns and of text, and the key's spelling where the collation compares otherwise.
    fn composite_and_text_keys(db) {
        db.fill(1, 2);
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        wait!(conn.batch_execute("INSERT INTO tags (id, name) VALUES (1, 'a'); INSERT INTO countries (code, name) VALUES ('de', 'a')")).unwrap();
        for position in [3, 4] {
            let upsert = diesel::insert_into(post_tags::table)
                .values((post_tags::post_id.eq(2), post_tags::tag_id.eq(1), post_tags::position.eq(position)))
                .on_conflict(<Conn as ConflictsOn>::on((post_tags::post_id, post_tags::tag_id)))
                .do_update()
                .set(post_tags::position.eq(post_tags::position + 10));
            let tag = wait!(PostTag::cached().upsert(upsert, conn)).unwrap().unwrap();
            assert_eq!(tag.position, if position == 3 { 3 } else { 13 });
            let found = wait!(PostTag::cached().find((2, 1)).first(conn)).unwrap();
            assert!(Arc::ptr_eq(&found, &tag));
        }
        let code = if is_mysql(db.url()) { "DE" } else { "de" };
        for (code, name) in [(code, "Germany"), ("fr", "France")] {
            let upsert = diesel::insert_into(countries::table)
                .values((countries::code.eq(code), countries::name.eq(name)))
                .on_conflict(<Conn as ConflictsOn>::on(countries::code))
                .do_update()
                .set(countries::name.eq(name));
            let country = wait!(Country::cached().upsert(upsert, conn)).unwrap().unwrap();
            assert_eq!((&*country.code, &*country.name), (&*code.to_lowercase(), name));
            let found = wait!(Country::cached().find(&*country.code).first(conn)).unwrap();
            assert!(Arc::ptr_eq(&found, &country));
        }
    }

    /// The hooks are told what has happened, as far as the database says it; one that fails undoes it.
    fn hooks_are_told(db) {
        db.fill(1, 2);
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        let says = is_mysql(db.url()) || db.url().starts_with("postgres");
        let held = wait!(Noted::cached().find(2).first(conn)).unwrap();
        let named = |title: &str| format!("{title}{}", db.url());
        for (id, title, is_new) in [(2, "changed", false), (40, "new", true)] {
            SAVING.take();
            let row = wait!(Noted::cached().upsert(titled!(id, named(title)), conn)).unwrap().unwrap();
            assert_eq!((row.id, &row.title), (id, &named(title)));
            let created = says.then_some(is_new);
            let change = if created == Some(true) { Change::Created } else { Change::Updated };
            assert_eq!(SAVING.take(), ["Insert"]);
            assert_eq!(calls(db.url()), [format!("{title} {created:?}"), format!("{title} {change:?}")]);
        }
        let changed = wait!(Noted::cached().find(2).first(conn)).unwrap();
        let error = wait!(Noted::cached().upsert(titled!(2, named("refused")), conn)).unwrap_err();
        assert!(matches!(error, QueryBuilderError(_)), "{error}");
        let found = wait!(Noted::cached().find(2).first(conn)).unwrap();
        let row: String = wait!(posts::table.find(2).select(posts::title).first(conn)).unwrap();
        assert_eq!((&found.title, &row), (&named("changed"), &named("changed")));
        assert!(found == changed && held.title != found.title);
        calls(db.url());
        // The names of tags are shorter.
        let name = &db.url()[db.url().len() - 20..];
        for is_new in [true, false] {
            let upsert = diesel::insert_into(tags::table)
                .values(tags::name.eq(name))
                .on_conflict(<Conn as ConflictsOn>::on(tags::name))
                .do_update()
                .set(tags::name.eq(name));
            let _tag = wait!(NotedTag::cached().upsert(upsert, conn)).unwrap().unwrap();
            assert_eq!(calls(name), [format!(" {}", says && is_new)]);
        }
    }

    /// G3: a model that reads more than its table comes back whole.
    fn a_model_with_a_join(db) {
        db.fill(2, 4);
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        let _signed = wait!(Signed::cached().load(conn)).unwrap();
        for id in [3, 40] {
            let signed = wait!(Signed::cached().upsert(titled!(id, "t"), conn)).unwrap().unwrap();
            assert_eq!((&*signed.title, signed.id), ("t", id));
            let found = wait!(Signed::cached().find(id).first(conn)).unwrap();
            assert!(Arc::ptr_eq(&found, &signed));
            let row = wait!(Signed::query().filter(posts::id.eq(id)).first(conn)).unwrap();
            assert_eq!(*signed, row);
        }
    }

    /// G3: a trigger has the last word, on this table and on others.
    fn triggers_have_the_last_word(db) {
        db.fill(2, 4);
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        for event in ["INSERT", "UPDATE"] {
            let text = if db.url().starts_with("postgres") {
                format!(
                    "CREATE FUNCTION named_{event}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                       UPDATE users SET name = NEW.title; RETURN NEW; END $$;
                     CREATE TRIGGER named_{event} AFTER {event} ON posts FOR EACH ROW EXECUTE FUNCTION named_{event}()"
                )
            } else if is_mysql(db.url()) {
                format!("CREATE TRIGGER named_{event} AFTER {event} ON posts FOR EACH ROW UPDATE users SET name = NEW.title")
            } else {
                format!("CREATE TRIGGER named_{event} AFTER {event} ON posts BEGIN UPDATE users SET name = NEW.title; END")
            };
            wait!(conn.batch_execute(&text)).unwrap();
        }
        for id in [2, 40] {
            let _users = wait!(User::cached().load(conn)).unwrap();
            let title = format!("by {id}");
            let _post = wait!(Post::cached().upsert(titled!(id, &title), conn)).unwrap().unwrap();
            assert_eq!(wait!(User::cached().find(1).first(conn)).unwrap().name, title);
        }
    }

    /// G7: several rows, a violation, a transaction that is rolled back, a key that moves.
    fn a_failure_changes_nothing(db) {
        db.fill(2, 3);
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        let held = wait!(Post::cached().order(posts::id).load(conn)).unwrap();
        let values = (posts::id.eq(2), posts::user_id.eq(99), posts::title.eq("x"), posts::body.eq("y"));
        let upsert = diesel::insert_into(posts::table).values(values).on_conflict(<Conn as ConflictsOn>::on(posts::id));
        let error = wait!(Post::cached().upsert(upsert.do_update().set(posts::user_id.eq(99)), conn)).unwrap_err();
        assert!(is_foreign_key_violation(&error), "{error}");
        sent.take();
        let undone: QueryResult<()> = wait!(transaction!(conn, |conn| {
            wait!(Post::cached().upsert(titled!(1, "undone"), conn))?;
            wait!(Post::cached().upsert(titled!(60, "undone"), conn))?;
            let found = wait!(Post::cached().find(1).first(conn))?;
            assert_eq!(found.title, "undone");
            Err(diesel::result::Error::RollbackTransaction)
        }));
        undone.unwrap_err();
        sent.take();
        for post in &held[1..] {
            let found = wait!(Post::cached().find(post.id).first(conn)).unwrap();
            assert!(Arc::ptr_eq(&found, post), "{}", post.id);
        }
        assert_eq!(sent.take(), Vec::<String>::new());
        assert_eq!(wait!(Post::cached().find(1).first(conn)).unwrap(), held[0]);
        assert_eq!(wait!(Post::cached().find(60).first(conn)).unwrap_err(), NotFound);
        let values = (posts::id.eq(2), posts::user_id.eq(1), posts::title.eq("x"), posts::body.eq("y"));
        let moved = diesel::insert_into(posts::table).values(values).on_conflict(<Conn as ConflictsOn>::on(posts::id));
        let moved = wait!(Post::cached().upsert(moved.do_update().set(posts::id.eq(70)), conn)).unwrap().unwrap();
        assert_eq!(moved.id, 70);
        assert_eq!(wait!(Post::cached().find(2).first(conn)).unwrap_err(), NotFound);
        let found = wait!(Post::cached().find(70).first(conn)).unwrap();
        assert!(Arc::ptr_eq(&found, &moved));
    }
}

#[cfg(feature = "mysql")]
mod on_mysql {
    use diesel::connection::SimpleConnection;
    use diesel::dsl::{DuplicatedKeys, sql};
    use diesel::sql_types::{BigInt, Integer, Text, Unsigned};

    use super::*;
    use crate::db::mysql::Db;
    use crate::mapped;

    fn last_id(conn: &mut MysqlConnection) -> u64 {
        let last_id = diesel::select(sql::<Unsigned<BigInt>>("LAST_INSERT_ID()"));
        last_id.get_result(conn).unwrap()
    }

    /// G2: the program's values see the `LAST_INSERT_ID()` that they see in plain Diesel, and so does what follows.
    #[test]
    fn last_insert_id_is_the_programs() {
        let db = Db::new();
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        conn.batch_execute("INSERT INTO tags (id, name) VALUES (1, 'a')")
            .unwrap();
        for way in ["plain", "mapped"] {
            conn.batch_execute("INSERT INTO users (name) VALUES ('x')")
                .unwrap();
            let id = last_id(conn);
            let upsert = diesel::insert_into(tags::table)
                .values(tags::name.eq("a"))
                .on_conflict(DuplicatedKeys)
                .do_update()
                .set(tags::id.eq(sql::<Integer>("LAST_INSERT_ID() + 10")));
            if way == "plain" {
                upsert.execute(conn).unwrap();
            } else {
                Tag::cached().upsert(upsert, conn).unwrap().unwrap();
            }
            let tag: Tag = tags::table.first(conn).unwrap();
            assert_eq!(
                (u64::try_from(tag.id).unwrap(), last_id(conn)),
                (id + 10, id),
                "{way}"
            );
            assert_eq!(*Tag::cached().first(conn).unwrap(), tag);
        }
        let nothing = diesel::insert_into(tags::table)
            .values(tags::name.eq("a"))
            .on_conflict(DuplicatedKeys)
            .do_nothing();
        let id = last_id(conn);
        assert_eq!(Tag::cached().upsert(nothing, conn).unwrap(), None);
        assert_eq!(last_id(conn), id);
    }

    /// What the program's own text ends in.
    #[test]
    fn comments_and_semicolons() {
        let db = Db::new();
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        conn.batch_execute("INSERT INTO countries (code, name) VALUES ('de', 'a')")
            .unwrap();
        for text in ["'b' -- b", "'c' # c", "'d';", "'e' /* e */", "'f' ; "] {
            let upsert = diesel::insert_into(countries::table)
                .values((countries::code.eq("de"), countries::name.eq("x")))
                .on_conflict(DuplicatedKeys)
                .do_update()
                .set(countries::name.eq(sql::<Text>(text)));
            let country = Country::cached().upsert(upsert, conn).unwrap().unwrap();
            assert_eq!(country.name, text[1..2]);
        }
    }

    /// G7: an error that says what is wrong, and nothing is written.
    #[test]
    fn insert_select_is_refused() {
        let db = Db::new();
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        let select = countries::table.select((countries::code, countries::name));
        let upsert = select
            .insert_into(countries::table)
            .into_columns((countries::code, countries::name))
            .on_conflict(DuplicatedKeys)
            .do_update()
            .set(countries::name.eq("b"));
        sent.take();
        let error = Country::cached().upsert(upsert, conn).unwrap_err();
        assert!(is_not_one_row(&error), "{error}");
        assert_eq!(sent.take(), Vec::<String>::new());
    }
}

#[cfg(feature = "postgres")]
mod many {
    use diesel::query_dsl::methods::FilterDsl;

    use super::*;
    use crate::db::postgres::Db;
    use crate::mapped;

    /// G1, G3: those that were inserted and those that were updated come back, and no other.
    #[test]
    fn rows_come_back() {
        let db = Db::new();
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        crate::models::seed(conn, 2, 4);
        let old = Post::cached().order(posts::id).load(conn).unwrap();
        sent.take();
        let row = |id: i32| {
            (
                posts::id.eq(id),
                posts::user_id.eq(1),
                posts::title.eq("x"),
                posts::body.eq("y"),
            )
        };
        let upsert = diesel::insert_into(posts::table)
            .values([row(2), row(40), row(3)])
            .on_conflict(posts::id)
            .do_update()
            .set(posts::title.eq(excluded(posts::title)))
            .filter(posts::id.ne(3));
        let posts = Post::cached().upsert_many(upsert, conn).unwrap();
        assert_eq!(sent.take().len(), 1);
        assert_eq!(
            posts.iter().map(|post| post.id).collect::<Vec<_>>(),
            [2, 40]
        );
        for post in [&posts[0], &posts[1], &old[0], &old[2], &old[3]] {
            let found = Post::cached().find(post.id).first(conn).unwrap();
            assert!(Arc::ptr_eq(&found, post));
        }
        assert_eq!(sent.take(), Vec::<String>::new());
        let several = diesel::insert_into(posts::table)
            .values([row(2), row(3)])
            .on_conflict_do_nothing();
        let error = Post::cached().upsert(several, conn).unwrap_err();
        assert!(is_not_one_row(&error), "{error}");
        assert_eq!(sent.take(), Vec::<String>::new());
    }

    /// No rows are no statement; what a query inserts is any number of rows.
    #[test]
    fn no_rows_and_rows_of_a_query() {
        let db = Db::new();
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        let none = || {
            let none: Vec<diesel::dsl::Eq<tags::name, &str>> = Vec::new();
            diesel::insert_into(tags::table)
                .values(none)
                .on_conflict(tags::name)
                .do_nothing()
        };
        let rows = Tag::cached().upsert_many(none(), conn).unwrap();
        assert_eq!((rows.len(), sent.take().len()), (0, 0));
        let error = Tag::cached().upsert(none(), conn).unwrap_err();
        assert!(is_not_one_row(&error), "{error}");
        crate::models::seed(conn, 3, 0);
        let of_users = || {
            let names = users::table.select(users::name).insert_into(tags::table);
            let insert = names.into_columns(tags::name).on_conflict(tags::name);
            insert.do_update().set(tags::name.eq(excluded(tags::name)))
        };
        let tags = Tag::cached().upsert_many(of_users(), conn).unwrap();
        assert_eq!(tags.len(), 3);
        sent.take();
        let error = Tag::cached().upsert(of_users(), conn).unwrap_err();
        assert!(is_not_one_row(&error), "{error}");
        assert_eq!(sent.take(), Vec::<String>::new());
    }

    /// The hooks are told of each row; a partitioned table and a view say nothing of it.
    #[test]
    fn hooks_are_told_of_each() {
        let db = Db::new();
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        crate::models::seed(conn, 1, 2);
        let row = |id: i32, title: &str| {
            (
                posts::id.eq(id),
                posts::user_id.eq(1),
                posts::title.eq(format!("{title}{}", db.url())),
                posts::body.eq("y"),
            )
        };
        let upsert = |first: i32| {
            diesel::insert_into(posts::table)
                .values([row(first, "a"), row(first + 50, "b")])
                .on_conflict(posts::id)
                .do_update()
                .set(posts::title.eq(excluded(posts::title)))
        };
        Noted::cached().upsert_many(upsert(2), conn).unwrap();
        let expected = ["a Some(false)", "b Some(true)", "a Updated", "b Created"];
        assert_eq!(calls(db.url()), expected);
        diesel::connection::SimpleConnection::batch_execute(
            conn,
            "ALTER TABLE posts RENAME TO all_posts; CREATE VIEW posts AS SELECT * FROM all_posts",
        )
        .unwrap();
        Noted::cached().upsert_many(upsert(52), conn).unwrap();
        let expected = ["a None", "b None", "a Updated", "b Updated"];
        assert_eq!(calls(db.url()), expected);
        diesel::connection::SimpleConnection::batch_execute(
            conn,
            "DROP VIEW posts;
             CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER, title TEXT, body TEXT) PARTITION BY RANGE (id);
             CREATE TABLE posts_1 PARTITION OF posts FOR VALUES FROM (0) TO (1000)",
        )
        .unwrap();
        Noted::cached().upsert_many(upsert(1), conn).unwrap();
        assert_eq!(calls(db.url()), expected);
    }
}
