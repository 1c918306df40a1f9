//! The example `blog` from outside: as a server that is asked over HTTP, and as a site in Chromium.
//!
//! The programs run as a child process each, on a port and a database of their own.

#![allow(clippy::unwrap_used)]

mod program;
mod served;
mod site;
mod webdriver;
