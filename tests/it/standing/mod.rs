//! Where a connection stands: shared, apart or lost, and the transaction that it is in.

mod property;
