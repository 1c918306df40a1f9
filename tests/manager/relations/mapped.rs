//! `mapped`: any Diesel query that selects models, its rows as Diesel gives them.

use std::sync::Arc;

use diesel::prelude::*;
use diesel::result::Error::NotFound;
use diesel_identity_map::prelude::*;

use super::{Article, Author, Counted, add_reviews, tagged};
use crate::db::each_database;
use crate::installed::nothing_installed;
use crate::mapped;
use crate::models::*;
use crate::schema::*;

each_database! {
    fn a_join(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 3, 9);
        let held = User::cached().find(2).first(conn).unwrap();
        let query = || {
            posts::table
                .inner_join(users::table)
                .filter(posts::score.gt(0))
                .order((users::id.desc(), posts::id))
                .select((Post::as_select(), User::as_select()))
        };
        let plain: Vec<(Post, User)> = query().load(conn).unwrap();
        sent.take();
        let rows: Vec<(Arc<Post>, Arc<User>)> = query().mapped().load(conn).unwrap();
        assert_eq!(sent.take().len(), 1);
        assert!(rows.iter().map(|(post, user)| (&**post, &**user)).eq(plain.iter().map(|(post, user)| (post, user))));
        assert!(rows.iter().filter(|(_, user)| user.id == 2).all(|(_, user)| Arc::ptr_eq(user, &held)));
        assert!(Arc::ptr_eq(&rows[0].1, &rows[1].1));
        // They are in the map.
        for (post, user) in &rows {
            assert!(Arc::ptr_eq(post, &Post::cached().find(post.id).first(conn).unwrap()));
            assert!(Arc::ptr_eq(user, &post.load_parent::<User>(conn).unwrap().unwrap()));
        }
        assert_eq!(sent.count(), 0);
    }

    /// One row of several, of one, and of none.
    fn one_row(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 3, 9);
        let held = Post::cached().find(4).first(conn).unwrap();
        sent.take();
        let query = || posts::table.inner_join(users::table).order(posts::id).select((Post::as_select(), User::as_select()));
        let (post, user) = query().filter(posts::id.eq(4)).mapped().one(conn).unwrap();
        assert!(Arc::ptr_eq(&post, &held) && user.id == post.user_id);
        let (first, _) = query().mapped().get_result(conn).unwrap();
        assert_eq!(first.id, query().mapped().first(conn).unwrap().0.id);
        assert_eq!(sent.take().len(), 3);
        let error = query().mapped().one(conn).unwrap_err();
        assert_eq!(error.to_string(), "expected exactly one `row`, but the query returned 9 rows");
        let none = || query().filter(posts::id.eq(99)).mapped();
        assert_eq!(none().one(conn).unwrap_err(), NotFound);
        assert_eq!(none().get_result(conn).unwrap_err(), NotFound);
    }

    fn one_model_options_and_nested_tuples(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 3, 4);
        seed_comments(conn, 2, 4);
        sent.take();
        let posts: Vec<Arc<Post>> =
            posts::table.select(Post::as_select()).order(posts::id).mapped().get_results(conn).unwrap();
        assert_eq!(posts.iter().map(|post| post.id).collect::<Vec<_>>(), [1, 2, 3, 4]);

        let left: Vec<(Arc<Post>, Option<Arc<Comment>>)> = posts::table
            .left_join(comments::table)
            .order((posts::id, comments::id))
            .select((Post::as_select(), Option::<Comment>::as_select()))
            .mapped()
            .load(conn)
            .unwrap();
        let ids: Vec<(i32, Option<i64>)> =
            left.iter().map(|(post, comment)| (post.id, comment.as_ref().map(|comment| comment.id))).collect();
        assert_eq!(ids, [(1, Some(2)), (1, Some(4)), (2, Some(1)), (2, Some(3)), (3, None), (4, None)]);
        assert!(Arc::ptr_eq(&left[0].0, &posts[0]) && Arc::ptr_eq(&left[1].0, &posts[0]));

        let nested: Vec<(Arc<Comment>, (Arc<Post>, Arc<User>))> = comments::table
            .inner_join(posts::table.inner_join(users::table))
            .order(comments::id)
            .select((Comment::as_select(), (Post::as_select(), User::as_select())))
            .mapped()
            .load(conn)
            .unwrap();
        assert!(nested.iter().all(|(comment, (post, user))| {
            comment.post_id == post.id && post.user_id == user.id && Arc::ptr_eq(post, &posts[post.id as usize - 1])
        }));

        let optional: Vec<(Arc<Comment>, Option<(Arc<Post>, Arc<User>)>)> = comments::table
            .left_join(posts::table.inner_join(users::table))
            .order(comments::id)
            .select((Comment::as_select(), Option::<(Post, User)>::as_select()))
            .mapped()
            .load(conn)
            .unwrap();
        assert!(optional.iter().zip(&nested).all(|((a, some), (b, (post, user)))| {
            let (of, by) = some.as_ref().unwrap();
            Arc::ptr_eq(a, b) && Arc::ptr_eq(of, post) && Arc::ptr_eq(by, user)
        }));
        assert_eq!(sent.take().len(), 4);
    }

    /// The same table twice, and the same model twice in a row: each row one object.
    fn one_model_in_two_places(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 3, 1);
        add_reviews(conn, "(1, 1, 1, 2), (2, 1, 2, 1), (3, 1, 1, 1), (4, 1, 3, NULL)");
        let editors = diesel::alias!(users as editors);
        sent.take();
        let rows: Vec<(Arc<Review>, Arc<User>)> = reviews::table
            .inner_join(users::table)
            .left_join(editors.on(reviews::editor_id.eq(editors.field(users::id).nullable())))
            .order(reviews::id)
            .select((Review::as_select(), User::as_select()))
            .mapped()
            .load(conn)
            .unwrap();
        assert_eq!(rows.len(), 4);
        assert!(Arc::ptr_eq(&rows[0].1, &rows[2].1));
        let twice: Vec<(Arc<User>, Arc<User>)> = users::table
            .select((User::as_select(), User::as_select()))
            .mapped()
            .load(conn)
            .unwrap();
        assert!(twice.iter().all(|(one, other)| Arc::ptr_eq(one, other)));
        assert_eq!(sent.take().len(), 2);
    }

    fn first_and_what_is_not_there(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 2, 4);
        let query = || posts::table.inner_join(users::table).select((Post::as_select(), User::as_select()));
        sent.take();
        let (post, user): (Arc<Post>, Arc<User>) =
            query().order(posts::id.desc()).mapped().first(conn).unwrap();
        assert_eq!((post.id, user.id), (4, 1));
        let statement = &sent.take()[0];
        assert!(statement.to_lowercase().contains("limit"), "{statement}");
        assert!(matches!(query().filter(posts::id.eq(99)).mapped().first(conn), Err(NotFound)));
        assert_eq!(query().filter(posts::id.eq(99)).mapped().load(conn).unwrap(), []);
    }

    fn boxed_and_grouped_and_distinct(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 2, 4);
        seed_comments(conn, 4, 12);
        type Backend = <Conn as diesel::Connection>::Backend;
        let boxed = posts::table.select(Post::as_select()).order(posts::id).into_boxed::<Backend>();
        let all = boxed.filter(posts::id.gt(1)).mapped().load(conn).unwrap();
        assert_eq!(all.len(), 3);
        let distinct = posts::table
            .inner_join(comments::table)
            .select(Post::as_select())
            .distinct()
            .filter(posts::id.gt(1))
            .order(posts::id)
            .mapped()
            .load(conn)
            .unwrap();
        assert!(distinct.len() == 3 && distinct.iter().zip(&all).all(|(one, other)| Arc::ptr_eq(one, other)));
    }

    fn its_options(db) {
        let _nothing = nothing_installed();
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 2, 4);
        let query = || {
            posts::table
                .inner_join(users::table)
                .order(posts::id)
                .select((Post::as_select(), User::as_select()))
                .mapped()
        };
        let held = query().load(conn).unwrap();
        diesel::update(users::table).set(users::name.eq("new")).execute(&mut db.connect()).unwrap();
        sent.take();
        assert!(query().load(conn).unwrap().iter().zip(&held).all(|(new, old)| Arc::ptr_eq(&new.1, &old.1)));
        let own = query().uncached().load(conn).unwrap();
        assert!(own.iter().all(|(_, user)| user.name == "new"));
        assert!(!Arc::ptr_eq(&own[0].1, &own[2].1), "no map, no sharing");
        let map = IdentityMap::new();
        let elsewhere = query().in_map(&map).load(conn).unwrap();
        assert_eq!((map.len::<Post>(), map.len::<User>()), (4, 2));
        assert!(!Arc::ptr_eq(&elsewhere[0].0, &held[0].0));
        assert_eq!(User::cached().find(1).first(conn).unwrap().name, "user 1");
        let fresh = query().fresh().load(conn).unwrap();
        assert!(fresh.iter().all(|(_, user)| user.name == "new"));
        assert!(Arc::ptr_eq(&fresh[0].1, &fresh[2].1), "a row that repeats is one object");
        assert!(!Arc::ptr_eq(&fresh[0].0, &held[0].0));
        assert!(Arc::ptr_eq(&fresh[0].1, &User::cached().find(2).first(conn).unwrap()));
        assert_eq!(sent.take().len(), 4);
        assert!(held.iter().all(|(_, user)| user.name.starts_with("user")));
        // A connection without a map.
        assert_eq!(query().uncached().load(&mut db.connect()).unwrap().len(), 4);
        assert!(query().load(&mut db.connect()).is_err());
    }

    fn many_to_many(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 3);
        tagged(conn);
        let rows: Vec<(Arc<Post>, Arc<PostTag>, Arc<Tag>)> = posts::table
            .inner_join(post_tags::table.inner_join(tags::table))
            .order((posts::id, post_tags::position))
            .select((Post::as_select(), PostTag::as_select(), Tag::as_select()))
            .mapped()
            .load(conn)
            .unwrap();
        let ids: Vec<(i32, i32)> = rows.iter().map(|(post, _, tag)| (post.id, tag.id)).collect();
        assert_eq!(ids, [(1, 2), (1, 1), (2, 2), (2, 3)]);
        assert!(Arc::ptr_eq(&rows[0].2, &rows[2].2) && Arc::ptr_eq(&rows[0].0, &rows[1].0));
    }

    /// What a join repeats is decoded and dropped: as many objects live as there are rows.
    fn what_a_join_repeats_is_one_object(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 3, 30);
        Counted::made();
        let rows: Vec<(Arc<Article>, Arc<Author>)> = posts::table
            .inner_join(users::table)
            .select((Article::as_select(), Author::as_select()))
            .mapped()
            .load(conn)
            .unwrap();
        assert_eq!(rows.len(), 30);
        assert_eq!(Counted::alive(), 33);
        drop(rows);
        assert_eq!(Counted::alive(), 0);
    }
}
