//! What the map saves and what it costs, in time and memory, beside plain Diesel.

use std::hint::black_box;
use std::time::{Duration, Instant};

use diesel::connection::DefaultLoadingMode;
use diesel::prelude::*;
use diesel_identity_map::prelude::*;
use indicatif::DecimalBytes;

use crate::MEMORY;
use crate::blog::{Blog, POSTS, Post, User, posts, users};
use crate::report::{Outcome, count, millis, note, row, section, times};

/// Fewer where the build is slow.
const RUNS: u32 = if cfg!(debug_assertions) { 3 } else { 5 };

pub(crate) fn time(blog: &Blog) -> Outcome {
    section("4  Time", &["plain Diesel", "identity map", "ratio"]);
    let (plain, _) = &mut blog.plain()?;
    let (mapped, _) = &mut blog.mapped()?;
    let all = count(POSTS);

    load(&format!("load {all} posts, none held"), plain, mapped)?;

    let mut held = Post::cached().order(posts::id).load(mapped)?;
    assert!(held == every_post(plain)?);
    let authors: Vec<i32> = held.iter().map(|post| post.user_id).collect();
    load(&format!("load {all} posts, all held"), plain, mapped)?;

    held.retain(|post| post.id % 2 == 0);
    load(&format!("load {all} posts, half held"), plain, mapped)?;

    let _everybody = User::cached().load(mapped)?;
    duel(
        &format!("find {all} authors, all held"),
        || {
            authors.iter().try_for_each(|id| {
                let author = users::table.select(User::as_select()).find(id).first(plain);
                author.map(|author| drop(black_box(Arc::new(author))))
            })
        },
        || {
            authors.iter().try_for_each(|id| {
                let author = User::cached().find(id).first(mapped);
                author.map(|author| drop(black_box(author)))
            })
        },
    )?;

    note(&format!(
        "Best of {RUNS} runs each; plain rows go into an `Arc` too. A ratio below 1 is a"
    ));
    note("cost: what is not held has to be entered. What is held is not decoded again,");
    note("and a `find` of it does not ask the database.");
    Ok(())
}

fn load(label: &str, plain: &mut SqliteConnection, mapped: &mut SqliteConnection) -> Outcome {
    duel(
        label,
        || every_post(plain),
        || Post::cached().order(posts::id).load(mapped),
    )
}

fn every_post(conn: &mut SqliteConnection) -> QueryResult<Vec<Arc<Post>>> {
    posts::table
        .select(Post::as_select())
        .order(posts::id)
        .load_iter::<Post, DefaultLoadingMode>(conn)?
        .map(|post| post.map(Arc::new))
        .collect()
}

/// Times both in turns, so that a busy moment of the machine meets both.
fn duel<P, M>(
    label: &str,
    mut plain: impl FnMut() -> QueryResult<P>,
    mut mapped: impl FnMut() -> QueryResult<M>,
) -> Outcome {
    let (mut of_plain, mut of_mapped) = (Duration::MAX, Duration::MAX);
    for _ in 0..RUNS {
        of_plain = of_plain.min(timed(&mut plain)?);
        of_mapped = of_mapped.min(timed(&mut mapped)?);
    }
    let ratio = times(of_plain.as_secs_f64(), of_mapped.as_secs_f64());
    row(label, &[&millis(of_plain), &millis(of_mapped), &ratio]);
    Ok(())
}

/// The time that `work` takes, without that of dropping its result.
fn timed<T>(work: &mut impl FnMut() -> QueryResult<T>) -> QueryResult<Duration> {
    let start = Instant::now();
    let result = work()?;
    let time = start.elapsed();
    drop(result);
    Ok(time)
}

pub(crate) fn memory(blog: &Blog) -> Outcome {
    section("5  Memory", &["plain Diesel", "identity map", "ratio"]);
    let (mut conn, _) = blog.plain()?;
    let plain = bytes(|limit| {
        let list = posts::table.order(posts::id).limit(limit);
        list.select(Post::as_select()).load(&mut conn)
    })?;
    let (mut conn, _) = blog.mapped()?;
    let mapped = bytes(|limit| {
        let list = Post::cached().order(posts::id).limit(limit);
        list.load(&mut conn)
    })?;
    assert!(mapped[1] * 5 < plain[1]);

    let size = |bytes: u32| DecimalBytes(bytes.into());
    let ratio = |at: usize| times(plain[at].into(), mapped[at].into());
    row(
        "1 list of 5,000 posts",
        &[&size(plain[0]), &size(mapped[0]), &ratio(0)],
    );
    row(
        "10 lists of the same 5,000 posts",
        &[&size(plain[1]), &size(mapped[1]), &ratio(1)],
    );
    row("all of them dropped", &[&size(plain[2]), &size(mapped[2])]);
    row(
        "a list of 1 post after that",
        &[&size(plain[3]), &size(mapped[3])],
    );
    note("A dropped object leaves an entry behind, until the map is used again.");
    Ok(())
}

/// The bytes in use while one list is held, then ten, then none, then a short one.
fn bytes<P>(mut list: impl FnMut(i64) -> QueryResult<Vec<P>>) -> QueryResult<[u32; 4]> {
    let start = MEMORY.current_usage();
    let in_use = || u32::try_from(MEMORY.current_usage() - start).expect("far below 4 GB");

    let mut lists = vec![list(5_000)?];
    let one = in_use();
    for _ in 1..10 {
        lists.push(list(5_000)?);
    }
    let ten = in_use();
    drop(lists);
    let none = in_use();
    let _short = list(1)?;
    Ok([one, ten, none, in_use()])
}
