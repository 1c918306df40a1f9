//! The examples `blog` and `blog_sync` from outside: as servers that are asked over HTTP, and as
//! sites in Chromium.
//!
//! The programs run as a child process each, on a port and a database of their own.

#![allow(clippy::unwrap_used)]

#[cfg(feature = "postgres")]
mod postgres;
mod program;
mod served;
mod site;
mod webdriver;
