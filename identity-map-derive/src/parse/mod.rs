//! Parses the attributes of a struct and of its fields, each by itself. The model puts them
//! together.
//!
//! Imports between the files go down, too:
//!
//! ```text
//! diesel_attribute   identity_map_attribute   the two attributes that are read
//! belongs_to   attribute_items                what stands in both
//! attribute_value                             the value of an item, or the right format of it
//! ```

mod attribute_items;
mod attribute_value;
mod belongs_to;
mod diesel_attribute;
mod identity_map_attribute;

pub(crate) use attribute_value::AttributeValue;
pub(crate) use belongs_to::{BelongsToAttribute, belongs_to_as_written};
pub(crate) use diesel_attribute::{DieselFieldAttribute, DieselStructAttribute, NonColumn};
pub(crate) use identity_map_attribute::{IdentityMapAttribute, refuse_on_field};
