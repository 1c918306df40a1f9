//! `update_returning`, and `find(key).update(..)`: the changed rows come back as the objects that loads find, and
//! nothing was loaded before.

use std::cell::RefCell;
use std::sync::Arc;

use diesel::prelude::*;
use diesel::result::Error::{NotFound, QueryBuilderError};
use diesel_identity_map::prelude::*;
use diesel_identity_map::{AsyncHooks, IdentityMapError};

use crate::db::each_connection;
use crate::documents::{CREATE_DOCUMENTS, documents};
use crate::models::{Country, Post, PostTag, User};
use crate::schema::*;

use super::asserts::*;
use super::models::{Document, Reply};

fn is_mysql(url: &str) -> bool {
    url.starts_with("mysql")
}

/// So many statements where rows come back, and so many on MySQL and MariaDB.
fn statements(url: &str, returning: usize, mysql: usize) -> usize {
    if is_mysql(url) { mysql } else { returning }
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

thread_local! {
    /// What the hooks were called for.
    static CALLS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn call(what: String) -> QueryResult<()> {
    if what.ends_with("refused") {
        return Err(QueryBuilderError(what.into()));
    }
    CALLS.with_borrow_mut(|calls| calls.push(what));
    Ok(())
}

#[derive(Queryable, Selectable, IdentityMapped, Debug, PartialEq)]
#[diesel(table_name = posts)]
#[identity_map(hooks)]
struct Noted {
    id: i32,
    title: String,
}

impl<C: 'static> Hooks<C> for Noted {
    fn pre_save(saving: Saving<'_, Self>, _: &mut C) -> QueryResult<()> {
        let Saving::Update(old) = saving else {
            return Ok(());
        };
        call(format!("before {}", old.title))
    }

    fn post_save(object: &Arc<Self>, created: bool, _: &mut C) -> QueryResult<()> {
        call(format!("after {} {created}", object.title))
    }
}

impl<C: Send + 'static> AsyncHooks<C> for Noted {
    async fn pre_save(saving: Saving<'_, Self>, conn: &mut C) -> QueryResult<()> {
        <Self as Hooks<C>>::pre_save(saving, conn)
    }

    async fn post_save(object: &Arc<Self>, created: bool, conn: &mut C) -> QueryResult<()> {
        <Self as Hooks<C>>::post_save(object, created, conn)
    }
}

each_connection! {
    /// G1, G3: every changed row is returned as the object that loads find; the others stay.
    fn changed_rows_come_back(db) {
        db.fill(3, 9);
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        let old = wait!(Post::cached().order(posts::id).load(conn)).unwrap();
        let users = wait!(User::cached().order(users::id).load(conn)).unwrap();
        sent.take();
        let some = Post::cached().filter(posts::user_id.eq(2)).filter(posts::id.gt(1));
        let changed = wait!(some.update_returning(posts::score.eq(posts::score + 100), conn)).unwrap();
        assert_eq!(sent.take().len(), statements(db.url(), 1, 5));
        let rows: Vec<Post> = wait!(posts::table.order(posts::id).load(conn)).unwrap();
        assert_eq!(changed.len(), rows.iter().filter(|row| row.score >= 100).count());
        assert!(changed.len() > 1);
        sent.take();
        for row in &rows {
            let found = wait!(Post::cached().find(row.id).first(conn)).unwrap();
            assert_eq!(&*found, row);
            match changed.iter().find(|post| post.id == row.id) {
                Some(changed) => assert!(Arc::ptr_eq(changed, &found), "{}", row.id),
                None => assert!(Arc::ptr_eq(&old[row.id as usize - 1], &found), "{}", row.id),
            }
        }
        let found = wait!(User::cached().find(2).first(conn)).unwrap();
        assert!(Arc::ptr_eq(&found, &users[1]));
        assert_eq!(sent.take(), Vec::<String>::new());
    }

    /// G2: no row, all rows, a found row, a key of two columns, a text key.
    fn whatever_the_query_finds(db) {
        db.fill(2, 3);
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        let none = Post::cached().filter(posts::id.gt(99));
        assert_eq!(wait!(none.update_returning(posts::score.eq(1), conn)).unwrap(), []);
        let all = wait!(Post::cached().update_returning(posts::score.eq(1), conn)).unwrap();
        assert_eq!(all.len(), 3);
        let one = wait!(Post::cached().find(2).update_returning(posts::score.eq(2), conn)).unwrap();
        assert_eq!((one.len(), one[0].id, one[0].score), (1, 2, 2));
        wait!(conn.batch_execute(
            "INSERT INTO tags (id, name) VALUES (1, 'a'), (2, 'b');
             INSERT INTO post_tags (post_id, tag_id, position) VALUES (1, 1, 0), (1, 2, 0), (2, 1, 0);
             INSERT INTO countries (code, name) VALUES ('de', 'a'), ('fr', 'b')"
        )).unwrap();
        let tags = PostTag::cached().filter(post_tags::post_id.eq(1));
        let mut tags = wait!(tags.update_returning(post_tags::position.eq(7), conn)).unwrap();
        tags.sort_by_key(|tag| tag.tag_id);
        let rows: Vec<PostTag> = wait!(post_tags::table.filter(post_tags::post_id.eq(1)).order(post_tags::tag_id).load(conn)).unwrap();
        assert!(tags.iter().map(|tag| &**tag).eq(&rows));
        let found = wait!(PostTag::cached().find((1, 2)).first(conn)).unwrap();
        assert!(Arc::ptr_eq(&found, &tags[1]));
        let country = wait!(Country::cached().find("fr").update(countries::name.eq("France"), conn)).unwrap();
        let found = wait!(Country::cached().find("fr").first(conn)).unwrap();
        assert!(Arc::ptr_eq(&found, &country) && found.name == "France");
    }

    /// G3: a model that reads more than its table comes back whole, and every other object of the table is read again.
    fn a_model_with_a_join(db) {
        db.fill(2, 4);
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        let _signed = wait!(Signed::cached().load(conn)).unwrap();
        let _posts = wait!(Post::cached().load(conn)).unwrap();
        // The query of an update is the table's own.
        let some = Cached::<Signed, _>::from_query(posts::table.filter(posts::id.le(2)));
        let mut some = wait!(some.update_returning(posts::title.eq("same"), conn)).unwrap();
        some.sort_by_key(|post| post.id);
        assert_eq!(some.iter().map(|post| (post.id, &*post.author)).collect::<Vec<_>>(), [(1, "user 2"), (2, "user 1")]);
        for id in 1..=4 {
            let signed = wait!(Signed::cached().find(id).first(conn)).unwrap();
            let post = wait!(Post::cached().find(id).first(conn)).unwrap();
            assert_eq!((signed.title == "same", post.title == "same"), (id <= 2, id <= 2));
            assert!(id > 2 || Arc::ptr_eq(&signed, &some[id as usize - 1]));
        }
    }

    /// G7: nothing to change, a violation, a key that moves where the database returns nothing.
    fn a_failure_changes_nothing(db) {
        db.fill(2, 3);
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        let held = wait!(Post::cached().order(posts::id).load(conn)).unwrap();
        let error = wait!(Post::cached().update_returning(posts::user_id.eq(99), conn)).unwrap_err();
        assert!(is_foreign_key_violation(&error), "{error}");
        let nothing = None::<diesel::dsl::Eq<posts::score, i32>>;
        let error = wait!(Post::cached().update_returning(nothing, conn)).unwrap_err();
        assert!(is_empty_changeset(&error), "{error}");
        let error = wait!(Post::cached().find(1).update(nothing, conn)).unwrap_err();
        assert!(is_empty_changeset(&error), "{error}");
        let error = wait!(Post::cached().find(99).update(posts::score.eq(1), conn)).unwrap_err();
        assert_eq!(error, NotFound);
        sent.take();
        for post in &held {
            let found = wait!(Post::cached().find(post.id).first(conn)).unwrap();
            assert!(Arc::ptr_eq(&found, post));
        }
        assert_eq!(sent.take(), Vec::<String>::new());
        let moved = Post::cached().filter(posts::id.gt(1)).update_returning(posts::id.eq(posts::id + 10), conn);
        let moved = wait!(moved);
        if is_mysql(db.url()) {
            let error = moved.unwrap_err();
            assert!(matches!(IdentityMapError::of(&error), Some(IdentityMapError::KeyNotReturned { .. })), "{error}");
        } else {
            assert_eq!(moved.unwrap().len(), 2);
        }
        for id in 1..20 {
            let row: Option<Post> = wait!(posts::table.find(id).first(conn)).optional().unwrap();
            let found = wait!(Post::cached().find(id).first(conn)).optional().unwrap();
            assert_eq!(found.as_deref(), row.as_ref());
        }
        let error = wait!(Cached::<Post, _>::from_query(posts::table.filter(posts::id.gt(1))).find(1).first(conn));
        assert_eq!(error.unwrap_err(), NotFound);
    }

    /// G3: a trigger that changes other rows, or the same row afterwards.
    fn triggers_have_the_last_word(db) {
        db.fill(2, 4);
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        if is_mysql(db.url()) {
            wait!(conn.batch_execute("CREATE TRIGGER named AFTER UPDATE ON posts FOR EACH ROW UPDATE users SET name = NEW.title")).unwrap();
        } else if db.url().starts_with("postgres") {
            wait!(conn.batch_execute(
                "CREATE FUNCTION named() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                   UPDATE users SET name = NEW.title;
                   IF NEW.score < 1000 THEN UPDATE posts SET score = 1000 + id WHERE user_id = NEW.user_id; END IF;
                   RETURN NEW; END $$;
                 CREATE TRIGGER named AFTER UPDATE ON posts FOR EACH ROW EXECUTE FUNCTION named()"
            )).unwrap();
        } else {
            wait!(conn.batch_execute(
                "CREATE TRIGGER named AFTER UPDATE ON posts WHEN NEW.score < 1000 BEGIN
                   UPDATE users SET name = NEW.title;
                   UPDATE posts SET score = 1000 + id WHERE user_id = NEW.user_id; END"
            )).unwrap();
        }
        for way in 0..2 {
            let _users = wait!(User::cached().load(conn)).unwrap();
            let _posts = wait!(Post::cached().load(conn)).unwrap();
            let changes = (posts::title.eq(format!("way {way}")), posts::score.eq(way));
            let _changed = match way {
                0 => wait!(Post::cached().filter(posts::id.eq(1)).update_returning(changes, conn)).unwrap(),
                _ => vec![wait!(Post::cached().find(1).update(changes, conn)).unwrap()],
            };
            for id in 1..=4 {
                let row: Post = wait!(posts::table.find(id).first(conn)).unwrap();
                assert_eq!(*wait!(Post::cached().find(id).first(conn)).unwrap(), row);
                let row: Option<User> = wait!(users::table.find(id).first(conn)).optional().unwrap();
                assert_eq!(wait!(User::cached().find(id).first(conn)).optional().unwrap().as_deref(), row.as_ref());
            }
        }
    }

    /// The row of a key is changed without a load, whether its object is held or not.
    fn an_update_by_key(db) {
        db.fill(2, 3);
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        wait!(conn.batch_execute("INSERT INTO comments (id, post_id, body) VALUES (1, 2, 'a')")).unwrap();
        let held = wait!(Post::cached().find(1).first(conn)).unwrap();
        let reply = wait!(Reply::cached().find(1_i64).first(conn)).unwrap();
        for id in [1, 2] {
            sent.take();
            let post = wait!(Post::cached().find(id).update(posts::title.eq("new"), conn)).unwrap();
            assert_eq!(sent.take().len(), statements(db.url(), 1, 4));
            let found = wait!(Post::cached().find(id).first(conn)).unwrap();
            assert!(Arc::ptr_eq(&post, &found) && post.title == "new");
            assert_eq!(sent.take(), Vec::<String>::new());
        }
        assert_eq!(held.title, "post 1");
        let same = wait!(Reply::cached().find(1_i64).first(conn)).unwrap();
        assert!(Arc::ptr_eq(&same, &reply));
        // The entry moves with the key.
        let post = wait!(Post::cached().find(1).update(posts::id.eq(40), conn)).unwrap();
        assert_eq!(post.id, 40);
        assert_eq!(wait!(Post::cached().find(1).first(conn)).unwrap_err(), NotFound);
        let found = wait!(Post::cached().find(40).first(conn)).unwrap();
        assert!(Arc::ptr_eq(&post, &found));
        // A map of one's own, and none.
        let map = IdentityMap::new();
        let in_map = wait!(Post::cached().in_map(&map).find(2).update(posts::score.eq(5), conn)).unwrap();
        assert!(map.get::<Post>(&2).is_some_and(|post| Arc::ptr_eq(&post, &in_map)));
        let own = wait!(Post::cached().uncached().find(2).update(posts::score.eq(6), conn)).unwrap();
        let found = wait!(Post::cached().find(2).first(conn)).unwrap();
        assert!(*found == *own && !Arc::ptr_eq(&found, &own));
    }

    /// Whoever does not name a version takes the row of any, and who holds the old one cannot write it any more.
    fn a_version_grows_by_each_update(db) {
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        wait!(conn.batch_execute(CREATE_DOCUMENTS)).unwrap();
        wait!(conn.batch_execute("INSERT INTO documents (id, text) VALUES (1, 'one'), (2, 'two')")).unwrap();
        let old = wait!(Document::cached().find(1).first(conn)).unwrap();
        wait!(diesel::update(documents::table).set(documents::lock_version.eq(7)).execute(conn)).unwrap();
        sent.take();
        let new = wait!(Document::cached().find(1).update(documents::text.eq("a"), conn)).unwrap();
        assert_eq!(sent.take().len(), statements(db.url(), 1, 4));
        assert_eq!((&*new.text, new.lock_version), ("a", 8));
        let error = wait!(Document::cached().update(&old, documents::text.eq("b"), conn)).unwrap_err();
        assert!(is_conflict(&error), "{error}");
        let new = wait!(Document::cached().find(1).update(documents::lock_version.eq(3), conn)).unwrap();
        assert_eq!(new.lock_version, 3);
        let found = wait!(Document::cached().find(1).first(conn)).unwrap();
        assert!(Arc::ptr_eq(&found, &new));
        let error = wait!(Document::cached().find(9).update(documents::text.eq("b"), conn)).unwrap_err();
        assert_eq!(error, NotFound);
    }

    /// The hooks see the row as it was, held or not, and as it is; if one fails, nothing is changed.
    fn hooks_of_an_update_by_key(db) {
        db.fill(2, 3);
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        CALLS.take();
        let _held = wait!(Noted::cached().find(1).first(conn)).unwrap();
        for id in [1, 2] {
            wait!(Noted::cached().find(id).update(posts::title.eq("new"), conn)).unwrap();
            assert_eq!(CALLS.take(), [format!("before post {id}"), "after new false".to_owned()]);
        }
        let error = wait!(Noted::cached().find(9).update(posts::title.eq("new"), conn)).unwrap_err();
        assert_eq!((error, CALLS.take().len()), (NotFound, 0));
        wait!(conn.batch_execute("UPDATE posts SET title = 'refused' WHERE id = 3")).unwrap();
        let error = wait!(Noted::cached().find(3).update(posts::title.eq("new"), conn)).unwrap_err();
        assert_eq!(error.to_string(), "before refused");
        let row = wait!(Noted::cached().find(3).first(conn)).unwrap();
        assert_eq!(row.title, "refused");
        wait!(Noted::cached().filter(posts::id.eq(1)).update_returning(posts::title.eq("many"), conn)).unwrap();
        assert_eq!(CALLS.take(), Vec::<String>::new());
    }

    /// G4: what was changed inside a transaction that is rolled back is as before.
    fn a_transaction_that_is_rolled_back(db) {
        db.fill(2, 4);
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        let old = wait!(Post::cached().order(posts::id).load(conn)).unwrap();
        let mut kept = Vec::new();
        let rolled_back: QueryResult<()> = wait!(transaction!(conn, |conn| {
            let some = Post::cached().filter(posts::id.le(2));
            kept.extend(wait!(some.update_returning(posts::title.eq("inner"), &mut *conn))?);
            kept.push(wait!(Post::cached().find(3).update(posts::title.eq("inner"), &mut *conn))?);
            for post in &kept {
                let found = wait!(Post::cached().find(post.id).first(&mut *conn))?;
                assert!(Arc::ptr_eq(&found, post));
            }
            Err(diesel::result::Error::RollbackTransaction)
        }));
        assert!(rolled_back.is_err() && kept.len() == 3);
        for post in &old {
            let row: Post = wait!(posts::table.find(post.id).first(conn)).unwrap();
            let found = wait!(Post::cached().find(post.id).first(conn)).unwrap();
            assert_eq!(*found, row);
            assert_eq!(found.title, format!("post {}", post.id));
        }
    }
}
