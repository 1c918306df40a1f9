//! What one name of a database has to do with another: the [`Catalogue`].
//!
//! A database may change more than a statement names: by triggers, the actions of foreign keys, rules,
//! partitions, updatable views. It says so in its catalogue, which is read once for each database of the
//! program.
//!
//! Each file uses only files above it:
//!
//! ```text
//! readers   known_effects     the models that read each object, and what writes to them do
//! graph                       tables, views and routines, and what a write to one does to others
//! closure                     everything that a write changes
//! model_effects               what a write of the manager changes
//! declared                    what the program says where a catalogue cannot tell
//! build, bodies               the graph, from the rows of a catalogue
//! queries/                    the statement that reads them, for each product
//! known                       the catalogue of each database of the program
//! ```

mod bodies;
mod build;
mod closure;
mod declared;
mod graph;
mod known;
mod known_effects;
mod model_effects;
mod queries;
mod readers;

pub(crate) use build::{CatalogueBuilder, CatalogueRow};
pub(crate) use closure::Reached;
pub(crate) use declared::Declared;
pub(crate) use graph::Catalogue;
pub(crate) use known::{KnownCatalogue, catalogue_of, forget_schema};
pub(crate) use queries::{catalogue_query, temporary_query, version_query};
