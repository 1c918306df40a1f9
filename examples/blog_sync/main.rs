//! The blog of `../blog` on blocking connections: axum, r2d2, and `spawn_blocking` with
//! `Scope::carry` for what asks the database.
//!
//! ```text
//! cargo run --example blog_sync
//! DATABASE_URL=postgres://.. cargo run --example blog_sync --features postgres
//! ```
//!
//! The pages are the same; `queries.rs` differs from the other one in `.await`, which is not there.

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
    eprintln!("blog_sync: {error}");
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
