//! Which statements commit the open transaction on MySQL, without a word of it: [`ImplicitCommit`].
//!
//! By MariaDB's and MySQL's manuals ("Statements that cause an implicit commit"), and as MariaDB 10.11
//! does.

use super::classified_statement::ClassifiedStatement;
use super::token_reader::{TokenReader, undisputed_tokens};
use crate::statement::Rules;

/// Whether a statement commits the transaction that is open, before it does anything else.
///
/// One that does so has committed also where it fails, unless it was no SQL to the server at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ImplicitCommit {
    Never,
    Surely,
    /// It depends on the server or on what the statement executes.
    Unclear,
}

use ImplicitCommit::{Never, Surely, Unclear};

/// What the first word of a statement decides by itself.
const BY_FIRST_WORD: &[(ImplicitCommit, &[&str])] = &[
    (
        Never,
        &[
            "SELECT",
            "INSERT",
            "UPDATE",
            "DELETE",
            "REPLACE",
            "WITH",
            "VALUES",
            "TABLE",
            "DO",
            "SHOW",
            "EXPLAIN",
            "DESCRIBE",
            "DESC",
            "USE",
            "HELP",
            "HANDLER",
            "PREPARE",
            "DEALLOCATE",
            "CHECKSUM",
            "KILL",
            "SIGNAL",
            "SAVEPOINT",
            "RELEASE",
            "COMMIT",
            "ROLLBACK",
        ],
    ),
    (
        Surely,
        &[
            "TRUNCATE",
            "RENAME",
            "GRANT",
            "REVOKE",
            "FLUSH",
            "CHECK",
            "OPTIMIZE",
            "REPAIR",
            "INSTALL",
            "UNINSTALL",
            "BACKUP",
        ],
    ),
];

/// What the words at the beginning of a statement decide; the first line that fits counts.
const BY_FIRST_WORDS: &[(&[&str], ImplicitCommit)] = &[
    (&["CREATE", "TEMPORARY", "TABLE"], Never),
    (&["CREATE", "OR", "REPLACE", "TEMPORARY", "TABLE"], Never),
    (&["CREATE"], Surely),
    // Without the word `TEMPORARY` it commits, whatever the table is.
    (&["DROP", "TEMPORARY", "TABLE"], Never),
    (&["DROP", "TEMPORARY"], Unclear),
    (&["DROP", "PREPARE"], Never),
    (&["DROP"], Surely),
    (&["ALTER", "INSTANCE"], Unclear),
    (&["ALTER", "RESOURCE"], Unclear),
    (&["ALTER"], Surely),
    (&["LOCK", "TABLES"], Surely),
    (&["LOCK", "TABLE"], Surely),
    (&["ANALYZE", "TABLE"], Surely),
    (&["ANALYZE", "TABLES"], Surely),
    (&["ANALYZE", "LOCAL"], Surely),
    (&["ANALYZE", "NO_WRITE_TO_BINLOG"], Surely),
    (&["ANALYZE", "SELECT"], Never),
    (&["ANALYZE", "INSERT"], Never),
    (&["ANALYZE", "UPDATE"], Never),
    (&["ANALYZE", "DELETE"], Never),
    (&["ANALYZE", "FORMAT"], Never),
    (&["RESET", "QUERY"], Surely),
    (&["LOAD", "DATA"], Never),
    (&["START", "TRANSACTION"], Surely),
    (&["BEGIN", "NOT"], Unclear),
    (&["BEGIN"], Surely),
    (&["SET", "PASSWORD"], Surely),
    (&["SET", "DEFAULT", "ROLE"], Surely),
    (&["SET", "STATEMENT"], Unclear),
    // What `autocommit` does is a change of the session.
    (&["SET"], Never),
];

impl ClassifiedStatement<'_> {
    pub(crate) fn implicit_commit(&self, rules: Rules) -> ImplicitCommit {
        match rules {
            Rules::Sqlite | Rules::Postgres => Never,
            Rules::Mysql => self.implicit_commit_of_mysql(),
            Rules::Unknown => match self.implicit_commit_of_mysql() {
                Never => Never,
                Surely | Unclear => Unclear,
            },
        }
    }

    fn implicit_commit_of_mysql(&self) -> ImplicitCommit {
        let Some(tokens) = undisputed_tokens(self.text) else {
            return Unclear;
        };
        let statement = TokenReader(&tokens);
        let by_words = BY_FIRST_WORDS
            .iter()
            .find(|(words, _)| { statement }.take_words(words));
        if let Some(&(_, commit)) = by_words {
            return commit;
        }
        let by_word = BY_FIRST_WORD
            .iter()
            .find(|(_, words)| tokens.first().is_some_and(|first| first.is_one_of(words)));
        by_word.map_or(Unclear, |&(commit, _)| commit)
    }
}
