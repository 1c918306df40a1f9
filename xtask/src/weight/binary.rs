//! A program that was built, as GNU binutils see it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::symbols::Symbols;
use crate::shell::{output, run};

pub(super) struct Binary {
    name: String,
    path: PathBuf,
}

impl Binary {
    pub(super) fn new(name: String, path: PathBuf) -> Self {
        Self { name, path }
    }

    /// The bytes of the file.
    pub(super) fn file(&self) -> Result<u64, String> {
        length(&self.path)
    }

    /// The bytes of the file without its symbols.
    pub(super) fn stripped(&self) -> Result<u64, String> {
        let stripped = self.path.with_extension("stripped");
        run(Command::new("strip")
            .arg("-o")
            .args([&stripped, &self.path]))?;
        length(&stripped)
    }

    /// The bytes of its code and data.
    ///
    /// That is the stripped file without the gaps between its sections, which end on full pages.
    pub(super) fn loaded(&self) -> Result<u64, String> {
        let text = output(
            Command::new("size")
                .arg("--format=berkeley")
                .arg(&self.path),
        );
        let loaded = text.as_deref().and_then(loaded);
        loaded.ok_or_else(|| format!("no `size` of {}", self.path.display()))
    }

    pub(super) fn symbols(&self) -> Result<Symbols, String> {
        let text = output(
            Command::new("nm")
                .args(["--print-size", "--demangle"])
                .arg(&self.path),
        );
        let text = text.ok_or_else(|| format!("no `nm` of {}", self.path.display()))?;
        Ok(Symbols::read(&text, &self.name))
    }
}

fn length(path: &Path) -> Result<u64, String> {
    fs::metadata(path)
        .map(|file| file.len())
        .map_err(|error| format!("{}: {error}", path.display()))
}

/// The sum of the columns `text` and `data`.
fn loaded(text: &str) -> Option<u64> {
    let mut columns = text.lines().nth(1)?.split_whitespace();
    let mut column = || columns.next()?.parse::<u64>().ok();
    Some(column()? + column()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_data_are_loaded() {
        let text = "   text\t   data\t    bss\t    dec\t    hex\tfilename\n 1000\t 200\t 30\t 1230\t 4ce\tprogram";
        assert_eq!(loaded(text), Some(1200));
        assert_eq!(loaded("size: no such file"), None);
    }
}
