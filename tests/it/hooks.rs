//! Hooks: when they run, how often, and what is left when one of them fails.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;

use diesel::connection::{
    Instrumentation, InstrumentationEvent, SimpleConnection, TransactionManager,
};
use diesel::prelude::*;
use diesel::result::DatabaseErrorKind::{ForeignKeyViolation, UniqueViolation};
use diesel::result::Error;
use diesel_identity_map::{
    Change, Hooks, IdentityMapConnection, IdentityMapError, IdentityMapped, MapOptions, Retain,
    Saving, Scope, Strategy,
};

use crate::db::{Recorder, each_database};
use crate::mapped;
use crate::models::*;
use crate::schema::*;

/// A post whose hooks are told to [`happened`].
#[derive(
    Queryable, Selectable, Identifiable, AsChangeset, IdentityMapped, Debug, Clone, PartialEq,
)]
#[diesel(table_name = posts)]
#[identity_map(hooks)]
struct Noted {
    id: i32,
    title: String,
    score: i32,
}

/// A child of such a post, noted as well.
#[derive(Queryable, Selectable, Identifiable, Associations, IdentityMapped, Debug, PartialEq)]
#[diesel(table_name = comments, belongs_to(Noted, foreign_key = post_id))]
#[identity_map(hooks)]
struct Answer {
    id: i64,
    post_id: i32,
    body: String,
}

diesel::table! {
    leaves (id) {
        id -> Integer,
        user_id -> Integer,
    }
}

/// A row whose parent is looked for at the commit.
#[derive(Queryable, Selectable, IdentityMapped, Debug, PartialEq)]
#[diesel(table_name = leaves)]
#[identity_map(hooks)]
struct Leaf {
    id: i32,
    user_id: i32,
}

diesel::table! {
    documents (id) {
        id -> Integer,
        text -> Text,
        lock_version -> Integer,
    }
}

#[derive(
    Queryable, Selectable, Identifiable, AsChangeset, IdentityMapped, Debug, Clone, PartialEq,
)]
#[identity_map(hooks, version = lock_version)]
struct Document {
    id: i32,
    text: String,
    lock_version: i32,
}

macro_rules! noted {
    ($($model:ident $name:literal)+) => {$(
        impl<C: 'static> Hooks<C> for $model {
            fn pre_save(saving: Saving<'_, Self>, conn: &mut C) -> QueryResult<()> {
                match saving {
                    Saving::Insert => happened(concat!($name, "pre_save insert").to_owned(), conn),
                    Saving::Update(old) => {
                        happened(format!("{}pre_save update {}", $name, old.id), conn)
                    }
                    Saving::Save(new) => {
                        happened(format!("{}pre_save save {}", $name, new.id), conn)
                    }
                }
            }

            fn post_save(object: &Arc<Self>, created: bool, conn: &mut C) -> QueryResult<()> {
                let what = if created { "created" } else { "updated" };
                happened(format!("{}post_save {what} {}", $name, object.id), conn)
            }

            fn pre_delete(object: &Arc<Self>, conn: &mut C) -> QueryResult<()> {
                happened(format!("{}pre_delete {}", $name, object.id), conn)
            }

            fn post_delete(object: &Arc<Self>, conn: &mut C) -> QueryResult<()> {
                happened(format!("{}post_delete {}", $name, object.id), conn)
            }

            fn post_load(object: &Arc<Self>, conn: &mut C) -> QueryResult<()> {
                happened(format!("{}post_load {}", $name, object.id), conn)
            }

            fn after_commit(object: &Arc<Self>, change: Change) {
                let event = format!("{}after_commit {change:?} {}", $name, object.id);
                happened(event, &mut ()).unwrap();
            }
        }
    )+};
}

noted! {
    Noted ""
    Answer "answer "
    Leaf "leaf "
    Document "document "
}

type Act = Rc<dyn Fn(&mut dyn Any) -> QueryResult<()>>;

thread_local! {
    static LOG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    static ACTS: RefCell<Vec<(String, Act)>> = const { RefCell::new(Vec::new()) };
}

fn happened(event: String, conn: &mut dyn Any) -> QueryResult<()> {
    LOG.with_borrow_mut(|log| log.push(event.clone()));
    let act = ACTS.with_borrow_mut(|acts| {
        let at = acts.iter().position(|(on, _)| event.starts_with(on))?;
        Some(acts.remove(at).1)
    });
    act.map_or(Ok(()), |act| act(conn))
}

/// What happened on this thread since this was asked last.
fn log() -> Vec<String> {
    LOG.with_borrow_mut(std::mem::take)
}

/// The same where the order is the database's.
fn sorted_log() -> Vec<String> {
    let mut log = log();
    log.sort();
    log
}

/// The events of [`log`] that tell of a commit.
fn commits() -> Vec<String> {
    let mut log = log();
    log.retain(|event| event.contains("after_commit"));
    log
}

/// Runs `act` the next time that something happens whose note begins with `event`.
fn once<C: 'static>(event: &str, act: impl Fn(&mut C) -> QueryResult<()> + 'static) {
    let act: Act = Rc::new(move |conn| act(conn.downcast_mut().unwrap()));
    ACTS.with_borrow_mut(|acts| acts.push((event.to_owned(), act)));
}

fn fail_once<C: 'static>(event: &str) {
    once::<C>(event, |_| Err(refusal()));
}

fn panic_once<C: 'static>(event: &str) {
    once::<C>(event, |_| panic!("a hook that panics"));
}

fn nothing_left_to_do() -> bool {
    ACTS.with_borrow_mut(std::mem::take).is_empty()
}

fn refusal() -> Error {
    Error::QueryBuilderError("a hook's own error".into())
}

fn is_refusal(error: &Error) -> bool {
    error.to_string() == "a hook's own error"
}

fn noted<C: Connection>(conn: C, name: &str) -> (C, Recorder) {
    nothing_left_to_do();
    let (mut conn, sent) = mapped(conn, name);
    seed(&mut conn, 2, 4);
    seed_comments(&mut conn, 4, 8);
    log();
    (conn, sent)
}

type New<'a> = (
    diesel::dsl::Eq<posts::id, i32>,
    diesel::dsl::Eq<posts::user_id, i32>,
    diesel::dsl::Eq<posts::title, &'a str>,
    diesel::dsl::Eq<posts::body, &'a str>,
);

fn new(id: i32) -> New<'static> {
    (
        posts::id.eq(id),
        posts::user_id.eq(1),
        posts::title.eq("new"),
        posts::body.eq("body"),
    )
}

/// The rows as a connection without a map reads them.
fn rows<C>(conn: &mut C) -> Vec<(i32, String, i32)>
where
    C: diesel::connection::LoadConnection,
    for<'q> diesel::dsl::Order<
        diesel::dsl::Select<posts::table, (posts::id, posts::title, posts::score)>,
        posts::id,
    >: diesel::query_dsl::LoadQuery<'q, C, (i32, String, i32)>,
{
    posts::table
        .select((posts::id, posts::title, posts::score))
        .order(posts::id)
        .load(conn)
        .unwrap()
}

/// Everything that is held, and how to tell that it is held still.
struct Held {
    noted: Vec<Arc<Noted>>,
    posts: Vec<Arc<Post>>,
    answers: Vec<Arc<Answer>>,
    users: Vec<Arc<User>>,
}

macro_rules! hold {
    ($conn:expr) => {{
        let held = Held {
            noted: Noted::cached().order(posts::id).load($conn).unwrap(),
            posts: Post::cached().order(posts::id).load($conn).unwrap(),
            answers: Answer::cached().order(comments::id).load($conn).unwrap(),
            users: User::cached().order(users::id).load($conn).unwrap(),
        };
        log();
        held
    }};
}

impl Held {
    fn assert_still<C: Connection>(&self, what: &str, conn: &mut C) {
        let map = conn.identity_map().unwrap();
        self.assert_others_still(0, what, conn);
        for old in &self.noted {
            let now = map.get::<Noted>(&old.id);
            assert!(
                now.is_some_and(|now| Arc::ptr_eq(old, &now)),
                "{what}: noted {}",
                old.id
            );
        }
        for old in &self.posts {
            let now = map.get::<Post>(&old.id);
            assert!(
                now.is_some_and(|now| Arc::ptr_eq(old, &now)),
                "{what}: post {}",
                old.id
            );
        }
        for old in &self.answers {
            let now = map.get::<Answer>(&old.id);
            assert!(
                now.is_some_and(|now| Arc::ptr_eq(old, &now)),
                "{what}: answer {}",
                old.id
            );
        }
    }

    /// What a write to the row `id` cannot have touched.
    fn assert_others_still<C: Connection>(&self, id: i32, what: &str, conn: &mut C) {
        let map = conn.identity_map().unwrap();
        for old in self.noted.iter().filter(|old| old.id != id) {
            let now = map.get::<Noted>(&old.id);
            assert!(
                now.is_some_and(|now| Arc::ptr_eq(old, &now)),
                "{what}: noted {}",
                old.id
            );
        }
        for old in &self.users {
            let now = map.get::<User>(&old.id);
            assert!(
                now.is_some_and(|now| Arc::ptr_eq(old, &now)),
                "{what}: user {}",
                old.id
            );
        }
    }
}

struct Silent;

impl Instrumentation for Silent {
    fn on_connection_event(&mut self, _: InstrumentationEvent<'_>) {}
}

fn roll_back<C: Connection>(conn: &mut C) {
    while C::TransactionManager::transaction_manager_status_mut(conn)
        .transaction_depth()
        .unwrap()
        .is_some()
    {
        C::TransactionManager::rollback_transaction(conn).unwrap();
    }
}

/// Writes with the hook events of each, in order.
type Writing<C> = (
    &'static str,
    fn(&Held, &mut C) -> QueryResult<()>,
    &'static [&'static str],
);

/// The connection is a type of the surrounding module.
macro_rules! writings {
    () => {
        [
            (
                "insert",
                |_, conn| Noted::cached().insert(new(50), conn).map(drop),
                &["pre_save insert", "post_save created 50"],
            ),
            (
                "insert_many",
                |_, conn| {
                    Noted::cached()
                        .insert_many([new(50), new(51)], conn)
                        .map(drop)
                },
                &[
                    "pre_save insert",
                    "post_save created 50",
                    "post_save created 51",
                ],
            ),
            (
                "update",
                |held, conn| {
                    Noted::cached()
                        .update(&held.noted[1], posts::title.eq("x"), conn)
                        .map(drop)
                },
                &["pre_save update 2", "post_save updated 2"],
            ),
            (
                "update of the key",
                |held, conn| {
                    Answer::cached().delete(&held.answers[0], conn)?;
                    Answer::cached().delete(&held.answers[4], conn)?;
                    Noted::cached()
                        .update(&held.noted[1], posts::id.eq(52), conn)
                        .map(drop)
                },
                &["pre_save update 2", "post_save updated 52"],
            ),
            (
                "save",
                |held, conn| {
                    let changed = Noted {
                        score: 90,
                        ..Noted::clone(&held.noted[1])
                    };
                    Noted::cached().save(changed, conn).map(drop)
                },
                &["pre_save save 2", "post_save updated 2"],
            ),
            (
                "delete",
                |held, conn| Noted::cached().delete(&held.noted[1], conn),
                &["pre_delete 2", "post_delete 2"],
            ),
        ]
    };
}

each_database! {
    fn the_order_of_the_hooks(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        let made = Noted::cached().insert(new(50), conn).unwrap();
        assert_eq!(log(), ["pre_save insert", "post_save created 50", "after_commit Created 50"]);

        let made = Noted::cached().update(&made, posts::title.eq("x"), conn).unwrap();
        assert_eq!(
            log(),
            ["pre_save update 50", "post_save updated 50", "after_commit Updated 50"]
        );

        let made = Noted::cached().save(&*made, conn).unwrap();
        assert_eq!(log(), ["pre_save save 50", "post_save updated 50", "after_commit Updated 50"]);

        Noted::cached().delete(&made, conn).unwrap();
        assert_eq!(log(), ["pre_delete 50", "post_delete 50", "after_commit Deleted 50"]);
    }

    fn the_hooks_of_insert_many_run_for_each_row(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        Noted::cached().insert_many([new(52), new(50), new(51)], conn).unwrap();
        assert_eq!(
            log(),
            [
                "pre_save insert",
                "pre_save insert",
                "pre_save insert",
                "post_save created 52",
                "post_save created 50",
                "post_save created 51",
                "after_commit Created 52",
                "after_commit Created 50",
                "after_commit Created 51",
            ]
        );
        let none: [New; 0] = [];
        Noted::cached().insert_many(none, conn).unwrap();
        assert_eq!(log(), [""; 0]);
    }

    fn a_model_with_hooks_is_not_written_where_no_commit_is_seen(db) {
        let _nothing = crate::slot::nothing_installed();
        let conn = &mut db.connect();
        seed(conn, 1, 1);
        let error = Noted::cached().uncached().insert(new(50), conn).unwrap_err();
        assert_eq!(IdentityMapError::of(&error), Some(&IdentityMapError::NotEnabled));
        assert_eq!(posts::table.count().get_result::<i64>(conn), Ok(1));
    }

    fn a_hook_runs_once_where_the_write_is_uncached_or_in_a_scope(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        let created = |id| {
            [
                "pre_save insert".to_owned(),
                format!("post_save created {id}"),
                format!("after_commit Created {id}"),
            ]
        };
        Noted::cached().uncached().insert(new(50), conn).unwrap();
        assert_eq!(log(), created(50));
        let map = diesel_identity_map::IdentityMap::new();
        Noted::cached().in_map(&map).insert(new(51), conn).unwrap();
        assert_eq!(log(), created(51));
        let scope = Scope::builder().retain(Retain::UntilScopeEnds).build();
        scope.in_scope(|| Noted::cached().insert(new(52), conn).map(drop)).unwrap();
        assert_eq!(log(), created(52));
    }

    fn bulk_writes_and_plain_ones_run_no_hooks(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        Noted::cached().update_all(posts::score.eq(1), conn).unwrap();
        Noted::cached().filter(posts::id.eq(1)).delete_all(conn).unwrap();
        diesel::delete(posts::table.find(2)).execute(conn).unwrap();
        assert_eq!(log(), [""; 0]);
    }

    fn saving_tells_what_is_about_to_be_written(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        let held = hold!(conn);
        let id = held.noted[1].id;
        once(&format!("pre_save save {id}"), |conn: &mut Conn| {
            let now = Noted::cached().find(2).first(conn)?;
            assert_eq!(now.title, "post 2");
            Ok(())
        });
        let changed = Noted { title: "saved".to_owned(), ..Noted::clone(&held.noted[1]) };
        let saved = Noted::cached().save(changed, conn).unwrap();
        assert_eq!(saved.title, "saved");
        assert!(nothing_left_to_do());
    }

    fn a_hook_that_fails_undoes_the_write(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        let writings: [Writing<Conn>; 6] = writings!();
        for (name, write, hooks) in writings {
            for hook in hooks {
                let held = hold!(conn);
                let before = rows(conn);
                fail_once::<Conn>(hook);
                let what = format!("{name}, {hook}");
                let error = conn.transaction(|conn| write(&held, conn)).unwrap_err();
                assert!(is_refusal(&error), "{what}: {error}");
                assert!(nothing_left_to_do());
                assert_eq!(commits(), [""; 0], "{what}");
                assert_eq!(rows(conn), before, "{what}");
                held.assert_others_still(2, &what, conn);
            }
        }
    }

    fn a_hook_that_fails_leaves_the_map_as_before(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        let writings: [Writing<Conn>; 6] = writings!();
        for (name, write, hooks) in writings.into_iter().filter(|(name, ..)| !name.contains("key")) {
            for hook in hooks {
                let held = hold!(conn);
                let before = rows(conn);
                fail_once::<Conn>(hook);
                let what = format!("{name}, {hook}");
                let error = write(&held, conn).unwrap_err();
                assert!(is_refusal(&error), "{what}: {error}");
                assert!(nothing_left_to_do());
                assert_eq!(commits(), [""; 0], "{what}");
                assert_eq!(rows(conn), before, "{what}");
                held.assert_still(&what, conn);
                for id in [50, 51] {
                    assert_eq!(Noted::cached().find(id).first(conn).unwrap_err(), Error::NotFound);
                }
            }
        }
        Noted::cached().insert(new(50), conn).unwrap();
    }

    fn a_hook_that_fails_inside_a_transaction_undoes_its_write_alone(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        let writings: [Writing<Conn>; 6] = writings!();
        for (name, write, hooks) in writings.into_iter().filter(|(name, ..)| !name.contains("key")) {
            for hook in hooks {
                let mut held = hold!(conn);
                let what = format!("{name}, {hook}");
                conn.transaction(|conn| {
                    let title = format!("kept {what}");
                    let kept = Noted::cached().update(&held.noted[1], posts::title.eq(title), conn)?;
                    held.noted[1] = Arc::clone(&kept);
                    held.posts = Post::cached().order(posts::id).load(conn)?;
                    fail_once::<Conn>(hook);
                    let error = write(&held, conn).unwrap_err();
                    assert!(is_refusal(&error), "{what}: {error}");
                    for old in &held.noted {
                        let now = Noted::cached().find(old.id).first(conn)?;
                        assert!(Arc::ptr_eq(old, &now), "{what}: noted {}", old.id);
                    }
                    for old in &held.posts {
                        let now = Post::cached().find(old.id).first(conn)?;
                        assert!(Arc::ptr_eq(old, &now), "{what}: post {}", old.id);
                    }
                    QueryResult::Ok(())
                })
                .unwrap();
                held.assert_still(&what, conn);
                let row = &rows(conn)[1];
                assert_eq!((row.0, &row.1), (2, &format!("kept {what}")));
                assert_eq!(commits(), ["after_commit Updated 2"], "{what}");
            }
        }
    }

    fn a_statement_that_fails_leaves_the_map_as_before(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        let held = hold!(conn);
        let error = Noted::cached().insert(new(2), conn).unwrap_err();
        assert!(matches!(error, Error::DatabaseError(UniqueViolation, _)), "{error}");
        assert_eq!(log(), ["pre_save insert"]);
        held.assert_still("insert", conn);
        let orphan = posts::user_id.eq(99);
        let error = Noted::cached().update(&held.noted[0], orphan, conn).unwrap_err();
        assert!(matches!(error, Error::DatabaseError(ForeignKeyViolation, _)), "{error}");
        assert_eq!(log(), ["pre_save update 1"]);
        held.assert_still("update", conn);
        Noted::cached().insert(new(50), conn).unwrap();
    }

    fn a_row_that_is_gone_runs_no_later_hook(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        let held = hold!(conn);
        diesel::delete(posts::table.find(2)).execute(&mut db.connect()).unwrap();
        let update = Noted::cached().update(&held.noted[1], posts::score.eq(1), conn);
        assert_eq!(update.unwrap_err(), Error::NotFound);
        assert_eq!(log(), ["pre_save update 2"]);
        assert!(conn.identity_map().unwrap().get::<Noted>(&2).is_none());
        let held_again = Noted::cached().order(posts::id).load(conn).unwrap();
        assert_eq!(held_again.len(), 3);
        assert_eq!(Noted::cached().delete(&held.noted[1], conn).unwrap_err(), Error::NotFound);
        assert_eq!(log(), ["pre_delete 2"]);
        held.assert_others_still(2, "delete", conn);
    }

    fn a_version_conflict_runs_no_later_hook_and_shows_the_winner(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        conn.batch_execute(
            "CREATE TABLE documents (id INTEGER NOT NULL PRIMARY KEY, text VARCHAR(100) NOT NULL, \
             lock_version INTEGER NOT NULL DEFAULT 0)",
        )
        .unwrap();
        let new = (documents::id.eq(1), documents::text.eq("a"));
        let old = Document::cached().insert(new, conn).unwrap();
        let old = Document::cached().update(&old, documents::text.eq("b"), conn).unwrap();
        assert_eq!(old.lock_version, 1);
        diesel::update(documents::table)
            .set((documents::text.eq("theirs"), documents::lock_version.eq(2)))
            .execute(&mut db.connect())
            .unwrap();
        log();
        let error = Document::cached().update(&old, documents::text.eq("lost"), conn).unwrap_err();
        let expected = IdentityMapError::VersionConflict { model: "Document" };
        assert_eq!(IdentityMapError::of(&error), Some(&expected));
        assert_eq!(log(), ["document pre_save update 1"]);
        let winner = Document::cached().find(1).first(conn).unwrap();
        assert_eq!((&*winner.text, winner.lock_version), ("theirs", 2));
    }

    fn post_save_sees_the_new_version_of_its_own_row(db) {
        let (mut conn, sent) = noted(db.connect(), db.url());
        let conn = &mut conn;
        let held = hold!(conn);
        let seen: Rc<RefCell<Option<Arc<Noted>>>> = Rc::default();
        let (see, count) = (Rc::clone(&seen), sent.clone());
        once("post_save updated 2", move |conn: &mut Conn| {
            count.take();
            let own = Noted::cached().find(2).first(conn)?;
            assert_eq!(count.count(), 0);
            let all = Noted::cached().order(posts::id).load(conn)?;
            assert!(Arc::ptr_eq(&own, &all[1]));
            assert_eq!(Post::cached().find(2).first(conn)?.title, "mine");
            *see.borrow_mut() = Some(own);
            Ok(())
        });
        let new = Noted::cached().update(&held.noted[1], posts::title.eq("mine"), conn).unwrap();
        assert!(Arc::ptr_eq(&new, seen.borrow().as_ref().unwrap()));
        assert_eq!(new.title, "mine");
        let now = Noted::cached().find(2).first(conn).unwrap();
        assert!(Arc::ptr_eq(&new, &now));
        assert_eq!(log(), ["pre_save update 2", "post_save updated 2", "after_commit Updated 2"]);
    }

    fn post_delete_does_not_see_its_row(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        let held = hold!(conn);
        once("post_delete 2", |conn: &mut Conn| {
            assert_eq!(Noted::cached().find(2).first(conn).unwrap_err(), Error::NotFound);
            assert_eq!(Post::cached().find(2).first(conn).unwrap_err(), Error::NotFound);
            assert!(Answer::cached().filter(comments::post_id.eq(2)).load(conn)?.is_empty());
            Ok(())
        });
        Noted::cached().delete(&held.noted[1], conn).unwrap();
        assert!(nothing_left_to_do());
    }

    fn a_hook_writes_and_deletes_others(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        let held = hold!(conn);
        once("post_save updated 2", |conn: &mut Conn| {
            let user = User::cached().find(1).first(conn)?;
            User::cached().update(&user, users::name.eq("of a hook"), conn)?;
            let other = Noted::cached().find(3).first(conn)?;
            Noted::cached().delete(&other, conn)?;
            Noted::cached().insert(new(50), conn).map(drop)
        });
        Noted::cached().update(&held.noted[1], posts::title.eq("mine"), conn).unwrap();
        assert_eq!(
            log(),
            [
                "pre_save update 2",
                "post_save updated 2",
                "pre_delete 3",
                "post_delete 3",
                "pre_save insert",
                "post_save created 50",
                "after_commit Deleted 3",
                "after_commit Created 50",
                "after_commit Updated 2",
            ]
        );
        assert_eq!(User::cached().find(1).first(conn).unwrap().name, "of a hook");
        assert_eq!(Noted::cached().find(3).first(conn).unwrap_err(), Error::NotFound);
        assert_eq!(Noted::cached().find(50).first(conn).unwrap().title, "new");
        let now = Noted::cached().find(1).first(conn).unwrap();
        assert!(Arc::ptr_eq(&held.noted[0], &now));
    }

    fn what_a_hook_wrote_is_undone_with_its_write(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        let held = hold!(conn);
        let before = rows(conn);
        once("post_save updated 2", |conn: &mut Conn| {
            let user = User::cached().find(1).first(conn)?;
            User::cached().update(&user, users::name.eq("of a hook"), conn)?;
            let other = Noted::cached().find(3).first(conn)?;
            Noted::cached().delete(&other, conn)?;
            Noted::cached().insert(new(50), conn)?;
            diesel::update(posts::table.find(4)).set(posts::title.eq("plain")).execute(conn)?;
            assert_eq!(Noted::cached().find(4).first(conn)?.title, "plain");
            Err(refusal())
        });
        let error = Noted::cached().update(&held.noted[1], posts::title.eq("mine"), conn).unwrap_err();
        assert!(is_refusal(&error), "{error}");
        assert_eq!(commits(), [""; 0]);
        assert_eq!(rows(conn), before);
        held.assert_still("a hook that wrote and failed", conn);
        assert_eq!(Noted::cached().find(50).first(conn).unwrap_err(), Error::NotFound);
    }

    fn a_nested_write_that_fails_may_be_caught_by_the_hook(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        let held = hold!(conn);
        once("post_save updated 2", |conn: &mut Conn| {
            let other = Noted::cached().find(3).first(conn)?;
            fail_once::<Conn>("post_save updated 3");
            assert!(Noted::cached().update(&other, posts::title.eq("no"), conn).is_err());
            assert!(Arc::ptr_eq(&other, &Noted::cached().find(3).first(conn)?));
            assert!(Noted::cached().insert(new(1), conn).is_err());
            Ok(())
        });
        let new = Noted::cached().update(&held.noted[1], posts::title.eq("mine"), conn).unwrap();
        assert_eq!(log().last().unwrap(), "after_commit Updated 2");
        assert_eq!(rows(conn)[1].1, "mine");
        assert_eq!(rows(conn)[2].1, "post 3");
        assert!(Arc::ptr_eq(&new, &Noted::cached().find(2).first(conn).unwrap()));
        held.assert_others_still(2, "caught", conn);
    }

    fn pre_delete_deletes_the_children(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        let held = hold!(conn);
        let children = || Answer::cached().filter(comments::post_id.eq(2)).order(comments::id);
        let ids: Vec<i64> = children().load(conn).unwrap().iter().map(|answer| answer.id).collect();
        once("pre_delete 2", move |conn: &mut Conn| {
            for child in children().load(conn)? {
                Answer::cached().delete(&child, conn)?;
            }
            Ok(())
        });
        log();
        Noted::cached().delete(&held.noted[1], conn).unwrap();
        let mut expected = vec!["pre_delete 2".to_owned()];
        for id in &ids {
            expected.push(format!("answer pre_delete {id}"));
            expected.push(format!("answer post_delete {id}"));
        }
        expected.push("post_delete 2".to_owned());
        expected.extend(ids.iter().map(|id| format!("answer after_commit Deleted {id}")));
        expected.push("after_commit Deleted 2".to_owned());
        assert_eq!(log(), expected);
        for id in ids {
            assert_eq!(Answer::cached().find(id).first(conn).unwrap_err(), Error::NotFound);
        }
        held.assert_others_still(2, "delete", conn);
    }

    fn pre_save_may_change_its_own_row_first(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        let held = hold!(conn);
        once("pre_save update 2", |conn: &mut Conn| {
            let own = Noted::cached().find(2).first(conn)?;
            Noted::cached().update(&own, posts::score.eq(77), conn).map(drop)
        });
        let new = Noted::cached().update(&held.noted[1], posts::title.eq("mine"), conn).unwrap();
        assert_eq!((&*new.title, new.score), ("mine", 77));
        assert!(Arc::ptr_eq(&new, &Noted::cached().find(2).first(conn).unwrap()));
    }

    fn a_hook_that_panics_leaves_map_and_connection_usable(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        let writings: [Writing<Conn>; 6] = writings!();
        for (name, write, hooks) in writings.into_iter().filter(|(name, ..)| !name.contains("key")) {
            for hook in hooks {
                let held = hold!(conn);
                let before = rows(conn);
                panic_once::<Conn>(hook);
                let what = format!("{name}, {hook}");
                let panicked = catch_unwind(AssertUnwindSafe(|| write(&held, conn)));
                assert!(panicked.is_err(), "{what}");
                roll_back(conn);
                assert_eq!(commits(), [""; 0], "{what}");
                assert_eq!(rows(conn), before, "{what}");
                held.assert_others_still(2, &what, conn);
                assert_eq!(Noted::cached().find(2).first(conn).unwrap(), held.noted[1], "{what}");
                let again = Noted::cached().find(2).first(conn).unwrap();
                let new = Noted::cached().update(&again, posts::title.eq(&what), conn).unwrap();
                assert!(Arc::ptr_eq(&new, &Noted::cached().find(2).first(conn).unwrap()));
                assert_eq!(log().last().unwrap(), "after_commit Updated 2", "{what}");
            }
        }
    }

    fn post_load_runs_once_per_object(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        let all = ["post_load 1", "post_load 2", "post_load 3", "post_load 4"];
        for strategy in [Strategy::Auto, Strategy::KeysFirst, Strategy::Rows] {
            let query = || Noted::cached().strategy(strategy).order(posts::id);
            let one = Noted::cached().strategy(strategy).find(2).first(conn).unwrap();
            assert_eq!(log(), ["post_load 2"], "{strategy:?}");
            let posts = query().load(conn).unwrap();
            assert_eq!(sorted_log(), [all[0], all[2], all[3]], "{strategy:?}");
            query().load(conn).unwrap();
            Noted::cached().find(2).first(conn).unwrap();
            Noted::cached().find_many([1, 2]).load(conn).unwrap();
            query().limit(1).get_result(conn).unwrap();
            query().limit(1).one(conn).unwrap();
            let joined = query().inner_join(comments::table).load(conn).unwrap();
            assert_eq!(joined.len(), 8);
            assert_eq!(log(), [""; 0], "{strategy:?}");

            drop((one, posts, joined));
            let joined = query().inner_join(comments::table).load(conn).unwrap();
            assert_eq!(joined.len(), 8);
            assert_eq!(sorted_log(), all, "{strategy:?}, rows that repeat");
        }
    }

    fn post_load_of_find_many_fresh_and_uncached(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        let held = Noted::cached().find(2).first(conn).unwrap();
        log();
        let many = Noted::cached().find_many([1, 2, 99, 1]).load(conn).unwrap();
        assert_eq!(log(), ["post_load 1"]);
        Noted::cached().fresh().filter(posts::id.le(2)).load(conn).unwrap();
        assert_eq!(sorted_log(), ["post_load 1", "post_load 2"]);
        Noted::cached().uncached().filter(posts::id.le(2)).load(conn).unwrap();
        assert_eq!(sorted_log(), ["post_load 1", "post_load 2"]);
        let again = Noted::cached().refresh(&held, conn).unwrap();
        assert_eq!(log(), ["post_load 2"]);
        Noted::cached().expire(&again, conn).unwrap();
        Noted::cached().find(2).first(conn).unwrap();
        assert_eq!(log(), ["post_load 2"]);
        drop(many);
    }

    fn post_load_in_a_transaction_that_has_written(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        conn.transaction(|conn| {
            let two = Noted::cached().find(2).first(conn)?;
            let two = Noted::cached().update(&two, posts::title.eq("mine"), conn)?;
            log();
            let all = Noted::cached().order(posts::id).load(conn)?;
            assert!(Arc::ptr_eq(&two, &all[1]));
            assert_eq!(sorted_log(), ["post_load 1", "post_load 3", "post_load 4"]);
            Noted::cached().order(posts::id).load(conn)?;
            assert_eq!(log(), [""; 0]);
            QueryResult::Ok(())
        })
        .unwrap();
    }

    fn post_load_that_fails_leaves_the_map_as_before(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        let held = Noted::cached().find(2).first(conn).unwrap();
        for strategy in [Strategy::Auto, Strategy::KeysFirst, Strategy::Rows] {
            let query = || Noted::cached().strategy(strategy).order(posts::id);
            fail_once::<Conn>("post_load 3");
            assert!(is_refusal(&query().load(conn).unwrap_err()), "{strategy:?}");
            let map = conn.identity_map().unwrap();
            assert_eq!(map.len::<Noted>(), 1, "{strategy:?}");
            assert!(Arc::ptr_eq(&held, &map.get::<Noted>(&2).unwrap()));
            log();
            let all = query().load(conn).unwrap();
            assert_eq!((all.len(), log().len()), (4, 3), "{strategy:?}");
        }
        fail_once::<Conn>("post_load 3");
        assert!(Noted::cached().find_many([3, 2]).load(conn).is_err());
        assert!(conn.identity_map().unwrap().get::<Noted>(&3).is_none());
    }

    fn post_load_that_fails_gives_up_what_a_hook_holds(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        let seen: Rc<RefCell<Option<Arc<Noted>>>> = Rc::default();
        let see = Rc::clone(&seen);
        once("post_load 1", move |conn: &mut Conn| {
            *see.borrow_mut() = Some(Noted::cached().find(1).first(conn)?);
            Ok(())
        });
        fail_once::<Conn>("post_load 3");
        let posts = Noted::cached().strategy(Strategy::Rows).order(posts::id).load(conn);
        assert!(is_refusal(&posts.unwrap_err()));
        let held = seen.take().unwrap();
        assert!(conn.identity_map().unwrap().get::<Noted>(&1).is_none());
        assert!(!Arc::ptr_eq(&held, &Noted::cached().find(1).first(conn).unwrap()));
    }

    fn post_load_that_fails_keeps_nothing_in_a_scope_that_retains(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let _entered = Scope::builder().retain(Retain::UntilScopeEnds).build().entered();
        fail_once::<Conn>("post_load 3");
        assert!(Noted::cached().order(posts::id).load(&mut conn).is_err());
        assert_eq!(conn.identity_map().unwrap().len::<Noted>(), 0);
    }

    fn post_load_that_fails_after_a_fresh_load_leaves_the_map_as_before(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        let held = Noted::cached().filter(posts::id.le(2)).order(posts::id).load(conn).unwrap();
        fail_once::<Conn>("post_load 2");
        let fresh = Noted::cached().fresh().order(posts::id).load(conn);
        assert!(is_refusal(&fresh.unwrap_err()));
        let map = conn.identity_map().unwrap();
        for old in &held {
            let now = map.get::<Noted>(&old.id);
            assert!(now.is_some_and(|now| Arc::ptr_eq(old, &now)), "{}", old.id);
        }
        assert_eq!(map.len::<Noted>(), 2);
    }

    fn post_load_that_fails_after_a_refresh_leaves_the_map_as_before(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        let held = Noted::cached().find(2).first(conn).unwrap();
        fail_once::<Conn>("post_load 2");
        assert!(is_refusal(&Noted::cached().refresh(&held, conn).unwrap_err()));
        let now = conn.identity_map().unwrap().get::<Noted>(&2);
        assert!(now.is_some_and(|now| Arc::ptr_eq(&held, &now)));
    }

    fn post_load_that_panics_leaves_the_map_as_before(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        let held = Noted::cached().find(2).first(conn).unwrap();
        panic_once::<Conn>("post_load 3");
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            Noted::cached().order(posts::id).load(conn).map(drop)
        }));
        assert!(panicked.is_err());
        let map = conn.identity_map().unwrap();
        assert!(Arc::ptr_eq(&held, &map.get::<Noted>(&2).unwrap()));
        assert_eq!(map.len::<Noted>(), 1);
        log();
        assert_eq!(Noted::cached().load(conn).unwrap().len(), 4);
        assert_eq!(log().len(), 3);
    }

    fn post_load_may_load_its_own_row(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        let seen: Rc<RefCell<Option<Arc<Noted>>>> = Rc::default();
        let see = Rc::clone(&seen);
        once("post_load 2", move |conn: &mut Conn| {
            *see.borrow_mut() = Some(Noted::cached().find(2).first(conn)?);
            Noted::cached().order(posts::id).load(conn).map(drop)
        });
        let two = Noted::cached().find(2).first(conn).unwrap();
        assert!(Arc::ptr_eq(&two, seen.borrow().as_ref().unwrap()));
        assert_eq!(sorted_log(), ["post_load 1", "post_load 2", "post_load 3", "post_load 4"]);
    }

    fn after_commit_waits_for_the_outermost_commit(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        let held = hold!(conn);
        conn.transaction(|conn| {
            Noted::cached().insert(new(50), conn)?;
            conn.transaction(|conn| {
                Noted::cached().update(&held.noted[0], posts::score.eq(9), conn)?;
                conn.transaction(|conn| Noted::cached().insert(new(51), conn))
            })?;
            Noted::cached().delete(&held.noted[1], conn)?;
            assert_eq!(commits(), [""; 0]);
            QueryResult::Ok(())
        })
        .unwrap();
        assert_eq!(
            log(),
            [
                "after_commit Created 50",
                "after_commit Updated 1",
                "after_commit Created 51",
                "after_commit Deleted 2",
            ]
        );
        conn.transaction(|_| QueryResult::Ok(())).unwrap();
        assert_eq!(log(), [""; 0]);
    }

    fn after_commit_never_follows_a_rollback(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        let rolled_back: QueryResult<()> = conn.transaction(|conn| {
            Noted::cached().insert(new(50), conn)?;
            conn.transaction(|conn| Noted::cached().insert(new(51), conn))?;
            Err(Error::RollbackTransaction)
        });
        assert_eq!(rolled_back.unwrap_err(), Error::RollbackTransaction);
        conn.transaction(|_| QueryResult::Ok(())).unwrap();
        assert_eq!(commits(), [""; 0]);

        conn.transaction(|conn| {
            Noted::cached().insert(new(50), conn)?;
            let inner: QueryResult<()> = conn.transaction(|conn| {
                Noted::cached().insert(new(51), conn)?;
                conn.transaction(|conn| Noted::cached().insert(new(52), conn))?;
                Err(Error::RollbackTransaction)
            });
            assert!(inner.is_err());
            conn.transaction(|conn| Noted::cached().insert(new(53), conn))?;
            QueryResult::Ok(())
        })
        .unwrap();
        assert_eq!(commits(), ["after_commit Created 50", "after_commit Created 53"]);
    }

    fn after_commit_never_follows_a_test_transaction(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        conn.begin_test_transaction().unwrap();
        Noted::cached().insert(new(50), conn).unwrap();
        conn.transaction(|conn| Noted::cached().insert(new(51), conn)).unwrap();
        assert_eq!(commits(), [""; 0]);
        roll_back(conn);
        assert_eq!(log(), [""; 0]);
        assert_eq!(Noted::cached().find(50).first(conn).unwrap_err(), Error::NotFound);
    }

    fn after_commit_in_the_transaction_of_an_inner_hook_error(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        conn.transaction(|conn| {
            Noted::cached().insert(new(50), conn)?;
            fail_once::<Conn>("post_save created 51");
            assert!(is_refusal(&Noted::cached().insert(new(51), conn).unwrap_err()));
            Noted::cached().insert(new(52), conn)?;
            QueryResult::Ok(())
        })
        .unwrap();
        assert_eq!(commits(), ["after_commit Created 50", "after_commit Created 52"]);
    }

    fn after_commit_of_savepoints_that_are_driven_by_sql(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        conn.transaction(|conn| {
            Noted::cached().insert(new(50), conn)?;
            conn.batch_execute("SAVEPOINT a")?;
            Noted::cached().insert(new(51), conn)?;
            conn.batch_execute("ROLLBACK TO SAVEPOINT a")?;
            assert_eq!(Noted::cached().find(51).first(conn).unwrap_err(), Error::NotFound);
            Noted::cached().insert(new(52), conn)?;
            conn.batch_execute("RELEASE SAVEPOINT a")?;
            assert_eq!(commits(), [""; 0]);
            QueryResult::Ok(())
        })
        .unwrap();
        assert_eq!(commits(), ["after_commit Created 50", "after_commit Created 52"]);
    }

    /// No recorder here: Diesel cannot show such a statement.
    fn after_commit_follows_a_transaction_in_which_nothing_was_to_change(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        conn.enable_identity_map_with(MapOptions::new().instrumentation(Silent));
        let conn = &mut conn;
        conn.transaction(|conn| {
            Noted::cached().insert(new(50), conn)?;
            let nothing = None::<diesel::dsl::Eq<posts::score, i32>>;
            assert!(diesel::update(posts::table).set(nothing).execute(conn).is_err());
            QueryResult::Ok(())
        })
        .unwrap();
        assert_eq!(commits(), ["after_commit Created 50"]);
    }

    fn after_commit_that_panics_breaks_nothing(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        panic_once::<()>("after_commit Created 50");
        let made = conn.transaction(|conn| {
            let made = Noted::cached().insert(new(50), conn)?;
            Noted::cached().insert(new(51), conn)?;
            QueryResult::Ok(made)
        });
        let made = made.unwrap();
        assert_eq!(commits(), ["after_commit Created 50", "after_commit Created 51"]);
        assert!(Arc::ptr_eq(&made, &Noted::cached().find(50).first(conn).unwrap()));
        panic_once::<()>("after_commit Created 52");
        Noted::cached().insert(new(52), conn).unwrap();
        conn.transaction(|conn| Noted::cached().insert(new(53), conn)).unwrap();
        assert_eq!(log().last().unwrap(), "after_commit Created 53");
        assert_eq!(rows(&mut db.connect()).len(), 8);
    }

    fn after_commit_finds_the_object_in_the_map(db) {
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        let map = conn.identity_map().unwrap();
        once("after_commit Created 50", move |(): &mut ()| {
            assert_eq!(map.get::<Noted>(&50).unwrap().title, "new");
            Ok(())
        });
        let made = conn.transaction(|conn| Noted::cached().insert(new(50), conn)).unwrap();
        assert!(nothing_left_to_do());
        assert_eq!(made.id, 50);
    }
}

/// A foreign key that is looked at when the transaction commits.
macro_rules! deferred {
    ($($gate:meta)? ; $database:ident) => {
        $(#[$gate])?
        mod $database {
            use super::super::*;
            use crate::db::$database::{Conn, Db};

            fn leaves(db: &Db) -> Conn {
                let (mut conn, _) = noted(db.connect(), db.url());
                conn.batch_execute(
                    "CREATE TABLE leaves (id INTEGER NOT NULL PRIMARY KEY, user_id INTEGER NOT \
                     NULL REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED)",
                )
                .unwrap();
                conn
            }

            fn leaf(id: i32, user: i32) -> (
                diesel::dsl::Eq<leaves::id, i32>,
                diesel::dsl::Eq<leaves::user_id, i32>,
            ) {
                (leaves::id.eq(id), leaves::user_id.eq(user))
            }

            #[test]
            fn after_commit_never_follows_a_commit_that_fails() {
                let db = Db::new();
                let mut conn = leaves(&db);
                let conn = &mut conn;
                let held = hold!(conn);
                let failed = conn.transaction(|conn| {
                    Leaf::cached().insert(leaf(1, 99), conn)?;
                    Noted::cached().update(&held.noted[0], posts::title.eq("lost"), conn)
                });
                let error = failed.unwrap_err();
                assert!(matches!(error, Error::DatabaseError(ForeignKeyViolation, _)), "{error}");
                assert_eq!(commits(), [""; 0]);
                assert_eq!(Leaf::cached().find(1).first(conn).unwrap_err(), Error::NotFound);
                assert_eq!(Noted::cached().find(1).first(conn).unwrap().title, "post 1");
                held.assert_others_still(1, "a failed commit", conn);

                log();
                let made = conn.transaction(|conn| Leaf::cached().insert(leaf(1, 2), conn)).unwrap();
                assert_eq!(log().last().unwrap(), "leaf after_commit Created 1");
                assert!(Arc::ptr_eq(&made, &Leaf::cached().find(1).first(conn).unwrap()));
            }

            #[test]
            fn the_commit_of_the_write_itself_may_fail() {
                let db = Db::new();
                let mut conn = leaves(&db);
                let conn = &mut conn;
                let held = hold!(conn);
                let error = Leaf::cached().insert(leaf(1, 99), conn).unwrap_err();
                assert!(matches!(error, Error::DatabaseError(ForeignKeyViolation, _)), "{error}");
                assert_eq!(log(), ["leaf pre_save insert", "leaf post_save created 1"]);
                assert_eq!(Leaf::cached().find(1).first(conn).unwrap_err(), Error::NotFound);
                held.assert_still("a failed commit", conn);
                log();
                let made = Leaf::cached().insert(leaf(1, 2), conn).unwrap();
                assert_eq!(log().last().unwrap(), "leaf after_commit Created 1");
                let error = Leaf::cached().update(&made, leaves::user_id.eq(99), conn).unwrap_err();
                assert!(matches!(error, Error::DatabaseError(ForeignKeyViolation, _)), "{error}");
                assert_eq!(Leaf::cached().find(1).first(conn).unwrap(), made);
            }

            #[test]
            fn a_savepoint_s_release_is_no_commit() {
                let db = Db::new();
                let mut conn = leaves(&db);
                let conn = &mut conn;
                let mended = conn.transaction(|conn| {
                    let wrong = conn.transaction(|conn| Leaf::cached().insert(leaf(1, 99), conn))?;
                    assert_eq!(commits(), [""; 0]);
                    Leaf::cached().update(&wrong, leaves::user_id.eq(2), conn)
                });
                assert_eq!(mended.unwrap().user_id, 2);
                assert_eq!(commits(), ["leaf after_commit Created 1", "leaf after_commit Updated 1"]);
            }
        }
    };
}

mod deferred_constraints {
    deferred! { ; sqlite }
    deferred! { cfg(feature = "postgres"); postgres }
}

#[cfg(feature = "postgres")]
mod aborted {
    use super::*;
    use crate::db::postgres::{Conn, Db};

    fn abort(conn: &mut Conn) {
        assert!(
            diesel::sql_query("SELECT no_such_column")
                .execute(conn)
                .is_err()
        );
    }

    #[test]
    fn after_commit_never_follows_a_commit_that_rolled_back_in_silence() {
        let db = Db::new();
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        let held = hold!(conn);
        // Diesel may report it or not: the database has rolled back.
        let _ended = conn.transaction(|conn| {
            Noted::cached().insert(new(50), conn)?;
            Noted::cached().update(&held.noted[1], posts::title.eq("lost"), conn)?;
            abort(conn);
            QueryResult::Ok(())
        });
        assert_eq!(commits(), [""; 0]);
        assert_eq!(
            Noted::cached().find(50).first(conn).unwrap_err(),
            Error::NotFound
        );
        assert_eq!(Noted::cached().find(2).first(conn).unwrap().title, "post 2");
        held.assert_others_still(2, "an aborted transaction", conn);
        Noted::cached().insert(new(50), conn).unwrap();
        assert_eq!(log().last().unwrap(), "after_commit Created 50");
    }

    #[test]
    fn a_savepoint_that_is_rolled_back_heals_the_transaction() {
        let db = Db::new();
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        conn.transaction(|conn| {
            let kept = Noted::cached().insert(new(50), conn)?;
            let inner: QueryResult<()> = conn.transaction(|conn| {
                Noted::cached().insert(new(51), conn)?;
                abort(conn);
                Err(Error::RollbackTransaction)
            });
            assert!(inner.is_err());
            assert!(Arc::ptr_eq(&kept, &Noted::cached().find(50).first(conn)?));
            QueryResult::Ok(())
        })
        .unwrap();
        assert_eq!(commits(), ["after_commit Created 50"]);
    }

    #[test]
    fn a_hook_that_aborts_and_says_nothing() {
        let db = Db::new();
        let (mut conn, _) = noted(db.connect(), db.url());
        let conn = &mut conn;
        let held = hold!(conn);
        once("post_save updated 2", |conn: &mut Conn| {
            abort(conn);
            Ok(())
        });
        let _ended = Noted::cached().update(&held.noted[1], posts::title.eq("lost"), conn);
        assert_eq!(commits(), [""; 0]);
        assert_eq!(rows(conn)[1].1, "post 2");
        assert_eq!(Noted::cached().find(2).first(conn).unwrap().title, "post 2");
        held.assert_others_still(2, "aborted by a hook", conn);
    }
}
