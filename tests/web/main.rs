//! A scope per request, in real web frameworks.

// A test that cannot go on says so, and is read more often than it is polished.
#![allow(clippy::unwrap_used, clippy::pedantic)]

mod actix;
mod blog;
mod carry;
mod ends;
mod nested;
mod rocket;
mod server_timing;
mod socket;
mod timeout;
mod tonic;
mod tower;

pub(crate) use blog::{Blog, keeping};
