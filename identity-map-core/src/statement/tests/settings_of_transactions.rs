//! What statements change of the transactions of a session.

use super::support::all_change;
use crate::product::Product::{Mysql, Postgres, Sqlite};

#[test]
fn the_isolation_level_is_told() {
    let level = |level: &str, span: &str| format!("Isolation{{level:{level},span:{span}}}");
    all_change(
        Postgres,
        &[
            (
                "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY",
                &level("Serializable", "Transaction"),
            ),
            (
                "SET transaction_isolation = 'repeatable read'",
                &level("RepeatableRead", "Transaction"),
            ),
            (
                "SET default_transaction_isolation TO 'read committed'",
                &level("ReadCommitted", "Session"),
            ),
            ("SET LOCAL default_transaction_isolation = serializable", ""),
            (
                "RESET default_transaction_isolation",
                &level("Baseline", "Session"),
            ),
            (
                "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY, ISOLATION LEVEL REPEATABLE READ",
                &level("RepeatableRead", "Session"),
            ),
            (
                "BEGIN ISOLATION LEVEL READ UNCOMMITTED",
                &level("ReadUncommitted", "Transaction"),
            ),
            (
                "START TRANSACTION READ ONLY, ISOLATION LEVEL SERIALIZABLE",
                &level("Serializable", "Transaction"),
            ),
            ("BEGIN", ""),
            ("START TRANSACTION READ ONLY", ""),
        ],
    );
    all_change(
        Mysql,
        &[
            (
                "SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED",
                &level("ReadUncommitted", "NextTransaction"),
            ),
            (
                "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
                &level("ReadCommitted", "Session"),
            ),
            (
                "SET GLOBAL TRANSACTION ISOLATION LEVEL SERIALIZABLE",
                &level("Serializable", "Global"),
            ),
            (
                "SET tx_isolation = 'READ-UNCOMMITTED'",
                &level("ReadUncommitted", "Session"),
            ),
            (
                "SET @@tx_isolation = 'READ-UNCOMMITTED'",
                &level("ReadUncommitted", "NextTransaction"),
            ),
            (
                "SET @@session.transaction_isolation = 1",
                &level("ReadCommitted", "Session"),
            ),
            ("SET tx_isolation = DEFAULT", &level("Baseline", "Session")),
            ("SET tx_isolation = @x", &level("Unclear", "Session")),
            ("SET TRANSACTION READ ONLY", ""),
        ],
    );
    all_change(
        Sqlite,
        &[
            (
                "PRAGMA read_uncommitted = 1",
                &level("ReadUncommitted", "Session"),
            ),
            (
                "PRAGMA main.read_uncommitted(off)",
                &level("Baseline", "Session"),
            ),
        ],
    );
}

#[test]
fn autocommit_and_completion_type_are_told() {
    all_change(
        Mysql,
        &[
            ("SET autocommit = 0", "Autocommit(Off)"),
            ("SET SESSION autocommit = 'off'", "Autocommit(Off)"),
            ("SET @@autocommit = ON", "Autocommit(On)"),
            ("SET @@local.autocommit = TRUE", "Autocommit(On)"),
            ("SET autocommit = DEFAULT", "Autocommit(Unclear)"),
            ("SET autocommit = @x", "Autocommit(Unclear)"),
            ("SET completion_type = CHAIN", "CompletionType(Chain)"),
            ("SET completion_type = 2", "CompletionType(Release)"),
            (
                "SET completion_type = 'no_chain'",
                "CompletionType(NoChain)",
            ),
            ("SET completion_type = DEFAULT", "CompletionType(Unclear)"),
            (
                "SET time_zone = 'x', autocommit = 1",
                "!time_zone Autocommit(On)",
            ),
        ],
    );
}
