//! What the two servers have in common: their address, and names that tell whose a database is.

use std::hash::{BuildHasher, RandomState};
use std::process;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Names this process. It holds the server's advisory lock of this name as long as it lives, so
/// that a later process can tell which databases were left behind and drop them.
pub(super) static OWNER: LazyLock<String> = LazyLock::new(|| {
    let random = RandomState::new().hash_one(process::id());
    format!("identity_map_test_{}_{random:016x}", process::id())
});

/// What [`fresh_name`] can return, for the server's own regular expressions.
pub(super) const NAMES: &str = "^identity_map_test_[0-9]+_[0-9a-f]{16}_[0-9]+$";

pub(super) fn fresh_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{}_{number}", *OWNER)
}

/// The [`OWNER`] of the process that made the database `name`.
pub(super) fn owner_of(name: &str) -> &str {
    name.rsplit_once('_').map_or(name, |(owner, _)| owner)
}

pub(super) fn url_from(variable: &str, default: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| default.to_owned())
}

pub(super) fn unreachable(server: &str, variable: &str, error: impl std::fmt::Display) -> String {
    format!(
        "no {server} for the tests: {error}\n\
         run `cargo xtask test`, which finds or starts one, or set {variable} to the URL of one \
         where databases may be created"
    )
}

/// `url` with another database, its parameters kept.
pub(super) fn with_database(url: &str, name: &str) -> String {
    let (address, parameters) = match url.find('?') {
        Some(at) => url.split_at(at),
        None => (url, ""),
    };
    let host = address.find("://").map_or(0, |at| at + "://".len());
    let server = match address[host..].find('/') {
        Some(slash) => &address[..host + slash],
        None => address,
    };
    format!("{server}/{name}{parameters}")
}
