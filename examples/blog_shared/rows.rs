//! The rows of a new blog.
//!
//! As SQL text, since the two databases differ in nothing here: rows name each other by their
//! names and titles, whatever ids they get.

use std::fmt::Write;

const USERS: [&str; 8] = [
    "Ada", "Alex", "Barbara", "Donald", "Edgar", "Grace", "Niklaus", "Tim",
];
const TAGS: [&str; 7] = ["rust", "sql", "types", "memory", "web", "history", "tests"];
const SUBJECTS: [&str; 6] = [
    "Rows",
    "Borrowing",
    "An index",
    "The planner",
    "A weak reference",
    "The join",
];
const SAYINGS: [&str; 6] = [
    "and what it is not",
    "in one afternoon",
    "considered once more",
    "for those who count statements",
    "without a second copy",
    "as it was in 1970",
];
const REMARKS: [&str; 5] = [
    "I had it the other way round until today.",
    "What happens if two of them meet?",
    "Measured it here: the same.",
    "a < b && b < c, so this should have been obvious.",
    "Thank you for the second paragraph.",
];

/// Statements that fill an empty blog.
pub(crate) fn statements() -> String {
    let mut sql = String::new();
    insert(
        &mut sql,
        "users (name)",
        USERS.iter().map(|name| text(name)),
    );
    insert(&mut sql, "tags (name)", TAGS.iter().map(|name| text(name)));
    let titles: Vec<String> = SAYINGS
        .iter()
        .flat_map(|saying| SUBJECTS.map(|subject| format!("{subject}, {saying}")))
        .collect();
    let all = || titles.iter().enumerate();
    let posts = all().map(|(n, title)| {
        let body = body(n, title);
        format!("{}, {}, {}, TRUE", user(n), text(title), text(&body))
    });
    insert(&mut sql, "posts (user_id, title, body, published)", posts);
    let tags = all().flat_map(|(n, title)| {
        // Different ones, since 1 to 3 steps of 2 do not come round among 7.
        (0..=n % 3).map(move |k| format!("{}, {}, {k}", post(title), tag(n + 2 * k)))
    });
    insert(&mut sql, "post_tags (post_id, tag_id, position)", tags);
    let comments = all().flat_map(|(n, title)| {
        (0..n * 5 % 6).map(move |k| {
            let remark = text(REMARKS[(n + k) % REMARKS.len()]);
            format!("{}, {}, {remark}", post(title), user(n + 3 * k))
        })
    });
    insert(&mut sql, "comments (post_id, user_id, body)", comments);
    sql
}

fn insert(sql: &mut String, into: &str, rows: impl Iterator<Item = String>) {
    let rows: Vec<String> = rows.map(|row| format!("({row})")).collect();
    // Writing to a `String` does not fail.
    let _ = writeln!(sql, "INSERT INTO {into} VALUES {};", rows.join(", "));
}

fn body(n: usize, title: &str) -> String {
    let remark = REMARKS[n % REMARKS.len()];
    format!(
        "{title}: a short text, so that the list has something to show.\n\
         It is the {}th of its kind. One row of the table, one object in the request, however often \
         it is asked for.\n{remark}",
        n + 1
    )
}

fn user(n: usize) -> String {
    format!(
        "(SELECT id FROM users WHERE name = {})",
        text(USERS[n % USERS.len()])
    )
}

fn tag(n: usize) -> String {
    format!(
        "(SELECT id FROM tags WHERE name = {})",
        text(TAGS[n % TAGS.len()])
    )
}

fn post(title: &str) -> String {
    format!("(SELECT id FROM posts WHERE title = {})", text(title))
}

fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
