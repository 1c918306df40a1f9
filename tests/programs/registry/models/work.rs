//! What is done in the background.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel_identity_map::IdentityMapped;

use super::super::schema::*;
use super::{JobId, JobKind};

#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Identifiable, IdentityMapped)]
#[diesel(table_name = background_jobs)]
pub(crate) struct BackgroundJob {
    pub(crate) id: JobId,
    pub(crate) kind: JobKind,
    pub(crate) payload: String,
    pub(crate) priority: i16,
    pub(crate) retries: i32,
    pub(crate) last_retry: NaiveDateTime,
}

#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = background_jobs)]
pub(crate) struct NewJob {
    pub(crate) kind: JobKind,
    pub(crate) payload: String,
    pub(crate) priority: i16,
}
