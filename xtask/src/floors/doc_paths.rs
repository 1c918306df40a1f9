//! Whether the files that `docs/` names are there.

use std::fs;
use std::path::{Path, PathBuf};

use super::problem::Problem;
use crate::shell::children;

/// Where the pages are.
const DOCS: &str = "docs";

/// A file is named in backticks, by its path from the workspace or from the core's `src`.
pub(super) fn check(root: &Path, core: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    for page in pages(&root.join(DOCS)) {
        let (Ok(text), Ok(name)) = (fs::read_to_string(&page), page.strip_prefix(root)) else {
            continue;
        };
        let name = name.display().to_string();
        for (at, line) in text.lines().enumerate() {
            let gone = files_of(line)
                .filter(|file| !root.join(file).is_file() && !root.join(core).join(file).is_file());
            problems.extend(gone.map(|file| {
                let text = format!("`{file}` is neither in the workspace nor in {core}");
                Problem::at(&name, at + 1, text)
            }));
        }
    }
    problems
}

/// The files in a folder, and in its folders.
fn pages(dir: &Path) -> Vec<PathBuf> {
    let mut pages = Vec::new();
    for path in children(dir) {
        if path.is_dir() {
            pages.extend(self::pages(&path));
        } else {
            pages.push(path);
        }
    }
    pages
}

/// The Rust files that a line names.
fn files_of(line: &str) -> impl Iterator<Item = &str> {
    let quoted = line.split('`').skip(1).step_by(2);
    quoted.filter(|name| {
        let is_rust = Path::new(name).extension().is_some_and(|end| end == "rs");
        is_rust && name.contains('/') && !name.contains(' ')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_gone_is_named_by_its_line() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("docs/performance")).unwrap();
        fs::create_dir_all(root.path().join("core/src/map")).unwrap();
        fs::write(root.path().join("core/src/map/store.rs"), "").unwrap();
        let page = "# Page\n`map/store.rs`, `core/src/map/store.rs`\n`a` `map/gone.rs`\n";
        fs::write(root.path().join("docs/page.md"), page).unwrap();
        let deeper = root.path().join("docs/performance/page.md");
        fs::write(deeper, "`src/gone.rs`\n").unwrap();
        let problems = check(root.path(), "core/src");
        let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "docs/page.md:3: `map/gone.rs` is neither in the workspace nor in core/src",
                "docs/performance/page.md:1: `src/gone.rs` is neither in the workspace nor in core/src",
            ]
        );
    }
}
