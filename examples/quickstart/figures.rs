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

const RUNS: u32 = 5;
const LISTED: i32 = 5_000;

pub(crate) fn time(blog: &Blog) -> Outcome {
    section("4  Time", &["plain Diesel", "identity map", "faster"]);
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
                let author = User::cached().find(*id).first(mapped);
                author.map(|author| drop(black_box(author)))
            })
        },
    )?;

    note(&format!(
        "The best of {RUNS} runs; a plain row is put into an `Arc` too."
    ));
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
    let mut best = [Duration::MAX; 2];
    for _ in 0..RUNS {
        best[0] = best[0].min(timed(&mut plain)?);
        best[1] = best[1].min(timed(&mut mapped)?);
    }
    let [plain, mapped] = best;
    let faster = times(plain.as_secs_f64(), mapped.as_secs_f64());
    row(label, &[&millis(plain), &millis(mapped), &faster]);
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
    section("5  Memory", &["plain Diesel", "identity map", "smaller"]);
    let listed = posts::id.le(LISTED);
    let mut of_plain = Vec::new();
    let mut of_mapped = Vec::new();

    let (mut conn, _) = blog.plain()?;
    let mut screens: Vec<Vec<Post>> = Vec::new();
    let start = MEMORY.current_usage();
    for count in [1, 10, 0] {
        screens.truncate(count);
        while screens.len() < count {
            let query = posts::table.select(Post::as_select()).filter(listed);
            screens.push(query.load(&mut conn)?);
        }
        of_plain.push(MEMORY.current_usage() - start);
    }

    let (mut conn, _) = blog.mapped()?;
    let mut screens: Vec<Vec<Arc<Post>>> = Vec::new();
    let start = MEMORY.current_usage();
    for count in [1, 10, 0] {
        screens.truncate(count);
        while screens.len() < count {
            screens.push(Post::cached().filter(listed).load(&mut conn)?);
        }
        of_mapped.push(MEMORY.current_usage() - start);
    }
    for i in 0..3 {
        row(
            "x",
            &[
                &DecimalBytes(of_plain[i] as u64),
                &DecimalBytes(of_mapped[i] as u64),
            ],
        );
    }
    Ok(())
}
