//! Diesel's own statements with `returning` and `mapped`: the written rows are the objects that loads find, and nothing
//! else is stale.

use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::Error::NotFound;
use diesel::upsert::excluded;
use diesel_identity_map::prelude::*;

use crate::db::each_database;
use crate::models::{Country, Post, PostTag, User};
use crate::schema::*;
use crate::{mapped, seeded};

use super::models::{Headline, Reply, new_post, words};

/// The posts that are not drafts.
#[derive(HasQuery, IdentityMapped, Debug, PartialEq)]
#[diesel(table_name = posts, base_query = posts::table.filter(posts::published.eq(true)))]
struct Published {
    id: i32,
    published: bool,
}

/// Everything that is found is what plain Diesel finds, whatever is held.
macro_rules! assert_fresh {
    ($conn:expr) => {{
        let conn: &mut _ = $conn;
        for id in 0..20 {
            let row: Option<Post> = posts::table.find(id).first(conn).optional().unwrap();
            let found = Post::cached().find(id).first(conn).optional().unwrap();
            assert_eq!(found.as_deref(), row.as_ref());
            let row = posts::table
                .find(id)
                .select(Headline::as_select())
                .first(conn)
                .optional()
                .unwrap();
            let found = Headline::cached().find(id).first(conn).optional().unwrap();
            assert_eq!(found.as_deref(), row.as_ref());
            let row = comments::table
                .find(i64::from(id))
                .select(Reply::as_select())
                .first(conn)
                .optional()
                .unwrap();
            let found = Reply::cached()
                .find(i64::from(id))
                .first(conn)
                .optional()
                .unwrap();
            assert_eq!(found.as_deref(), row.as_ref());
            let is_published = posts::table
                .find(id)
                .filter(posts::published.eq(true))
                .count();
            let count: i64 = is_published.get_result(conn).unwrap();
            let found = Published::cached().find(id).first(conn).optional().unwrap();
            assert_eq!(found.is_some(), count == 1, "{id}");
        }
    }};
}

/// Loads every object, and gives all of them.
macro_rules! hold {
    ($conn:expr) => {{
        let conn: &mut _ = $conn;
        (
            Post::cached().order(posts::id).load(conn).unwrap(),
            Headline::cached().load(conn).unwrap(),
            Reply::cached().load(conn).unwrap(),
            Published::cached().load(conn).unwrap(),
            User::cached().load(conn).unwrap(),
        )
    }};
}

each_database! {
    except mysql

    /// G1, G3: each statement gives the objects that loads find, by one statement, and the others stay.
    fn what_each_statement_gives(db) {
        let (mut conn, sent) = seeded(&db, 2, 6);
        let conn = &mut conn;
        conn.batch_execute("INSERT INTO comments (id, post_id, body) VALUES (1, 1, 'a'), (2, 6, 'b')").unwrap();
        let held = hold!(conn);
        let find = |id: i32, conn: &mut Conn| Post::cached().find(id).first(conn).unwrap();

        sent.take();
        let inserted = diesel::insert_into(posts::table)
            .values(new_post(Some(11), "new", None))
            .returning(Post::as_returning())
            .mapped()
            .get_result(conn)
            .unwrap();
        assert!(Arc::ptr_eq(&inserted, &find(11, conn)));
        assert_eq!(sent.take().len(), 1);

        let upsert = |id, title| {
            diesel::insert_into(posts::table)
                .values(new_post(Some(id), title, None))
                .on_conflict(posts::id)
                .do_update()
                .set(posts::title.eq(excluded(posts::title)))
                .returning(Post::as_returning())
                .mapped()
        };
        let updated = upsert(2, "upserted").one(conn).unwrap();
        assert_eq!((&*updated.title, &*updated.body), ("upserted", "body 2"));
        assert!(Arc::ptr_eq(&updated, &find(2, conn)));
        let inserted = upsert(12, "inserted").one(conn).unwrap();
        assert!(Arc::ptr_eq(&inserted, &find(12, conn)));
        assert_eq!(sent.take().len(), 2);

        let ignored = diesel::insert_into(posts::table)
            .values(new_post(Some(2), "ignored", None))
            .on_conflict_do_nothing()
            .returning(Post::as_returning())
            .mapped()
            .get_result(conn);
        assert_eq!(ignored.unwrap_err(), NotFound);
        assert!(Arc::ptr_eq(&updated, &find(2, conn)));

        let changed = diesel::update(posts::table.filter(posts::id.between(3, 4)))
            .set(posts::score.eq(100))
            .returning(Post::as_returning())
            .mapped()
            .get_results(conn)
            .unwrap();
        assert_eq!(changed.len(), 2);
        for post in &changed {
            assert!(post.score == 100 && Arc::ptr_eq(post, &find(post.id, conn)));
        }
        let deleted = diesel::delete(posts::table.find(5)).returning(Post::as_returning()).mapped().get_result(conn).unwrap();
        assert_eq!(deleted.id, 5);
        assert_eq!(Post::cached().find(5).first(conn).unwrap_err(), NotFound);
        let author = User::cached().find(1).first(conn).unwrap();
        assert!(held.4.iter().any(|user| Arc::ptr_eq(user, &author)));
        assert_fresh!(conn);
        drop(held);
    }

    /// G3: a key that moves, in an update and in an upsert, and what cascades.
    fn keys_that_move(db) {
        let (mut conn, _) = seeded(&db, 2, 6);
        let conn = &mut conn;
        let held = hold!(conn);
        let moved = diesel::update(posts::table.find(1)).set(posts::id.eq(16)).returning(Post::as_returning()).mapped();
        assert_eq!(moved.one(conn).unwrap().id, 16);
        assert_fresh!(conn);
        let moved = diesel::insert_into(posts::table)
            .values(new_post(Some(2), "moved", None))
            .on_conflict(posts::id)
            .do_update()
            .set(posts::id.eq(17))
            .returning(Post::as_returning())
            .mapped();
        assert_eq!(moved.one(conn).unwrap().id, 17);
        assert_fresh!(conn);
        conn.batch_execute("INSERT INTO comments (id, post_id, body) VALUES (1, 3, 'a'), (2, 4, 'b')").unwrap();
        let replies = Reply::cached().load(conn).unwrap();
        diesel::delete(posts::table.find(3)).returning(Post::as_returning()).mapped().one(conn).unwrap();
        assert_fresh!(conn);
        drop((held, replies));
    }

    /// A model with a `base_query`: the row may be none of its rows, so it is not held.
    fn a_row_outside_the_base_query(db) {
        let (mut conn, _) = seeded(&db, 2, 6);
        let conn = &mut conn;
        let held = hold!(conn);
        for (id, published) in [(2, false), (3, true)] {
            let row = diesel::update(posts::table.find(id))
                .set(posts::published.eq(published))
                .returning(Published::as_returning())
                .mapped()
                .get_result(conn)
                .unwrap();
            assert_eq!(row.published, published);
            assert_fresh!(conn);
        }
        drop(held);
    }

    /// Composite keys, text keys, several rows, a map of one's own, and none.
    fn other_models_and_maps(db) {
        let (mut conn, _) = seeded(&db, 1, 2);
        let conn = &mut conn;
        conn.batch_execute("INSERT INTO tags (id, name) VALUES (1, 'a'), (2, 'b')").unwrap();
        let tags = diesel::insert_into(post_tags::table)
            .values((post_tags::post_id.eq(1), post_tags::tag_id.eq(2)))
            .on_conflict((post_tags::post_id, post_tags::tag_id))
            .do_update()
            .set(post_tags::position.eq(9))
            .returning(PostTag::as_returning())
            .mapped();
        let tag = tags.get_result(conn).unwrap();
        assert!(Arc::ptr_eq(&tag, &PostTag::cached().find((1, 2)).first(conn).unwrap()));
        let country = |name| {
            diesel::insert_into(countries::table)
                .values((countries::code.eq("de"), countries::name.eq(name)))
                .on_conflict(countries::code)
                .do_update()
                .set(countries::name.eq(excluded(countries::name)))
                .returning(Country::as_returning())
                .mapped()
        };
        let first = country("a").get_result(conn).unwrap();
        let second = country("b").load(conn).unwrap();
        assert_eq!((&*first.name, &*second[0].name), ("a", "b"));
        let map = IdentityMap::new();
        let third = country("c").in_map(&map).get_result(conn).unwrap();
        assert!(Arc::ptr_eq(&third, &map.get::<Country>(&"de".to_owned()).unwrap()));
        let fourth = country("d").uncached().get_result(conn).unwrap();
        let found = Country::cached().find("de").first(conn).unwrap();
        assert!(found.name == "d" && !Arc::ptr_eq(&found, &fourth));
    }

    /// G3, G4: a trigger that has the last word, a failure, a transaction that is rolled back.
    fn triggers_failures_and_rollbacks(db) {
        let (mut conn, _) = seeded(&db, 2, 6);
        let conn = &mut conn;
        let held = hold!(conn);
        let violated = diesel::update(posts::table).set(posts::user_id.eq(99)).returning(Post::as_returning()).mapped();
        violated.get_results(conn).unwrap_err();
        assert!(Arc::ptr_eq(&held.0[0], &Post::cached().find(1).first(conn).unwrap()));
        let title = |title: &'static str| {
            diesel::update(posts::table.find(1)).set(posts::title.eq(title)).returning(Post::as_returning()).mapped()
        };
        let rolled_back: QueryResult<()> = conn.transaction(|conn| {
            let inner = title("inner").get_result(conn)?;
            assert!(Arc::ptr_eq(&inner, &Post::cached().find(1).first(conn)?));
            Err(diesel::result::Error::RollbackTransaction)
        });
        rolled_back.unwrap_err();
        assert_fresh!(conn);
        let body = if db.url().starts_with("postgres") {
            "CREATE FUNCTION after_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
               IF NEW.score < 1000 THEN UPDATE posts SET score = 1000 WHERE id = NEW.id; END IF; RETURN NEW; END $$;
             CREATE TRIGGER after_it AFTER UPDATE ON posts FOR EACH ROW EXECUTE FUNCTION after_it()"
        } else {
            "CREATE TRIGGER after_it AFTER UPDATE ON posts WHEN NEW.score < 1000 BEGIN
               UPDATE posts SET score = 1000 WHERE id = NEW.id; END"
        };
        conn.batch_execute(body).unwrap();
        let _before = title("triggered").get_result(conn).unwrap();
        assert_eq!(Post::cached().find(1).first(conn).unwrap().score, 1000);
        assert_fresh!(conn);
        let upsert = diesel::insert_into(posts::table)
            .values(new_post(Some(2), "upserted", Some(1)))
            .on_conflict(posts::id)
            .do_update()
            .set(posts::score.eq(excluded(posts::score)));
        let _before = upsert.returning(Post::as_returning()).mapped().get_result(conn).unwrap();
        assert_eq!(Post::cached().find(2).first(conn).unwrap().score, 1000);
        assert_fresh!(conn);
        drop(held);
    }

    /// G5: another connection's objects of the scope are read again as well.
    fn another_connection(db) {
        let (mut one, _) = seeded(&db, 2, 6);
        let (mut other, _) = mapped(db.connect(), db.url());
        let _entered = Scope::new().entered();
        let held = hold!(&mut other);
        let statement = diesel::update(posts::table.find(2)).set(posts::title.eq("new")).returning(Post::as_returning());
        let post = statement.mapped().get_result(&mut one).unwrap();
        assert!(Arc::ptr_eq(&post, &Post::cached().find(2).first(&mut other).unwrap()));
        let inserted = diesel::insert_into(posts::table).values(words("new")).returning(Post::as_returning());
        let _ = inserted.mapped().get_result(&mut one);
        assert_fresh!(&mut other);
        drop(held);
    }
}

#[cfg(feature = "sqlite")]
#[test]
fn a_replaced_row() {
    use crate::db::sqlite::Db;
    let db = Db::new();
    let (mut conn, _) = seeded(&db, 2, 6);
    let conn = &mut conn;
    conn.batch_execute("INSERT INTO comments (id, post_id, body) VALUES (1, 1, 'a'), (2, 6, 'b')")
        .unwrap();
    let held = hold!(conn);
    let replaced = diesel::replace_into(posts::table)
        .values(new_post(Some(1), "replaced", None))
        .returning(Post::as_returning())
        .mapped()
        .get_result(conn)
        .unwrap();
    assert!(Arc::ptr_eq(
        &replaced,
        &Post::cached().find(1).first(conn).unwrap()
    ));
    assert_fresh!(conn);
    drop(held);
}

/// The same on connections that are awaited, alone and shared by several futures.
#[cfg(all(feature = "__async-tests", feature = "postgres"))]
mod awaited {
    use super::*;
    use crate::db::asynchronous::{mapped, postgres::Db, run};

    #[test]
    fn an_upsert() {
        run(async {
            let db = Db::new();
            db.fill(2, 3);
            let (mut conn, sent) = mapped(db.connect().await, db.url());
            let conn = &mut conn;
            let held = Post::cached().load(conn).await.unwrap();
            for id in [2, 12] {
                let upsert = diesel::insert_into(posts::table)
                    .values(new_post(Some(id), "upserted", None))
                    .on_conflict(posts::id)
                    .do_update()
                    .set(posts::title.eq(excluded(posts::title)))
                    .returning(Post::as_returning())
                    .mapped();
                sent.take();
                let post = upsert.get_result(conn).await.unwrap();
                let found = Post::cached().find(id).first(conn).await.unwrap();
                assert!(Arc::ptr_eq(&post, &found) && post.title == "upserted");
                assert_eq!(sent.take().len(), 1);
            }
            let one = Post::cached().find(1).first(conn).await.unwrap();
            assert!(held.iter().any(|post| Arc::ptr_eq(post, &one)));
            let delete = diesel::delete(posts::table.find(1)).returning(Post::as_returning());
            assert_eq!(delete.mapped().one(&mut &*conn).await.unwrap().id, 1);
            let gone = Post::cached().find(1).first(conn).await;
            assert_eq!(gone.unwrap_err(), NotFound);
        });
    }
}
