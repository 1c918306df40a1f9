//! Programs: where they are, and running them without noise.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

/// One line per finding, beside standard output: that is for results.
pub(crate) fn report(subject: &str, finding: &str) {
    eprintln!("xtask: {subject}: {finding}");
}

/// A program of `PATH`, or of a directory where distributions keep their servers.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut postgres = children(Path::new("/usr/lib/postgresql"));
    postgres.reverse();
    env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/usr/local/sbin".into()])
        .chain(postgres.into_iter().map(|version| version.join("bin")))
        .map(|dir| dir.join(program))
        .find(|candidate| candidate.is_file())
}

pub(crate) fn find_any(programs: &[&str]) -> Option<PathBuf> {
    programs.iter().find_map(|program| find(program))
}

/// What a directory holds, sorted; nothing if there is no such directory.
pub(crate) fn children(dir: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    paths
}

/// Whether the program exists and ends well; what it prints is dropped.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    quiet(command)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// What the program printed, if it exists and ends well.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    let output = quiet(command).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// Runs the program; what it printed is in the error if it fails, and nowhere otherwise.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    feed(command, "")
}

/// As [`run`], with this on standard input: where secrets go, since everyone can list arguments.
///
/// The output goes through a file. A pipe would not end before the servers that the program starts.
pub(crate) fn feed(command: &mut Command, input: &str) -> Result<(), String> {
    let name = command.get_program().to_owned();
    let base = Path::new(&name).file_name().unwrap_or(&name);
    let log = state_dir("output")?.join(base);
    let status = feed_logged(command, input, &log)
        .map_err(|error| format!("{}: {error}", name.display()))?;
    if status.success() {
        return Ok(());
    }
    let said = fs::read(log).unwrap_or_default();
    Err(format!(
        "{}: {status}\n{}",
        name.display(),
        String::from_utf8_lossy(&said).trim()
    ))
}

fn feed_logged(command: &mut Command, input: &str, log: &Path) -> io::Result<ExitStatus> {
    let log = File::create(log)?;
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that ends without reading it says why in its output.
        let _ = stdin.write_all(input.as_bytes());
    }
    child.wait()
}

/// Starts a server that outlives this program and the terminal's Ctrl-C.
pub(crate) fn spawn_server(command: &mut Command) -> Result<(), String> {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    quiet(command)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map(drop)
        .map_err(|error| format!("{}: {error}", command.get_program().display()))
}

/// Polls until there is an answer, for half a minute.
pub(crate) fn wait_for<T>(mut probe: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let found = probe();
        if found.is_some() || Instant::now() > deadline {
            return found;
        }
        thread::sleep(Duration::from_millis(100));
    }
}

pub(crate) fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_some_and(|id| id == "0")
}

pub(crate) fn listens(port: u16) -> bool {
    let address = (Ipv4Addr::LOCALHOST, port).into();
    TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok()
}

pub(crate) fn free_port() -> Result<u16, String> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| format!("no free port: {error}"))
}

/// The workspace. Cargo says where the package of the program is that it runs.
pub(crate) fn root() -> Result<PathBuf, String> {
    let package = env::var_os("CARGO_MANIFEST_DIR").ok_or("run it as `cargo xtask`")?;
    let root = Path::new(&package).parent();
    root.map(Path::to_path_buf)
        .ok_or_else(|| "xtask is not in a workspace".to_owned())
}

/// `target/xtask/<name>`, made if it is not there.
pub(crate) fn state_dir(name: impl AsRef<OsStr>) -> Result<PathBuf, String> {
    let failed = |error| format!("the target directory: {error}");
    let program = env::current_exe().map_err(failed)?;
    // target/debug/xtask
    let target = program.ancestors().nth(2).ok_or("no target directory")?;
    let dir = target.join("xtask").join(name.as_ref());
    fs::create_dir_all(&dir).map_err(failed)?;
    Ok(dir)
}

fn quiet(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::null())
}
