//! The bench `instructions`, and how many instructions it takes under callgrind.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::shell::{find, output, run, state_dir};

pub(super) struct Program {
    executable: PathBuf,
    valgrind: PathBuf,
}

/// An operation of the bench, and how often it is done at least.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Case {
    pub(super) name: String,
    pub(super) count: u64,
}

impl Program {
    /// Of an executable, or of one that is built now.
    pub(super) fn new(executable: Option<PathBuf>) -> Result<Self, String> {
        let valgrind = find("valgrind").ok_or("valgrind is not installed (Debian: valgrind)")?;
        let executable = executable.map_or_else(build, Ok)?;
        Ok(Self {
            executable,
            valgrind,
        })
    }

    pub(super) fn cases(&self) -> Result<Vec<Case>, String> {
        let text = output(&mut Command::new(&self.executable));
        text.and_then(|text| text.lines().map(case).collect())
            .ok_or_else(|| format!("{} does not list its cases", self.executable.display()))
    }

    /// The instructions of the whole program that does a case so often.
    pub(super) fn count(&self, case: &str, count: u64) -> Result<u64, String> {
        let file = state_dir("instructions")?.join("callgrind.out");
        run(Command::new(&self.valgrind)
            .arg("--tool=callgrind")
            .arg(format!("--callgrind-out-file={}", file.display()))
            .arg(&self.executable)
            .args([case, &count.to_string()]))?;
        let text =
            fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        total(&text).ok_or_else(|| format!("{}: no total", file.display()))
    }
}

/// Builds the bench, as `cargo bench` would run it; cargo says where it is.
fn build() -> Result<PathBuf, String> {
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["bench", "--bench", "instructions", "--no-run"])
        .args([
            "--features",
            "sqlite",
            "--message-format",
            "json-render-diagnostics",
        ])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo bench: {error}"))?;
    let messages = String::from_utf8_lossy(&output.stdout);
    let executable = messages.lines().find_map(executable);
    executable
        .filter(|_| output.status.success())
        .ok_or_else(|| "cargo bench --bench instructions --no-run failed".to_owned())
}

/// The program of a message of cargo's, if that is what it is about.
fn executable(message: &str) -> Option<PathBuf> {
    let (_, rest) = message.split_once("\"executable\":\"")?;
    let (path, _) = rest.split_once('"')?;
    let path = path.replace("\\\\", "\\");
    message
        .contains("\"name\":\"instructions\"")
        .then(|| path.into())
}

fn case(line: &str) -> Option<Case> {
    let (count, name) = line.split_once(' ')?;
    Some(Case {
        name: name.to_owned(),
        count: count.parse().ok()?,
    })
}

/// The total of callgrind's own format.
fn total(text: &str) -> Option<u64> {
    let mut totals = text.lines().filter_map(|line| line.strip_prefix("totals:"));
    totals.next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_says_where_the_program_is() {
        let message = r#"{"reason":"compiler-artifact","target":{"kind":["bench"],"name":"instructions"},"executable":"/t/release/deps/instructions-1","fresh":true}"#;
        assert_eq!(
            executable(message),
            Some("/t/release/deps/instructions-1".into())
        );
        assert_eq!(
            executable(&message.replace("\"instructions\"", "\"load\"")),
            None
        );
        assert_eq!(
            executable(r#"{"target":{"name":"instructions"},"executable":null}"#),
            None
        );
    }

    #[test]
    fn a_case_may_have_several_words() {
        let expected = Case {
            name: "find, held".to_owned(),
            count: 200,
        };
        assert_eq!(case("200 find, held"), Some(expected));
        assert_eq!(case("find"), None);
    }

    #[test]
    fn the_total_is_that_of_the_last_lines() {
        assert_eq!(
            total("events: Ir\nsummary: 12\nfn=(1)\n1 12\n\ntotals: 12\n"),
            Some(12)
        );
        assert_eq!(total("events: Ir\n"), None);
    }
}
