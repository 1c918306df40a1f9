//! The names of settings, for each database.

pub(super) mod mysql;
pub(super) mod postgres;
pub(super) mod sqlite;
