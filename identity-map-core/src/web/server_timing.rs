//! What a request tells its client: the `Server-Timing` header.

use std::time::{Duration, Instant};

use crate::map::Stats;
use crate::scope::Scope;

/// The header that browsers read.
pub(super) const SERVER_TIMING: &str = "server-timing";

/// The value of the header, of a request that came in at `start` and has used `scope`, if any.
pub(super) fn header_value(start: Instant, scope: Option<&Scope>) -> String {
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    let total = milliseconds(start.elapsed());
    let database = scope.and_then(Scope::time_waited);
    let database = milliseconds(database.unwrap_or_default());
    let stats = scope.map_or_else(Stats::default, Scope::stats);
    format!(
        "total;dur={total:.3}, db;dur={database:.3}, \
         idmap;desc=\"hits={} misses={} statements={}\"",
        stats.hits, stats.misses, stats.statements
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_without_a_scope_has_counted_nothing() {
        let value = header_value(Instant::now(), None);
        assert!(value.starts_with("total;dur="), "{value}");
        let counts = "db;dur=0.000, idmap;desc=\"hits=0 misses=0 statements=0\"";
        assert!(value.ends_with(counts), "{value}");
    }
}
