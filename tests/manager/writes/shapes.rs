//! Writes of models that are more than the columns of a table: one of several models on it, with
//! embedded structs and computed columns, or with a base query.

use diesel::prelude::*;
use diesel_identity_map::IdentityMapped;

use crate::db::each_database;
use crate::models::*;
use crate::schema::*;

use super::asserts::*;
use super::models::*;
use super::setup::*;

#[derive(Queryable, Selectable, Debug, PartialEq)]
#[diesel(table_name = posts)]
struct Text_ {
    title: String,
    body: String,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug, PartialEq)]
#[diesel(table_name = posts)]
struct Computed {
    id: i32,
    #[diesel(embed)]
    text: Text_,
    #[diesel(select_expression = posts::score + 1_i32)]
    next_score: i32,
}

#[derive(HasQuery, IdentityMapped, Debug, PartialEq)]
#[diesel(table_name = posts)]
#[diesel(base_query = posts::table.inner_join(users::table).filter(posts::published.eq(true)))]
struct Published {
    id: i32,
    title: String,
    #[diesel(select_expression = users::name)]
    author: String,
}

each_database! {
    fn two_models_on_one_table_see_each_other_s_writes(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(3).build();
        let headlines = Headline::cached().order(posts::id).load(conn).unwrap();
        let post = Post::cached().find(2).first(conn).unwrap();
        let post = Post::cached().update(&post, posts::title.eq("new"), conn).unwrap();
        let headline = Headline::cached().find(2).first(conn).unwrap();
        assert_eq!((&*headlines[1].title, &*headline.title), ("post 2", "new"));
        assert_held!(post, Post, 2, conn, sent);

        let newer = posts::title.eq("newer");
        let headline = Headline::cached().update(&headline, newer, conn).unwrap();
        assert_eq!(Post::cached().find(2).first(conn).unwrap().title, "newer");
        assert_held!(headline, Headline, 2, conn, sent);

        Headline::cached().filter(posts::id.eq(2)).update_all(posts::score.eq(77), conn).unwrap();
        let post = Post::cached().find(2).first(conn).unwrap();
        assert_eq!(post.score, 77);
        Headline::cached().delete(&headline, conn).unwrap();
        assert_gone!(Post, 2, conn);
        let third = Post::cached().find(3).first(conn).unwrap();
        assert_eq!(Headline::cached().filter(posts::id.eq(3)).delete_all(conn).unwrap(), 1);
        assert_gone!(Post, third.id, conn);
    }

    fn writes_of_a_model_that_embeds_and_computes(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(1).build();
        let new = (words("embedded"), posts::score.eq(4));
        let made = Computed::cached().insert(new, conn).unwrap();
        assert_eq!((&*made.text.title, made.next_score), ("embedded", 5));
        assert_held!(made, Computed, made.id, conn, sent);
        let doubled = posts::score.eq(posts::score * 2);
        let made = Computed::cached().update(&made, doubled, conn).unwrap();
        assert_eq!((&*made.text.body, made.next_score), ("body", 9));
        assert_held!(made, Computed, made.id, conn, sent);
        let moved = Computed::cached().update(&made, posts::id.eq(900), conn).unwrap();
        assert_eq!((moved.id, moved.next_score), (900, 9));
        assert_held!(moved, Computed, 900, conn, sent);
        assert_gone!(Computed, made.id, conn);
        let many = Computed::cached().insert_many(["b", "a"].map(words), conn).unwrap();
        assert_eq!((&*many[0].text.title, &*many[1].text.title), ("b", "a"));
        assert_held!(many[1], Computed, many[1].id, conn, sent);
        Computed::cached().delete(&many[1], conn).unwrap();
        assert_gone!(Computed, many[1].id, conn);
        assert_eq!(Computed::cached().filter(posts::id.eq(900)).delete_all(conn).unwrap(), 1);
        assert_gone!(Computed, 900, conn);
    }

    fn writes_of_a_model_with_a_base_query(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(2).build();
        let made =
            Published::cached().insert((words("joined"), posts::published.eq(true)), conn).unwrap();
        assert_eq!((&*made.title, &*made.author), ("joined", "user 1"));
        assert_held!(made, Published, made.id, conn, sent);
        let made = Published::cached()
            .update(&made, (posts::user_id.eq(2), posts::title.eq("given")), conn)
            .unwrap();
        assert_eq!((&*made.title, &*made.author), ("given", "user 2"));
        assert_held!(made, Published, made.id, conn, sent);
        Published::cached().delete(&made, conn).unwrap();
        assert_gone!(Published, made.id, conn);
    }

    /// The base query shows published posts, and this one is not.
    fn a_row_outside_the_base_query_is_not_left_behind_by_a_failed_insert(db) {
        let (conn, _) = &mut Fixture::new(&db).posts(2).build();
        let count = |conn: &mut Conn| posts::table.count().get_result::<i64>(conn).unwrap();
        let before = count(conn);
        let hidden = Published::cached().insert(words("hidden"), conn);
        assert!(hidden.is_err());
        assert_eq!(count(conn), before);
        let both = [true, false].map(|seen| (words("many"), posts::published.eq(seen)));
        assert!(Published::cached().insert_many(both, conn).is_err());
        assert_eq!(count(conn), before);
    }

    /// An error says that nothing was changed.
    fn a_row_that_leaves_the_base_query_is_not_left_changed_by_a_failed_update(db) {
        let (conn, _) = &mut Fixture::new(&db).posts(2).build();
        let post = Published::cached().find(2).first(conn).unwrap();
        let hidden = Published::cached().update(&post, posts::published.eq(false), conn);
        let row = Post::cached().uncached().find(2).first(conn).unwrap();
        assert_eq!(hidden.is_err(), row.published, "{hidden:?}");
    }
}
