//! Whether each file has a floor, and imports only from its own room and from lower floors.

use std::collections::BTreeSet;

use super::imports::Import;
use super::library::Library;
use super::problem::Problem;
use super::source::Source;
use super::table::{Room, Table};

pub(super) fn check(library: &Library, table: &Table) -> Vec<Problem> {
    let lib = format!("{}/lib.rs", library.prefix);
    let mut problems = empty_rooms(library, table, &lib);
    let mut needed = BTreeSet::new();
    for source in &library.sources {
        let name = source.room();
        let Some(room) = table.room(&name) else {
            let text =
                format!("the file belongs to no floor: the table in {lib} does not name `{name}`");
            problems.push(Problem::of(&library.shown(source), text));
            continue;
        };
        for import in &source.imports.all {
            let Some((target, way)) = refused(library, table, room, import) else {
                continue;
            };
            match exception(table, source, target) {
                Some(at) => drop(needed.insert(at)),
                None => problems.push(refusal(library, source, import, room, target, way)),
            }
        }
    }
    for (at, exception) in table.exceptions.iter().enumerate() {
        if !needed.contains(&at) {
            let text = format!(
                "the exception is not needed: {} imports nothing from {} that it may not",
                exception.file, exception.room
            );
            problems.push(Problem::at(&lib, exception.line, text));
        }
    }
    problems
}

/// Rooms that the table names and the library has not.
fn empty_rooms(library: &Library, table: &Table, lib: &str) -> Vec<Problem> {
    let rooms: BTreeSet<_> = library.sources.iter().map(Source::room).collect();
    let empty = table
        .rooms
        .iter()
        .filter(|room| !rooms.contains(&room.name));
    empty
        .map(|room| Problem::at(lib, room.line, format!("there is no `{}`", room.name)))
        .collect()
}

/// The room of the import and how it leads there, if not down. A room without a floor is reported for its files.
fn refused<'t>(
    library: &Library,
    table: &'t Table,
    from: &Room,
    import: &Import,
) -> Option<(&'t Room, &'static str)> {
    let target = table.room(&library.room(import.target.as_ref()?)?)?;
    if target.name == from.name || target.floor < from.floor {
        return None;
    }
    match target.floor == from.floor {
        // The root holds all rooms.
        true if from.name == "lib.rs" => None,
        true => Some((target, "sideways")),
        false => Some((target, "up")),
    }
}

fn exception(table: &Table, source: &Source, target: &Room) -> Option<usize> {
    let mut exceptions = table.exceptions.iter();
    exceptions.position(|exception| exception.file == source.path && exception.room == target.name)
}

fn refusal(
    library: &Library,
    source: &Source,
    import: &Import,
    from: &Room,
    target: &Room,
    way: &str,
) -> Problem {
    let text = format!(
        "`{}` goes {way}: {} is on floor {}, {} on floor {}",
        import.path.join("::"),
        from.name,
        from.floor,
        target.name,
        target.floor
    );
    Problem::at(&library.shown(source), import.line, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIB: &str = "\
//! ```text
//! 3 lib.rs macros.rs
//! 2 query/ write/
//! 1 map/ error.rs
//! ```
mod error;
mod macros;
mod map;
mod query;
mod write;
pub use map::Map;
pub use query::Cached;
pub use error::Error;
";

    /// The problems of a library of these files and [`LIB`], with this after its docs.
    fn problems(docs: &str, files: &[(&str, &str)]) -> Vec<String> {
        let lib = format!("{docs}{LIB}");
        let mut all = vec![
            ("lib.rs", lib.as_str()),
            (
                "macros.rs",
                "#[macro_export] macro_rules! sent { () => {} }",
            ),
            ("query/mod.rs", ""),
            ("write/mod.rs", ""),
            ("map/mod.rs", ""),
            ("error.rs", ""),
        ];
        all.retain(|(path, _)| files.iter().all(|(other, _)| other != path));
        all.extend(files);
        let texts = all
            .into_iter()
            .map(|(path, text)| (path.to_owned(), text.to_owned()));
        let library = Library::parse("core/src", texts).unwrap();
        let table = Table::read("core/src/lib.rs", &lib).unwrap().unwrap();
        check(&library, &table)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn imports_may_go_down_and_stay_in_the_room() {
        let files = [
            (
                "query/load.rs",
                "use crate::map::Map; use super::rows::Rows; use crate::Error; use crate::query::Cached;",
            ),
            (
                "query/rows.rs",
                "use super::super::error::Error; use std::fmt; use diesel::QueryResult;",
            ),
        ];
        assert_eq!(problems("", &files), [""; 0]);
    }

    #[test]
    fn an_import_that_goes_up_is_refused() {
        let files = [(
            "map/store.rs",
            "use std::fmt;\nuse crate::{error::Error, query::{Cached, Rows}};",
        )];
        assert_eq!(
            problems("", &files),
            [
                "core/src/map/store.rs:2: `crate::error::Error` goes sideways: map/ is on floor 1, error.rs on floor 1",
                "core/src/map/store.rs:2: `crate::query::Cached` goes up: map/ is on floor 1, query/ on floor 2",
                "core/src/map/store.rs:2: `crate::query::Rows` goes up: map/ is on floor 1, query/ on floor 2",
            ]
        );
    }

    #[test]
    fn paths_that_leave_the_room_by_super_are_refused_too() {
        let files = [("map/store.rs", "fn f() { super::super::query::g() }")];
        assert_eq!(
            problems("", &files),
            [
                "core/src/map/store.rs:1: `super::super::query::g` goes up: map/ is on floor 1, query/ on floor 2"
            ]
        );
    }

    #[test]
    fn names_at_the_root_are_those_of_the_room_they_come_from() {
        let files = [
            (
                "map/store.rs",
                "use crate::Cached;\nfn f() { crate::sent!() }\nuse crate::Other;",
            ),
            ("write/mod.rs", "use crate::{Map, Cached};"),
        ];
        assert_eq!(
            problems("", &files),
            [
                "core/src/map/store.rs:1: `crate::Cached` goes up: map/ is on floor 1, query/ on floor 2",
                "core/src/map/store.rs:2: `crate::sent` goes up: map/ is on floor 1, macros.rs on floor 3",
                "core/src/map/store.rs:3: `crate::Other` goes up: map/ is on floor 1, lib.rs on floor 3",
                "core/src/write/mod.rs:1: `crate::Cached` goes sideways: write/ is on floor 2, query/ on floor 2",
            ]
        );
    }

    #[test]
    fn the_root_names_all_rooms_but_no_room_names_those_beside_it() {
        let macros = [("macros.rs", "use crate::lives_in_lib;")];
        assert_eq!(
            problems("", &macros),
            [
                "core/src/macros.rs:1: `crate::lives_in_lib` goes sideways: macros.rs is on floor 3, lib.rs on floor 3"
            ]
        );
    }

    #[test]
    fn an_exception_is_for_one_file_and_one_room_and_has_to_be_needed() {
        let docs = "//! exception: map/mod.rs -> query/ (a model's)\n";
        let files = [
            ("map/mod.rs", "use crate::query::Cached;"),
            ("map/store.rs", "use crate::query::Cached;"),
        ];
        assert_eq!(
            problems(docs, &files),
            [
                "core/src/map/store.rs:1: `crate::query::Cached` goes up: map/ is on floor 1, query/ on floor 2"
            ]
        );
        assert_eq!(
            problems(docs, &[]),
            [
                "core/src/lib.rs:1: the exception is not needed: map/mod.rs imports nothing from query/ that it may not"
            ]
        );
    }

    #[test]
    fn each_file_has_a_floor_and_each_room_files() {
        let files = [("web/mod.rs", ""), ("setup.rs", "")];
        assert_eq!(
            problems("", &files),
            [
                "core/src/web/mod.rs: the file belongs to no floor: the table in core/src/lib.rs does not name `web/`",
                "core/src/setup.rs: the file belongs to no floor: the table in core/src/lib.rs does not name `setup.rs`",
            ]
        );
        let docs = "//! ```text\n//! 4 gone/ gone.rs\n//! 3 lib.rs macros.rs\n//! 2 query/ write/\n//! 1 map/ error.rs\n//! ```\n";
        assert_eq!(
            problems(docs, &[]),
            [
                "core/src/lib.rs:2: there is no `gone/`",
                "core/src/lib.rs:2: there is no `gone.rs`"
            ]
        );
    }
}
