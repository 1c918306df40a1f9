//! A program as data: what its connections do, one [`Step`] after the other.
//!
//! The `Debug` of a [`Step`] is what a test says for it, so that a program that failed can be pasted.

/// The tables that programs read. [`Notes`](Table::Notes) has no hooks, [`Tasks`](Table::Tasks) has, and
/// [`Seen`](Table::Seen) is a view of rows that nobody writes, which settings make look different.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    Notes,
    Tasks,
    Seen,
}

/// How a table is read by cached loads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Auto,
    KeysFirst,
    Rows,
    /// Each key by `find`.
    Find,
    FindMany,
}

/// A write of the manager or of plain Diesel: of the row of a key, to this number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Write {
    Insert,
    InsertMany,
    Update,
    Save,
    Delete,
    UpdateAll,
    DeleteAll,
    Refresh,
    Expire,
}

/// A call of Diesel's transaction manager, which is what `conn.transaction(..)` calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Boundary {
    Begin,
    Commit,
    Rollback,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Compares a cached load with plain Diesel's, and holds what it gave.
    Check(Table, Way),
    /// Says `ROLLBACK` on all connections, and looks whether they all get one object for a row.
    Share(Table),
    /// Loads by the cached way only, so that plain Diesel does not begin a snapshot before it.
    Hold(Table, Way),
    /// Drops all that is held.
    Release,
    Manager(Write, Table, i32, i32),
    Plain(Write, Table, i32, i32),
    Diesel(Boundary),
    /// By `sql_query`.
    Raw(Text),
    /// By `batch_execute`.
    Batch(Text),
    /// The future of a step is polled once and dropped. On a connection that blocks the step is done.
    Dropped(Inner),
}

/// SQL of a [`Step`]: what a test says for it is `"..".into()`.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Text(pub(super) String);

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}.into()", self.0)
    }
}

/// The step of which a [`Step::Dropped`] is: `Raw(..).into()`.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Inner(pub(super) Box<Step>);

impl From<Step> for Inner {
    fn from(step: Step) -> Self {
        Self(Box::new(step))
    }
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}.into()", self.0)
    }
}

/// A step, and the number of the connection that takes it.
pub(super) type Program = Vec<(usize, Step)>;

/// A program as Rust: what comes between the brackets of `run::<Conn>(db.url(), &[..])`.
pub(super) fn as_rust(program: &[(usize, Step)]) -> String {
    let lines = program.iter().map(|step| format!("    {step:?},\n"));
    lines.collect()
}
