//! The checks of each library, and what is printed of them.

use std::path::Path;

use super::library::Library;
use super::problem::Problem;
use super::table::Table;
use super::{circles, doc_paths, length, levels};
use crate::shell::root;

/// Where the table of floors must stand.
const CORE: &str = "identity-map-core/src";
/// Where it may.
const DERIVE: &str = "identity-map-derive/src";

/// Prints what was checked, or gives what is wrong, a line each.
pub(crate) fn run() -> Result<(), String> {
    let root = root()?;
    let core = check(&root, CORE, true);
    let derive = check(&root, DERIVE, false);
    let docs = doc_paths::check(&root, CORE);
    match (core, derive) {
        (Ok(core), Ok(derive)) if docs.is_empty() => {
            println!("{core}\n{derive}");
            Ok(())
        }
        (core, derive) => {
            let problems = [core.err(), derive.err(), Some(docs)];
            let problems = problems.into_iter().flatten().flatten();
            let mut lines: Vec<_> = problems.map(|problem| problem.to_string()).collect();
            lines.push(format!("{} problems with the floors", lines.len()));
            Err(lines.join("\n"))
        }
    }
}

fn check(root: &Path, prefix: &str, needs_table: bool) -> Result<String, Vec<Problem>> {
    let library = Library::read(root, prefix)?;
    let lib = format!("{prefix}/lib.rs");
    let root = library.at(&[]).map(|root| &library.sources[root]);
    let root = root.ok_or_else(|| vec![Problem::of(&lib, "there is none".to_owned())])?;
    let mut problems = length::check(&library);
    let held = match Table::read(&lib, &root.text)? {
        Some(table) => {
            problems.extend(levels::check(&library, &table));
            problems.extend(circles::check(&library));
            format!(" in {} rooms, all imports go down", table.rooms.len())
        }
        None if needs_table => {
            let text = "its docs have no table of the floors, a block of the kind `text` with lines like `2  map/ lock.rs  what they are`";
            problems.push(Problem::of(&lib, text.to_owned()));
            String::new()
        }
        None => ", no table of floors".to_owned(),
    };
    problems.sort();
    if problems.is_empty() {
        Ok(format!("{prefix}: {} files{held}", library.sources.len()))
    } else {
        Err(problems)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const LIB: &str = "\
//! ```text
//! 3 lib.rs
//! 2 query/
//! 1 map/
//! ```
mod map;
mod query;
";

    /// What is said of a library of these files.
    fn said(files: &[(&str, &str)], needs_table: bool) -> Result<String, Vec<String>> {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join("core/src").join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        check(root.path(), "core/src", needs_table)
            .map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_library_on_its_floors_passes() {
        let files = [
            ("lib.rs", LIB),
            ("query/mod.rs", "mod load;"),
            ("query/load.rs", "use crate::map::Map; fn f() {}"),
            ("map/mod.rs", "pub struct Map;"),
            ("map/README.md", "no Rust"),
        ];
        let done = "core/src: 4 files in 3 rooms, all imports go down";
        assert_eq!(said(&files, true).unwrap(), done);
    }

    #[test]
    fn all_that_is_wrong_is_said_by_file_and_line() {
        let long = "\n".repeat(400);
        let files = [
            ("lib.rs", LIB),
            ("query/mod.rs", "mod load; pub struct Query;"),
            ("query/load.rs", "use super::Query; fn f() {}"),
            ("map/mod.rs", "//! The map.\nuse crate::query::Query;"),
            ("map/store.rs", long.as_str()),
            ("web/mod.rs", ""),
        ];
        assert_eq!(
            said(&files, true).unwrap_err(),
            [
                "core/src/map/mod.rs:2: `crate::query::Query` goes up: map/ is on floor 1, query/ on floor 2",
                "core/src/map/store.rs: 400 lines, and its docs do not say \"lines because ..\": more than 350 are two ideas",
                "core/src/web/mod.rs: the file belongs to no floor: the table in core/src/lib.rs does not name `web/`",
            ]
        );
    }

    #[test]
    fn a_library_that_needs_no_table_is_only_held_to_it_if_there_is_one() {
        let files = [
            ("lib.rs", "mod a; mod b;"),
            ("a.rs", "use crate::b::B;"),
            ("b.rs", "use crate::a::A;"),
        ];
        assert_eq!(
            said(&files, false).unwrap(),
            "core/src: 3 files, no table of floors"
        );
        let problems = said(&files, true).unwrap_err();
        assert!(
            problems[0].starts_with("core/src/lib.rs: its docs have no table"),
            "{problems:?}"
        );
    }

    #[test]
    fn what_is_no_rust_is_said_too() {
        let problems = said(&[("lib.rs", "\nmod;")], true).unwrap_err();
        assert!(
            problems[0].starts_with("core/src/lib.rs:2: expected"),
            "{problems:?}"
        );
    }
}
