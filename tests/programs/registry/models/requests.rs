//! What the functions of the server are asked for.

use chrono::{NaiveDate, NaiveDateTime};

use super::{DependencyKind, PackageId, UserId};

/// Which packages a list shows, and after which one.
#[derive(Debug, Clone, Default)]
pub(crate) struct PackageFilter {
    pub(crate) keyword: Option<&'static str>,
    pub(crate) category: Option<&'static str>,
    pub(crate) letter: Option<char>,
    pub(crate) owned_by: Option<UserId>,
    pub(crate) followed_by: Option<UserId>,
    /// The downloads and the key of the last package that was shown.
    pub(crate) after: Option<(i64, PackageId)>,
}

/// A version to be published.
#[derive(Debug, Clone)]
pub(crate) struct Publish {
    pub(crate) name: &'static str,
    pub(crate) num: &'static str,
    pub(crate) by: UserId,
    pub(crate) at: NaiveDateTime,
    pub(crate) description: Option<&'static str>,
    pub(crate) dependencies: &'static [(&'static str, &'static str, DependencyKind)],
    pub(crate) keywords: &'static [&'static str],
    pub(crate) categories: &'static [&'static str],
}

/// Noon of a day in 2025.
pub(crate) fn at(month: u32, day: u32) -> NaiveDateTime {
    on(month, day).and_hms_opt(12, 0, 0).unwrap()
}

/// A day in 2025.
pub(crate) fn on(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, month, day).unwrap()
}
