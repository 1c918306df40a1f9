//! Tens of thousands of rows, beyond what a statement can bind.

use std::sync::Arc;
use std::time::Instant;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use super::insert;
use crate::db::each_database;
use crate::mapped;
use crate::models::*;
use crate::schema::*;

/// Makes `count` rows of the ten first ones of `table`, whose columns behind `id` are `rest`.
fn multiply<C: SimpleConnection>(
    conn: &mut C,
    table: &str,
    columns: &str,
    rest: &str,
    count: usize,
) {
    let mut have = 10;
    while have < count {
        let more = have.min(count - have);
        let rest = rest.replace("HAVE", &have.to_string());
        conn.batch_execute(&format!(
            "INSERT INTO {table} ({columns}) SELECT id + {have}, {rest} FROM {table} WHERE id <= {more}"
        ))
        .unwrap();
        have += more;
    }
}

each_database! {
    fn a_hundred_thousand_children(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 10, 0);
        multiply(conn, "users", "id, name", "name", 1000);
        conn.batch_execute(
            "INSERT INTO reviews (post_id, author_id)
             SELECT posts.id, users.id FROM users CROSS JOIN (SELECT id FROM users WHERE id <= 100) AS posts",
        )
        .unwrap();
        let users = User::cached().order(users::id).load(conn).unwrap();
        sent.take();
        let start = Instant::now();
        let reviews = users.load_children::<Review>(conn).unwrap();
        assert_eq!(sent.take().len(), 1);
        assert!(users.iter().zip(&reviews).all(|(user, list)| {
            list.len() == 100 && list.iter().all(|review| review.author_id == user.id)
        }));
        let all: Vec<Arc<Review>> = reviews.into_iter().flatten().collect();
        let authors = all.load_parents::<User>(conn).unwrap();
        assert_eq!(sent.count(), 0);
        assert!(all.iter().zip(&authors).all(|(review, user)| review.author_id == user.as_ref().unwrap().id));
        drop((users, authors));
        for review in &all {
            assert_eq!(review.load_parent::<User>(conn).unwrap().unwrap().id, review.author_id);
        }
        assert_eq!(sent.take().len(), 1, "lazily");
        // Nothing here may be quadratic.
        assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
    }

    /// SQLite binds 32,766 values at most, PostgreSQL and MySQL 65,535.
    fn forty_thousand_parents(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 10, 0);
        multiply(conn, "users", "id, name", "name", 70_000);
        conn.batch_execute("INSERT INTO reviews (id, post_id, author_id) SELECT id, 0, id FROM users").unwrap();
        let reviews = Review::cached().order(reviews::id).load(conn).unwrap();
        sent.take();
        let users = reviews.load_parents::<User>(conn).unwrap();
        assert!(sent.take().len() <= 3);
        assert!(reviews.iter().zip(&users).all(|(review, user)| review.author_id == user.as_ref().unwrap().id));
        let users: Vec<Arc<User>> = users.into_iter().flatten().collect();
        let found = users.load_children_from(Review::cached().order(reviews::id), conn).unwrap();
        assert!(sent.take().len() <= 3 * 2);
        assert!(reviews.iter().zip(&found).all(|(review, list)| list.len() == 1 && Arc::ptr_eq(review, &list[0])));
        drop((users, found));
        let with = Review::cached().order(reviews::id).with::<User>().load(conn).unwrap();
        assert_eq!(with.len(), 70_000);
        drop(with);
        sent.take();
        for review in &reviews {
            assert_eq!(review.load_parent::<User>(conn).unwrap().unwrap().id, review.author_id);
        }
        assert!(sent.take().len() <= 3);
    }

    fn many_parents_with_composite_keys(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        let rows: Vec<String> = (0..20_000).map(|at| format!("('l{}', 'm{at}', 't{at}')", at % 7)).collect();
        insert(conn, "translations (lang, msg, text)", &rows.join(", "));
        conn.batch_execute("INSERT INTO hints (lang, msg) SELECT lang, msg FROM translations").unwrap();
        let hints = Hint::cached().order(hints::id).load(conn).unwrap();
        sent.take();
        let found = hints.load_parents::<Translation>(conn).unwrap();
        assert!(sent.take().len() <= 3);
        assert!(hints.iter().zip(&found).all(|(hint, of)| hint.msg.as_ref() == of.as_ref().map(|of| &of.msg)));
        let translations: Vec<Arc<Translation>> = found.into_iter().flatten().collect();
        let lists = translations.load_children::<Hint>(conn).unwrap();
        assert!(hints.iter().zip(&lists).all(|(hint, list)| Arc::ptr_eq(hint, &list[0])));
    }
}
