//! The pages. What comes from the database or the browser is escaped by maud.

use axum::http::StatusCode;
use axum::response::Html;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::forms::{NewComment, PageOf};
use super::models::{Entry, Tag, Thread, User};
use super::panel::Panel;
use diesel_identity_map::prelude::Arc;

const STYLE: &str = include_str!("style.css");

pub(crate) type Page = Html<String>;

/// A list of posts: all of them, those of a user, or those with a tag.
pub(crate) fn list(heading: &str, entries: &[Entry], at: PageOf, panel: &Panel) -> Page {
    let (page, size) = (at.page, at.size);
    let full = i64::try_from(entries.len()).is_ok_and(|shown| shown == size);
    let content = html! {
        h1 { (heading) }
        @for Entry { post, author, tags, comments } in entries {
            article.entry {
                h2 { a href={ "/posts/" (post.id) } { (post.title) } }
                p.meta {
                    (by(author)) " · " (tag_list(tags)) " · "
                    a.comments href={ "/posts/" (post.id) "#comments" } {
                        (comments) @if *comments == 1 { " comment" } @else { " comments" }
                    }
                }
                p { (post.body.split('\n').next().unwrap_or_default()) }
            }
        }
        @if entries.is_empty() { p { "No posts here." } }
        nav.pages {
            @if page > 1 { a rel="prev" href={ "?page=" (page - 1) "&size=" (size) } { "← newer" } }
            @if full { a rel="next" href={ "?page=" (page + 1) "&size=" (size) } { "older →" } }
        }
    };
    layout(heading, &content, Some(panel))
}

/// A post with its comments and the form, which is filled where a comment has been refused.
pub(crate) fn thread(
    thread: &Thread,
    refused: Option<&(NewComment, &'static str)>,
    panel: &Panel,
) -> Page {
    let Thread {
        post,
        author,
        tags,
        comments,
    } = thread;
    let content = html! {
        article {
            h1 { (post.title) }
            p.meta { (by(author)) " · " (tag_list(tags)) }
            @for paragraph in post.body.split('\n') { p { (paragraph) } }
        }
        section #comments {
            h2 { "Comments" }
            @for (comment, author) in comments {
                div.comment id={ "comment-" (comment.id) } {
                    p.meta { @if let Some(author) = author { (by(author)) } @else { "by somebody" } }
                    p { (comment.body) }
                }
            }
            @if comments.is_empty() { p { "None yet." } }
        }
        form method="post" action={ "/posts/" (post.id) "/comments" } {
            h2 { "Write one" }
            @if let Some((_, wrong)) = refused { p.warning role="alert" { (wrong) } }
            @let (name, body) = refused.map_or(("", ""), |(form, _)| (&form.name, &form.body));
            label { "Name" input name="name" value=(name) maxlength="50" required; }
            // A line break at the start of a textarea is the markup's, so it takes one more.
            label { "Comment" textarea name="body" rows="4" maxlength="2000" required { "\n" (body) } }
            button { "Send" }
        }
    };
    layout(&post.title, &content, Some(panel))
}

pub(crate) fn problem(status: StatusCode, text: &str, panel: Option<&Panel>) -> Page {
    let reason = status.canonical_reason().unwrap_or("Error");
    let content = html! { h1 { (status.as_u16()) " " (reason) } p.warning role="alert" { (text) } };
    layout(reason, &content, panel)
}

fn layout(title: &str, content: &Markup, panel: Option<&Panel>) -> Page {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                link rel="icon" href="data:,";
                title { (title) " · Rows" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header { a href="/" { "Rows" } span { "a blog on one object per row" } }
                main { (content) }
                @if let Some(panel) = panel { footer { (panel.html()) } }
            }
        }
    };
    Html(page.into_string())
}

fn by(author: &User) -> Markup {
    html! { "by " a.author href={ "/users/" (author.id) } { (author.name) } }
}

fn tag_list(tags: &[Arc<Tag>]) -> Markup {
    html! { @for tag in tags { a.tag href={ "/tags/" (tag.id) } { (tag.name) } } }
}
