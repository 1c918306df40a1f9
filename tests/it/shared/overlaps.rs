//! Two statements that overlap at each point there is: to one row, and one of them uncommitted.

use std::pin::pin;

use diesel::prelude::{ExpressionMethods, QueryDsl};
use diesel::result::Error;
use diesel::sql_query;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use diesel_identity_map::prelude::*;

use crate::db::asynchronous::mapped;
use crate::models::*;
use crate::schema::*;

use super::interleaving::*;
use super::setup::*;

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

/// G4: a load beside an uncommitted write, whose end is not known yet, leaves nothing for others.
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
