//! Random programs that read and write in every way there is, for the properties G3 and G4.
//!
//! A step that needs a row takes one of those that are there; plain Diesel on the same
//! connection is the oracle.

use std::sync::Arc;

use diesel::connection::{SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel_identity_map::{IdentityMapped, Strategy};
use proptest::prelude::*;
use proptest::strategy::Strategy as Strategy_;

use crate::models::{Post, User};
use crate::schema::*;

/// A comment that says what it belongs to, so that cascades reach it.
#[derive(
    Queryable, Selectable, Identifiable, Associations, IdentityMapped, Debug, PartialEq, Clone,
)]
#[diesel(table_name = comments, belongs_to(Post), belongs_to(User))]
#[diesel(belongs_to(Remark, foreign_key = parent_id))]
pub(crate) struct Remark {
    pub(crate) id: i64,
    pub(crate) post_id: i32,
    pub(crate) user_id: Option<i32>,
    pub(crate) parent_id: Option<i64>,
    pub(crate) body: String,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    Hold(usize, Strategy),
    DropOne(usize),
    // Through the manager.
    Insert(i32),
    InsertThree,
    Update(usize, i32),
    Save(usize, i32),
    MoveKey(usize),
    Delete(usize),
    Refresh(usize),
    Expire(usize),
    UpdateAll(i32),
    DeleteAll(i32),
    DeleteUser(usize),
    InsertRemark(usize),
    // By plain Diesel.
    PlainInsert(i32),
    PlainUpdate(usize, i32),
    SaveChanges(usize, i32),
    PlainDelete(usize),
    PlainDeleteUser(usize),
    // By raw SQL.
    RawUpdate(usize, i32),
    RawBatch(i32),
    RawUpsert(usize, i32),
    RawDelete(usize),
    Fails,
    // Transactions.
    Begin,
    Commit,
    Rollback,
}

/// Reads and writes, all outside a transaction.
pub(crate) fn steps() -> impl Strategy_<Value = Step> {
    let at = 0..8_usize;
    let score = 0..5_i32;
    let strategies = vec![Strategy::Auto, Strategy::KeysFirst, Strategy::Rows];
    let strategy = prop::sample::select(strategies);
    prop_oneof![
        4 => (at.clone(), strategy).prop_map(|(at, strategy)| Step::Hold(at, strategy)),
        1 => at.clone().prop_map(Step::DropOne),
        2 => score.clone().prop_map(Step::Insert),
        1 => Just(Step::InsertThree),
        3 => (at.clone(), score.clone()).prop_map(|(at, score)| Step::Update(at, score)),
        2 => (at.clone(), score.clone()).prop_map(|(at, score)| Step::Save(at, score)),
        1 => at.clone().prop_map(Step::MoveKey),
        1 => at.clone().prop_map(Step::Delete),
        1 => at.clone().prop_map(Step::Refresh),
        1 => at.clone().prop_map(Step::Expire),
        1 => score.clone().prop_map(Step::UpdateAll),
        1 => score.clone().prop_map(Step::DeleteAll),
        1 => at.clone().prop_map(Step::DeleteUser),
        2 => at.clone().prop_map(Step::InsertRemark),
        1 => score.clone().prop_map(Step::PlainInsert),
        2 => (at.clone(), score.clone()).prop_map(|(at, score)| Step::PlainUpdate(at, score)),
        1 => (at.clone(), score.clone()).prop_map(|(at, score)| Step::SaveChanges(at, score)),
        1 => at.clone().prop_map(Step::PlainDelete),
        1 => at.clone().prop_map(Step::PlainDeleteUser),
        2 => (at.clone(), score.clone()).prop_map(|(at, score)| Step::RawUpdate(at, score)),
        1 => score.clone().prop_map(Step::RawBatch),
        1 => (at.clone(), score).prop_map(|(at, score)| Step::RawUpsert(at, score)),
        1 => at.prop_map(Step::RawDelete),
        1 => Just(Step::Fails),
    ]
}

/// The same, in nests of transactions and savepoints.
pub(crate) fn steps_in_transactions() -> impl Strategy_<Value = Step> {
    prop_oneof![
        10 => steps(),
        3 => Just(Step::Begin),
        2 => Just(Step::Commit),
        2 => Just(Step::Rollback),
    ]
}

/// Who opens and ends the transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transactions {
    OfDiesel,
    OfRawSql,
}

#[derive(Default)]
pub(crate) struct State {
    held: Vec<Arc<Post>>,
    depth: usize,
}

impl State {
    pub(crate) fn is_in_transaction(&self) -> bool {
        self.depth > 0
    }
}

/// A connection on which programs run.
pub(crate) trait World: Connection + SimpleConnection {
    const UPSERT: &'static str;
    /// Lets generated keys begin above those of the seed.
    const RESTART: &'static str;

    fn step(&mut self, step: Step, by: Transactions, state: &mut State) -> QueryResult<()>;
    /// Every cached load gives what plain Diesel reads now, and one object per row.
    fn check(&mut self) -> Result<(), TestCaseError>;
    fn empty(&mut self);
    /// Every object there is, so that the maps hold them.
    fn hold_all(&mut self) -> Box<dyn std::any::Any>;

    fn begin(&mut self, by: Transactions, state: &mut State) -> QueryResult<()> {
        match (by, state.depth) {
            (Transactions::OfDiesel, _) => Self::TransactionManager::begin_transaction(self)?,
            (Transactions::OfRawSql, 0) => self.batch_execute("BEGIN")?,
            (Transactions::OfRawSql, depth) => {
                self.batch_execute(&format!("SAVEPOINT level_{depth}"))?;
            }
        }
        state.depth += 1;
        Ok(())
    }

    fn end(&mut self, keep: bool, by: Transactions, state: &mut State) -> QueryResult<()> {
        if state.depth == 0 {
            return Ok(());
        }
        state.depth -= 1;
        match (by, state.depth, keep) {
            (Transactions::OfDiesel, _, true) => Self::TransactionManager::commit_transaction(self),
            (Transactions::OfDiesel, _, false) => {
                Self::TransactionManager::rollback_transaction(self)
            }
            (Transactions::OfRawSql, 0, true) => self.batch_execute("COMMIT"),
            (Transactions::OfRawSql, 0, false) => self.batch_execute("ROLLBACK"),
            (Transactions::OfRawSql, depth, true) => {
                self.batch_execute(&format!("RELEASE SAVEPOINT level_{depth}"))
            }
            (Transactions::OfRawSql, depth, false) => {
                self.batch_execute(&format!("ROLLBACK TO SAVEPOINT level_{depth}"))
            }
        }
    }
}

macro_rules! world {
    ($conn:ty, $upsert:literal, $restart:literal) => {
        impl World for $conn {
            const UPSERT: &'static str = $upsert;
            const RESTART: &'static str = $restart;

            fn step(&mut self, step: Step, by: Transactions, state: &mut State) -> QueryResult<()> {
                let conn = self;
                let ids: Vec<i32> = posts::table.select(posts::id).order(posts::id).load(conn)?;
                let users: Vec<i32> = users::table.select(users::id).order(users::id).load(conn)?;
                let id = |at: usize| ids.get(at % ids.len().max(1)).copied();
                let user = match users.first() {
                    Some(user) => *user,
                    None => User::cached().insert(users::name.eq("another"), conn)?.id,
                };
                let new = |score: i32| {
                    (
                        posts::user_id.eq(user),
                        posts::title.eq(format!("score {score}")),
                        posts::body.eq(""),
                        posts::score.eq(score),
                    )
                };
                match step {
                    Step::Hold(at, strategy) => {
                        let posts = Post::cached()
                            .strategy(strategy)
                            .order(posts::id)
                            .load(conn)?;
                        if let Some(post) = posts.get(at % posts.len().max(1)) {
                            state.held.push(Arc::clone(post));
                        }
                    }
                    Step::DropOne(at) if !state.held.is_empty() => {
                        let at = at % state.held.len();
                        state.held.swap_remove(at);
                    }
                    Step::DropOne(_) => {}
                    Step::Insert(score) => {
                        let post = Post::cached().insert(new(score), conn)?;
                        assert_eq!(post.score, score);
                        state.held.push(post);
                    }
                    Step::InsertThree => {
                        let posts = Post::cached().insert_many((0..3).map(new), conn)?;
                        let scores: Vec<i32> = posts.iter().map(|post| post.score).collect();
                        assert_eq!(scores, [0, 1, 2]);
                    }
                    Step::Update(at, score) => {
                        let Some(id) = id(at) else { return Ok(()) };
                        let post = Post::cached().find(id).first(conn)?;
                        let post = Post::cached().update(&post, posts::score.eq(score), conn)?;
                        assert_eq!(post.score, score);
                        state.held.push(post);
                    }
                    Step::Save(at, score) => {
                        let Some(id) = id(at) else { return Ok(()) };
                        let post = Edited::cached().find(id).first(conn)?;
                        let changed = Edited {
                            score,
                            ..Edited::clone(&post)
                        };
                        assert_eq!(Edited::cached().save(changed, conn)?.score, score);
                    }
                    Step::MoveKey(at) => {
                        let Some(id) = id(at) else { return Ok(()) };
                        let children = comments::table.filter(comments::post_id.eq(id));
                        if children.count().get_result::<i64>(conn)? > 0
                            || ids.contains(&(id + 1000))
                        {
                            return Ok(());
                        }
                        let post = Post::cached().find(id).first(conn)?;
                        let post = Post::cached().update(&post, posts::id.eq(id + 1000), conn)?;
                        assert_eq!(post.id, id + 1000);
                    }
                    Step::Delete(at) => {
                        let Some(id) = id(at) else { return Ok(()) };
                        let post = Post::cached().find(id).first(conn)?;
                        Post::cached().delete(&post, conn)?;
                    }
                    Step::Refresh(at) => {
                        let Some(id) = id(at) else { return Ok(()) };
                        let post = Post::cached().find(id).first(conn)?;
                        let post = Post::cached().refresh(&post, conn)?;
                        state.held.push(post);
                    }
                    Step::Expire(at) => {
                        let Some(id) = id(at) else { return Ok(()) };
                        let post = Post::cached().find(id).first(conn)?;
                        Post::cached().expire(&post, conn)?;
                    }
                    Step::UpdateAll(score) => {
                        Post::cached()
                            .filter(posts::score.gt(score))
                            .update_all(posts::score.eq(posts::score - 1), conn)?;
                    }
                    Step::DeleteAll(score) => {
                        Post::cached()
                            .filter(posts::score.eq(score))
                            .delete_all(conn)?;
                    }
                    Step::DeleteUser(at) => {
                        let Some(user) = users.get(at % users.len().max(1)) else {
                            return Ok(());
                        };
                        let user = User::cached().find(user).first(conn)?;
                        User::cached().delete(&user, conn)?;
                    }
                    Step::InsertRemark(at) => {
                        let Some(id) = id(at) else { return Ok(()) };
                        let values = (
                            comments::post_id.eq(id),
                            comments::user_id.eq(user),
                            comments::body.eq("well"),
                        );
                        Remark::cached().insert(values, conn)?;
                    }
                    Step::PlainInsert(score) => {
                        diesel::insert_into(posts::table)
                            .values(new(score))
                            .execute(conn)?;
                    }
                    Step::PlainUpdate(at, score) => {
                        let Some(id) = id(at) else { return Ok(()) };
                        diesel::update(posts::table.find(id))
                            .set(posts::score.eq(score))
                            .execute(conn)?;
                    }
                    Step::SaveChanges(at, score) => {
                        let Some(id) = id(at) else { return Ok(()) };
                        let post: Edited = posts::table
                            .find(id)
                            .select(Edited::as_select())
                            .first(conn)?;
                        let changed = Edited { score, ..post };
                        let _: Edited = changed.save_changes(conn)?;
                    }
                    Step::PlainDelete(at) => {
                        let Some(id) = id(at) else { return Ok(()) };
                        diesel::delete(posts::table.find(id)).execute(conn)?;
                    }
                    Step::PlainDeleteUser(at) => {
                        let Some(user) = users.get(at % users.len().max(1)) else {
                            return Ok(());
                        };
                        diesel::delete(users::table.find(user)).execute(conn)?;
                    }
                    Step::RawUpdate(at, score) => {
                        let Some(id) = id(at) else { return Ok(()) };
                        diesel::sql_query(format!(
                            "update posts set score = {score} where id = {id}"
                        ))
                        .execute(conn)?;
                    }
                    Step::RawBatch(score) => {
                        conn.batch_execute(&format!(
                            "SELECT 2; UPDATE posts SET title = 'batch' WHERE score = {score};
                             DELETE FROM comments WHERE body = 'none'"
                        ))?;
                    }
                    Step::RawUpsert(at, score) => {
                        let Some(id) = id(at) else { return Ok(()) };
                        diesel::sql_query(format!(
                            "INSERT INTO posts (id, user_id, title, body, score)
                             VALUES ({id}, {user}, 'upsert', '', {score}) {} score = {score}",
                            Self::UPSERT
                        ))
                        .execute(conn)?;
                    }
                    Step::RawDelete(at) => {
                        let Some(id) = id(at) else { return Ok(()) };
                        diesel::sql_query(format!("DELETE FROM posts WHERE id = {id}"))
                            .execute(conn)?;
                    }
                    Step::Fails => {
                        let Some(id) = id(0) else { return Ok(()) };
                        // PostgreSQL goes on after a failure only from a savepoint.
                        let inside = state.depth > 0;
                        if inside {
                            conn.begin(by, state)?;
                        }
                        let twice = (posts::id.eq(id), new(0));
                        assert!(Post::cached().insert(twice, conn).is_err());
                        if inside {
                            conn.end(false, by, state)?;
                        }
                    }
                    Step::Begin => conn.begin(by, state)?,
                    Step::Commit => conn.end(true, by, state)?,
                    Step::Rollback => conn.end(false, by, state)?,
                }
                Ok(())
            }

            fn check(&mut self) -> Result<(), TestCaseError> {
                let conn = self;
                let plain: Vec<Post> = posts::table
                    .select(Post::as_select())
                    .order(posts::id)
                    .load(conn)
                    .unwrap();
                for post in &plain {
                    let found = Post::cached().find(post.id).first(conn).unwrap();
                    prop_assert_eq!(&*found, post);
                }
                let posts = Post::cached().order(posts::id).load(conn).unwrap();
                prop_assert!(
                    posts.iter().map(|post| &**post).eq(&plain),
                    "{posts:?} {plain:?}"
                );
                for post in &posts {
                    let found = Post::cached().find(post.id).first(conn).unwrap();
                    prop_assert!(Arc::ptr_eq(post, &found));
                }
                let plain: Vec<Edited> = posts::table
                    .select(Edited::as_select())
                    .order(posts::id)
                    .load(conn)
                    .unwrap();
                let edited = Edited::cached().order(posts::id).load(conn).unwrap();
                prop_assert!(
                    edited.iter().map(|post| &**post).eq(&plain),
                    "{edited:?} {plain:?}"
                );
                let plain: Vec<User> = users::table
                    .select(User::as_select())
                    .order(users::id)
                    .load(conn)
                    .unwrap();
                let users = User::cached().order(users::id).load(conn).unwrap();
                prop_assert!(
                    users.iter().map(|user| &**user).eq(&plain),
                    "{users:?} {plain:?}"
                );
                let plain: Vec<Remark> = comments::table
                    .select(Remark::as_select())
                    .order(comments::id)
                    .load(conn)
                    .unwrap();
                let remarks = Remark::cached().order(comments::id).load(conn).unwrap();
                prop_assert!(
                    remarks.iter().map(|remark| &**remark).eq(&plain),
                    "{remarks:?} {plain:?}"
                );
                Ok(())
            }

            fn hold_all(&mut self) -> Box<dyn std::any::Any> {
                let posts = Post::cached().load(self).unwrap();
                let edited = Edited::cached().load(self).unwrap();
                let users = User::cached().load(self).unwrap();
                Box::new((posts, edited, users, Remark::cached().load(self).unwrap()))
            }

            fn empty(&mut self) {
                self.batch_execute("DELETE FROM comments; DELETE FROM posts; DELETE FROM users")
                    .unwrap();
                self.batch_execute(Self::RESTART).unwrap();
            }
        }
    };
}

/// The same rows as another model, which keeps what is unchanged.
#[derive(
    Queryable, Selectable, Identifiable, AsChangeset, IdentityMapped, Debug, PartialEq, Clone,
)]
#[diesel(table_name = posts)]
#[identity_map(keep_unchanged)]
pub(crate) struct Edited {
    pub(crate) id: i32,
    pub(crate) user_id: i32,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) published: bool,
    pub(crate) score: i32,
}

world!(
    SqliteConnection,
    "ON CONFLICT (id) DO UPDATE SET",
    "SELECT 2"
);
#[cfg(feature = "postgres")]
world!(
    PgConnection,
    "ON CONFLICT (id) DO UPDATE SET",
    "SELECT setval('users_id_seq', 100), setval('posts_id_seq', 100)"
);
#[cfg(feature = "mysql")]
world!(MysqlConnection, "ON DUPLICATE KEY UPDATE", "SELECT 2");
