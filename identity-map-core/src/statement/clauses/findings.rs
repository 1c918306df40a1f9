//! What a scan has found in a statement: [`Findings`].

/// A set of findings; each of the constants is one of them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Findings(u16);

impl Findings {
    /// A change of rows behind the first word: of a second statement, or of one in a `WITH`.
    pub(super) const WRITE: Self = Self(1);
    /// The rows of an `INSERT` may be there already.
    pub(super) const UPSERT: Self = Self(1 << 1);
    pub(super) const UNKNOWN_CALL: Self = Self(1 << 2);
    /// `INTO` that is not directly behind `INSERT`, `MERGE` or `REPLACE`, as in `SELECT .. INTO`.
    pub(super) const INTO: Self = Self(1 << 3);
    /// A table named by a string, as SQLite allows.
    pub(super) const TABLE_IN_STRING: Self = Self(1 << 4);
    /// `@x`, a variable of the session in MySQL.
    pub(super) const USER_VARIABLE: Self = Self(1 << 5);
    /// A user variable is set.
    pub(super) const ASSIGNMENT: Self = Self(1 << 6);
    pub(super) const ANALYZE: Self = Self(1 << 7);
    pub(super) const EXECUTE: Self = Self(1 << 8);
    /// `CREATE` or `REFRESH`.
    pub(super) const CREATE: Self = Self(1 << 9);
    pub(super) const CASCADE: Self = Self(1 << 10);
    /// An expression may follow a closing parenthesis, as in `DISTINCT ON (..) x`.
    pub(super) const EXPRESSION_BEHIND_LIST: Self = Self(1 << 11);
    pub(super) const COPY_FROM: Self = Self(1 << 12);
    pub(super) const COPY_TO: Self = Self(1 << 13);
    /// `COPY .. PROGRAM`.
    pub(super) const PROGRAM: Self = Self(1 << 14);
    /// More parentheses close than have opened.
    pub(super) const UNBALANCED: Self = Self(1 << 15);

    pub(super) const fn none() -> Self {
        Self(0)
    }

    pub(super) fn add(&mut self, finding: Self) {
        self.0 |= finding.0;
    }

    pub(super) fn has(self, finding: Self) -> bool {
        self.0 & finding.0 != 0
    }
}
