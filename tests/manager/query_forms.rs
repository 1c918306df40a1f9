//! Each form of a query, by each strategy, with nothing, a part and everything held: the rows are plain Diesel's (G2). One
//! statement with columns that are chosen when it is sent stands for three, so each form is sent with each choice.

use std::sync::Arc;

use diesel::dsl::{auto_type, count_star};
use diesel::prelude::*;
use diesel_identity_map::{Cached, IdentityMapped, Strategy};

use crate::db::each_database;
use crate::mapped;
use crate::models::*;
use crate::schema::*;

/// A model whose selection binds a value, before those of the conditions.
#[derive(Queryable, Selectable, Identifiable, IdentityMapped, Debug, PartialEq)]
#[diesel(table_name = posts)]
struct Headline {
    id: i32,
    #[diesel(embed)]
    text: Text,
    #[diesel(select_expression = score_and_one())]
    score: i32,
}

#[derive(Queryable, Selectable, Debug, PartialEq)]
#[diesel(table_name = posts)]
struct Text {
    title: String,
    published: bool,
}

#[auto_type]
fn score_and_one() -> _ {
    posts::score + 1_i32
}

/// Compares `$query` by each strategy with the same by plain Diesel. `$held` of the rows are alive before.
macro_rules! same_rows {
    ($conn:ident, $model:ty, $($form:literal: |$base:ident| $query:expr;)+) => {$(
        let plain: Vec<$model> = {
            let $base = <$model as IdentityMapped>::Table::default().select(<$model>::as_select());
            $query.load($conn).expect($form)
        };
        assert!(plain.len() > 1, "{}: {plain:?}", $form);
        for strategy in [Strategy::Rows, Strategy::KeysFirst, Strategy::Auto] {
            let load = |conn: &mut Conn| -> Vec<Arc<$model>> {
                let $base = <$model>::cached().strategy(strategy);
                $query.load(conn).expect($form)
            };
            let is_plain = |found: &[Arc<$model>]| found.iter().map(|found| &**found).eq(&plain);
            let mut held = load($conn);
            assert!(is_plain(&held), "{}, cold, {strategy:?}: {held:?}", $form);
            let mut position = 0;
            held.retain(|_| {
                position += 1;
                position % 2 == 0
            });
            let half = load($conn);
            assert!(is_plain(&half), "{}, half held, {strategy:?}: {half:?}", $form);
            let warm = load($conn);
            assert!(is_plain(&warm), "{}, warm, {strategy:?}: {warm:?}", $form);
            assert!(half.iter().zip(&warm).all(|(half, warm)| Arc::ptr_eq(half, warm)));
        }
    )+};
}

each_database! {
    fn of_one_table(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 3, 12);
        let below = String::from("post 7");
        same_rows! { conn, Post,
            "order": |q| q.order(posts::id.desc());
            "two orders": |q| q.order(posts::user_id).then_order_by(posts::title.desc());
            "conditions": |q| q.filter(posts::id.gt(2)).filter(posts::title.ne("post 5")).order(posts::id);
            "a borrowed value": |q| q.filter(posts::title.lt(below.as_str())).order(posts::id);
            "or": |q| q.filter(posts::id.eq(2)).or_filter(posts::score.ge(3)).order(posts::id);
            "a list": |q| q.filter(posts::id.eq_any(vec![3, 1, 9, 9])).order(posts::id);
            "another query": |q| q
                .filter(posts::user_id.eq_any(users::table.filter(users::name.ne("user 2")).select(users::id)))
                .order(posts::id);
            "limit and offset": |q| q.filter(posts::id.ne(4)).order(posts::id).limit(5).offset(3);
            "distinct": |q| q.filter(posts::id.ne(4)).distinct().order(posts::id);
            "in a box": |q| q.filter(posts::id.ne(4)).into_boxed().filter(posts::score.ge(0)).order(posts::id).limit(7);
        }
    }

    fn with_values_in_the_selection(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 3, 12);
        same_rows! { conn, Headline,
            "order": |q| q.order(posts::id.desc());
            "conditions": |q| q.filter(posts::id.gt(2)).filter(posts::title.ne("post 5")).order(posts::id);
            "a list": |q| q.filter(posts::id.eq_any(vec![3, 1, 9])).order(posts::id);
            "limit and offset": |q| q.filter(posts::id.ne(4)).order(posts::id).limit(5).offset(3);
            "in a box": |q| q.filter(posts::id.ne(4)).into_boxed().filter(posts::score.ge(0)).order(posts::id).limit(7);
        }
    }

    fn of_several_tables(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 3, 12);
        seed_comments(conn, 12, 30);
        let joined = || posts::table.inner_join(users::table);
        let outer = || posts::table.left_join(comments::table);
        let plain: Vec<Post> = joined()
            .filter(users::name.ne("user 2"))
            .order((users::name, posts::id.desc()))
            .select(Post::as_select())
            .load(conn)
            .unwrap();
        let repeated: Vec<Post> = outer()
            .filter(comments::body.ne("comment 4"))
            .order((posts::id, comments::id))
            .select(Post::as_select())
            .load(conn)
            .unwrap();
        for strategy in [Strategy::Rows, Strategy::KeysFirst, Strategy::Auto] {
            let mut kept = Vec::new();
            for _ in 0..3 {
                let posts_of_users = Cached::<Post, _>::from_query(joined())
                    .strategy(strategy)
                    .filter(users::name.ne("user 2"))
                    .order((users::name, posts::id.desc()))
                    .load(conn)
                    .unwrap();
                assert!(posts_of_users.iter().map(|post| &**post).eq(&plain), "{strategy:?}");
                let by_comments = Cached::<Post, _>::from_query(outer())
                    .strategy(strategy)
                    .filter(comments::body.ne("comment 4"))
                    .order((posts::id, comments::id))
                    .load(conn)
                    .unwrap();
                assert!(by_comments.iter().map(|post| &**post).eq(&repeated), "{strategy:?}");
                kept.push(posts_of_users.into_iter().take(3).collect::<Vec<_>>());
            }
        }
    }

    fn grouped(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 3, 12);
        seed_comments(conn, 12, 30);
        let grouped = || users::table.inner_join(posts::table).group_by(users::id);
        let plain: Vec<User> = grouped()
            .having(count_star().gt(1))
            .order(users::id)
            .select(User::as_select())
            .load(conn)
            .unwrap();
        assert_eq!(plain.len(), 3);
        for strategy in [Strategy::Rows, Strategy::KeysFirst, Strategy::Auto] {
            for _ in 0..2 {
                let found = Cached::<User, _>::from_query(grouped())
                    .strategy(strategy)
                    .having(count_star().gt(1))
                    .order(users::id)
                    .load(conn)
                    .unwrap();
                assert!(found.iter().map(|user| &**user).eq(&plain), "{strategy:?}");
            }
        }
    }

    fn of_composite_keys(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        for (lang, msg) in [("de", "a"), ("de", "b"), ("en", "a"), ("en", "c")] {
            let row = (translations::lang.eq(lang), translations::msg.eq(msg), translations::text.eq("x"));
            diesel::insert_into(translations::table).values(row).execute(conn).unwrap();
        }
        same_rows! { conn, Translation,
            "order": |q| q.order((translations::lang, translations::msg.desc()));
            "conditions": |q| q.filter(translations::text.eq("x")).filter(translations::msg.ne("b"))
                .order((translations::msg, translations::lang));
            "in a box": |q| q.into_boxed().filter(translations::lang.eq("de")).order(translations::msg);
        }
    }
}
