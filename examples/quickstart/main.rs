//! A tour of the identity map, with figures measured while you watch.
//!
//! ```text
//! cargo run --release --example quickstart
//! ```
//!
//! It makes a blog in a temporary SQLite file (`blog.rs`), shows what the map means for a
//! program (`sharing.rs`) and what it saves or costs (`figures.rs`), and removes the file.
//! What the library promises is asserted on the way: a wrong library ends the tour with a panic.
//! Times are only shown.

mod blog;
mod figures;
mod report;
mod sharing;

use blog::Blog;
use peak_alloc::PeakAlloc;
use report::{Outcome, note};

/// Counts the bytes of every Rust object, for the section on memory.
#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

fn main() -> Outcome {
    report::title("diesel-identity-map: within a scope, one database row is one object");
    let blog = Blog::create()?;

    sharing::one_row_one_object(&blog)?;
    sharing::statements(&blog)?;
    sharing::hits_and_misses(&blog)?;
    figures::time(&blog)?;
    figures::memory(&blog)?;
    sharing::scopes(&blog)?;

    blog.remove()?;
    println!();
    note("The facts above were asserted, times and sizes measured. The file is removed.");
    if cfg!(debug_assertions) {
        note("These were the times of a debug build: `--release` gives the real ones.");
    }
    Ok(())
}
