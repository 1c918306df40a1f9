//! Writes a model as trait impls. They hold its facts only, because the behaviour is the core's.
//!
//! Imports between the files go down, too:
//!
//! ```text
//! model_impls   fallback                      all impls of a model, or those that stand in for it
//! relation_impls   relation_name_types        the parts of both
//! hooks   query   table_registration   write_members
//! key_tokens                                  one column or a tuple of them
//! hygiene                                     names and spans apart from the user's
//! ```

mod fallback;
mod hooks;
mod hygiene;
mod key_tokens;
mod model_impls;
mod query;
mod relation_impls;
mod relation_name_types;
mod table_registration;
mod write_members;

pub(crate) use fallback::{impls_without_key, impls_without_table};
pub(crate) use model_impls::impls_with_key;
