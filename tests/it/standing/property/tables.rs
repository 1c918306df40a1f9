//! One block for each table: [`on_table!`] and [`on_written!`].

/// Runs a block with the module and the model of a table.
macro_rules! on_table {
    ($which:expr, |$table:ident, $Model:ident| $work:block) => {
        match $which {
            Table::Seen => {
                use $crate::standing::property::models::{Seen as $Model, seen as $table};
                $work
            }
            which => on_written!(which, |$table, $Model| $work),
        }
    };
}

/// The same, of a table that programs write.
macro_rules! on_written {
    ($which:expr, |$table:ident, $Model:ident| $work:block) => {
        match $which {
            Table::Notes => {
                use $crate::standing::property::models::{Note as $Model, notes as $table};
                $work
            }
            Table::Tasks => {
                use $crate::standing::property::models::{Task as $Model, tasks as $table};
                $work
            }
            Table::Seen => Ok(Default::default()),
        }
    };
    ($which:expr, |$table:ident| $work:block) => {
        match $which {
            Table::Notes => {
                use $crate::standing::property::models::notes as $table;
                $work
            }
            Table::Tasks => {
                use $crate::standing::property::models::tasks as $table;
                $work
            }
            Table::Seen => Ok(()),
        }
    };
}
pub(super) use {on_table, on_written};
