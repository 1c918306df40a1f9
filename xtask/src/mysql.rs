//! MariaDB or MySQL: one that runs, else the machine's own (as root), else a private server.

use crate::login::Login;
use crate::shell::{
    feed, find_any, free_port, is_root, listens, report, run, spawn_server, state_dir, succeeds,
    wait_for,
};
use std::path::Path;
use std::process::Command;
use std::{env, fs};

pub(crate) const VARIABLE: &str = "IDENTITY_MAP_MYSQL_URL";
const NAME: &str = "mysql";
const PORT: u16 = 3306;
const CLIENTS: [&str; 2] = ["mariadb", "mysql"];
const SERVERS: [&str; 2] = ["mariadbd", "mysqld"];

/// Whether a server is there or could be started with what is installed.
pub(crate) fn is_available() -> bool {
    env::var_os(VARIABLE).is_some() || running().is_some() || find_any(&SERVERS).is_some()
}

pub(crate) fn url() -> Result<String, String> {
    if let Ok(url) = env::var(VARIABLE) {
        report(NAME, &format!("as {VARIABLE} says"));
        return Ok(url);
    }
    let (login, how) = match running() {
        Some(login) => (login, "running"),
        None if is_root() => (start_service()?, "started the machine's server"),
        None => (start_private()?, "started a private server"),
    };
    let (user, port) = (&login.user, login.port);
    report(NAME, &format!("{how}, port {port}, user {user}"));
    Ok(login.url("mysql", "mysql"))
}

fn running() -> Option<Login> {
    Login::recall(NAME)
        .into_iter()
        .chain([Login::without_password("root", PORT)])
        .find(may_log_in)
}

fn may_log_in(login: &Login) -> bool {
    let Some(client) = find_any(&CLIENTS).filter(|_| listens(login.port)) else {
        return false;
    };
    succeeds(
        Command::new(client)
            .env("MYSQL_PWD", &login.password)
            .args(["--no-defaults", "--protocol=tcp", "--connect-timeout=5"])
            .args(["-h", "127.0.0.1", "-P", &login.port.to_string()])
            .args(["-u", &login.user, "-e", "SELECT 1", "mysql"]),
    )
}

fn start_service() -> Result<Login, String> {
    if !listens(PORT) {
        if Path::new("/run/systemd/system").exists() {
            if !succeeds(Command::new("systemctl").args(["start", "mariadb"])) {
                run(Command::new("systemctl").args(["start", "mysql"]))?;
            }
        } else {
            let server = find_any(&SERVERS).ok_or("no mariadbd or mysqld is installed")?;
            prepare_socket_dir()?;
            spawn_server(Command::new(server).arg("--user=mysql"))?;
        }
        wait_for(|| listens(PORT).then_some(())).ok_or_else(|| {
            format!("MariaDB or MySQL does not start; start it, or set {VARIABLE}")
        })?;
    }
    running().map_or_else(create_user, Ok)
}

/// What the init script would have done: the directory is gone after each boot.
fn prepare_socket_dir() -> Result<(), String> {
    let dir = Path::new("/run/mysqld");
    if dir.exists() {
        return Ok(());
    }
    fs::create_dir_all(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    run(Command::new("chown").arg("mysql:").arg(dir))
}

/// Through the socket, where root of the machine is root of the server.
fn create_user() -> Result<Login, String> {
    let login = Login::for_tests(PORT);
    let client = find_any(&CLIENTS).ok_or("no mariadb or mysql client is installed")?;
    // Which of the two names a connection has depends on whether the server looks names up.
    let sql: String = ["localhost", "127.0.0.1"]
        .map(|host| {
            let (user, password) = (&login.user, &login.password);
            format!(
                "CREATE USER IF NOT EXISTS '{user}'@'{host}';\n\
                 ALTER USER '{user}'@'{host}' IDENTIFIED BY '{password}';\n\
                 GRANT ALL PRIVILEGES ON *.* TO '{user}'@'{host}';\n"
            )
        })
        .concat();
    feed(Command::new(client).args(["-u", "root"]), &sql)?;
    login.remember(NAME)?;
    Ok(login)
}

/// A server of this user, below the target directory. Tests need no durability.
fn start_private() -> Result<Login, String> {
    let data = state_dir(NAME)?.join("data");
    let datadir = format!("--datadir={}", data.display());
    let server = find_any(&SERVERS).ok_or("no mariadbd or mysqld is installed")?;
    if !data.join("mysql").exists() {
        match find_any(&["mariadb-install-db"]) {
            Some(install) => run(Command::new(install)
                .args(["--no-defaults", "--auth-root-authentication-method=normal"])
                .args(["--skip-test-db", &datadir]))?,
            None => run(Command::new(&server).args([
                "--no-defaults",
                "--initialize-insecure",
                &datadir,
            ]))?,
        }
    }
    let login = Login::without_password("root", free_port()?);
    spawn_server(
        Command::new(&server)
            .args(["--no-defaults", &datadir, "--bind-address=127.0.0.1"])
            .args(["--port", &login.port.to_string()])
            // Relative to the data: the full path might be too long for a socket.
            .args(["--socket=mysql.sock", "--pid-file=mysql.pid"])
            .args(["--log-error=log", "--skip-log-bin", "--loose-mysqlx=OFF"])
            .arg("--innodb-flush-log-at-trx-commit=0"),
    )?;
    wait_for(|| may_log_in(&login).then_some(())).ok_or_else(|| {
        format!(
            "the private server did not start; see {}/log",
            data.display()
        )
    })?;
    login.remember(NAME)?;
    Ok(login)
}
