//! The manifests of the workspace that is generated, and of its programs.

use std::fmt::Write;
use std::path::Path;

use super::program::Program;

/// Of the workspace.
///
/// A program's own code is compiled as a whole each time. Incremental builds of a source that was only touched would
/// compile next to nothing.
pub(super) fn workspace(programs: &[Program]) -> String {
    let members: Vec<_> = programs
        .iter()
        .map(|program| format!("\"{program}\""))
        .collect();
    let members = members.join(", ");
    format!(
        "[workspace]\nmembers = [{members}]\nresolver = \"3\"\n\n\
         [profile.dev]\ndebug = 0\nincremental = false\n"
    )
}

/// Of a program. `library` is where the library is.
pub(super) fn package(program: Program, library: &Path) -> String {
    let mut text = format!(
        "[package]\nname = \"{program}\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
         [dependencies]\n\
         diesel = {{ version = \"~2.3.10\", features = [\"returning_clauses_for_sqlite_3_35\", \"sqlite\"] }}\n"
    );
    if program.is_awaited() {
        text += "diesel-async = { version = \"~0.9.2\", features = [\"sqlite\"] }\n\
                 tokio = { version = \"1\", default-features = false, features = [\"rt\"] }\n";
    }
    if program.is_mapped() {
        let features = if program.is_awaited() {
            "\"async\", \"sqlite\""
        } else {
            "\"sqlite\""
        };
        // Rust writes a string as TOML reads it, a path's backslashes too.
        let _ = writeln!(
            text,
            "diesel-identity-map = {{ path = {:?}, features = [{features}] }}",
            library.display().to_string()
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::program::Calls;
    use super::*;

    #[test]
    fn a_workspace_has_the_programs_as_members() {
        let text = workspace(&Program::twins(Calls::Blocking, 5));
        assert!(
            text.contains("members = [\"plain_blocking_5\", \"mapped_blocking_5\"]"),
            "{text}"
        );
    }

    #[test]
    fn only_the_mapped_twin_depends_on_the_library() {
        let library = Path::new("/a/library");
        let [plain, mapped] =
            Program::twins(Calls::Awaited, 5).map(|program| package(program, library));
        assert_eq!(
            mapped.replace("mapped", "plain"),
            format!(
                "{plain}diesel-identity-map = {{ path = \"/a/library\", features = [\"async\", \"sqlite\"] }}\n"
            )
        );
        assert!(plain.contains("publish = false"), "{plain}");
    }
}
