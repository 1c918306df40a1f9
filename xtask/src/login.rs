//! Who logs in where: a user of a server on this machine.

use crate::shell::state_dir;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

#[derive(Clone)]
pub(crate) struct Login {
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) port: u16,
}

impl Login {
    pub(crate) fn without_password(user: &str, port: u16) -> Self {
        Self {
            user: user.to_owned(),
            password: String::new(),
            port,
        }
    }

    /// A user for these tests. The password is random, since it opens a server that may hold more
    /// than tests.
    pub(crate) fn for_tests(port: u16) -> Self {
        let random = || RandomState::new().hash_one(port);
        Self {
            user: "identity_map".to_owned(),
            password: format!("{:016x}{:016x}", random(), random()),
            port,
        }
    }

    pub(crate) fn url(&self, scheme: &str, database: &str) -> String {
        let colon = if self.password.is_empty() { "" } else { ":" };
        format!(
            "{scheme}://{}{colon}{}@127.0.0.1:{}/{database}",
            self.user, self.password, self.port
        )
    }

    /// Keeps the login for later runs, readable by this user only.
    pub(crate) fn remember(&self, server: &str) -> Result<(), String> {
        let path = file(server)?;
        let text = format!("{}\n{}\n{}\n", self.user, self.port, self.password);
        write_private(&path, &text).map_err(|error| format!("{}: {error}", path.display()))
    }

    pub(crate) fn recall(server: &str) -> Option<Self> {
        let text = fs::read_to_string(file(server).ok()?).ok()?;
        let mut lines = text.lines();
        Some(Self {
            user: lines.next()?.to_owned(),
            port: lines.next()?.parse().ok()?,
            password: lines.next()?.to_owned(),
        })
    }
}

fn file(server: &str) -> Result<PathBuf, String> {
    Ok(state_dir(server)?.join("login"))
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}
