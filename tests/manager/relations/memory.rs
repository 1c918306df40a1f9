//! G6 for relations: what nobody holds is freed, also what was fetched for a loop.

use std::num::NonZeroUsize;
use std::sync::Arc;

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use super::{Article, Author, Counted};
use crate::db::each_database;
use crate::mapped;
use crate::models::seed;
use crate::schema::*;

each_database! {
    fn a_loop_that_ended(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 5, 50);
        let map = conn.identity_map().unwrap();
        let articles = Article::cached().order(posts::id).load(conn).unwrap();
        Counted::made();
        for article in &articles {
            article.load_parent::<Author>(conn).unwrap().unwrap();
        }
        assert_eq!(Counted::made(), 5, "each author once");
        assert_eq!(map.len::<Author>(), 0, "each has asked");
        assert_eq!(Counted::alive(), 50, "the articles alone");
        for _ in 0..3 {
            for article in &articles {
                article.load_parent::<Author>(conn).unwrap().unwrap();
            }
            assert_eq!(Counted::alive(), 55, "objects that ask again are kept their parents");
        }
        assert_eq!(Counted::made(), 5, "each author once more");
        drop(articles);
        assert_eq!((map.len::<Author>(), map.len::<Article>()), (0, 0));
        assert_eq!(Counted::alive(), 0);
    }

    fn a_loop_that_was_broken_off(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 5, 50);
        let map = conn.identity_map().unwrap();
        let articles = Article::cached().order(posts::id).load(conn).unwrap();
        for article in articles.iter().take(7) {
            article.load_parent::<Author>(conn).unwrap().unwrap();
        }
        assert_eq!(Counted::alive(), 55, "they are kept for the rest");
        drop(articles);
        assert_eq!(map.len::<Author>(), 0, "the map was asked");
        assert_eq!(Counted::alive(), 0);
    }

    /// Nobody asks the map about authors any more: other uses of it suffice.
    fn any_use_of_the_map_lets_go(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 5, 20);
        for broken_off in 0..30 {
            let articles = Article::cached().order(posts::id).load(conn).unwrap();
            articles[broken_off % 20].load_parent::<Author>(conn).unwrap().unwrap();
        }
        for _ in 0..3 {
            crate::models::Post::cached().filter(posts::id.gt(1000)).load(conn).unwrap();
        }
        assert_eq!(Counted::alive(), 0);
    }

    /// Half of the list is dropped without having asked: the others' parents stay as long as they
    /// are awaited, and go when they are not.
    fn some_never_ask(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 10, 10);
        let map = conn.identity_map().unwrap();
        let mut articles = Article::cached().order(posts::id).load(conn).unwrap();
        articles[0].load_parent::<Author>(conn).unwrap().unwrap();
        articles.retain(|article| article.id % 2 == 1);
        for article in &articles {
            assert_eq!(article.load_parent::<Author>(conn).unwrap().unwrap().id, article.user_id);
        }
        drop(articles);
        assert_eq!(map.len::<Author>(), 0);
        assert_eq!(Counted::alive(), 0);
    }

    fn nothing_leaks_whatever_was_loaded(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 5, 20);
        for strategy in [Strategy::Auto, Strategy::KeysFirst, Strategy::Rows] {
            let articles = || Article::cached().strategy(strategy).order(posts::id);
            let rows = articles().with::<Author>().load(conn).unwrap();
            assert_eq!((rows.len(), Counted::alive()), (20, 25));
            let authors: Vec<Arc<Author>> = rows.iter().map(|(_, author)| Arc::clone(author)).collect();
            drop(rows);
            assert_eq!(Counted::alive(), 5, "an author holds no articles, and no article its author");
            let children = authors.load_children_from(articles(), conn).unwrap();
            assert_eq!(Counted::alive(), 25);
            drop(authors);
            assert_eq!(Counted::alive(), 20);
            drop(children);
            let rows = Author::cached().with_children::<Article>().load(conn).unwrap();
            assert_eq!(Counted::alive(), 25);
            drop(rows);
            assert_eq!(Counted::alive(), 0);
            for article in articles().load_iter(conn).unwrap().collect::<QueryResult<Vec<_>>>().unwrap() {
                article.load_parent::<Author>(conn).unwrap().unwrap();
            }
            let _ = conn.identity_map().unwrap().len::<Author>();
            assert_eq!(Counted::alive(), 0, "{strategy:?}");
        }
    }

    fn clearing_the_map_and_ending_the_scope(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 5, 20);
        let articles = Article::cached().order(posts::id).load(conn).unwrap();
        articles[0].load_parent::<Author>(conn).unwrap().unwrap();
        conn.identity_map().unwrap().clear();
        assert_eq!(Counted::alive(), 20);
        drop(articles);
        let scope = Scope::new();
        let articles = scope.in_scope(|| {
            let articles = Article::cached().order(posts::id).load(conn).unwrap();
            articles[0].load_parent::<Author>(conn).unwrap().unwrap();
            articles
        });
        assert_eq!(Counted::alive(), 25);
        drop(scope);
        assert_eq!(Counted::alive(), 20, "what was awaited went with the scope");
        drop(articles);
    }

    fn what_a_scope_retains(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 5, 20);
        let scope = Scope::builder().retain(Retain::UntilScopeEnds).build();
        scope.in_scope(|| {
            for article in Article::cached().order(posts::id).load(conn).unwrap() {
                article.load_parent::<Author>(conn).unwrap().unwrap();
            }
            sent.take();
            for article in Article::cached().find_many(1..=20).load(conn).unwrap().iter().flatten() {
                article.load_parent::<Author>(conn).unwrap().unwrap();
            }
            assert_eq!(sent.take().len(), 0, "all were kept");
        });
        assert_eq!(Counted::alive(), 25);
        drop(scope);
        assert_eq!(Counted::alive(), 0);

        let retain = Retain::Recent(NonZeroUsize::new(2).unwrap());
        let scope = Scope::builder().retain(retain).build();
        scope.in_scope(|| {
            let articles = Article::cached().order(posts::id).load(conn).unwrap();
            sent.take();
            for article in &articles {
                assert_eq!(article.load_parent::<Author>(conn).unwrap().unwrap().id, article.user_id);
            }
            assert_eq!(sent.take().len(), 1);
            assert_eq!(conn.identity_map().unwrap().len::<Author>(), 2);
            drop(articles);
        });
        drop(scope);
        assert_eq!(Counted::alive(), 0);
    }

    /// A hundred loops broken off, each of a list that lives on: what is kept follows the lists.
    fn many_lists_alive(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 40, 400);
        let map = conn.identity_map().unwrap();
        let mut lists = Vec::new();
        for from in 0..40 {
            let some = Article::cached().filter(posts::id.between(from * 10 + 1, from * 10 + 10));
            let list = some.order(posts::id).load(conn).unwrap();
            list[0].load_parent::<Author>(conn).unwrap().unwrap();
            lists.push(list);
        }
        assert_eq!(map.len::<Author>(), 40);
        lists.truncate(1);
        let _ = map.len::<Author>();
        assert_eq!(Counted::alive(), 10 + 10);
        drop(lists);
        let _ = map.len::<Author>();
        assert_eq!(Counted::alive(), 0);
    }
}
