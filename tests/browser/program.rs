//! A program that the tests start, and that ends with them.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;
use std::{env, fs};

use tempfile::TempDir;

pub(crate) struct Program {
    child: Child,
    /// What it leaves lying about, since it is not asked to end.
    _temporary: TempDir,
    /// With a slash at its end.
    pub(crate) url: String,
}

impl Program {
    /// Starts an example on a SQLite file of its own.
    pub(crate) fn example(name: &str) -> Self {
        Self::example_on(None, name)
    }

    /// Starts an example, which says its address first.
    pub(crate) fn example_on(database: Option<&str>, name: &str) -> Self {
        let mut command = Command::new(built(name));
        command.env("PORT", "0").env_remove("DATABASE_URL");
        command.envs(database.map(|url| ("DATABASE_URL", url)));
        Self::start(&mut command, |line| {
            line.starts_with("http://").then(|| line.to_owned())
        })
    }

    /// Starts a program, and waits for the line that gives its address away.
    pub(crate) fn start(command: &mut Command, url: impl Fn(&str) -> Option<String>) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        command.env("TMPDIR", temporary.path());
        let child = command.stdout(Stdio::piped()).spawn();
        let mut child = child.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let found = output.by_ref().find_map(|line| url(&line.unwrap()));
        let Some(url) = found else {
            panic!(
                "{command:?} ended ({}) without an address",
                child.wait().unwrap()
            );
        };
        // It must be able to go on writing.
        std::thread::spawn(move || output.for_each(drop));
        Self {
            child,
            _temporary: temporary,
            url,
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().expect("it can be ended");
        self.child.wait().expect("it ends");
    }
}

/// The example's program. `cargo test` has built it; `cargo test --test browser` has not.
fn built(name: &str) -> PathBuf {
    static ONE_BY_ONE: Mutex<()> = Mutex::new(());
    let _turn = ONE_BY_ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let profile = env::current_exe().unwrap();
    let profile = profile.ancestors().nth(2).unwrap();
    let program = profile
        .join("examples")
        .join(name)
        .with_extension(env::consts::EXE_EXTENSION);
    let sources = [
        "examples",
        "src",
        "identity-map-core/src",
        "identity-map-derive/src",
    ];
    let newest = sources
        .iter()
        .map(|folder| changed(&root().join(folder)))
        .max();
    if fs::metadata(&program).is_ok_and(|file| file.modified().ok() > newest) {
        return program;
    }
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root()).args(["build", "--example", name]);
    if let Some(target) = profile.parent() {
        cargo.arg("--target-dir").arg(target);
    }
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    if cfg!(feature = "postgres") {
        cargo.args(["--features", "postgres"]);
    }
    assert!(cargo.status().unwrap().success(), "{cargo:?} failed");
    program
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// When something in a folder was changed last.
fn changed(path: &Path) -> SystemTime {
    let itself = fs::metadata(path).unwrap().modified().unwrap();
    let Ok(folder) = fs::read_dir(path) else {
        return itself;
    };
    folder
        .map(|entry| changed(&entry.unwrap().path()))
        .fold(itself, SystemTime::max)
}
