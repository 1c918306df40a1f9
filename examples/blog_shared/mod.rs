//! What the two programs have in common: tables, models, rows to begin with, forms and pages.
//!
//! Nothing in here knows whether a connection blocks or is awaited.

pub(crate) mod database;
pub(crate) mod forms;
pub(crate) mod html;
pub(crate) mod models;
pub(crate) mod panel;
pub(crate) mod problem;
pub(crate) mod rows;
pub(crate) mod schema;
pub(crate) mod serve;
