//! Circles of imports between files of one room.
//!
//! A file that only declares and re-exports is none of a circle: who imports through it imports from the file that
//! defines the name. A re-export is an import only if the file's own code uses the name.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write;

use super::imports::{Import, Kind};
use super::library::Library;
use super::problem::Problem;
use super::source::Source;

/// By the file that imports and the one it imports from (places in the library): one import of it.
type Edges<'l> = BTreeMap<usize, BTreeMap<usize, &'l Import>>;

pub(super) fn check(library: &Library) -> Vec<Problem> {
    let edges = edges(library);
    let mut problems = Vec::new();
    let mut reported = BTreeSet::new();
    for at in edges.keys() {
        if reported.contains(at) {
            continue;
        }
        if let Some(circle) = shortest_circle(&edges, *at) {
            let knot: BTreeSet<_> = reachable(&edges, *at)
                .into_iter()
                .filter(|other| reachable(&edges, *other).contains(at))
                .collect();
            problems.push(describe(library, &edges, &circle, &knot));
            reported.extend(knot);
        }
    }
    problems
}

fn edges(library: &Library) -> Edges<'_> {
    let mut edges = Edges::new();
    for (at, source) in library.sources.iter().enumerate() {
        if source.only_declares {
            continue;
        }
        for import in &source.imports.all {
            for target in targets(library, source, import) {
                let other = &library.sources[target];
                if target != at && !other.only_declares && other.room() == source.room() {
                    edges.entry(at).or_default().entry(target).or_insert(import);
                }
            }
        }
    }
    edges
}

/// The files that an import leads to.
fn targets(library: &Library, source: &Source, import: &Import) -> Vec<usize> {
    let Some(target) = &import.target else {
        return through_alias(library, source, import).into_iter().collect();
    };
    match &import.kind {
        Kind::Use { name } if is_for_others(source, import, name) => Vec::new(),
        Kind::Path | Kind::Use { .. } => library.definition(target).into_iter().collect(),
        Kind::Glob => {
            let names = source.imports.idents.iter();
            let paths = names.map(|name| [target.as_slice(), std::slice::from_ref(name)].concat());
            let known = paths.filter(|path| library.knows(path));
            known.filter_map(|path| library.definition(&path)).collect()
        }
    }
}

/// Whether it is a re-export of what the file does not use itself.
fn is_for_others(source: &Source, import: &Import, name: &[String]) -> bool {
    let is_used = |name| source.imports.idents.contains(name);
    import.is_reexport && !name.last().is_some_and(is_used)
}

/// `rows::Rows` after `use super::rows`.
fn through_alias(library: &Library, source: &Source, import: &Import) -> Option<usize> {
    let (import, rest) = source.use_of(&import.path)?;
    library.definition(&[import.target.as_ref()?, rest].concat())
}

fn reachable(edges: &Edges<'_>, from: usize) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        let targets = edges.get(&at).into_iter().flat_map(BTreeMap::keys);
        open.extend(targets.filter(|target| found.insert(**target)));
    }
    found
}

/// From a file and back to it, with both ends.
fn shortest_circle(edges: &Edges<'_>, from: usize) -> Option<Vec<usize>> {
    let mut before = BTreeMap::new();
    let mut open = VecDeque::from([from]);
    while let Some(at) = open.pop_front() {
        for &target in edges.get(&at).into_iter().flat_map(BTreeMap::keys) {
            if target == from {
                let mut circle = vec![from, at];
                while let Some(&at) = before.get(circle.last()?) {
                    circle.push(at);
                }
                circle.reverse();
                circle.dedup();
                return Some(circle);
            }
            before.entry(target).or_insert_with(|| {
                open.push_back(target);
                at
            });
        }
    }
    None
}

fn describe(
    library: &Library,
    edges: &Edges<'_>,
    circle: &[usize],
    knot: &BTreeSet<usize>,
) -> Problem {
    let source = |at: usize| &library.sources[at];
    let first = source(circle[0]);
    let mut text = format!("files of {} import each other in a circle", first.room());
    for step in circle.windows(2) {
        let import = edges[&step[0]][&step[1]];
        let (file, path) = (library.shown(source(step[0])), import.path.join("::"));
        let to = &source(step[1]).path;
        let _ = write!(text, "\n    {file}:{}: `{path}` is of {to}", import.line);
    }
    // Both ends of the circle are the same file.
    if knot.len() >= circle.len() {
        let all: Vec<_> = knot.iter().map(|at| source(*at).path.as_str()).collect();
        let _ = write!(text, "\n    in such circles are {}", all.join(", "));
    }
    Problem::of(&library.shown(first), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(files: &[(&str, &str)]) -> Vec<String> {
        let texts = files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        let library = Library::parse("core/src", texts).unwrap();
        check(&library).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn two_files_that_import_each_other_are_a_circle() {
        let files = [
            (
                "query/load.rs",
                "use std::fmt;\nuse super::rows::Rows;\nstruct Load;",
            ),
            ("query/rows.rs", "fn f() { crate::query::load::g() }"),
        ];
        let text = "core/src/query/load.rs: files of query/ import each other in a circle
    core/src/query/load.rs:2: `super::rows::Rows` is of query/rows.rs
    core/src/query/rows.rs:1: `crate::query::load::g` is of query/load.rs";
        assert_eq!(problems(&files), [text]);
    }

    #[test]
    fn a_circle_is_reported_once_with_all_that_are_in_it() {
        let files = [
            ("query/a.rs", "use super::b::B; struct A;"),
            ("query/b.rs", "use super::{a::A, c::C}; struct B;"),
            ("query/c.rs", "use super::b::B; struct C;"),
            ("query/d.rs", "use super::a::A; struct D;"),
        ];
        let problems = problems(&files);
        assert_eq!(problems.len(), 1);
        let all = "\n    in such circles are query/a.rs, query/b.rs, query/c.rs";
        assert!(problems[0].ends_with(all), "{problems:?}");
    }

    #[test]
    fn a_name_is_that_of_the_file_that_defines_it() {
        let module = (
            "query/mod.rs",
            "mod load; mod rows; pub(crate) use rows::Rows; use load::*;",
        );
        let load = ("query/load.rs", "use super::Rows; pub struct Load;");
        assert_eq!(
            problems(&[module, load, ("query/rows.rs", "pub struct Rows;")]),
            [""; 0]
        );
        for back in [
            "use super::Load;",
            "use super::*; fn f(_: Load) {}",
            "use super::load; fn f() { load::f() }",
        ] {
            let rows = format!("{back} pub struct Rows;");
            assert_eq!(
                problems(&[module, load, ("query/rows.rs", &rows)]).len(),
                1,
                "{back}"
            );
        }
    }

    #[test]
    fn a_module_with_code_is_a_file_of_a_circle() {
        let store = ("map/store.rs", "use super::Map; pub struct Store;");
        let module = "mod store; pub(crate) use store::Store; pub struct Map";
        let apart = format!("{module};");
        assert_eq!(problems(&[("map/mod.rs", &apart), store]), [""; 0]);
        let together = format!("{module} {{ store: Store }}");
        assert_eq!(problems(&[("map/mod.rs", &together), store]).len(), 1);
    }

    #[test]
    fn rooms_and_a_files_own_tests_are_no_circle() {
        let files = [
            ("lib.rs", "mod a; mod b;"),
            (
                "a.rs",
                "use crate::b::B; pub struct A; mod tests { use super::*; fn f(_: A) {} }",
            ),
            ("b.rs", "use crate::a::A; pub struct B;"),
        ];
        assert_eq!(problems(&files), [""; 0]);
    }
}
