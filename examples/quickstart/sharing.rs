//! What the map means for a program: shared objects, statements saved, scopes.

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use crate::blog::{Blog, Post, User, posts, users};
use crate::report::{Outcome, note, row, section, yes};

pub(crate) fn one_row_one_object(blog: &Blog) -> Outcome {
    section("1  One row, one object", &["plain Diesel", "identity map"]);

    let (mut conn, _) = blog.plain()?;
    let by_key: Post = posts::table
        .select(Post::as_select())
        .find(7)
        .first(&mut conn)?;
    let by_title: Post = posts::table
        .select(Post::as_select())
        .filter(posts::title.eq("Post 7"))
        .first(&mut conn)?;
    let plain = std::ptr::eq(&raw const by_key, &raw const by_title);
    assert_eq!(by_key, by_title);

    let (mut conn, _) = blog.mapped()?;
    let by_key = Post::cached().find(7).first(&mut conn)?;
    let by_title = Post::cached()
        .filter(posts::title.eq("Post 7"))
        .first(&mut conn)?;
    let mapped = Arc::ptr_eq(&by_key, &by_title);
    assert!(mapped);

    row("post 7, by key and by title:", &[&"", &""]);
    row("both the same object", &[&yes(plain), &yes(mapped)]);
    row("bodies in memory", &[&2, &Arc::strong_count(&by_key)]);
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
    assert_eq!(list().load(conn)?, all);
    line("the same query, all of them held", 1);

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
    row("together, in `stats().statements`", &[&stats.statements]);
    row("together, counted by Diesel", &[&sent.total()]);
    Ok(())
}

pub(crate) fn hits_and_misses(blog: &Blog) -> Outcome {
    section("3  Hits and misses", &["plain Diesel", "identity map"]);
    let page = posts::user_id.le(20);

    let (mut conn, plain) = blog.plain()?;
    let written: Vec<Post> = posts::table
        .select(Post::as_select())
        .filter(page)
        .order(posts::id)
        .limit(200)
        .load(&mut conn)?;
    for post in &written {
        let author: User = users::table
            .select(User::as_select())
            .find(post.user_id)
            .first(&mut conn)?;
        assert_eq!(author.id, post.user_id);
    }

    let (mut conn, sent) = blog.mapped()?;
    let shared = Post::cached()
        .filter(page)
        .order(posts::id)
        .limit(200)
        .load(&mut conn)?;
    let mut authors = Vec::new();
    for post in &shared {
        // It looks like the loop above, but who wrote twice is read once.
        authors.push(User::cached().find(post.user_id).first(&mut conn)?);
    }
    assert!(shared.iter().map(Arc::as_ref).eq(&written));

    let stats = conn.identity_map()?.stats();
    assert_eq!((stats.hits, stats.misses), (180, 220));
    assert_eq!((stats.statements, stats.alive), (sent.total(), 220));
    row("200 posts, and each one's author:", &[&"", &""]);
    row("statements", &[&plain.total(), &stats.statements]);
    row("hits: objects found alive", &[&"-", &stats.hits]);
    row("misses: objects read", &[&400, &stats.misses]);
    row("alive now", &[&"-", &stats.alive]);
    Ok(())
}

pub(crate) fn scopes(blog: &Blog) -> Outcome {
    section("6  Scopes", &[""]);
    let (mut conn, _) = blog.mapped()?;
    let mut author = |scope: &Scope| scope.in_scope(|| User::cached().find(1).first(&mut conn));

    // A web request or a job is a scope: what it sees is its own.
    let (request, other) = (Scope::new(), Scope::new());
    let (a, b, c) = (author(&request)?, author(&request)?, author(&other)?);
    let (within, across) = (Arc::ptr_eq(&a, &b), Arc::ptr_eq(&a, &c));
    assert!(within && !across && a.name == c.name);
    row("one object within a scope", &[&yes(within)]);
    row("shared by two scopes", &[&yes(across)]);

    let _entered = request.enter();
    let map = conn.identity_map()?;
    let posts = Post::cached().load(&mut conn)?;
    row("posts alive while a list holds them", &[&map.len::<Post>()]);
    assert_eq!(map.len::<Post>(), posts.len());
    drop(posts);
    row(
        "posts alive when the list is dropped",
        &[&map.len::<Post>()],
    );
    assert_eq!(map.len::<Post>(), 0);
    note("The map holds nothing by itself; `Scope::builder().retain(..)` can ask for it.");
    Ok(())
}
