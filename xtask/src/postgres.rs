//! PostgreSQL: one that runs, else the machine's own cluster (as root), else a private server.

use crate::login::Login;
use crate::shell::{
    children, feed, find, free_port, is_root, listens, output, report, run, state_dir, succeeds,
    wait_for,
};
use std::path::Path;
use std::process::Command;
use std::{env, fs};

pub(crate) const VARIABLE: &str = "IDENTITY_MAP_POSTGRES_URL";
const NAME: &str = "postgres";
const PORT: u16 = 5432;

/// Whether a server is there or could be started with what is installed.
pub(crate) fn is_available() -> bool {
    env::var_os(VARIABLE).is_some() || running(PORT).is_some() || find("initdb").is_some()
}

pub(crate) fn url() -> Result<String, String> {
    if let Ok(url) = env::var(VARIABLE) {
        report(NAME, &format!("as {VARIABLE} says"));
        return Ok(url);
    }
    let (login, how) = match running(PORT) {
        Some(login) => (login, "running"),
        None if is_root() => (start_cluster()?, "started the machine's cluster"),
        None => (start_private()?, "started a private server"),
    };
    let (user, port) = (&login.user, login.port);
    report(NAME, &format!("{how}, port {port}, user {user}"));
    Ok(login.url("postgres", "postgres"))
}

fn running(port: u16) -> Option<Login> {
    let me = env::var("USER").unwrap_or_else(|_| "root".to_owned());
    Login::recall(NAME)
        .into_iter()
        .chain([NAME, &me].map(|user| Login::without_password(user, port)))
        .find(may_create_databases)
}

fn may_create_databases(login: &Login) -> bool {
    const QUESTION: &str =
        "SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user";
    let Some(psql) = find("psql").filter(|_| listens(login.port)) else {
        return false;
    };
    let answer = output(
        Command::new(psql)
            .env("PGPASSWORD", &login.password)
            .env("PGCONNECT_TIMEOUT", "5")
            .args(["-X", "-w", "-h", "127.0.0.1", "-U", &login.user])
            .args(["-p", &login.port.to_string(), "-d", "postgres"])
            .args(["-Atc", QUESTION]),
    );
    answer.is_some_and(|answer| answer == "t")
}

/// Debian's way: the newest cluster, in whose place nobody starts a second server.
fn start_cluster() -> Result<Login, String> {
    let hint = || format!("PostgreSQL does not run; start it, or set {VARIABLE}");
    let cluster = children(Path::new("/etc/postgresql"))
        .iter()
        .flat_map(|version| children(version))
        .next_back()
        .ok_or_else(hint)?;
    let mut parts = cluster.iter().rev().filter_map(|part| part.to_str());
    let (Some(name), Some(version)) = (parts.next(), parts.next()) else {
        return Err(hint());
    };
    if !succeeds(Command::new("pg_ctlcluster").args([version, name, "status"])) {
        run(Command::new("pg_ctlcluster").args([
            "--skip-systemctl-redirect",
            version,
            name,
            "start",
        ]))?;
    }
    let port = output(Command::new("pg_conftool").args(["-s", version, name, "show", "port"]))
        .and_then(|port| port.parse().ok())
        .unwrap_or(PORT);
    wait_for(|| listens(port).then_some(())).ok_or_else(hint)?;
    running(port).map_or_else(|| create_user(port), Ok)
}

fn create_user(port: u16) -> Result<Login, String> {
    let login = Login::for_tests(port);
    let (user, password) = (&login.user, &login.password);
    // A superuser: tests also switch roles and foreign keys.
    let sql = format!(
        "DO $$ BEGIN CREATE ROLE {user}; EXCEPTION WHEN duplicate_object THEN NULL; END $$;\n\
         ALTER ROLE {user} SUPERUSER LOGIN PASSWORD '{password}';\n"
    );
    feed(
        Command::new("runuser")
            .args(["-u", "postgres", "--", "psql", "-X", "-q", "-w"])
            .args(["-v", "ON_ERROR_STOP=1", "-p", &port.to_string()])
            .current_dir("/"),
        &sql,
    )?;
    login.remember(NAME)?;
    Ok(login)
}

/// A server of this user, below the target directory. Tests need no durability.
fn start_private() -> Result<Login, String> {
    let data = state_dir(NAME)?.join("data");
    let program = |name| find(name).ok_or_else(|| format!("{name} is not installed"));
    if !data.join("PG_VERSION").exists() {
        run(Command::new(program("initdb")?)
            .args(["-A", "trust", "-U", NAME, "-E", "UTF8", "--no-sync", "-D"])
            .arg(&data))?;
    }
    let pg_ctl = program("pg_ctl")?;
    if !succeeds(Command::new(&pg_ctl).arg("status").arg("-D").arg(&data)) {
        // No socket: its path might be too long for one.
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off",
            free_port()?
        );
        run(Command::new(&pg_ctl)
            .args(["start", "-w", "-o", &options, "-D"])
            .arg(&data)
            .arg("-l")
            .arg(data.with_file_name("log")))?;
    }
    let port = fs::read_to_string(data.join("postmaster.pid"))
        .ok()
        .and_then(|text| text.lines().nth(3)?.parse().ok())
        .ok_or("the private PostgreSQL server does not say its port")?;
    let login = Login::without_password(NAME, port);
    login.remember(NAME)?;
    Ok(login)
}
