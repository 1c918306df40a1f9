//! An `&AsyncPgConnection`, on which several statements are under way at once.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use diesel::prelude::{ExpressionMethods, QueryDsl, Queryable, Selectable, TextExpressionMethods};
use diesel::result::Error;
use diesel::{QueryResult, sql_query};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use diesel_identity_map::IdentityMapError;
use diesel_identity_map::prelude::*;

use crate::db::asynchronous::postgres::Db;
use crate::db::asynchronous::{mapped, run};
use crate::db::{Recorder, asynchronous};
use crate::dropped::drop_after;
use crate::models::*;
use crate::schema::*;
use crate::slot::nothing_installed;

/// Runs a test on a database of three users and nine posts, with a connection to it.
fn test<F: Future>(test: impl FnOnce(Db, AsyncPgConnection, Recorder) -> F) -> F::Output {
    asynchronous::run(async {
        let db = Db::new();
        db.fill(3, 9);
        let (conn, sent) = mapped(db.connect().await, db.url());
        test(db, conn, sent).await
    })
}

/// What plain Diesel reads, in the order of the keys.
async fn titles(mut conn: &AsyncPgConnection) -> Vec<String> {
    let titles = posts::table.select(posts::title).order(posts::id);
    titles.load(&mut conn).await.unwrap()
}

/// What a cached load says of the same.
async fn cached_titles(mut conn: &AsyncPgConnection) -> Vec<String> {
    let all = Post::cached().order(posts::id).load(&mut conn).await;
    all.unwrap().iter().map(|post| post.title.clone()).collect()
}

async fn of_author(mut conn: &AsyncPgConnection, author: i32) -> QueryResult<Vec<Arc<Post>>> {
    let posts = Post::cached().filter(posts::user_id.eq(author));
    posts.order(posts::id).load(&mut conn).await
}

/// G1 and G2, while statements overlap.
#[test]
fn loads_that_overlap() {
    test(async |_db, conn, sent| {
        let wanted = String::from("post%");
        let (mut one, mut other) = (&conn, &conn);
        let (all, ones, twos) = tokio::join!(
            Post::cached()
                .filter(posts::title.like(&wanted))
                .order(posts::id)
                .load(&mut one),
            of_author(&conn, 1),
            Post::cached()
                .filter(posts::user_id.eq(2))
                .order(posts::id)
                .load(&mut other),
        );
        let (all, ones, twos) = (all.unwrap(), ones.unwrap(), twos.unwrap());
        assert!(all.iter().map(|post| post.id).eq(1..=9));
        assert_eq!(
            sent.take().len(),
            3,
            "and nothing by which the slot was asked for"
        );
        for post in ones.iter().chain(&twos) {
            let same = all.iter().find(|one| one.id == post.id).unwrap();
            assert!(Arc::ptr_eq(same, post));
        }
        let mut conn = conn;
        let again = Post::cached().find(5).first(&mut conn).await.unwrap();
        assert!(
            Arc::ptr_eq(&again, &all[4]),
            "the same map, to whom has the connection alone"
        );
        assert_eq!(sent.take().len(), 0);
    });
}

/// G1, over tasks and threads.
#[test]
fn tasks_that_share_a_connection() {
    test(async |_db, conn, _| {
        let conn = Arc::new(conn);
        let scope = Scope::new();
        let tasks: Vec<_> = (0..40)
            .map(|task| {
                let conn = Arc::clone(&conn);
                let work = async move {
                    let mut conn: &AsyncPgConnection = &conn;
                    let keys = (1..=9).map(|key| (key + task) % 9 + 1);
                    let posts = Post::cached().find_many(keys).load(&mut conn).await?;
                    let posts: Vec<_> = posts.into_iter().flatten().collect();
                    let users = posts.load_parents::<User>(&mut conn).await?;
                    QueryResult::Ok((posts, users))
                };
                tokio::spawn(work.in_identity_scope(scope.clone()))
            })
            .collect();
        let mut all = Vec::new();
        for task in tasks {
            all.push(task.await.unwrap().unwrap());
        }
        let mut found: Vec<_> = all.iter().flat_map(|(posts, _)| posts).collect();
        assert_eq!(found.len(), 40 * 9);
        found.sort_by_key(|post| (post.id, Arc::as_ptr(post)));
        found.dedup_by_key(|post| Arc::as_ptr(post));
        assert_eq!(found.len(), 9);
        assert_eq!(scope.stats().alive, 9 + 3);
    });
}

/// G3: a plain write that overlaps with loads.
#[test]
fn plain_writes_that_overlap() {
    test(async |db, conn, _| {
        let work = async {
            let (other, _) = mapped(db.connect().await, db.url());
            for round in 0..20 {
                let mut reader = &other;
                let held = Post::cached().find(1).first(&mut reader).await.unwrap();
                let (title, id) = (format!("round {round}"), round % 9 + 1);
                let write = |id| diesel::update(posts::table.find(id)).set(posts::title.eq(&title));
                let (mut one, mut two, mut three) = (&conn, &conn, &conn);
                let (first, second, third, _) = tokio::join!(
                    write(id).execute(&mut one),
                    write(id % 9 + 1).execute(&mut two),
                    sql_query("UPDATE posts SET score = score + 1").execute(&mut three),
                    cached_titles(&conn),
                );
                assert_eq!((first.unwrap(), second.unwrap(), third.unwrap()), (1, 1, 9));
                let now = titles(&conn).await;
                assert_eq!(cached_titles(&conn).await, now, "round {round}");
                assert_eq!(cached_titles(&other).await, now, "round {round}");
                let post = Post::cached().find(1).first(&mut reader).await.unwrap();
                assert_eq!(post.score, held.score + 1);
            }
        };
        work.in_identity_scope(Scope::new()).await;
    });
}

/// G3: what was told of first is sent last, and each ends for itself.
#[test]
fn a_plain_write_that_ends_late() {
    test(async |_db, conn, _| {
        let (mut slow, mut quick, mut reader) = (&conn, &conn, &conn);
        // A statement may have written a model that is not known yet when it is sent.
        drop(User::cached().load(&mut reader).await.unwrap());
        let slow = sql_query("UPDATE posts SET title = 'slow'").execute(&mut slow);
        let quick = sql_query("UPDATE users SET name = 'quick'").execute(&mut quick);
        quick.await.unwrap();
        let users = User::cached().load(&mut reader).await.unwrap();
        assert!(users.iter().all(|user| user.name == "quick"));
        let held = of_author(&conn, 1).await.unwrap();
        assert_eq!(held[0].title, "post 3");
        slow.await.unwrap();
        assert_eq!(cached_titles(&conn).await, ["slow"; 9]);
        let again = User::cached().find(1).first(&mut reader).await.unwrap();
        assert!(users.iter().any(|user| Arc::ptr_eq(user, &again)));
        let quick = User::cached().find(1).first(&mut reader).await.unwrap();
        assert!(Arc::ptr_eq(&again, &quick), "nothing is under way any more");
    });
}

/// G3: the end of a read is not the end of a write that was told of after it.
#[test]
fn a_read_that_ends_before_a_write() {
    test(async |_db, conn, _| {
        let (mut one, mut other, mut reader) = (&conn, &conn, &conn);
        let read = posts::table.count().get_result::<i64>(&mut one);
        let write = sql_query("UPDATE posts SET title = 'late'").execute(&mut other);
        read.await.unwrap();
        let held = Post::cached().find(1).first(&mut reader).await.unwrap();
        assert_eq!(held.title, "post 1");
        write.await.unwrap();
        assert_eq!(cached_titles(&conn).await, ["late"; 9]);
    });
}

/// However many there were, nothing is under way when all have ended.
#[test]
fn many_plain_writes_at_once() {
    test(async |_db, conn, sent| {
        let writes = (0..100).map(|number| {
            let mut conn = &conn;
            async move {
                let title = format!("{}{}", "x".repeat(number / 2), number);
                let write = sql_query(format!("UPDATE posts SET title = '{title}' WHERE id = 1"));
                write.execute(&mut conn).await
            }
        });
        let ends = futures_util::future::join_all(writes).await;
        assert!(ends.into_iter().all(|end| end == Ok(1)));
        let mut reader = &conn;
        let held = Post::cached().load(&mut reader).await.unwrap();
        sent.take();
        let again = Post::cached().find(2).first(&mut reader).await.unwrap();
        assert!(held.iter().any(|post| Arc::ptr_eq(post, &again)));
        assert_eq!(sent.take().len(), 0);
    });
}

/// Polls a future so often, with time for the server in between; what came of it, if it is ready.
async fn poll<F: Future>(polls: usize, mut future: Pin<&mut F>) -> Option<F::Output> {
    for _ in 0..polls {
        let polled = poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await;
        if let Poll::Ready(output) = polled {
            return Some(output);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    None
}

/// Waits for a future while another one, which was begun, is not polled; says whether that was
/// possible. `diesel-async` prepares under a lock, which the other one may have.
async fn beside<F: Future>(future: Pin<&mut F>) -> Option<F::Output> {
    tokio::time::timeout(Duration::from_millis(200), future)
        .await
        .ok()
}

/// What became of two statements of which the first was polled so often and then left alone.
enum Met {
    /// The second began and ended meanwhile.
    Crossed,
    /// The second had to wait for the first.
    Waited,
    /// The first had ended.
    Ended,
}

/// Runs a round for each point at which its first statement can be left, again until two
/// statements did overlap. The first time they are prepared, and wait for each other.
async fn at_each_point(mut round: impl AsyncFnMut(usize) -> Met) {
    for pass in 0..20 {
        let mut crossed = false;
        for polls in 1.. {
            match round(polls).await {
                Met::Crossed => crossed = true,
                Met::Waited => {}
                Met::Ended => break,
            }
        }
        if crossed && pass > 0 {
            return;
        }
    }
    panic!("the statements never overlapped");
}

/// G3: the answers to two writes to one row are worked off in another order than the server's.
#[test]
fn writes_to_one_row_that_overlap() {
    test(async |_db, conn, _| {
        for by_the_manager in [true, false] {
            at_each_point(async |polls| {
                let (mut one, mut other, mut reader) = (&conn, &conn, &conn);
                let post = Post::cached().find(1).first(&mut reader).await.unwrap();
                let earlier = Post::cached().update(&post, posts::title.eq("earlier"), &mut one);
                let mut earlier = pin!(earlier);
                if let Some(earlier) = poll(polls, earlier.as_mut()).await {
                    earlier.unwrap();
                    return Met::Ended;
                }
                let mut later = pin!(async {
                    if by_the_manager {
                        let later = posts::title.eq("later");
                        let later = Post::cached().update(&post, later, &mut other);
                        Some(later.await.unwrap())
                    } else {
                        let later = sql_query("UPDATE posts SET title = 'later' WHERE id = 1");
                        later.execute(&mut other).await.unwrap();
                        None
                    }
                });
                let (met, _held) = match beside(later.as_mut()).await {
                    Some(later) => (Met::Crossed, (earlier.await.unwrap(), later)),
                    None => {
                        let (earlier, later) = tokio::join!(earlier, later);
                        (Met::Waited, (earlier.unwrap(), later))
                    }
                };
                let now = titles(&conn).await;
                assert_eq!(
                    cached_titles(&conn).await,
                    now,
                    "{by_the_manager}, {polls} polls"
                );
                met
            })
            .await;
        }
    });
}

/// G4: a load beside an uncommitted write, of whose end nobody has heard, leaves nothing for others.
#[test]
fn a_load_beside_an_uncommitted_write() {
    test(async |db, mut conn, _| {
        let work = async {
            let (other, _) = mapped(db.connect().await, db.url());
            let before = titles(&other).await;
            for by_the_manager in [true, false] {
                at_each_point(async |polls| {
                    let mut met = Met::Ended;
                    let rolled_back = conn.transaction(async |conn| {
                        let shared: &AsyncPgConnection = conn;
                        let mut writer = shared;
                        let mut write = pin!(async {
                            let new = posts::title.eq("uncommitted");
                            if by_the_manager {
                                let all = Post::cached().filter(posts::id.gt(0));
                                all.update_all(new, &mut writer).await
                            } else {
                                diesel::update(posts::table)
                                    .set(new)
                                    .execute(&mut writer)
                                    .await
                            }
                        });
                        let written = if let Some(written) = poll(polls, write.as_mut()).await {
                            written?
                        } else {
                            let held = beside(pin!(of_author(shared, 1))).await;
                            met = held.as_ref().map_or(Met::Waited, |_| Met::Crossed);
                            assert_eq!(cached_titles(&other).await, before, "{polls} polls");
                            write.await?
                        };
                        assert_eq!(written, 9);
                        assert_eq!(cached_titles(shared).await, ["uncommitted"; 9]);
                        assert_eq!(cached_titles(&other).await, before);
                        Err::<(), _>(Error::RollbackTransaction)
                    });
                    assert_eq!(rolled_back.await, Err(Error::RollbackTransaction));
                    assert_eq!(cached_titles(&conn).await, before);
                    assert_eq!(cached_titles(&other).await, before);
                    met
                })
                .await;
            }
        };
        work.in_identity_scope(Scope::new()).await;
    });
}

/// G3 and G4: a load that began before an uncommitted write and ends after it.
#[test]
fn an_uncommitted_write_beside_a_load() {
    test(async |db, mut conn, _| {
        let work = async {
            let (other, _) = mapped(db.connect().await, db.url());
            let before = titles(&other).await;
            for had_written in [false, true] {
                at_each_point(async |polls| {
                    let mut met = Met::Ended;
                    let rolled_back = conn.transaction(async |conn| {
                        let shared: &AsyncPgConnection = conn;
                        let (mut reader, mut writer) = (shared, shared);
                        if had_written {
                            sql_query("UPDATE posts SET score = 7")
                                .execute(&mut writer)
                                .await?;
                        }
                        let load = Post::cached()
                            .order(posts::id)
                            .strategy(Strategy::KeysFirst);
                        let mut load = pin!(load.load(&mut reader));
                        let done = poll(polls, load.as_mut()).await;
                        let all = Post::cached().filter(posts::id.gt(0));
                        let write = all.update_all(posts::title.eq("uncommitted"), &mut writer);
                        let mut write = pin!(write);
                        let _held = if let Some(load) = done {
                            write.await?;
                            load?
                        } else if beside(write.as_mut()).await.is_some() {
                            met = Met::Crossed;
                            load.await?
                        } else {
                            met = Met::Waited;
                            let (load, write) = tokio::join!(load, write);
                            write?;
                            load?
                        };
                        assert_eq!(cached_titles(&other).await, before, "{polls} polls");
                        assert_eq!(cached_titles(shared).await, titles(shared).await);
                        Err::<(), _>(Error::RollbackTransaction)
                    });
                    assert_eq!(rolled_back.await, Err(Error::RollbackTransaction));
                    assert_eq!(cached_titles(&other).await, before);
                    met
                })
                .await;
            }
        };
        work.in_identity_scope(Scope::new()).await;
    });
}

/// G4: what was dropped before a transaction does not hide it.
#[test]
fn a_transaction_after_a_plain_write_that_was_dropped() {
    test(async |db, mut conn, _| {
        let work = async {
            let (other, _) = mapped(db.connect().await, db.url());
            for polls in 0..4 {
                let write = sql_query("UPDATE posts SET score = score + 1");
                drop_after(polls, write.execute(&mut conn)).await;
                let before = titles(&other).await;
                let rolled_back = conn.transaction(async |conn| {
                    let post = Post::cached().find(1).first(conn).await?;
                    Post::cached()
                        .update(&post, posts::title.eq("undone"), conn)
                        .await?;
                    assert_eq!(cached_titles(&other).await, before, "after {polls} polls");
                    Err::<(), _>(Error::RollbackTransaction)
                });
                assert_eq!(rolled_back.await, Err(Error::RollbackTransaction));
                assert_eq!(cached_titles(&other).await, before);
                assert_eq!(cached_titles(&conn).await, before);
            }
        };
        work.in_identity_scope(Scope::new()).await;
    });
}

/// G4: nor does one that could not be sent, of which Diesel never says how it ended.
#[test]
fn a_transaction_after_a_plain_write_that_was_not_sent() {
    use diesel::Connection;

    let db = crate::db::postgres::Db::new();
    db.fill(3, 9);
    let (mut conn, _) = crate::mapped(db.connect(), db.url());
    let (mut other, _) = crate::mapped(db.connect(), db.url());
    let _entered = Scope::new().entered();
    let insert = diesel::insert_into(users::table).values(users::name.eq(Unsendable));
    let insert = insert.returning(users::id);
    let error: QueryResult<i32> = diesel::RunQueryDsl::get_result(insert, &mut conn);
    assert!(error.unwrap_err().to_string().contains("unsendable"));
    let rolled_back = conn.transaction(|conn| {
        let post = Post::cached().find(1).first(conn)?;
        Post::cached().update(&post, posts::title.eq("undone"), conn)?;
        assert_eq!(Post::cached().find(1).first(&mut other)?.title, "post 1");
        Err::<(), _>(Error::RollbackTransaction)
    });
    assert_eq!(rolled_back, Err(Error::RollbackTransaction));
    assert_eq!(
        Post::cached().find(1).first(&mut other).unwrap().title,
        "post 1"
    );
    let user = User::cached().find(1).first(&mut conn).unwrap();
    let same = User::cached().find(1).first(&mut conn).unwrap();
    assert!(Arc::ptr_eq(&user, &same));
}

#[derive(Debug, diesel::expression::AsExpression)]
#[diesel(sql_type = diesel::sql_types::Text)]
struct Unsendable;

impl diesel::serialize::ToSql<diesel::sql_types::Text, diesel::pg::Pg> for Unsendable {
    fn to_sql<'b>(
        &'b self,
        _: &mut diesel::serialize::Output<'b, '_, diesel::pg::Pg>,
    ) -> diesel::serialize::Result {
        Err("unsendable".into())
    }
}

/// G3 and G7: a plain write that is dropped has happened, or not.
#[test]
fn a_plain_write_that_is_dropped() {
    test(async |db, conn, _| {
        let work = async {
            let (other, _) = mapped(db.connect().await, db.url());
            let mut held = &conn;
            let _held = Post::cached().load(&mut held).await.unwrap();
            for polls in 0.. {
                let title = format!("after {polls}");
                let mut writer = &conn;
                let write = diesel::update(posts::table).set(posts::title.eq(&title));
                let done = drop_after(polls, write.execute(&mut writer)).await;
                for _ in 0..2 {
                    let now = titles(&conn).await;
                    assert_eq!(cached_titles(&conn).await, now, "after {polls} polls");
                    assert_eq!(cached_titles(&other).await, now, "after {polls} polls");
                }
                if done {
                    assert!(polls > 0);
                    break;
                }
            }
        };
        work.in_identity_scope(Scope::new()).await;
    });
}

/// G3 and G7, for the manager's writes.
#[test]
fn a_write_that_is_dropped() {
    test(async |db, conn, _| {
        let work = async {
            let (other, _) = mapped(db.connect().await, db.url());
            for polls in 0.. {
                let mut reader = &conn;
                let held = Post::cached().find(1).first(&mut reader).await.unwrap();
                let title = format!("after {polls}");
                let mut writer = &conn;
                let write = Post::cached().update(&held, posts::title.eq(&title), &mut writer);
                let done = drop_after(polls, write).await;
                // A load that is not that write's.
                let by_another = of_author(&conn, 2).await.unwrap();
                assert_eq!(by_another.len(), 3);
                let now = titles(&conn).await;
                assert_eq!(cached_titles(&conn).await, now, "after {polls} polls");
                assert_eq!(cached_titles(&other).await, now, "after {polls} polls");
                if done {
                    assert!(polls > 0 && now[0] == title);
                    break;
                }
            }
        };
        work.in_identity_scope(Scope::new()).await;
    });
}

/// G4: the statements of a transaction may overlap.
#[test]
fn inside_a_transaction() {
    test(async |_db, mut conn, _| {
        let held = of_author(&conn, 1).await.unwrap();
        let rolled_back = conn.transaction(async |conn| {
            let shared: &AsyncPgConnection = conn;
            let (mut one, mut two) = (shared, shared);
            let (first, second) = tokio::join!(
                Post::cached().update(&held[0], posts::title.eq("undone"), &mut one),
                Post::cached().update(&held[1], posts::title.eq("undone"), &mut two),
            );
            let (first, second) = (first?, second?);
            let again = of_author(shared, 1).await?;
            assert!(Arc::ptr_eq(&again[0], &first) && Arc::ptr_eq(&again[1], &second));
            assert_eq!(again[0].title, "undone");
            Err::<(), _>(Error::RollbackTransaction)
        });
        assert_eq!(rolled_back.await, Err(Error::RollbackTransaction));
        let again = of_author(&conn, 1).await.unwrap();
        assert_eq!((&*again[0].title, &*again[1].title), ("post 3", "post 6"));
        assert!(
            Arc::ptr_eq(&again[2], &held[2]),
            "what was not touched keeps its identity"
        );
    });
}

/// G5: what changes the rows that a session sees, while others use it.
#[test]
fn a_setting_that_overlaps() {
    test(async |db, conn, _| {
        let work = async {
            let mut other = mapped(db.connect().await, db.url()).0;
            let mut setter = &conn;
            let set = sql_query("SET search_path TO pg_catalog, public").execute(&mut setter);
            let meanwhile = of_author(&conn, 1).await.unwrap();
            let theirs = Post::cached().find(3).first(&mut other).await.unwrap();
            assert!(!Arc::ptr_eq(&theirs, &meanwhile[0]));
            set.await.unwrap();
            let after = of_author(&conn, 1).await.unwrap();
            assert!(!Arc::ptr_eq(&after[0], &theirs));
        };
        work.in_identity_scope(Scope::new()).await;
    });
}

/// Each call's statements are told of where that call was, though they overlap.
#[test]
fn what_a_scope_reports() {
    test(async |_db, conn, _| {
        let scope = Scope::builder().track_statements(2).build();
        let (mut one, mut other) = (&conn, &conn);
        let ones = async {
            for key in 1..=4 {
                Post::cached().find(key).first(&mut one).await.unwrap();
            }
        };
        let others = async {
            for key in 5..=9 {
                Post::cached().find(key).first(&mut other).await.unwrap();
            }
        };
        async { tokio::join!(ones, others) }
            .in_identity_scope(scope.clone())
            .await;
        let report = scope.report();
        let mut times: Vec<_> = report.repeated().iter().map(|one| one.times).collect();
        times.sort_unstable();
        assert_eq!(times, [4, 5], "{report}");
    });
}

#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = posts)]
#[identity_map(hooks)]
struct Watched {
    id: i32,
    title: String,
}

impl<C> AsyncHooks<C> for Watched {}
impl<C> Hooks<C> for Watched {}

/// G7: hooks and their write are one transaction, which nobody may begin here.
#[test]
fn a_write_with_hooks_is_refused() {
    test(async |_db, mut conn, sent| {
        let mut shared = &conn;
        let held = Watched::cached().find(1).first(&mut shared).await.unwrap();
        sent.take();
        let write = Watched::cached().update(&held, posts::title.eq("new"), &mut shared);
        let error = write.await.unwrap_err();
        assert_eq!(
            IdentityMapError::of(&error),
            Some(&IdentityMapError::SharedConnection)
        );
        let error = Watched::cached()
            .delete(&held, &mut shared)
            .await
            .unwrap_err();
        assert_eq!(
            IdentityMapError::of(&error),
            Some(&IdentityMapError::SharedConnection)
        );
        assert_eq!(sent.take(), [""; 0]);
        let again = Watched::cached().find(1).first(&mut shared).await.unwrap();
        assert!(Arc::ptr_eq(&again, &held));
        let write = Watched::cached().update(&held, posts::title.eq("new"), &mut conn);
        assert_eq!(write.await.unwrap().title, "new");
    });
}

#[test]
#[allow(clippy::await_holding_lock)] // of a test whose runtime is its own
fn without_a_map() {
    run(async {
        let _nothing = nothing_installed();
        let db = Db::new();
        let conn = db.connect().await;
        let mut shared = &conn;
        let error = Post::cached().load(&mut shared).await.unwrap_err();
        assert!(
            matches!(
                IdentityMapError::of(&error),
                Some(IdentityMapError::NotEnabled)
            ),
            "{error}"
        );
        let own = Post::cached().uncached().load(&mut shared).await.unwrap();
        assert!(own.is_empty());
        let removed = diesel::delete(posts::table).execute(&mut shared).await;
        assert_eq!(removed.unwrap(), 0);
    });
}

/// The stream of a shared connection.
#[test]
fn a_stream_of_objects() {
    test(async |_db, conn, sent| {
        let (mut one, mut other) = (&conn, &conn);
        let held = Post::cached().find(7).first(&mut one).await.unwrap();
        let mut rows = Post::cached()
            .order(posts::id)
            .load_iter(&mut one)
            .await
            .unwrap();
        let meanwhile = Post::cached().find(7).first(&mut other).await.unwrap();
        assert!(Arc::ptr_eq(&meanwhile, &held));
        let mut count = 0;
        while let Some(post) = poll_fn(|context| rows.as_mut().poll_next(context)).await {
            count += 1;
            let post = post.unwrap();
            assert_eq!(post.id == 7, Arc::ptr_eq(&post, &held));
        }
        assert_eq!((count, sent.take().len()), (9, 2));
    });
}
