//! Statements that begin and end transactions and savepoints.

use super::support::all_mean;
use crate::statement::Meaning::{
    Begin, Commit, LostTransaction, Release, Rollback, RollbackTo, Savepoint,
};
use crate::statement::statements;

#[test]
fn boundaries() {
    all_mean(
        Begin,
        &[
            "BEGIN",
            "BEGIN TRANSACTION",
            "BEGIN WORK",
            "BEGIN IMMEDIATE",
            "BEGIN EXCLUSIVE TRANSACTION",
            "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY NOT DEFERRABLE",
            "BEGIN ISOLATION LEVEL SERIALIZABLE, READ WRITE",
            "START TRANSACTION",
            "START TRANSACTION WITH CONSISTENT SNAPSHOT",
            "START TRANSACTION READ ONLY",
        ],
    );
    all_mean(
        Commit,
        &[
            "COMMIT",
            "COMMIT WORK",
            "COMMIT TRANSACTION",
            "END",
            "END TRANSACTION",
            "COMMIT AND NO CHAIN",
            "COMMIT WORK AND NO CHAIN NO RELEASE",
            "COMMIT NO RELEASE",
        ],
    );
    all_mean(
        Rollback,
        &[
            "ROLLBACK",
            "ROLLBACK WORK",
            "ABORT",
            "ROLLBACK AND NO CHAIN",
        ],
    );
    all_mean(Savepoint, &["SAVEPOINT x", "SAVEPOINT \"X\""]);
    all_mean(Release, &["RELEASE x", "RELEASE SAVEPOINT x"]);
    all_mean(
        RollbackTo,
        &[
            "ROLLBACK TO x",
            "ROLLBACK TO SAVEPOINT x",
            "ROLLBACK WORK TO x",
            "ROLLBACK TRANSACTION TO SAVEPOINT x",
        ],
    );
    all_mean(
        LostTransaction,
        &[
            "COMMIT AND CHAIN",
            "ROLLBACK AND CHAIN",
            "COMMIT RELEASE",
            "ROLLBACK WORK AND NO CHAIN RELEASE",
            "COMMIT PREPARED 'x'",
            "ROLLBACK PREPARED 'x'",
            "PREPARE TRANSACTION 'x'",
            "END IF",
            "START SLAVE",
            "LOCK TABLES a READ, b WRITE",
            "LOCK TABLES mode AS m READ",
            "UNLOCK TABLES",
            "COMMIT /*! AND CHAIN */",
            "ROLLBACK --TO x\n",
        ],
    );
}

#[test]
fn savepoints_have_names() {
    for sql in [
        "SAVEPOINT Sp_1",
        "SAVEPOINT \"sp_1\"",
        "SAVEPOINT `SP_1`",
        "SAVEPOINT 'sp_1'",
        "/* a */ release sp_1;",
        "RELEASE SAVEPOINT \"SP_1\"",
        "ROLLBACK TO sp_1",
        "ROLLBACK TO SAVEPOINT sp_1",
        "ROLLBACK WORK TO \"sp_1\"",
        "rollback transaction to savepoint SP_1 -- x",
    ] {
        let found: Vec<_> = statements(sql).filter_map(|s| s.savepoint()).collect();
        assert_eq!(found, ["sp_1"], "{sql}");
    }
    for (sql, name) in [
        ("RELEASE savepoint", Some("savepoint")),
        ("SAVEPOINT savepoint", Some("savepoint")),
        ("SAVEPOINT", None),
        ("RELEASE", None),
        ("ROLLBACK TO", None),
        ("ROLLBACK", None),
        ("SELECT a FROM b", None),
    ] {
        for statement in statements(sql) {
            assert_eq!(statement.savepoint().as_deref(), name, "{sql}");
        }
    }
}
