//! The expansion as text: what is written, what is refused, and where an error points.

mod attributes;
mod derived;
mod expansion;
mod fallback;
mod keys;
mod refusals;
mod relation_refusals;
mod relations;
mod selection;
mod view;
mod write_members;
