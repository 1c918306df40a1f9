//! The files of a library, and which of them a path leads to.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::problem::Problem;
use super::source::Source;
use crate::shell::children;

/// All files below the folder `src` of a package.
#[derive(Debug)]
pub(super) struct Library {
    /// Before the paths of files, in what is printed: `identity-map-core/src`.
    pub(super) prefix: String,
    pub(super) sources: Vec<Source>,
    modules: BTreeMap<Vec<String>, usize>,
}

/// Re-exports of re-exports are followed so far.
const STEPS: usize = 16;

impl Library {
    /// Reads `prefix`, a folder below `root`.
    pub(super) fn read(root: &Path, prefix: &str) -> Result<Self, Vec<Problem>> {
        let mut texts = Vec::new();
        collect(&root.join(prefix), "", &mut texts).map_err(|(file, error)| {
            vec![Problem::of(&format!("{prefix}/{file}"), error.to_string())]
        })?;
        Self::parse(prefix, texts)
    }

    /// Of these paths (from `src`) and texts.
    pub(super) fn parse(
        prefix: &str,
        texts: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut sources = Vec::new();
        for (path, text) in texts {
            match Source::parse(&path, text) {
                Ok(source) => sources.push(source),
                Err(error) => {
                    let line = error.span().start().line;
                    problems.push(Problem::at(
                        &format!("{prefix}/{path}"),
                        line,
                        error.to_string(),
                    ));
                }
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let modules = (0..).zip(&sources);
        let modules = modules
            .map(|(at, source)| (source.module.clone(), at))
            .collect();
        Ok(Self {
            prefix: prefix.to_owned(),
            sources,
            modules,
        })
    }

    /// The path of a file as it is printed.
    pub(super) fn shown(&self, source: &Source) -> String {
        format!("{}/{}", self.prefix, source.path)
    }

    pub(super) fn at(&self, module: &[String]) -> Option<usize> {
        self.modules.get(module).copied()
    }

    /// The room that a path from the root names: by its first segment, or by what the root re-exports by this name.
    /// None if that is another crate's.
    pub(super) fn room(&self, path: &[String]) -> Option<String> {
        self.room_within(path, STEPS)
    }

    fn room_within(&self, path: &[String], steps: usize) -> Option<String> {
        let (at, _) = self.enter(path.get(..1).unwrap_or_default())?;
        let source = &self.sources[at];
        if !source.module.is_empty() {
            return Some(source.room());
        }
        if let Some((import, rest)) = source.use_of(path) {
            let target = [import.target.as_ref()?, rest].concat();
            return self.room_within(&target, steps.checked_sub(1)?);
        }
        let mut sources = self.sources.iter();
        let exports = sources.find(|source| {
            let name = path.first();
            name.is_some_and(|name| source.exported_macros.contains(name))
        });
        Some(exports.unwrap_or(source).room())
    }

    /// The file that defines what a path from the root leads to, whoever re-exports it. None if that is another
    /// crate's.
    pub(super) fn definition(&self, path: &[String]) -> Option<usize> {
        self.definition_within(path, STEPS)
    }

    fn definition_within(&self, path: &[String], steps: usize) -> Option<usize> {
        let steps = steps.checked_sub(1)?;
        let (at, rest) = self.enter(path)?;
        let source = &self.sources[at];
        if let Some((import, rest)) = source.use_of(rest) {
            let target = [import.target.as_ref()?, rest].concat();
            return self.definition_within(&target, steps);
        }
        match rest.first() {
            Some(name) if !source.defined.contains(name) => {
                let globbed = Self::globbed(source, name);
                let found = globbed
                    .into_iter()
                    .find(|path| self.knows_within(path, steps));
                found.map_or(Some(at), |path| self.definition_within(&path, steps))
            }
            _ => Some(at),
        }
    }

    /// Whether a path from the root leads to an item that is known by name.
    pub(super) fn knows(&self, path: &[String]) -> bool {
        self.knows_within(path, STEPS)
    }

    fn knows_within(&self, path: &[String], steps: usize) -> bool {
        let Some((steps, (at, rest))) = steps.checked_sub(1).zip(self.enter(path)) else {
            return false;
        };
        let source = &self.sources[at];
        rest.first().is_none_or(|name| {
            let mut globbed = Self::globbed(source, name).into_iter();
            source.defined.contains(name)
                || source.use_of(rest).is_some()
                || globbed.any(|path| self.knows_within(&path, steps))
        })
    }

    /// The paths that a name may have by the `use path::*` of a file.
    fn globbed(source: &Source, name: &String) -> Vec<Vec<String>> {
        let globs = source.globs().filter(|glob| *glob != source.module);
        globs
            .map(|glob| [glob, std::slice::from_ref(name)].concat())
            .collect()
    }

    /// The file of the innermost module of a path, and the rest of the path.
    fn enter<'p>(&self, path: &'p [String]) -> Option<(usize, &'p [String])> {
        let mut lengths = (0..=path.len()).rev();
        lengths.find_map(|length| Some((self.at(&path[..length])?, &path[length..])))
    }
}

/// The Rust files of a folder and those in it.
fn collect(
    dir: &Path,
    prefix: &str,
    texts: &mut Vec<(String, String)>,
) -> Result<(), (String, std::io::Error)> {
    for path in children(dir) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = format!("{prefix}{name}");
        if path.is_dir() {
            collect(&path, &format!("{name}/"), texts)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).map_err(|error| (name.clone(), error))?;
            texts.push((name, text));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library() -> Library {
        let texts = [
            (
                "lib.rs",
                "mod map; mod query; pub use map::{Map as IdentityMap, Store}; pub use diesel;
                 pub mod private { pub use crate::query::Rows; }",
            ),
            (
                "map/mod.rs",
                "mod store; mod stamp; pub use store::Store; pub use stamp::*; use std::sync::Arc; pub struct Map;",
            ),
            (
                "map/stamp.rs",
                "pub struct Stamp; pub use super::store::Held;",
            ),
            (
                "map/store.rs",
                "pub struct Store; pub enum Held { Yes } macro_rules! m { () => {} } pub(crate) use m;",
            ),
            (
                "query/mod.rs",
                "mod rows; pub use rows::Rows; pub use crate::map::Store;",
            ),
            (
                "query/rows.rs",
                "pub struct Rows; #[macro_export] macro_rules! sent { () => {} }",
            ),
        ];
        let texts = texts.map(|(path, text)| (path.to_owned(), text.to_owned()));
        Library::parse("core/src", texts).unwrap()
    }

    fn path(text: &str) -> Vec<String> {
        text.split("::").map(str::to_owned).collect()
    }

    #[test]
    fn names_lead_to_the_file_that_defines_them() {
        let library = library();
        for (text, file) in [
            ("map::store::Store", Some("map/store.rs")),
            ("map::Store::new", Some("map/store.rs")),
            ("query::Store", Some("map/store.rs")),
            ("Store", Some("map/store.rs")),
            ("map::Stamp", Some("map/stamp.rs")),
            ("map::Held::Yes", Some("map/store.rs")),
            ("map::store::m", Some("map/store.rs")),
            ("map::Map", Some("map/mod.rs")),
            ("IdentityMap", Some("map/mod.rs")),
            ("private::Rows", Some("query/rows.rs")),
            ("map::Expanded", Some("map/mod.rs")),
            ("map::Arc", None),
            ("diesel::QueryResult", None),
        ] {
            let found = library.definition(&path(text));
            let found = found.map(|at| library.sources[at].path.as_str());
            assert_eq!(found, file, "{text}");
        }
    }

    #[test]
    fn the_room_of_a_path_is_that_of_its_first_module() {
        let library = library();
        for (text, room) in [
            ("map::store::Store", Some("map/")),
            ("query::Store", Some("query/")),
            ("IdentityMap", Some("map/")),
            ("private::Rows", Some("query/")),
            ("private::Other", Some("lib.rs")),
            ("sent", Some("query/")),
            ("diesel::QueryResult", None),
        ] {
            assert_eq!(library.room(&path(text)).as_deref(), room, "{text}");
        }
        assert_eq!(library.room(&[]).as_deref(), Some("lib.rs"));
    }
}
