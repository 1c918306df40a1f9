//! Where keys come from that are asked for: [`KeyOrigin`].

/// Where keys come from that are asked for.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyOrigin {
    /// The program: they mean what they mean where plain Diesel binds them.
    Program,
    /// A column of the database, as it shows them: they mean what they mean in a join.
    Column,
}
