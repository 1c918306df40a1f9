//! Plain Diesel as the oracle: random rows with NULL and dangling keys, and random programs that
//! ask lazily while rows change.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use diesel::connection::{SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel_identity_map::prelude::{
    Children, GroupedByParents, IdentityMapConnection, IdentityMapped, LoadMapped, RelatedObject,
    RelatedObjects, Scope, Strategy, Through,
};
use proptest::prelude::*;
use proptest::strategy::Strategy as Strategy_;
use proptest::test_runner::{Config, TestRunner};

use super::insert;
use crate::alone::alone;
use crate::db::each_database;
use crate::mapped;
use crate::models::*;
use crate::schema::*;

const USERS: i32 = 6;
const POSTS: i32 = 6;

#[derive(Debug, Clone)]
struct Case {
    /// Which users are there. Posts are there if their user is.
    users: Vec<bool>,
    /// Post, author and editor.
    reviews: Vec<(i32, i32, Option<i32>)>,
    held_users: Vec<i32>,
    held_reviews: Vec<i32>,
    strategy: Strategy,
}

fn strategies() -> impl Strategy_<Value = Strategy> {
    prop::sample::select(vec![Strategy::Auto, Strategy::KeysFirst, Strategy::Rows])
}

fn cases() -> impl Strategy_<Value = Case> {
    let review = (
        1..=POSTS + 1,
        1..=USERS + 1,
        prop::option::of(1..=USERS + 1),
    );
    (
        prop::collection::vec(prop::bool::weighted(0.7), USERS as usize),
        prop::collection::vec(review, 0..20),
        prop::collection::vec(1..=USERS, 0..4),
        prop::collection::vec(1..20, 0..8),
        strategies(),
    )
        .prop_map(
            |(users, reviews, held_users, held_reviews, strategy)| Case {
                users,
                reviews,
                held_users,
                held_reviews,
                strategy,
            },
        )
}

fn rows_of(case: &Case) -> String {
    let mut batch = "DELETE FROM reviews; DELETE FROM posts; DELETE FROM users;".to_owned();
    for (id, _) in (1..).zip(&case.users).filter(|(_, there)| **there) {
        batch += &format!(
            "INSERT INTO users (id, name) VALUES ({id}, 'user {id}');
             INSERT INTO posts (id, user_id, title, body) VALUES ({id}, {id}, 'post {id}', '');"
        );
    }
    for (id, (post, author, editor)) in (1..).zip(&case.reviews) {
        let editor = editor.map_or("NULL".to_owned(), |editor| editor.to_string());
        batch += &format!("INSERT INTO reviews VALUES ({id}, {post}, {author}, {editor});");
    }
    batch
}

/// What a program does: all its lists are of reviews, and it asks for their authors.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// Loads a list.
    Load(usize, usize, Strategy),
    DropList(usize),
    DropOne(usize, usize),
    /// Asks one review of a list, by the first or the second connection.
    Ask(usize, usize, Who),
    /// Goes through a whole list.
    AskAll(usize, Who),
    AskTogether(usize, Who),
    Keep(usize, usize),
    Forget,
    Rename(i32, Way, Who),
    Delete(i32, Way, Who),
    Insert(i32, Way, Who),
    MoveReview(i32, i32),
    Expire(i32),
    Begin,
    Commit,
    Rollback,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    One,
    Two,
}

#[derive(Debug, Clone, Copy)]
enum Way {
    Manager,
    Plain,
    Raw,
}

fn steps() -> impl Strategy_<Value = Step> {
    let list = 0..3_usize;
    let at = 0..10_usize;
    let user = 1..=USERS;
    let who = prop_oneof![3 => Just(Who::One), 1 => Just(Who::Two)];
    let way = prop::sample::select(vec![Way::Manager, Way::Plain, Way::Raw]);
    let write = (user.clone(), way, who.clone());
    prop_oneof![
        4 => (list.clone(), at.clone(), strategies()).prop_map(|(list, at, how)| Step::Load(list, at, how)),
        1 => list.clone().prop_map(Step::DropList),
        1 => (list.clone(), at.clone()).prop_map(|(list, at)| Step::DropOne(list, at)),
        10 => (list.clone(), at.clone(), who.clone()).prop_map(|(list, at, who)| Step::Ask(list, at, who)),
        3 => (list.clone(), who.clone()).prop_map(|(list, who)| Step::AskAll(list, who)),
        1 => (list.clone(), who).prop_map(|(list, who)| Step::AskTogether(list, who)),
        2 => (list, at).prop_map(|(list, at)| Step::Keep(list, at)),
        1 => Just(Step::Forget),
        3 => write.clone().prop_map(|(user, way, who)| Step::Rename(user, way, who)),
        2 => write.clone().prop_map(|(user, way, who)| Step::Delete(user, way, who)),
        2 => write.prop_map(|(user, way, who)| Step::Insert(user, way, who)),
        1 => (1..10, user.clone()).prop_map(|(review, user)| Step::MoveReview(review, user)),
        1 => user.prop_map(Step::Expire),
        2 => Just(Step::Begin),
        1 => Just(Step::Commit),
        2 => Just(Step::Rollback),
    ]
}

each_database! {
    fn relations_of_random_rows(db) {
        let connections = RefCell::new((mapped(db.connect(), db.url()), db.connect()));
        let config = Config { cases: 64, failure_persistence: None, ..Config::default() };

        TestRunner::new(config).run(&cases(), |case| {
            let ((conn, sent), plain) = &mut *connections.borrow_mut();
            plain.batch_execute(&rows_of(&case)).unwrap();
            conn.identity_map().unwrap().clear();
            let _held = (
                User::cached().find_many(case.held_users.clone()).load(conn).unwrap(),
                Review::cached().find_many(case.held_reviews.clone()).load(conn).unwrap(),
            );
            let by_id = || Review::cached().strategy(case.strategy).order(reviews::id);

            // Parents: a left join.
            let expected: Vec<(Review, Option<User>)> = reviews::table
                .left_join(users::table)
                .order(reviews::id)
                .select((Review::as_select(), Option::<User>::as_select()))
                .load(plain)
                .unwrap();
            let editors: HashMap<i32, User> = users::table
                .select(User::as_select())
                .load::<User>(plain)
                .unwrap()
                .into_iter()
                .map(|user| (user.id, user))
                .collect();
            let editors: Vec<Option<&User>> = expected
                .iter()
                .map(|(review, _)| review.editor_id.and_then(|editor| editors.get(&editor)))
                .collect();

            let reviews = by_id().load(conn).unwrap();
            prop_assert!(reviews.iter().map(|review| &**review).eq(expected.iter().map(|(review, _)| review)));
            sent.take();
            for (review, (_, author)) in reviews.iter().zip(&expected) {
                let found = review.load_parent::<User>(conn).unwrap();
                prop_assert_eq!(found.as_deref(), author.as_ref());
            }
            prop_assert!(sent.take().len() <= 1, "a loop is one statement");
            for (review, editor) in reviews.iter().zip(&editors) {
                let found = review.load_parent::<Editor>(conn).unwrap();
                prop_assert_eq!(found.as_deref(), *editor);
            }
            prop_assert!(sent.take().len() <= 1, "a loop is one statement");
            prop_assert!(sent.count() <= 1);
            let authors = reviews.load_parents::<User>(conn).unwrap();
            prop_assert!(authors.iter().map(Option::as_deref).eq(expected.iter().map(|(_, author)| author.as_ref())));
            let found = reviews.load_parents::<Editor>(conn).unwrap();
            prop_assert!(found.iter().map(Option::as_deref).eq(editors.iter().copied()));
            prop_assert!(sent.take().len() <= 2);

            // Each user is one object, wherever it stands.
            let mut objects: HashMap<i32, &Arc<User>> = HashMap::new();
            for user in authors.iter().chain(&found).flatten() {
                prop_assert!(Arc::ptr_eq(objects.entry(user.id).or_insert(user), user));
            }

            // Eager: an inner and a left join.
            let rows = by_id().with::<Option<User>>().with::<Editor>().load(conn).unwrap();
            prop_assert_eq!(rows.len(), expected.len());
            for ((review, author, editor), ((plain, of), by)) in rows.iter().zip(expected.iter().zip(&editors)) {
                prop_assert_eq!((&**review, author.as_deref(), editor.as_deref()), (plain, of.as_ref(), *by));
            }
            let inner: Vec<(Review, (Post, User))> = reviews::table
                .inner_join(posts::table.inner_join(users::table))
                .order(reviews::id)
                .select((Review::as_select(), (Post::as_select(), User::as_select())))
                .load(plain)
                .unwrap();
            let rows = by_id().with::<(Post, User)>().load(conn).unwrap();
            prop_assert!(rows.iter().map(|(review, (post, user))| (&**review, &**post, &**user))
                .eq(inner.iter().map(|(review, (post, user))| (review, post, user))));

            // The same joins, mapped.
            let left = reviews::table
                .left_join(users::table)
                .order(reviews::id)
                .select((Review::as_select(), Option::<User>::as_select()))
                .mapped()
                .load(conn)
                .unwrap();
            prop_assert!(left.iter().map(|(review, user)| (&**review, user.as_deref()))
                .eq(expected.iter().map(|(review, user)| (review, user.as_ref()))));
            for (_, user) in &left {
                if let Some(user) = user {
                    prop_assert!(Arc::ptr_eq(objects.entry(user.id).or_insert(user), user));
                }
            }

            // Children: Diesel's own `belonging_to` and `grouped_by`.
            let plain_users: Vec<User> =
                users::table.select(User::as_select()).order(users::id.desc()).load(plain).unwrap();
            let expected: Vec<Vec<Review>> = Review::belonging_to(&plain_users)
                .select(Review::as_select())
                .order(reviews::id)
                .load(plain)
                .unwrap()
                .grouped_by(&plain_users);
            let users = User::cached().strategy(case.strategy).order(users::id.desc()).load(conn).unwrap();
            let lists = users.load_children_from(by_id(), conn).unwrap();
            let grouped = by_id().belonging_to(&users).load(conn).unwrap().grouped_by(&users);
            let with = User::cached().order(users::id.desc()).with_children_from(by_id()).load(conn).unwrap();
            for at in 0..expected.len() {
                let expected: Vec<&Review> = expected[at].iter().collect();
                for found in [&lists[at], &grouped[at], &with[at].1] {
                    prop_assert_eq!(&found.iter().map(|review| &**review).collect::<Vec<_>>(), &expected);
                }
                let mut alone = users[at].load_children::<Review>(conn).unwrap();
                alone.sort_unstable_by_key(|review| review.id);
                prop_assert!(alone.iter().zip(&lists[at]).all(|(one, other)| Arc::ptr_eq(one, other)));
            }

            // What lies beyond the reviews, each once.
            let posts = users.load_through_from::<Review, Post, _>(by_id(), conn).unwrap();
            let along = User::cached()
                .order(users::id.desc())
                .with::<Through<Review, Post>>()
                .with::<(Children<Review>, Option<Post>)>()
                .load(conn)
                .unwrap();
            for (((_, through, reviews), posts), of) in along.iter().zip(&posts).zip(&expected) {
                let mut ids = Vec::new();
                for review in of {
                    let there = case.users.get(review.post_id as usize - 1) == Some(&true);
                    if there && !ids.contains(&review.post_id) {
                        ids.push(review.post_id);
                    }
                }
                prop_assert_eq!(&posts.iter().map(|post| post.id).collect::<Vec<_>>(), &ids);
                prop_assert!(posts.iter().all(|post| through.iter().any(|same| Arc::ptr_eq(same, post))));
                prop_assert_eq!((through.len(), reviews.len()), (ids.len(), of.len()));
                let as_they_are = reviews.iter().all(|(review, post)| {
                    let there = case.users.get(review.post_id as usize - 1) == Some(&true);
                    post.as_ref().map(|post| post.id) == there.then_some(review.post_id)
                });
                prop_assert!(as_they_are);
            }
            Ok(())
        }).unwrap();
    }

    /// Two connections of one scope. Whatever a program has done before, who asks for a parent gets
    /// the row as a plain query on the same connection gives it, the same object as `find`, and
    /// when all is dropped the map is empty.
    fn random_programs_that_ask_lazily(db) {
        alone(concat!(module_path!(), "::random_programs_that_ask_lazily"), || {
        let connections = RefCell::new((mapped(db.connect(), db.url()).0, mapped(db.connect(), db.url()).0));
        let programs = prop::collection::vec(steps(), 1..60);
        let config = Config { cases: 96, failure_persistence: None, ..Config::default() };
        type Manager = <Conn as diesel::Connection>::TransactionManager;

        TestRunner::new(config).run(&programs, |program| {
            let (one, two) = &mut *connections.borrow_mut();
            // A case that has failed leaves its transaction open.
            while let Ok(Some(_)) = Manager::transaction_manager_status_mut(&mut *one).transaction_depth() {
                Manager::rollback_transaction(&mut *one).unwrap();
            }
            let _entered = Scope::new().entered();
            let mut batch = "DELETE FROM reviews; DELETE FROM posts; DELETE FROM users;
                INSERT INTO users (id, name) VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd');"
                .to_owned();
            for id in 1..10 {
                batch += &format!("INSERT INTO reviews VALUES ({id}, 0, {}, NULL);", id % USERS + 1);
            }
            one.batch_execute(&batch).unwrap();
            let mut lists: Vec<Vec<Arc<Review>>> = vec![Vec::new(); 3];
            let mut kept: Vec<Arc<User>> = Vec::new();
            let mut depth = 0;
            let mut names = 0;

            for step in &program {
                let conn_of = |who| if who == Who::One { 1 } else { 2 };
                macro_rules! conn {
                    ($who:expr) => {
                        if conn_of($who) == 1 { &mut *one } else { &mut *two }
                    };
                }
                macro_rules! ask {
                    ($review:expr, $who:expr) => {{
                        let review: &Arc<Review> = $review;
                        let found = review.load_parent::<User>(conn!($who)).unwrap();
                        let plain: Option<User> = users::table
                            .find(review.author_id)
                            .select(User::as_select())
                            .first(conn!($who))
                            .optional()
                            .unwrap();
                        prop_assert_eq!(found.as_deref(), plain.as_ref(), "{:?}", step);
                        if let Some(found) = &found {
                            let same = User::cached().find(found.id).first(conn!($who)).unwrap();
                            let mut is_same = Arc::ptr_eq(&same, found);
                            // A test beside this one may expire everything in every scope, between the two looks.
                            for _ in 0..200 {
                                if is_same {
                                    break;
                                }
                                let found = review.load_parent::<User>(conn!($who)).unwrap();
                                let same = User::cached().find(review.author_id).first(conn!($who)).unwrap();
                                is_same = found.is_some_and(|found| Arc::ptr_eq(&found, &same));
                            }
                            prop_assert!(is_same, "{:?}", step);
                        }
                        found
                    }};
                }
                // While the first is in a transaction, the second only reads: it would wait.
                let may_write = |who| who == Who::One || depth == 0;
                match *step {
                    Step::Load(list, at, strategy) => {
                        let query = Review::cached().strategy(strategy).order(reviews::id);
                        lists[list] = query.filter(reviews::id.ge(at as i32)).load(&mut *one).unwrap();
                    }
                    Step::DropList(list) => lists[list].clear(),
                    Step::DropOne(list, at) => {
                        let len = lists[list].len();
                        if len > 0 {
                            lists[list].remove(at % len);
                        }
                    }
                    Step::Ask(list, at, who) => {
                        let len = lists[list].len();
                        if len > 0 {
                            ask!(&lists[list][at % len], who);
                        }
                    }
                    Step::AskAll(list, who) => {
                        for review in &lists[list] {
                            ask!(review, who);
                        }
                    }
                    Step::AskTogether(list, who) => {
                        let found = lists[list].load_parents::<User>(conn!(who)).unwrap();
                        for (review, found) in lists[list].iter().zip(found) {
                            let plain: Option<User> = users::table
                                .find(review.author_id)
                                .select(User::as_select())
                                .first(conn!(who))
                                .optional()
                                .unwrap();
                            prop_assert_eq!(found.as_deref(), plain.as_ref());
                        }
                    }
                    Step::Keep(list, at) => {
                        let len = lists[list].len();
                        if len > 0 {
                            kept.extend(ask!(&lists[list][at % len], Who::One));
                        }
                    }
                    Step::Forget => kept.clear(),
                    Step::Rename(id, way, who) if may_write(who) => {
                        names += 1;
                        let name = format!("name {names}");
                        let conn = conn!(who);
                        match way {
                            Way::Manager => {
                                if let Some(user) = User::cached().find(id).first(conn).optional().unwrap() {
                                    User::cached().update(&user, users::name.eq(name), conn).unwrap();
                                }
                            }
                            Way::Plain => {
                                diesel::update(users::table.find(id)).set(users::name.eq(name)).execute(conn).unwrap();
                            }
                            Way::Raw => {
                                conn.batch_execute(&format!("UPDATE users SET name = '{name}' WHERE id = {id}")).unwrap();
                            }
                        }
                    }
                    Step::Delete(id, way, who) if may_write(who) => {
                        let conn = conn!(who);
                        match way {
                            Way::Manager => {
                                if let Some(user) = User::cached().find(id).first(conn).optional().unwrap() {
                                    User::cached().delete(&user, conn).unwrap();
                                }
                            }
                            Way::Plain => {
                                diesel::delete(users::table.find(id)).execute(conn).unwrap();
                            }
                            Way::Raw => conn.batch_execute(&format!("DELETE FROM users WHERE id = {id}")).unwrap(),
                        }
                    }
                    Step::Insert(id, way, who) if may_write(who) => {
                        let conn = conn!(who);
                        let there: i64 = users::table.find(id).count().get_result(conn).unwrap();
                        let row = (users::id.eq(id), users::name.eq("inserted"));
                        match way {
                            _ if there > 0 => {}
                            Way::Manager => {
                                User::cached().insert(row, conn).unwrap();
                            }
                            Way::Plain => {
                                diesel::insert_into(users::table).values(row).execute(conn).unwrap();
                            }
                            Way::Raw => insert(conn, "users (id, name)", &format!("({id}, 'inserted')")),
                        }
                    }
                    Step::Rename(..) | Step::Delete(..) | Step::Insert(..) => {}
                    Step::MoveReview(id, user) => {
                        let query = diesel::update(reviews::table.find(id));
                        query.set(reviews::author_id.eq(user)).execute(&mut *one).unwrap();
                    }
                    Step::Expire(id) => one.identity_map().unwrap().expire::<User>(&id),
                    Step::Begin => {
                        Manager::begin_transaction(&mut *one).unwrap();
                        depth += 1;
                    }
                    Step::Commit if depth > 0 => {
                        Manager::commit_transaction(&mut *one).unwrap();
                        depth -= 1;
                    }
                    Step::Rollback if depth > 0 => {
                        Manager::rollback_transaction(&mut *one).unwrap();
                        depth -= 1;
                    }
                    Step::Commit | Step::Rollback => {}
                }
            }
            while depth > 0 {
                Manager::rollback_transaction(&mut *one).unwrap();
                depth -= 1;
            }
            drop((lists, kept));
            let map = one.identity_map().unwrap();
            for _ in 0..8 {
                let _ = map.len::<User>();
            }
            prop_assert_eq!((map.len::<User>(), map.len::<Review>()), (0, 0));
            Ok(())
        }).unwrap();
        });
    }

    /// G5: what a transaction has deleted and not committed is there for everybody else. (Found by the random programs.)
    fn a_parent_that_an_open_transaction_has_deleted(db) {
        type Manager = <Conn as diesel::Connection>::TransactionManager;
        let (mut one, mut two) = (mapped(db.connect(), db.url()).0, mapped(db.connect(), db.url()).0);
        let _entered = Scope::new().entered();
        let rows = "INSERT INTO users (id, name) VALUES (2, 'b'), (3, 'c'), (4, 'd');
            INSERT INTO reviews VALUES (7, 0, 2, NULL); INSERT INTO reviews VALUES (8, 0, 3, NULL);
            INSERT INTO reviews VALUES (9, 0, 2, NULL);";
        one.batch_execute(rows).unwrap();
        let reviews = Review::cached().order(reviews::id).load(&mut one).unwrap();
        Manager::begin_transaction(&mut one).unwrap();
        let user = User::cached().find(2).first(&mut one).unwrap();
        User::cached().delete(&user, &mut one).unwrap();
        drop(user);
        assert_eq!(reviews[0].load_parent::<User>(&mut one).unwrap(), None);
        for review in &reviews {
            let found = review.load_parent::<User>(&mut two).unwrap();
            let plain: User = users::table.find(review.author_id).select(User::as_select()).first(&mut two).unwrap();
            assert_eq!(found.as_deref(), Some(&plain), "{review:?}");
        }
        Manager::rollback_transaction(&mut one).unwrap();
    }
}
