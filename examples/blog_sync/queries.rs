//! What the pages ask of the database: each a fixed number of statements, however many rows.

use std::collections::HashMap;

use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use super::Conn;
use crate::shared::forms::{NewComment, PageOf};
use crate::shared::models::{Comment, Entry, Post, PostTag, Tag, Thread, User};
use crate::shared::schema::{comments, post_tags, posts, users};

/// The newest posts, of a page.
pub(super) fn newest(at: PageOf, conn: &mut Conn) -> QueryResult<Vec<Entry>> {
    let posts = Post::cached()
        .filter(posts::published.eq(true))
        .order(posts::id.desc())
        .limit(at.size)
        .offset(at.offset())
        .with::<User>()
        .load(conn)?;
    entries(posts, conn)
}

/// A user and the newest posts of theirs.
pub(super) fn by_user(
    id: i32,
    at: PageOf,
    conn: &mut Conn,
) -> QueryResult<(Arc<User>, Vec<Entry>)> {
    let user = User::cached().find(id).first(conn)?;
    let posts = Post::cached()
        .filter(posts::user_id.eq(id))
        .filter(posts::published.eq(true))
        .order(posts::id.desc())
        .limit(at.size)
        .offset(at.offset())
        .with::<User>() // held already: no statement
        .load(conn)?;
    Ok((user, entries(posts, conn)?))
}

/// A tag and the newest posts that have it.
pub(super) fn with_tag(
    id: i32,
    at: PageOf,
    conn: &mut Conn,
) -> QueryResult<(Arc<Tag>, Vec<Entry>)> {
    let tag = Tag::cached().find(id).first(conn)?;
    let tagged = post_tags::table
        .filter(post_tags::tag_id.eq(id))
        .select(post_tags::post_id);
    let posts = Post::cached()
        .filter(posts::id.eq_any(tagged))
        .filter(posts::published.eq(true))
        .order(posts::id.desc())
        .limit(at.size)
        .offset(at.offset())
        .with::<User>()
        .load(conn)?;
    Ok((tag, entries(posts, conn)?))
}

/// The tags and the counts of comments for posts at hand: three statements at most.
fn entries(posts: Vec<(Arc<Post>, Arc<User>)>, conn: &mut Conn) -> QueryResult<Vec<Entry>> {
    let (posts, authors): (Vec<_>, Vec<_>) = posts.into_iter().unzip();
    let tags = tags_of(&posts, conn)?;
    // A count is no object: plain Diesel's.
    let ids: Vec<i32> = posts.iter().map(|post| post.id).collect();
    let counts: Vec<(i32, i64)> = comments::table
        .filter(comments::post_id.eq_any(ids))
        .group_by(comments::post_id)
        .select((comments::post_id, count_star()))
        .load(conn)?;
    let counts: HashMap<i32, i64> = counts.into_iter().collect();
    let entries = posts.into_iter().zip(authors).zip(tags);
    Ok(entries
        .map(|((post, author), tags)| Entry {
            comments: counts.get(&post.id).copied().unwrap_or(0),
            post,
            author,
            tags,
        })
        .collect())
}

fn tags_of(posts: &[Arc<Post>], conn: &mut Conn) -> QueryResult<Vec<Vec<Arc<Tag>>>> {
    let in_order = PostTag::cached().order((post_tags::position, post_tags::tag_id));
    posts.load_through_from::<PostTag, Tag, _>(in_order, conn)
}

/// A post with its author, its tags, and its comments with their authors.
pub(super) fn thread(id: i32, conn: &mut Conn) -> QueryResult<Thread> {
    let (post, author) = Post::cached()
        .filter(posts::id.eq(id))
        .filter(posts::published.eq(true))
        .with::<User>()
        .first(conn)?;
    let tags = tags_of(std::slice::from_ref(&post), conn)?.concat();
    let oldest_first = Comment::cached().order(comments::id);
    let comments = post.load_children_from(oldest_first, conn)?;
    let authors = comments.load_parents::<User>(conn)?;
    let comments = comments.into_iter().zip(authors).collect();
    Ok(Thread {
        post,
        author,
        tags,
        comments,
    })
}

/// Writes a comment; who is new here becomes a user.
pub(super) fn comment(
    post_id: i32,
    form: &NewComment,
    conn: &mut Conn,
) -> QueryResult<Arc<Comment>> {
    // What only reads stands before the transaction: on SQLite, one that has read cannot become
    // one that writes if somebody else has written meanwhile.
    let post = Post::cached()
        .filter(posts::id.eq(post_id))
        .filter(posts::published.eq(true))
        .first(conn)?;
    let known = User::cached()
        .filter(users::name.eq(&form.name))
        .order(users::id)
        .first(conn)
        .optional()?;
    conn.transaction(|conn| {
        let user = match known {
            Some(user) => user,
            None => User::cached().insert(users::name.eq(&form.name), conn)?,
        };
        let comment = (
            comments::post_id.eq(post.id),
            comments::user_id.eq(user.id),
            comments::body.eq(&form.body),
        );
        Comment::cached().insert(comment, conn)
    })
}
