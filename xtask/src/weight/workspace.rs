//! The generated programs as a workspace of their own, below the target directory, and their builds.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use super::binary::Binary;
use super::program::Program;
use super::{manifest, source};
use crate::shell::{report, root, run, state_dir};

pub(super) struct Workspace {
    dir: PathBuf,
}

/// What cargo is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Check,
    Debug,
    Release,
}

impl Workspace {
    /// Writes the programs.
    pub(super) fn of(programs: &[Program]) -> Result<Self, String> {
        let workspace = Self {
            dir: state_dir("weight")?,
        };
        let library = root()?;
        // The versions of the dependencies are those that the library is tested with.
        let lock = "Cargo.lock";
        let copied = fs::copy(library.join(lock), workspace.dir.join(lock));
        copied.map_err(|error| format!("{lock}: {error}"))?;
        write(
            &workspace.dir.join("Cargo.toml"),
            &manifest::workspace(programs),
        )?;
        for &program in programs {
            let manifest = workspace.dir.join(program.to_string()).join("Cargo.toml");
            write(&manifest, &manifest::package(program, &library))?;
            write(&workspace.source(program), &source::source(program))?;
        }
        Ok(workspace)
    }

    /// Builds programs with whatever they depend on.
    pub(super) fn build(&self, programs: &[Program], step: Step) -> Result<(), String> {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command
            .args(step.arguments())
            .current_dir(&self.dir)
            .arg("--target-dir")
            .arg(self.target());
        for program in programs {
            command.args(["--package", &program.to_string()]);
        }
        run(&mut command)
    }

    /// As [`Self::build`], and says so before.
    pub(super) fn prepare(&self, programs: &[Program], step: Step) -> Result<(), String> {
        for program in programs {
            let arguments = step.arguments().join(" ");
            report("weight", &format!("cargo {arguments} of {program}"));
        }
        self.build(programs, step)
    }

    /// How long the program itself takes to build, everything that it depends on having been built before.
    pub(super) fn time(&self, program: Program, step: Step) -> Result<Duration, String> {
        let source = self.source(program);
        let touched = File::options()
            .append(true)
            .open(&source)
            .and_then(|file| file.set_modified(SystemTime::now()));
        touched.map_err(|error| format!("{}: {error}", source.display()))?;
        let start = Instant::now();
        self.build(&[program], step)?;
        Ok(start.elapsed())
    }

    /// A program that was built.
    pub(super) fn binary(&self, program: Program, step: Step) -> Binary {
        let profile = match step {
            Step::Release => "release",
            Step::Check | Step::Debug => "debug",
        };
        let name = program.to_string();
        let path = self.target().join(profile).join(&name);
        Binary::new(name, path)
    }

    fn source(&self, program: Program) -> PathBuf {
        self.dir
            .join(program.to_string())
            .join("src")
            .join("main.rs")
    }

    fn target(&self) -> PathBuf {
        self.dir.join("target")
    }
}

impl Step {
    pub(super) fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Check => &["check"],
            Self::Debug => &["build"],
            Self::Release => &["build", "--release"],
        }
    }
}

/// A file that is as it should be stays untouched, so that nothing is built again for it.
fn write(path: &Path, text: &str) -> Result<(), String> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    let dir = path.parent().unwrap_or(path);
    fs::create_dir_all(dir)
        .and_then(|()| fs::write(path, text))
        .map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_only_where_it_differs() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("src").join("main.rs");
        write(&path, "old").unwrap();
        let long_ago = SystemTime::UNIX_EPOCH;
        let file = File::options().append(true).open(&path).unwrap();
        file.set_modified(long_ago).unwrap();
        let modified = || fs::metadata(&path).unwrap().modified().unwrap();
        write(&path, "old").unwrap();
        assert_eq!(modified(), long_ago);
        write(&path, "new").unwrap();
        assert_ne!(modified(), long_ago);
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    }
}
