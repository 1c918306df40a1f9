use crate::db::{Recorder, each_database};
use crate::schema::{comments, posts, users};
use diesel::prelude::*;

each_database! {
    /// A row goes in and comes out, and the recorder sees both statements.
    fn inserts_and_reads_a_user(db) {
        let recorder = Recorder::default();
        let conn: &mut Conn = &mut db.connect();
        conn.set_instrumentation(recorder.clone());

        diesel::insert_into(users::table)
            .values((users::id.eq(7), users::name.eq("Ada")))
            .execute(conn)
            .unwrap();
        let all: Vec<(i32, String, Option<String>)> = users::table.load(conn).unwrap();

        assert_eq!(all, [(7, "Ada".to_owned(), None)]);
        assert_eq!(recorder.count(), 2);
        assert!(recorder.take()[0].starts_with("INSERT INTO"));
        assert_eq!(recorder.count(), 0);
    }

    /// The foreign keys act on every database, also along a thread of comments.
    fn a_deleted_user_takes_its_posts_and_their_comments(db) {
        let conn: &mut Conn = &mut db.connect();
        diesel::insert_into(users::table).values(users::name.eq("Ada")).execute(conn).unwrap();
        diesel::insert_into(posts::table)
            .values((posts::user_id.eq(1), posts::title.eq("a"), posts::body.eq("b")))
            .execute(conn)
            .unwrap();
        for parent in [None, Some(1), Some(2)] {
            diesel::insert_into(comments::table)
                .values((
                    comments::post_id.eq(1),
                    comments::parent_id.eq(parent),
                    comments::body.eq("c"),
                ))
                .execute(conn)
                .unwrap();
        }

        diesel::delete(users::table).execute(conn).unwrap();

        assert_eq!(comments::table.count().get_result(conn), Ok(0_i64));
    }

    /// Databases are apart; connections of one are not.
    fn a_database_is_its_own(db) {
        let other = Db::new();
        assert_ne!(db.url(), other.url());
        diesel::insert_into(users::table)
            .values(users::name.eq("Ada"))
            .execute(&mut db.connect())
            .unwrap();

        assert_eq!(users::table.count().get_result(&mut db.connect()), Ok(1_i64));
        assert_eq!(users::table.count().get_result(&mut other.connect()), Ok(0_i64));
    }
}
