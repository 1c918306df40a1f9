//! `filter(posts::id.eq(7))` is answered like `find(7)`: from the map if the row is held. With anything else beside it
//! the database decides.

use diesel::prelude::*;
use diesel::result::Error::NotFound;
use diesel_identity_map::prelude::*;

use crate::db::each_connection;
use crate::models::*;
use crate::schema::*;

each_connection! {
    shared

    /// G1: by each method, cold, held and absent.
    fn the_only_condition(db) {
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        db.fill(2, 9);
        let asked = |id: i32| Post::cached().filter(posts::id.eq(id));
        sent.take();
        let post = wait!(asked(3).first(take!(conn))).unwrap();
        assert_eq!((post.id, sent.take().len()), (3, 1));
        let found = wait!(Post::cached().find(3).first(take!(conn))).unwrap();
        let first = wait!(asked(3).first(take!(conn))).unwrap();
        let one = wait!(asked(3).one(take!(conn))).unwrap();
        let result = wait!(asked(3).get_result(take!(conn))).unwrap();
        let all = wait!(asked(3).load(take!(conn))).unwrap();
        assert_eq!((all.len(), sent.take().len()), (1, 0));
        for same in [&found, &first, &one, &result, &all[0]] {
            assert!(Arc::ptr_eq(same, &post));
        }
        let held = wait!(Post::cached().find(5).first(take!(conn))).unwrap();
        let by_filter = wait!(asked(5).load(take!(conn))).unwrap();
        assert!(Arc::ptr_eq(&by_filter[0], &held));
        sent.take();
        for absent in [99, -3, 0, i32::MIN] {
            assert_eq!(wait!(asked(absent).first(take!(conn))).unwrap_err(), NotFound);
            assert_eq!(wait!(asked(absent).load(take!(conn))).unwrap(), []);
        }
        assert_eq!(sent.take().len(), 8);
        // Keys of eight bytes.
        wait!(conn.batch_execute("INSERT INTO comments (id, post_id, body) VALUES (4000000000, 3, 'far')")).unwrap();
        let comment = wait!(Comment::cached().filter(comments::id.eq(4_000_000_000_i64)).first(take!(conn))).unwrap();
        sent.take();
        let same = wait!(Comment::cached().filter(comments::id.eq(4_000_000_000_i64)).first(take!(conn))).unwrap();
        assert!(Arc::ptr_eq(&comment, &same));
        assert_eq!(sent.take().len(), 0);
    }

    /// G2: whatever is not that one condition is sent, and gives plain Diesel's rows.
    fn anything_else(db) {
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        db.fill(4, 9);
        let held = wait!(Post::cached().order(posts::id).load(take!(conn))).unwrap();
        macro_rules! same {
            ($($chain:tt)+) => {
                let plain: Vec<Post> = wait!(posts::table.$($chain)+.load(take!(conn))).unwrap();
                sent.take();
                let found = wait!(Post::cached().$($chain)+.load(take!(conn))).unwrap();
                assert_eq!(sent.take().len(), 1, stringify!($($chain)+));
                assert!(found.iter().map(|post| &**post).eq(&plain), stringify!($($chain)+));
                assert!(found.iter().all(|post| held.iter().any(|held| Arc::ptr_eq(held, post))));
            };
        }
        same!(filter(posts::user_id.eq(3)).order(posts::id));
        same!(filter(posts::score.eq(3)).order(posts::id));
        same!(filter(posts::id.eq(posts::score)).order(posts::id));
        same!(filter(posts::user_id.eq(3)));
        same!(filter(posts::id.ne(3)).order(posts::id));
        same!(filter(posts::id.gt(3)).order(posts::id));
        same!(filter(diesel::dsl::not(posts::id.eq(3))).order(posts::id));
        same!(filter(posts::id.eq(3).and(posts::score.lt(0))));
        same!(filter(posts::id.eq(3)).filter(posts::score.lt(0)));
        same!(filter(posts::score.lt(0)).filter(posts::id.eq(3)));
        same!(filter(posts::id.eq(3)).or_filter(posts::id.eq(4)).order(posts::id));
        same!(filter(posts::id.eq(3)).order(posts::title));
        same!(filter(posts::id.eq(3)).limit(0));
        same!(filter(posts::id.eq(3)).limit(1).offset(1));
        same!(filter(posts::id.eq_any([3, 4])).order(posts::id));
        let none = wait!(Post::cached().filter(posts::id.eq(3)).filter(posts::score.lt(-9)).first(take!(conn)));
        assert_eq!(none.unwrap_err(), NotFound);

        // A key that is no whole number, and one of two columns.
        wait!(conn.batch_execute("INSERT INTO countries (code, name) VALUES ('de', 'Germany')")).unwrap();
        let by_code = || Country::cached().filter(countries::code.eq("de"));
        let country = wait!(by_code().first(take!(conn))).unwrap();
        assert!(Arc::ptr_eq(&country, &wait!(by_code().first(take!(conn))).unwrap()));
        wait!(conn.batch_execute("INSERT INTO tags (id, name) VALUES (1, 'a'); INSERT INTO post_tags VALUES (3, 1, 2), (4, 1, 7)")).unwrap();
        let tagged = wait!(PostTag::cached().filter(post_tags::post_id.eq(4)).load(take!(conn))).unwrap();
        assert_eq!(tagged.iter().map(|tag| tag.position).collect::<Vec<_>>(), [7]);
    }

    /// G3: what was written is read again; `fresh` and `uncached` read in any case.
    fn after_writes(db) {
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        db.fill(2, 5);
        let asked = || Post::cached().filter(posts::id.eq(3));
        let held = wait!(asked().first(take!(conn))).unwrap();
        wait!(diesel::update(posts::table.find(3)).set(posts::title.eq("new")).execute(take!(conn))).unwrap();
        let new = wait!(asked().first(take!(conn))).unwrap();
        assert_eq!((&*held.title, &*new.title), ("post 3", "new"));
        let mut other = wait!(db.connect());
        wait!(other.batch_execute("UPDATE posts SET title = 'by another' WHERE id = 3")).unwrap();
        sent.take();
        assert!(Arc::ptr_eq(&wait!(asked().first(take!(conn))).unwrap(), &new));
        assert_eq!(sent.take().len(), 0);
        let own = wait!(asked().uncached().first(take!(conn))).unwrap();
        let read = wait!(asked().fresh().first(take!(conn))).unwrap();
        assert_eq!((&*own.title, &*read.title), ("by another", "by another"));
        assert_eq!(sent.take().len(), 2);
        assert!(Arc::ptr_eq(&wait!(asked().load(take!(conn))).unwrap()[0], &read));
        wait!(conn.batch_execute("DELETE FROM posts WHERE id = 3")).unwrap();
        assert_eq!(wait!(asked().first(take!(conn))).unwrap_err(), NotFound);
    }
}
