//! `load_parents`: aligned, one statement at most, one row one object.

use std::sync::Arc;

use diesel::prelude::*;
use diesel_identity_map::IdentityMapError;
use diesel_identity_map::prelude::*;

use super::{Article, Author, Counted, add_comments, add_reviews, bound, ids, insert};
use crate::db::each_database;
use crate::installed::nothing_installed;
use crate::mapped;
use crate::models::*;
use crate::schema::*;

const STRATEGIES: [Strategy; 3] = [Strategy::Auto, Strategy::KeysFirst, Strategy::Rows];

each_database! {
    fn aligned_and_each_key_asked_for_once(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 3, 7);
        let posts = Post::cached().order(posts::id.desc()).load(conn).unwrap();
        sent.take();
        let users: Vec<Option<Arc<User>>> = posts.load_parents::<User>(conn).unwrap();
        let statements = sent.take();
        assert_eq!(statements.len(), 1, "{statements:#?}");
        assert_eq!(bound(&statements[0]), [1, 2, 3]);
        assert_eq!(users.len(), posts.len());
        for (post, user) in posts.iter().zip(&users) {
            assert_eq!(post.user_id, user.as_ref().unwrap().id);
        }
        // Posts 1, 4 and 7 are by one user: one row, one object, and the one that is found again.
        let of = |id: i32| users[posts.iter().position(|post| post.id == id).unwrap()].as_ref().unwrap();
        assert!(Arc::ptr_eq(of(1), of(4)) && Arc::ptr_eq(of(4), of(7)));
        assert!(Arc::ptr_eq(of(1), &User::cached().find(2).first(conn).unwrap()));
        assert_eq!(sent.count(), 0);
    }

    fn only_what_is_not_held_is_asked_for(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 4, 8);
        let posts = Post::cached().load(conn).unwrap();
        let two = User::cached().find(2).first(conn).unwrap();
        sent.take();
        let users = posts.load_parents::<User>(conn).unwrap();
        let statements = sent.take();
        assert_eq!(statements.len(), 1);
        assert_eq!(bound(&statements[0]), [1, 3, 4]);
        for user in users.iter().flatten().filter(|user| user.id == 2) {
            assert!(Arc::ptr_eq(user, &two));
        }
        let again = posts.load_parents::<User>(conn).unwrap();
        assert_eq!(sent.count(), 0, "all are held");
        for (one, other) in users.iter().flatten().zip(again.iter().flatten()) {
            assert!(Arc::ptr_eq(one, other));
        }
    }

    fn null_costs_nothing_and_dangling_gives_none(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 2, 1);
        add_reviews(conn, "(1, 1, 1, NULL), (2, 1, 99, NULL), (3, 1, 2, NULL), (4, 1, 99, NULL)");
        let reviews = Review::cached().order(reviews::id).load(conn).unwrap();
        sent.take();
        let editors = reviews.load_parents::<Editor>(conn).unwrap();
        assert_eq!(ids(&editors), [None; 4]);
        assert_eq!(sent.count(), 0, "NULL is no key");

        let authors = reviews.load_parents::<User>(conn).unwrap();
        assert_eq!(ids(&authors), [Some(1), None, Some(2), None]);
        let statements = sent.take();
        assert_eq!(statements.len(), 1);
        assert_eq!(bound(&statements[0]), [1, 2, 99]);

        let none: &[Arc<Review>] = &[];
        assert_eq!(none.load_parents::<User>(conn).unwrap(), []);
        assert_eq!(sent.count(), 0);
    }

    fn two_relations_to_one_model_share_its_objects(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 3, 1);
        add_reviews(conn, "(1, 1, 1, 2), (2, 1, 2, 1), (3, 1, 1, 3), (4, 1, 3, NULL)");
        let reviews = Review::cached().order(reviews::id).load(conn).unwrap();
        let authors = reviews.load_parents::<User>(conn).unwrap();
        sent.take();
        let editors = reviews.load_parents::<Editor>(conn).unwrap();
        assert_eq!(sent.count(), 0, "the authors are the editors");
        assert_eq!(ids(&authors), [Some(1), Some(2), Some(1), Some(3)]);
        assert_eq!(ids(&editors), [Some(2), Some(1), Some(3), None]);
        assert!(Arc::ptr_eq(authors[0].as_ref().unwrap(), editors[1].as_ref().unwrap()));
    }

    fn composite_keys(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        insert(
            conn,
            "translations (lang, msg, text)",
            "('de', 'yes', 'ja'), ('de', 'no', 'nein'), ('fr', 'yes', 'oui')",
        );
        insert(
            conn,
            "hints (id, lang, msg)",
            "(1, 'de', 'yes'), (2, 'fr', 'no'), (3, 'de', NULL), (4, NULL, 'yes'), (5, NULL, NULL), \
             (6, 'fr', 'yes'), (7, 'de', 'yes')",
        );
        let hints = Hint::cached().order(hints::id).load(conn).unwrap();
        sent.take();
        let found = hints.load_parents::<Translation>(conn).unwrap();
        assert_eq!(sent.count(), 1);
        let texts: Vec<Option<&str>> = found
            .iter()
            .map(|translation| translation.as_ref().map(|translation| translation.text.as_str()))
            .collect();
        // ('fr', 'no') is no row, although both its halves are.
        assert_eq!(texts, [Some("ja"), None, None, None, None, Some("oui"), Some("ja")]);
        assert!(Arc::ptr_eq(found[0].as_ref().unwrap(), found[6].as_ref().unwrap()));

        let held = found[0].as_ref().unwrap().load_children::<Hint>(conn).unwrap();
        let mut ids: Vec<i32> = held.iter().map(|hint| hint.id).collect();
        ids.sort_unstable();
        assert_eq!(ids, [1, 7]);
    }

    fn a_parent_that_is_the_model_itself(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 1);
        add_comments(
            conn,
            "(1, 1, NULL, NULL, 'a'), (2, 1, NULL, 1, 'b'), (3, 1, NULL, 1, 'c'), (4, 1, NULL, 3, 'd')",
        );
        let comments = Comment::cached().order(comments::id).load(conn).unwrap();
        sent.take();
        let parents = comments.load_parents::<Comment>(conn).unwrap();
        assert_eq!(sent.count(), 0, "the list is all there is");
        assert!(parents[0].is_none());
        assert!(Arc::ptr_eq(parents[1].as_ref().unwrap(), &comments[0]));
        assert!(Arc::ptr_eq(parents[2].as_ref().unwrap(), &comments[0]));
        assert!(Arc::ptr_eq(parents[3].as_ref().unwrap(), &comments[2]));
    }

    fn a_part_of_a_list_and_an_object_twice(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 5, 5);
        let posts = Post::cached().order(posts::id).load(conn).unwrap();
        sent.take();
        let users = posts[1..3].load_parents::<User>(conn).unwrap();
        assert_eq!(ids(&users), [Some(3), Some(4)]);
        assert_eq!(bound(&sent.take()[0]), [3, 4], "the rest was not asked about");
        let twice = [Arc::clone(&posts[0]), Arc::clone(&posts[0])];
        let users = twice.load_parents::<User>(conn).unwrap();
        assert_eq!(ids(&users), [Some(2), Some(2)]);
        assert_eq!(sent.take().len(), 1);
    }

    fn the_options_of_load_parents_from(db) {
        let _nothing = nothing_installed();
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 2, 4);
        let posts = Post::cached().order(posts::id).load(conn).unwrap();
        let held = posts.load_parents::<User>(conn).unwrap();
        let old = |users: &[Option<Arc<User>>]| {
            users.iter().zip(&held).all(|(new, old)| Arc::ptr_eq(new.as_ref().unwrap(), old.as_ref().unwrap()))
        };
        diesel::update(users::table).set(users::name.eq("new")).execute(&mut db.connect()).unwrap();
        sent.take();

        let uncached = posts.load_parents_from::<User>(User::cached().uncached(), conn).unwrap();
        assert_eq!(uncached[0].as_ref().unwrap().name, "new");
        assert!(old(&posts.load_parents::<User>(conn).unwrap()));
        let map = IdentityMap::new();
        let elsewhere = posts.load_parents_from::<User>(User::cached().in_map(&map), conn).unwrap();
        assert_eq!((map.len::<User>(), ids(&elsewhere)), (2, ids(&held)));
        assert!(old(&posts.load_parents::<User>(conn).unwrap()));
        let fresh = posts.load_parents_from::<User>(User::cached().fresh(), conn).unwrap();
        assert_eq!(fresh[3].as_ref().unwrap().name, "new");
        assert_eq!(sent.take().len(), 3);
        let now = posts.load_parents::<User>(conn).unwrap();
        assert!(Arc::ptr_eq(now[0].as_ref().unwrap(), fresh[0].as_ref().unwrap()));
        assert_eq!(sent.count(), 0);

        // A connection without a map takes `uncached` only.
        let plain = &mut db.connect();
        let users = posts.load_parents_from::<User>(User::cached().uncached(), plain).unwrap();
        assert_eq!(ids(&users), ids(&held));
        let error = posts.load_parents::<User>(plain).unwrap_err();
        assert!(matches!(IdentityMapError::of(&error), Some(IdentityMapError::NotEnabled)), "{error}");
    }

    fn as_many_parents_are_made_as_there_are_rows(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 3, 60);
        for strategy in STRATEGIES {
            let articles = Article::cached().strategy(strategy).order(posts::id).load(conn).unwrap();
            assert_eq!(Counted::made(), 60, "{strategy:?}");
            let authors = articles.load_parents::<Author>(conn).unwrap();
            assert_eq!((authors.len(), Counted::made()), (60, 3), "{strategy:?}");
            assert_eq!(articles.load_parents::<Author>(conn).unwrap().len(), 60);
            assert_eq!(Counted::made(), 0, "{strategy:?}");
            assert!(articles.iter().zip(&authors).all(|(article, author)| {
                author.as_ref().unwrap().id == article.user_id
            }));
            drop((articles, authors));
            assert_eq!(Counted::alive(), 0, "{strategy:?}");
        }
    }
}
