//! Refuses what cannot be mapped, and says what to do about it. What is sound becomes a primary
//! key, a version, or a relation, which the expansion writes.
//!
//! Imports between the files go down, too:
//!
//! ```text
//! distinct_relations                          all relations of a model
//! relation                                    one `belongs_to(..)`
//! primary_key   foreign_key                   what each kind of key must be
//! key_column_list   version   struct_shape    what any key, the version and the struct must be
//! column_role                                 what any column of a key or of the version must be
//! ```

mod column_role;
mod distinct_relations;
mod foreign_key;
mod key_column_list;
mod primary_key;
mod relation;
mod struct_shape;
mod version;

pub(crate) use distinct_relations::find_relations;
pub(crate) use primary_key::{PrimaryKey, find_primary_key};
pub(crate) use relation::Relation;
pub(crate) use struct_shape::refuse_other_shapes;
pub(crate) use version::find_version;
