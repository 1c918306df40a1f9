//! Statements that begin and end transactions and savepoints.

use super::support::all_mean;
use crate::statement::Meaning::{
    Begin, Commit, CommitAndChain, LoseTransaction, Release, Rollback, RollbackAndChain,
    RollbackTo, Savepoint,
};

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
    all_mean(
        CommitAndChain,
        &[
            "COMMIT AND CHAIN",
            "COMMIT WORK AND CHAIN",
            "END TRANSACTION AND CHAIN",
            "COMMIT AND CHAIN NO RELEASE",
        ],
    );
    all_mean(
        RollbackAndChain,
        &[
            "ROLLBACK AND CHAIN",
            "ABORT WORK AND CHAIN",
            "ROLLBACK AND CHAIN NO RELEASE",
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
        LoseTransaction,
        &[
            "COMMIT RELEASE",
            "COMMIT AND CHAIN RELEASE",
            "COMMIT AND",
            "COMMIT NO CHAIN",
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
