//! `install`, by tests of one process.

#![allow(dead_code)] // not every program of tests installs it

use std::sync::{Mutex, MutexGuard, PoisonError};

use diesel::QueryResult;

/// `install` is for the whole process: tests that call it take turns, and take it back.
pub(crate) struct Installed(#[allow(dead_code)] MutexGuard<'static, ()>);

static TURN: Mutex<()> = Mutex::new(());

/// For tests of connections that carry no map: no other test installs it meanwhile.
pub(crate) fn nothing_installed() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Installed {
    pub(crate) fn new(install: impl FnOnce() -> QueryResult<()>) -> Self {
        let turn = nothing_installed();
        install().unwrap();
        Self(turn)
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        diesel::connection::set_default_instrumentation(|| None).unwrap();
    }
}
