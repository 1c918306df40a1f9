//! MySQL's `autocommit`: [`Autocommit`].

/// MySQL's `autocommit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Autocommit {
    /// Each statement outside a transaction is one by itself.
    #[default]
    On,
    /// The next transaction begins where one has ended.
    Off,
    /// A text has set it that nobody has understood.
    Unclear,
}
