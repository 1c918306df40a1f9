//! G7 for relations: what fails in the middle leaves the map as it was. And hooks: once per object.

use std::cell::RefCell;
use std::sync::Arc;

use diesel::backend::Backend;
use diesel::deserialize::{FromSql, Queryable};
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_identity_map::prelude::*;

use super::add_reviews;
use crate::db::each_database;
use crate::mapped;
use crate::schema::*;

/// A name that does not decode if it is "bad".
#[derive(Debug)]
struct Name;

impl<DB> Queryable<Text, DB> for Name
where
    DB: Backend,
    String: FromSql<Text, DB>,
{
    type Row = String;

    fn build(text: String) -> diesel::deserialize::Result<Self> {
        if text == "bad" {
            return Err("a bad name".into());
        }
        Ok(Self)
    }
}

#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = users)]
struct Picky {
    id: i32,
    #[allow(dead_code)] // it is there to fail
    name: Name,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = posts)]
#[identity_map(belongs_to(Picky, foreign_key = user_id))]
struct Essay {
    id: i32,
    user_id: i32,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = reviews)]
#[identity_map(belongs_to(Essay, foreign_key = post_id))]
#[identity_map(belongs_to(Picky, foreign_key = author_id))]
struct Verdict {
    id: i32,
    post_id: i32,
    author_id: i32,
}

thread_local! {
    static LOADED: RefCell<Vec<i32>> = const { RefCell::new(Vec::new()) };
}

/// A user whose `post_load` is noted, and fails for a name.
#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = users)]
#[identity_map(hooks)]
struct Greeted {
    id: i32,
    name: String,
}

impl<Conn> Hooks<Conn> for Greeted {
    fn post_load(object: &Arc<Self>, _: &mut Conn) -> QueryResult<()> {
        LOADED.with_borrow_mut(|loaded| loaded.push(object.id));
        if object.name == "unwelcome" {
            return Err(diesel::result::Error::RollbackTransaction);
        }
        Ok(())
    }
}

fn loaded() -> Vec<i32> {
    let mut loaded = LOADED.take();
    loaded.sort_unstable();
    loaded
}

#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = posts)]
#[identity_map(belongs_to(Greeted, foreign_key = user_id))]
struct Letter {
    id: i32,
    user_id: i32,
}

macro_rules! name_user {
    ($conn:expr, $id:expr, $name:expr) => {
        diesel::update(users::table.find($id))
            .set(users::name.eq($name))
            .execute($conn)
            .unwrap()
    };
}

each_database! {
    fn a_parent_that_does_not_decode(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        crate::models::seed(conn, 3, 6);
        let essays = Essay::cached().order(posts::id).load(conn).unwrap();
        let held = Picky::cached().find(1).first(conn).unwrap();
        name_user!(&mut db.connect(), 3, "bad");
        let map = conn.identity_map().unwrap();
        for _ in 0..2 {
            let error = essays.load_parents::<Picky>(conn).unwrap_err();
            assert!(error.to_string().contains("a bad name"), "{error}");
            for essay in &essays {
                let user = essay.load_parent::<Picky>(conn);
                assert!(user.is_err() || user.unwrap().is_some_and(|user| user.id == essay.user_id));
            }
            assert!(Essay::cached().with::<Picky>().load(conn).is_err());
            assert!(Essay::cached().fresh().with::<Picky>().load(conn).is_err());
            let joined = posts::table.inner_join(users::table).order(posts::id);
            let joined = || joined.select((Essay::as_select(), Picky::as_select())).mapped();
            assert!(joined().load(conn).is_err());
            assert!(joined().fresh().load(conn).is_err());
            assert_eq!(map.len::<Picky>(), 1);
            assert!(Arc::ptr_eq(&held, &map.get::<Picky>(&1).unwrap()));
        }
        name_user!(&mut db.connect(), 3, "good");
        for essay in &essays {
            assert_eq!(essay.load_parent::<Picky>(conn).unwrap().unwrap().id, essay.user_id);
        }
        assert_eq!(essays.load_parents::<Picky>(conn).unwrap().iter().flatten().count(), 6);
        assert_eq!(Essay::cached().with::<Picky>().load(conn).unwrap().len(), 6);
    }

    fn an_inner_level_that_does_not_decode(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        crate::models::seed(conn, 3, 3);
        add_reviews(conn, "(1, 1, 1, NULL), (2, 2, 2, NULL), (3, 3, 3, NULL)");
        name_user!(&mut db.connect(), 2, "bad");
        let map = conn.identity_map().unwrap();
        assert!(Verdict::cached().with::<(Essay, Picky)>().load(conn).is_err());
        assert!(Picky::cached().filter(users::id.ne(2)).with::<(Children<Verdict>, (Essay, Picky))>().load(conn).is_err());
        assert_eq!((map.len::<Verdict>(), map.len::<Essay>(), map.len::<Picky>()), (0, 0, 0));
        let users = Picky::cached().filter(users::id.ne(2)).load(conn).unwrap();
        let essays = users.load_through::<Verdict, Essay>(conn).unwrap();
        assert_eq!(essays.iter().flatten().count(), 2);
        name_user!(&mut db.connect(), 2, "good");
        assert_eq!(Verdict::cached().with::<(Essay, Picky)>().load(conn).unwrap().len(), 3);
    }

    fn a_statement_of_the_children_that_fails(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        crate::models::seed(conn, 2, 4);
        let users = Picky::cached().order(users::id).load(conn).unwrap();
        let broken = || {
            Essay::cached().filter(diesel::dsl::sql::<diesel::sql_types::Bool>("no_such_column = 1"))
        };
        assert!(users.load_children_from(broken(), conn).is_err());
        assert!(users[0].load_children_from(broken(), conn).is_err());
        assert!(Picky::cached().with_children_from(broken()).load(conn).is_err());
        let map = conn.identity_map().unwrap();
        assert_eq!((map.len::<Essay>(), map.len::<Picky>()), (0, 2));
        assert_eq!(users.load_children::<Essay>(conn).unwrap().iter().flatten().count(), 4);
    }

    /// In a transaction that goes on behind a savepoint.
    fn a_lazy_load_that_fails_in_a_savepoint(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        crate::models::seed(conn, 3, 6);
        let essays = Essay::cached().order(posts::id).load(conn).unwrap();
        conn.transaction(|conn| {
            name_user!(conn, 3, "bad");
            let failed = conn.transaction(|conn| essays[1].load_parent::<Picky>(conn).map(|user| user.map(|user| user.id)));
            assert!(failed.is_err());
            name_user!(conn, 3, "good");
            for essay in &essays {
                assert_eq!(essay.load_parent::<Picky>(conn)?.unwrap().id, essay.user_id);
            }
            QueryResult::Ok(())
        })
        .unwrap();
    }

    fn post_load_runs_once_per_object(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        crate::models::seed(conn, 3, 9);
        loaded();
        let letters = Letter::cached().order(posts::id).load(conn).unwrap();
        let users = letters.load_parents::<Greeted>(conn).unwrap();
        assert_eq!(loaded(), [1, 2, 3]);
        letters.load_parents::<Greeted>(conn).unwrap();
        letters[0].load_parent::<Greeted>(conn).unwrap();
        assert_eq!(loaded(), [0; 0]);
        drop(users);
        for letter in &letters {
            letter.load_parent::<Greeted>(conn).unwrap();
        }
        assert_eq!(loaded(), [1, 2, 3], "lazily");
        let rows = Letter::cached().with::<Greeted>().load(conn).unwrap();
        assert_eq!(loaded(), [1, 2, 3], "with");
        let joined = || {
            posts::table.inner_join(users::table).select((Letter::as_select(), Greeted::as_select())).mapped()
        };
        joined().load(conn).unwrap();
        assert_eq!(loaded(), [0; 0], "all held");
        drop(rows);
        joined().load(conn).unwrap();
        assert_eq!(loaded(), [1, 2, 3], "mapped");
        joined().fresh().load(conn).unwrap();
        assert_eq!(loaded(), [1, 2, 3], "mapped, fresh");
        let own = joined().uncached().load(conn).unwrap();
        assert_eq!(loaded().len(), own.len(), "nothing shared, so each row is an object");
    }

    fn a_post_load_that_fails(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        crate::models::seed(conn, 3, 6);
        let letters = Letter::cached().order(posts::id).load(conn).unwrap();
        name_user!(&mut db.connect(), 3, "unwelcome");
        let map = conn.identity_map().unwrap();
        assert!(letters.load_parents::<Greeted>(conn).is_err());
        assert!(letters[1].load_parent::<Greeted>(conn).is_err());
        assert!(Letter::cached().with::<Greeted>().load(conn).is_err());
        let joined = posts::table.inner_join(users::table).select((Letter::as_select(), Greeted::as_select()));
        assert!(joined.mapped().load(conn).is_err());
        assert_eq!(map.len::<Greeted>(), 0);
        name_user!(&mut db.connect(), 3, "welcome");
        loaded();
        for letter in &letters {
            assert_eq!(letter.load_parent::<Greeted>(conn).unwrap().unwrap().id, letter.user_id);
        }
        assert_eq!(loaded(), [1, 2, 3]);
    }
}
