//! A blog on axum, diesel-async and deadpool, with an identity map per request.
//!
//! ```text
//! cargo run --example blog
//! DATABASE_URL=postgres://.. cargo run --example blog --features postgres
//! ```
//!
//! Without `DATABASE_URL` it makes a SQLite file, fills it, and removes it in the end (Ctrl-C).
//! Each page has a panel at its foot that says what its request did; the same figures go to the
//! browser's developer tools by `Server-Timing`. `../blog_sync` has the same pages on blocking
//! connections, and `../blog_shared` what the two have in common.

// Diesel checks a query against the backend it is for, so queries and pages are built for each.
#![allow(clippy::duplicate_mod)]

#[cfg(feature = "postgres")]
mod postgres;
#[path = "../blog_shared/mod.rs"]
mod shared;
mod sqlite;

use std::process::ExitCode;

use diesel_identity_map::web::RequestScope;
use shared::database::{Database, Done};
use shared::serve::serve;

#[tokio::main]
async fn main() -> ExitCode {
    let Err(error) = run().await else {
        return ExitCode::SUCCESS;
    };
    eprintln!("blog: {error}");
    ExitCode::FAILURE
}

async fn run() -> Done<()> {
    // Before the first connection: each of them carries a map then, and knows its database.
    diesel_identity_map::install()?;
    let database = Database::prepare()?;
    let pages = match &database {
        Database::Sqlite { url, .. } => sqlite::pages(url)?,
        #[cfg(feature = "postgres")]
        Database::Postgres { url } => postgres::pages(url)?,
    };
    // A program for the public would not show its figures to everybody.
    serve(pages.layer(RequestScope::new().server_timing(true))).await
}
