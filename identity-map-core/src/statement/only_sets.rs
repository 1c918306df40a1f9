//! Whether a statement changes settings and nothing else.

use super::classify::ClassifiedStatement;

/// Statements that begin with one of these change the session.
const SETS: [&str; 6] = ["SET", "RESET", "DISCARD", "USE", "ATTACH", "DETACH"];

/// One of these in such a statement may change rows, or end a transaction.
const WRITES: [&str; 10] = [
    "INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "TRUNCATE", "COMMIT", "ROLLBACK", "CALL",
    "EXECUTE",
];

impl ClassifiedStatement<'_> {
    /// Whether the statement changes settings, and no rows: not even in what could not be told from it.
    pub(crate) fn only_sets(&self) -> bool {
        let is_one_of =
            |word: &str, list: &[&str]| list.iter().any(|known| known.eq_ignore_ascii_case(word));
        let mut words = self.identifiers();
        words.next().is_some_and(|first| is_one_of(first, &SETS))
            && !words.any(|word| is_one_of(word, &WRITES))
    }
}
