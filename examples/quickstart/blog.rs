//! The blog that the tour runs on: its tables, its models, its rows.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use diesel::connection::{Instrumentation, InstrumentationEvent};
use diesel::prelude::*;
use diesel_identity_map::MapOptions;
use diesel_identity_map::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use indicatif::{DecimalBytes, ProgressBar, ProgressStyle};
use tempfile::TempDir;

use crate::report::{Outcome, count, millis, note};

const USERS: i32 = 1_000;
pub(crate) const POSTS: i32 = 50_000;
const BATCH: usize = 1_000;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

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

// Ordinary Diesel models. `IdentityMapped` is the only line that the map asks for: it reads the
// table and the primary key where Diesel does.

#[derive(Queryable, Selectable, Identifiable, Insertable, IdentityMapped, PartialEq)]
pub(crate) struct User {
    pub(crate) id: i32,
    pub(crate) name: String,
}

#[derive(Queryable, Selectable, Identifiable, Insertable, IdentityMapped, PartialEq)]
pub(crate) struct Post {
    pub(crate) id: i32,
    pub(crate) user_id: i32,
    pub(crate) title: String,
    pub(crate) body: String,
}

/// A database file that goes with its directory, also when the tour ends early.
pub(crate) struct Blog {
    directory: TempDir,
    url: String,
}

impl Blog {
    pub(crate) fn create() -> Outcome<Self> {
        let start = Instant::now();
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("blog.db");
        let url = path.to_str().ok_or("the path is not UTF-8")?.to_owned();
        let blog = Self { directory, url };
        blog.fill()?;
        note(&format!("database   {}", blog.url));
        note(&format!(
            "holds      {} users and {} posts: {}, made in {}",
            count(USERS),
            count(POSTS),
            DecimalBytes(path.metadata()?.len()),
            millis(start.elapsed()),
        ));
        Ok(blog)
    }

    fn fill(&self) -> Outcome {
        let conn = &mut SqliteConnection::establish(&self.url)?;
        conn.run_pending_migrations(MIGRATIONS)?;

        let everybody: Vec<User> = (1..=USERS).map(user).collect();
        let every_post: Vec<Post> = (1..=POSTS).map(post).collect();
        // The bar goes to stderr, and hides itself where that is no terminal.
        let bar = ProgressBar::new(every_post.len() as u64).with_style(
            ProgressStyle::with_template("   making posts {bar:32} {human_pos} of {human_len}")?,
        );
        conn.transaction(|conn| {
            for batch in everybody.chunks(BATCH) {
                diesel::insert_into(users::table)
                    .values(batch)
                    .execute(conn)?;
            }
            for batch in every_post.chunks(BATCH) {
                diesel::insert_into(posts::table)
                    .values(batch)
                    .execute(conn)?;
                bar.inc(batch.len() as u64);
            }
            QueryResult::Ok(())
        })?;
        bar.finish_and_clear();
        Ok(())
    }

    /// A connection as Diesel makes it, and the count of what it sends.
    pub(crate) fn plain(&self) -> Outcome<(SqliteConnection, Sent)> {
        let sent = Sent::default();
        let mut conn = SqliteConnection::establish(&self.url)?;
        conn.set_instrumentation(sent.clone());
        Ok((conn, sent))
    }

    /// The same with an identity map. A program that counts nothing says
    /// `conn.enable_identity_map()`, or once for all connections `diesel_identity_map::install()`.
    pub(crate) fn mapped(&self) -> Outcome<(SqliteConnection, Sent)> {
        let sent = Sent::default();
        let mut conn = SqliteConnection::establish(&self.url)?;
        conn.enable_identity_map_with(MapOptions::new().instrumentation(sent.clone()));
        Ok((conn, sent))
    }

    pub(crate) fn remove(self) -> Outcome {
        Ok(self.directory.close()?)
    }
}

fn user(id: i32) -> User {
    let name = format!("User {id}");
    User { id, name }
}

fn post(id: i32) -> Post {
    Post {
        id,
        user_id: id % USERS + 1,
        title: format!("Post {id}"),
        body: "This sentence, with its final space, is 50 bytes. ".repeat(8),
    }
}

/// How many statements a connection has sent, as Diesel itself reports them.
#[derive(Clone, Default)]
pub(crate) struct Sent(Arc<AtomicU64>);

impl Sent {
    pub(crate) fn total(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Instrumentation for Sent {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { .. } = event {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}
