//! Programs whose instructions `cargo xtask instructions` counts, under valgrind: one operation each, on SQLite in
//! memory.
//!
//! `instructions CASE COUNT` prepares the same whatever the count is and then does the operation as often, or on as
//! many rows. So the difference between two counts is what the operation takes. It ends without dropping what it has
//! loaded, which would count as well. Without arguments the program lists the cases, each with a count that is large
//! beside what varies from run to run: the hashers' seeds, and where the allocator finds room.
//!
//! It uses public names only, so that it can be built at another commit too.

#![allow(missing_docs)] // a program

use std::env;
use std::hint::black_box;
use std::mem::forget;
use std::process::exit;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_identity_map::prelude::*;

diesel::table! {
    users (id) {
        id -> Integer,
        name -> Text,
    }
}

diesel::table! {
    posts (id) {
        id -> Integer,
        user_id -> Integer,
        title -> Text,
        body -> Text,
    }
}

diesel::joinable!(posts -> users (user_id));
diesel::allow_tables_to_appear_in_same_query!(users, posts);

#[derive(Queryable, Selectable, Identifiable, IdentityMapped)]
#[allow(dead_code)] // decoded and held
struct User {
    id: i32,
    name: String,
}

#[derive(Queryable, Selectable, Identifiable, Associations, IdentityMapped)]
#[diesel(belongs_to(User))]
#[allow(dead_code)] // decoded and held
struct Post {
    id: i32,
    user_id: i32,
    title: String,
    body: String,
}

/// The most rows that a case may be asked for.
const ROWS: i32 = 8_000;
/// How many are held where one operation takes one row.
const HELD: i32 = 100;

struct Case {
    name: &'static str,
    count: i32,
    run: fn(&mut SqliteConnection, i32),
}

const CASES: [Case; 12] = [
    Case {
        name: "find, held",
        count: 20_000,
        run: find,
    },
    Case {
        name: "find, held, in a scope",
        count: 20_000,
        run: |conn, count| Scope::new().in_scope(|| find(conn, count)),
    },
    Case {
        name: "IdentityMap::get",
        count: 100_000,
        run: get,
    },
    Case {
        name: "row of a load, cold",
        count: ROWS / 2,
        run: |conn, count| forget(load(conn, count, Strategy::default())),
    },
    Case {
        name: "row of a load, held, Rows",
        count: ROWS / 2,
        run: |conn, count| warm(conn, count, Strategy::Rows),
    },
    Case {
        name: "row of a load, held, KeysFirst",
        count: ROWS / 2,
        run: |conn, count| warm(conn, count, Strategy::KeysFirst),
    },
    Case {
        name: "row of a load with its parent, both held",
        count: ROWS / 2,
        run: with_parent,
    },
    Case {
        name: "query of plain Diesel, watched",
        count: 4_000,
        run: plain,
    },
    Case {
        name: "update of plain Diesel, watched",
        count: 1_000,
        run: |conn, count| plain_updates(conn, count, true),
    },
    Case {
        name: "the same, without a catalogue",
        count: 1_000,
        run: |conn, count| plain_updates(conn, count, false),
    },
    Case {
        name: "insert",
        count: 1_000,
        run: insert,
    },
    Case {
        name: "update",
        count: 1_000,
        run: update,
    },
];

fn main() {
    let args: Vec<_> = env::args().skip(1).collect();
    let [name, count] = args.as_slice() else {
        for Case { name, count, .. } in CASES {
            println!("{count} {name}");
        }
        return;
    };
    let case = CASES.iter().find(|case| case.name == name);
    let case = case.expect("a case");
    let mut conn = connection();
    (case.run)(&mut conn, count.parse().expect("a count"));
    exit(0);
}

/// With all rows, and an empty map.
fn connection() -> SqliteConnection {
    let mut conn = SqliteConnection::establish(":memory:").expect("memory");
    let numbers = |count: i32| {
        format!(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
        )
    };
    let sql = format!(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
         CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users,
                             title TEXT NOT NULL, body TEXT NOT NULL);
         {} INSERT INTO users SELECT i, 'user number ' || i FROM n;
         {} INSERT INTO posts SELECT i, 1 + i % {HELD}, 'post number ' || i, '{}' FROM n;",
        numbers(HELD),
        numbers(ROWS),
        "x".repeat(40)
    );
    conn.batch_execute(&sql).expect("filled");
    conn.enable_identity_map();
    conn
}

fn load(conn: &mut SqliteConnection, rows: i32, strategy: Strategy) -> Vec<Arc<Post>> {
    let loaded = Post::cached()
        .filter(posts::id.le(rows))
        .order(posts::id)
        .strategy(strategy)
        .load(conn)
        .expect("rows");
    assert_eq!(loaded.len(), usize::try_from(rows).expect("some"));
    loaded
}

/// Keys of the rows that are held, over and over.
fn keys(count: i32) -> impl Iterator<Item = i32> {
    (0..count).map(|at| 1 + at % HELD)
}

fn find(conn: &mut SqliteConnection, count: i32) {
    let held = load(conn, HELD, Strategy::default());
    for key in keys(count) {
        black_box(Post::cached().find(black_box(key)).first(conn)).expect("a row");
    }
    forget(held);
}

fn get(conn: &mut SqliteConnection, count: i32) {
    let held = load(conn, HELD, Strategy::default());
    let map = conn.identity_map().expect("enabled");
    for key in keys(count) {
        black_box(map.get::<Post>(&black_box(key))).expect("held");
    }
    forget(held);
}

fn plain(conn: &mut SqliteConnection, count: i32) {
    for key in keys(count) {
        let title = posts::table.find(black_box(key)).select(posts::title);
        black_box(title.first::<String>(conn)).expect("a row");
    }
}

/// Updates of no row, so that nothing is written to the database.
fn plain_updates(conn: &mut SqliteConnection, count: i32, catalogue: bool) {
    conn.enable_identity_map_with(MapOptions::new().catalogue(catalogue));
    let held = load(conn, HELD, Strategy::default());
    for key in keys(count) {
        let none = posts::table.find(black_box(-key));
        let update = diesel::update(none).set(posts::title.eq("changed"));
        black_box(update.execute(conn)).expect("no row");
    }
    forget(held);
}

fn warm(conn: &mut SqliteConnection, count: i32, strategy: Strategy) {
    let held = load(conn, ROWS, Strategy::default());
    forget(load(conn, count, strategy));
    forget(held);
}

fn with_parent(conn: &mut SqliteConnection, count: i32) {
    let held = load(conn, ROWS, Strategy::default());
    let users = User::cached().load(conn).expect("rows");
    let pairs = Post::cached()
        .filter(posts::id.le(count))
        .order(posts::id)
        .strategy(Strategy::Rows)
        .with::<User>()
        .load(conn)
        .expect("rows");
    assert_eq!(pairs.len(), usize::try_from(count).expect("some"));
    forget((held, users, pairs));
}

fn insert(conn: &mut SqliteConnection, count: i32) {
    for _ in 0..count {
        let row = (
            posts::user_id.eq(1),
            posts::title.eq("new"),
            posts::body.eq("new"),
        );
        forget(Post::cached().insert(row, conn).expect("inserted"));
    }
}

fn update(conn: &mut SqliteConnection, count: i32) {
    let mut held = load(conn, HELD, Strategy::default());
    for key in keys(count) {
        let post = &mut held[usize::try_from(key - 1).expect("some")];
        *post = Post::cached()
            .update(post, posts::title.eq("changed"), conn)
            .expect("updated");
    }
    forget(held);
}
