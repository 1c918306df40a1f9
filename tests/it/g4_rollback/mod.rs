//! G4: what was rolled back is gone, and nothing uncommitted reaches another connection.

mod ends;
mod property;
mod savepoints;
mod scopes;
mod setup;
mod snapshots;
mod transactions;
