//! What the map means for a program: shared objects, statements saved, scopes.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;
use indicatif::HumanCount;

use crate::blog::{Blog, Post, User, posts, users};
use crate::report::{Outcome, note, row, section};

pub(crate) fn one_row_one_object(blog: &Blog) -> Outcome {
    section("1  One row, one object", &["plain Diesel", "identity map"]);
    let by_title = posts::title.eq("Post 7");

    let (mut conn, _) = blog.plain()?;
    let post = || posts::table.select(Post::as_select());
    let a: Arc<Post> = post().find(7).first(&mut conn).map(Arc::new)?;
    let b: Arc<Post> = post().filter(by_title).first(&mut conn).map(Arc::new)?;
    let plain = Arc::ptr_eq(&a, &b);
    assert!(!plain && a == b);

    let (mut conn, _) = blog.mapped()?;
    let a = Post::cached().find(7).first(&mut conn)?;
    let b = Post::cached().filter(by_title).first(&mut conn)?;
    let mapped = Arc::ptr_eq(&a, &b);
    let objects = conn.identity_map()?.len::<Post>();
    assert!(mapped && objects == 1);

    note("let a = Post::cached().find(7).first(conn)?;");
    note("let b = Post::cached().filter(title.eq(\"Post 7\")).first(conn)?;");
    row("Arc::ptr_eq(&a, &b)", &[&plain, &mapped]);
    row("objects in memory", &[&2, &objects]);
    Ok(())
}

pub(crate) fn statements(blog: &Blog) -> Outcome {
    section("2  What is sent", &["statements"]);
    let (mut conn, sent) = blog.mapped()?;
    let conn = &mut conn;
    let mut before = 0;
    let mut line = |label, expected| {
        let now = sent.total() - before;
        before = sent.total();
        assert_eq!(now, expected, "{label}");
        row(label, &[&now]);
    };
    let list = || Post::cached().filter(posts::id.le(1000)).order(posts::id);

    let all = list().load(conn)?;
    line("1,000 posts, none of them held", 1);
    let again = list().load(conn)?;
    line("the same query, all of them held", 1);
    assert!(again.iter().zip(&all).all(|(a, b)| Arc::ptr_eq(a, b)));

    drop(again);
    let _half: Vec<Arc<Post>> = all.into_iter().filter(|post| post.id % 2 == 0).collect();
    list().strategy(Strategy::Rows).load(conn)?;
    line("half of them held, by rows", 1);
    list().strategy(Strategy::KeysFirst).load(conn)?;
    line("half of them held, keys first", 2);

    Post::cached().find(2).first(conn)?;
    line("find(2), which is held", 0);
    Post::cached().find(1).first(conn)?;
    line("find(1), which is not", 1);

    let even = (1..=500).map(|n| 2 * n);
    Post::cached().find_many(even).load(conn)?;
    line("find_many of 500, all of them held", 0);
    Post::cached().find_many(1..=1000).load(conn)?;
    line("find_many of 1,000, half of them held", 1);

    let stats = conn.identity_map()?.stats();
    assert_eq!(stats.statements, sent.total());
    row("in all, says `stats().statements`", &[&stats.statements]);
    row("in all, says Diesel's instrumentation", &[&sent.total()]);
    Ok(())
}

pub(crate) fn hits_and_misses(blog: &Blog) -> Outcome {
    section("3  Hits and misses", &["plain Diesel", "identity map"]);
    let page = posts::user_id.le(20);

    let (mut conn, plain) = blog.plain()?;
    let list = posts::table.filter(page).order(posts::id).limit(200);
    let page_of_plain: Vec<Post> = list.select(Post::as_select()).load(&mut conn)?;
    let mut authors_of_plain: Vec<User> = Vec::new();
    for post in &page_of_plain {
        let author = users::table.select(User::as_select()).find(post.user_id);
        authors_of_plain.push(author.first(&mut conn)?);
    }

    let (mut conn, sent) = blog.mapped()?;
    let list = Post::cached().filter(page).order(posts::id).limit(200);
    let page_of_mapped = list.load(&mut conn)?;
    let mut authors_of_mapped: Vec<Arc<User>> = Vec::new();
    for post in &page_of_mapped {
        // The same loop, but an author who is held costs no statement.
        authors_of_mapped.push(User::cached().find(post.user_id).first(&mut conn)?);
    }
    assert!(page_of_mapped.iter().map(Arc::as_ref).eq(&page_of_plain));
    assert!(
        authors_of_mapped
            .iter()
            .map(Arc::as_ref)
            .eq(&authors_of_plain)
    );

    let stats = conn.identity_map()?.stats();
    assert_eq!((stats.hits, stats.misses, stats.alive), (180, 220, 220));
    assert_eq!(stats.statements, sent.total());
    let objects = page_of_plain.len() + authors_of_plain.len();
    note("A page of 200 posts by 20 users, and the author of each post by `find`.");
    row("statements", &[&plain.total(), &stats.statements]);
    row("hits: objects found alive", &[&"-", &stats.hits]);
    row("misses: objects read", &[&objects, &stats.misses]);
    row("objects alive", &[&objects, &stats.alive]);
    Ok(())
}

pub(crate) fn scopes(blog: &Blog) -> Outcome {
    section("6  Scopes", &["identity map"]);
    let (mut conn, _) = blog.mapped()?;
    let mut author = |scope: &Scope| scope.in_scope(|| User::cached().find(1).first(&mut conn));

    // A web request or a job is a scope: its objects are its own.
    let (request, other) = (Scope::new(), Scope::new());
    let (a, b, c) = (author(&request)?, author(&request)?, author(&other)?);
    let (within, across) = (Arc::ptr_eq(&a, &b), Arc::ptr_eq(&a, &c));
    assert!(within && !across && a == c);
    row("one scope, one object", &[&within]);
    row("two scopes, one object", &[&across]);

    let _entered = request.enter();
    let map = conn.identity_map()?;
    let posts = Post::cached().load(&mut conn)?;
    let held = map.len::<Post>();
    assert_eq!(held, posts.len());
    drop(posts);
    let dropped = map.len::<Post>();
    assert_eq!(dropped, 0);
    row(
        "posts alive, while a list holds them",
        &[&HumanCount(held as u64)],
    );
    row("posts alive, the list dropped", &[&dropped]);
    note("A map keeps nothing alive, unless `Scope::builder().retain(..)` asks it to.");
    Ok(())
}
