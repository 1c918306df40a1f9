//! The schema of the site: its tables, the keys between them, and the triggers that count.

use crate::catalogue::tables::Product;

diesel::table! {
    person (id) {
        id -> Integer,
        name -> Text,
        bio -> Text,
        banned -> Bool,
    }
}

diesel::table! {
    person_aggregates (person_id) {
        person_id -> Integer,
        score -> Integer,
        posts -> Integer,
        comments -> Integer,
        saved -> Integer,
    }
}

diesel::table! {
    community (id) {
        id -> Integer,
        creator_id -> Nullable<Integer>,
        name -> Text,
        posts -> Integer,
        comments -> Integer,
        subscribers -> Integer,
        activity -> Integer,
    }
}

diesel::table! {
    post (id) {
        id -> Integer,
        person_id -> Integer,
        community_id -> Integer,
        title -> Text,
        removed -> Bool,
        score -> Integer,
        comments -> Integer,
    }
}

diesel::table! {
    comment (id) {
        id -> Integer,
        post_id -> Integer,
        person_id -> Integer,
        parent_id -> Nullable<Integer>,
        body -> Text,
        deleted -> Bool,
        score -> Integer,
        replies -> Integer,
    }
}

diesel::table! {
    post_vote (person_id, post_id) {
        person_id -> Integer,
        post_id -> Integer,
        vote -> Integer,
    }
}

diesel::table! {
    comment_vote (person_id, comment_id) {
        person_id -> Integer,
        comment_id -> Integer,
        vote -> Integer,
    }
}

diesel::table! {
    follow (person_id, community_id) {
        person_id -> Integer,
        community_id -> Integer,
    }
}

diesel::table! {
    saved_post (person_id, post_id) {
        person_id -> Integer,
        post_id -> Integer,
    }
}

diesel::table! {
    inbox (comment_id) {
        comment_id -> Integer,
        person_id -> Integer,
    }
}

diesel::table! {
    site (id) {
        id -> Integer,
        people -> Integer,
        communities -> Integer,
        posts -> Integer,
        comments -> Integer,
        follows -> Integer,
    }
}

diesel::table! {
    front_page (id) {
        id -> Integer,
        title -> Text,
        score -> Integer,
        community -> Text,
        activity -> Integer,
        author -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(person, person_aggregates, post);

/// The tables, the view, and the site's row.
fn tables(product: Product) -> String {
    let serial = match product {
        Product::Sqlite => "INTEGER PRIMARY KEY",
        Product::Postgres => "SERIAL PRIMARY KEY",
        Product::Mysql => "INTEGER NOT NULL AUTO_INCREMENT PRIMARY KEY",
    };
    let count = "INTEGER NOT NULL DEFAULT 0";
    let flag = "BOOLEAN NOT NULL DEFAULT FALSE";
    let key = |column: &str, table: &str, action: &str| {
        format!("FOREIGN KEY ({column}) REFERENCES {table} (id) ON DELETE {action}")
    };
    let person = key("person_id", "person", "CASCADE");
    let post = key("post_id", "post", "CASCADE");
    let community = key("community_id", "community", "CASCADE");
    format!(
        "CREATE TABLE person (id {serial}, name VARCHAR(40) NOT NULL UNIQUE, bio VARCHAR(200) NOT NULL DEFAULT '', banned {flag});
         CREATE TABLE person_aggregates (person_id INTEGER NOT NULL PRIMARY KEY, score {count}, posts {count},
             comments {count}, saved {count}, {person});
         CREATE TABLE community (id {serial}, creator_id INTEGER, name VARCHAR(40) NOT NULL, posts {count},
             comments {count}, subscribers {count}, activity {count}, {creator});
         CREATE TABLE post (id {serial}, person_id INTEGER NOT NULL, community_id INTEGER NOT NULL,
             title VARCHAR(80) NOT NULL, removed {flag}, score {count}, comments {count}, {person}, {community});
         CREATE TABLE comment (id {serial}, post_id INTEGER NOT NULL, person_id INTEGER NOT NULL, parent_id INTEGER,
             body VARCHAR(200) NOT NULL, deleted {flag}, score {count}, replies {count}, {post}, {person}, {parent});
         CREATE TABLE post_vote (person_id INTEGER NOT NULL, post_id INTEGER NOT NULL, vote INTEGER NOT NULL,
             PRIMARY KEY (person_id, post_id), {person}, {post});
         CREATE TABLE comment_vote (person_id INTEGER NOT NULL, comment_id INTEGER NOT NULL, vote INTEGER NOT NULL,
             PRIMARY KEY (person_id, comment_id), {person}, {comment});
         CREATE TABLE follow (person_id INTEGER NOT NULL, community_id INTEGER NOT NULL,
             PRIMARY KEY (person_id, community_id), {person}, {community});
         CREATE TABLE saved_post (person_id INTEGER NOT NULL, post_id INTEGER NOT NULL,
             PRIMARY KEY (person_id, post_id), {person}, {post});
         CREATE TABLE inbox (comment_id INTEGER NOT NULL PRIMARY KEY, person_id INTEGER NOT NULL, {comment}, {person});
         CREATE TABLE site (id INTEGER NOT NULL PRIMARY KEY, people {count}, communities {count}, posts {count},
             comments {count}, follows {count});
         CREATE VIEW front_page AS SELECT post.id AS id, post.title AS title, post.score AS score,
             community.name AS community, community.activity AS activity, person.name AS author
             FROM post JOIN community ON community.id = post.community_id JOIN person ON person.id = post.person_id
             WHERE NOT post.removed;
         INSERT INTO site (id) VALUES (1);",
        creator = key("creator_id", "person", "SET NULL"),
        parent = key("parent_id", "comment", "CASCADE"),
        comment = key("comment_id", "comment", "CASCADE"),
    )
}

/// The triggers: on which table, at which event, and what each does.
const TRIGGERS: [(&str, &str, &str); 20] = [
    (
        "person",
        "INSERT",
        "INSERT INTO person_aggregates (person_id) VALUES (NEW.id); UPDATE site SET people = people + 1;",
    ),
    ("person", "DELETE", "UPDATE site SET people = people - 1;"),
    (
        "person",
        "UPDATE",
        "UPDATE post SET removed = NEW.banned WHERE person_id = NEW.id AND removed <> NEW.banned;",
    ),
    ("community", "INSERT", "UPDATE site SET communities = communities + 1;"),
    ("community", "DELETE", "UPDATE site SET communities = communities - 1;"),
    (
        "post",
        "INSERT",
        "UPDATE community SET posts = posts + 1 WHERE id = NEW.community_id;
         UPDATE person_aggregates SET posts = posts + 1 WHERE person_id = NEW.person_id;
         UPDATE site SET posts = posts + 1;",
    ),
    (
        "post",
        "DELETE",
        "UPDATE community SET posts = posts - 1 WHERE id = OLD.community_id;
         UPDATE person_aggregates SET posts = posts - 1 WHERE person_id = OLD.person_id;
         UPDATE site SET posts = posts - 1;",
    ),
    (
        "post",
        "UPDATE",
        "UPDATE person_aggregates SET score = score + NEW.score - OLD.score WHERE person_id = NEW.person_id;
         UPDATE community SET activity = activity + 1 WHERE id = NEW.community_id;",
    ),
    (
        "comment",
        "INSERT",
        "UPDATE post SET comments = comments + 1 WHERE id = NEW.post_id;
         UPDATE community SET comments = comments + 1 WHERE id = (SELECT community_id FROM post WHERE id = NEW.post_id);
         UPDATE person_aggregates SET comments = comments + 1 WHERE person_id = NEW.person_id;
         INSERT INTO inbox (comment_id, person_id) SELECT NEW.id, person_id FROM post WHERE id = NEW.post_id;
         UPDATE site SET comments = comments + 1;",
    ),
    (
        "comment",
        "DELETE",
        "UPDATE post SET comments = comments - 1 WHERE id = OLD.post_id;
         UPDATE community SET comments = comments - 1 WHERE id = (SELECT community_id FROM post WHERE id = OLD.post_id);
         UPDATE person_aggregates SET comments = comments - 1 WHERE person_id = OLD.person_id;
         UPDATE site SET comments = comments - 1;",
    ),
    (
        "comment",
        "UPDATE",
        "UPDATE person_aggregates SET score = score + NEW.score - OLD.score WHERE person_id = NEW.person_id;",
    ),
    (
        "post_vote",
        "INSERT",
        "UPDATE post SET score = score + NEW.vote WHERE id = NEW.post_id;",
    ),
    (
        "post_vote",
        "UPDATE",
        "UPDATE post SET score = score + NEW.vote - OLD.vote WHERE id = NEW.post_id;",
    ),
    (
        "post_vote",
        "DELETE",
        "UPDATE post SET score = score - OLD.vote WHERE id = OLD.post_id;",
    ),
    (
        "comment_vote",
        "INSERT",
        "UPDATE comment SET score = score + NEW.vote WHERE id = NEW.comment_id;",
    ),
    (
        "comment_vote",
        "UPDATE",
        "UPDATE comment SET score = score + NEW.vote - OLD.vote WHERE id = NEW.comment_id;",
    ),
    (
        "comment_vote",
        "DELETE",
        "UPDATE comment SET score = score - OLD.vote WHERE id = OLD.comment_id;",
    ),
    (
        "follow",
        "INSERT",
        "UPDATE community SET subscribers = subscribers + 1 WHERE id = NEW.community_id;
         UPDATE site SET follows = follows + 1;",
    ),
    (
        "follow",
        "DELETE",
        "UPDATE community SET subscribers = subscribers - 1 WHERE id = OLD.community_id;
         UPDATE site SET follows = follows - 1;",
    ),
    (
        "saved_post",
        "INSERT",
        "UPDATE person_aggregates SET saved = saved + 1 WHERE person_id = NEW.person_id;",
    ),
];

/// The statements that make the schema, one batch each.
pub(super) fn schema(product: Product) -> Vec<String> {
    let mut batches = vec![tables(product)];
    for (table, event, statements) in TRIGGERS {
        let name = format!("{table}_{}", event.to_lowercase());
        batches.push(product.trigger(&name, &format!("AFTER {event}"), table, statements));
    }
    if product != Product::Mysql {
        // MySQL lets no trigger write to its own table.
        let replied = "UPDATE comment SET replies = replies + 1 WHERE id = NEW.parent_id;";
        batches.push(product.trigger("comment_reply", "AFTER INSERT", "comment", replied));
    }
    batches
}
