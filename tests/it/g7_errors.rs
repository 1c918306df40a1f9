//! G7: an error leaves the map as it was.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel::deserialize::Queryable;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_identity_map::{
    IdentityMapConnection, IdentityMapError, IdentityMapped, Retain, Scope, Strategy,
};

use crate::db::each_database;
use crate::installed::nothing_installed;
use crate::mapped;
use crate::models::*;
use crate::schema::*;

/// A title that does not decode, or panics, as its text says.
#[derive(Debug)]
struct Title;

impl<DB> Queryable<Text, DB> for Title
where
    DB: diesel::backend::Backend,
    String: diesel::deserialize::FromSql<Text, DB>,
{
    type Row = String;

    fn build(text: String) -> diesel::deserialize::Result<Self> {
        match text.as_str() {
            "bad" => Err("a bad title".into()),
            "worse" => panic!("a worse title"),
            _ => Ok(Self),
        }
    }
}

#[derive(Queryable, IdentityMapped, Debug)]
#[diesel(table_name = posts)]
struct Picky {
    id: i32,
    #[allow(dead_code)] // it is there to fail
    title: Title,
}

const STRATEGIES: [Strategy; 3] = [Strategy::Auto, Strategy::KeysFirst, Strategy::Rows];

each_database! {
    fn a_row_that_does_not_decode(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 6);
        let held = Picky::cached().find(2).first(conn).unwrap();
        set_title(&mut db.connect(), 5, "bad");
        for strategy in STRATEGIES {
            for fresh in [false, true] {
                let query = Picky::cached().strategy(strategy).order(posts::id);
                let query = if fresh { query.fresh() } else { query };
                let error = query.load(conn).unwrap_err();
                assert!(error.to_string().contains("a bad title"), "{error}");
                let map = conn.identity_map().unwrap();
                assert_eq!(map.len::<Picky>(), 1, "{strategy:?}, fresh: {fresh}");
                assert!(Arc::ptr_eq(&held, &map.get::<Picky>(&2).unwrap()));
            }
        }
        assert!(Picky::cached().find_many([1, 5]).load(conn).is_err());
        set_title(conn, 5, "good");
        assert_eq!(Picky::cached().load(conn).unwrap().len(), 6);
    }

    fn a_panic_while_decoding(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 6);
        let held = Picky::cached().find(2).first(conn).unwrap();
        set_title(&mut db.connect(), 5, "worse");
        for strategy in STRATEGIES {
            let query = Picky::cached().strategy(strategy).order(posts::id);
            let panicked = catch_unwind(AssertUnwindSafe(|| query.load(conn).map(drop)));
            assert!(panicked.is_err());
            let map = conn.identity_map().unwrap();
            assert_eq!(map.len::<Picky>(), 1, "{strategy:?}");
            assert!(Arc::ptr_eq(&held, &map.get::<Picky>(&2).unwrap()));
        }
        set_title(conn, 5, "good");
        assert_eq!(Picky::cached().load(conn).unwrap().len(), 6);
    }

    fn a_scope_that_retains_keeps_nothing_of_a_failed_query(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 6);
        set_title(&mut conn, 5, "bad");
        let _entered = Scope::builder().retain(Retain::UntilScopeEnds).build().entered();
        for strategy in STRATEGIES {
            let query = Picky::cached().strategy(strategy).order(posts::id);
            assert!(query.load(&mut conn).is_err());
            assert_eq!(conn.identity_map().unwrap().len::<Picky>(), 0, "{strategy:?}");
        }
    }

    fn a_failing_statement(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 3);
        let held = Post::cached().find(2).first(conn).unwrap();
        let broken = || diesel::dsl::sql::<diesel::sql_types::Bool>("no_such_column = 1");
        for strategy in STRATEGIES {
            let query = Post::cached().strategy(strategy).filter(broken()).order(posts::id);
            assert!(query.load(conn).is_err());
        }
        assert!(Post::cached().filter(broken()).load_iter(conn).map(drop).is_err());
        let again = Post::cached().find(2).first(conn).unwrap();
        assert!(Arc::ptr_eq(&held, &again));
        assert_eq!(Post::cached().load(conn).unwrap().len(), 3);
    }

    fn a_stream_that_is_dropped_half_way(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 50);
        let first: Vec<Arc<Post>> =
            Post::cached().load_iter(&mut conn).unwrap().take(3).collect::<QueryResult<_>>().unwrap();
        assert_eq!(first.len(), 3);
        let all = Post::cached().load(&mut conn).unwrap();
        assert_eq!(all.len(), 50);
        assert!(first.iter().all(|post| all.iter().any(|other| Arc::ptr_eq(post, other))));
    }

    fn a_connection_without_the_map(db) {
        let _nothing = nothing_installed();
        let mut conn = db.connect();
        seed(&mut conn, 1, 1);
        let errors = [
            Post::cached().load(&mut conn).unwrap_err(),
            Post::cached().find(1).first(&mut conn).unwrap_err(),
            Post::cached().find_many([1]).load(&mut conn).unwrap_err(),
            Post::cached().load_iter(&mut conn).map(drop).unwrap_err(),
            conn.identity_map().unwrap_err(),
        ];
        for error in errors {
            assert_eq!(IdentityMapError::of(&error), Some(&IdentityMapError::NotEnabled));
            let text = error.to_string();
            for remedy in ["install()", "enable_identity_map()", "MapCustomizer"] {
                assert!(text.contains(remedy), "{text}");
            }
        }
        assert_eq!(Post::cached().uncached().load(&mut conn).unwrap().len(), 1);
    }

    fn one_says_how_many(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 3);
        let error = Post::cached().one(&mut conn).unwrap_err();
        let expected = IdentityMapError::MultipleRows { model: "Post", found: 3 };
        assert_eq!(IdentityMapError::of(&error), Some(&expected));
        assert!(error.to_string().contains("3 rows"), "{error}");
        let none = Post::cached().filter(posts::id.gt(3)).one(&mut conn);
        assert_eq!(none.unwrap_err(), diesel::result::Error::NotFound);
    }
}

fn set_title<C: SimpleConnection>(conn: &mut C, id: i32, title: &str) {
    conn.batch_execute(&format!(
        "UPDATE posts SET title = '{title}' WHERE id = {id}"
    ))
    .unwrap();
}
