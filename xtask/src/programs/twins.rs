//! How long the functions of both programs take to compile in plain Diesel, and on the library: two packages of a
//! workspace of its own.

use std::env;
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use super::rewrite::{function, public, without_library};
use crate::shell::{report, root, run, state_dir};
use crate::weight::Times;

const TWINS: [&str; 2] = ["plain", "mapped"];

/// What the programs are made of; their functions come besides.
const PARTS: [(&str, &[&str]); 2] = [
    ("links", &["models", "schema", "query"]),
    ("registry", &["models", "schema"]),
];

/// Functions of the plain half that both halves call.
const COMMON: [(&str, &str, &[&str]); 2] = [
    (
        "links",
        "use diesel::prelude::*;\nuse crate::links::models::*;\nuse crate::links::schema::*;\n",
        &["posts.rs post_joins", "comments.rs comment_joins"],
    ),
    ("registry", "", &["taxonomy.rs ancestors"]),
];

/// Builds the twins in turns, everything that they depend on having been built before.
pub(super) fn time(rounds: usize) -> Result<(), String> {
    let dir = state_dir("programs")?;
    write_workspace(&dir)?;
    let mut table = String::from("| | plain | mapped | mapped / plain |\n|---|---:|---:|---:|\n");
    for step in ["check", "build"] {
        for twin in TWINS {
            report("programs", &format!("cargo {step} of {twin}"));
            build(&dir, twin, step)?;
        }
        let times = Times::of(rounds, |twin| time_of(&dir, TWINS[twin], step))?;
        let [plain, mapped] = times.medians();
        let ratio = times.ratio();
        table.push_str(&row(step, plain, mapped, ratio));
    }
    println!("\n{table}");
    Ok(())
}

fn row(step: &str, plain: f64, mapped: f64, ratio: f64) -> String {
    format!("| `cargo {step}` | {plain:.1} s | {mapped:.1} s | {ratio:.2} |\n")
}

fn time_of(dir: &Path, twin: &str, step: &str) -> Result<Duration, String> {
    let source = dir.join(twin).join("src/lib.rs");
    let touched = File::options()
        .append(true)
        .open(&source)
        .and_then(|file| file.set_modified(SystemTime::now()));
    touched.map_err(|error| format!("{}: {error}", source.display()))?;
    let start = Instant::now();
    build(dir, twin, step)?;
    Ok(start.elapsed())
}

fn build(dir: &Path, twin: &str, step: &str) -> Result<(), String> {
    run(
        Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .current_dir(dir)
            .args([step, "--quiet", "--package", twin])
            .arg("--target-dir")
            .arg(dir.join("target")),
    )
}

fn write_workspace(dir: &Path) -> Result<(), String> {
    let library = root()?;
    let lock = "Cargo.lock";
    let copied = fs::copy(library.join(lock), dir.join(lock));
    copied.map_err(|error| format!("{lock}: {error}"))?;
    let manifest = "[workspace]\nmembers = [\"plain\", \"mapped\"]\nresolver = \"3\"\n\n\
                    [profile.dev]\ndebug = 0\nincremental = false\n";
    write(&dir.join("Cargo.toml"), manifest)?;
    for twin in TWINS {
        write(&dir.join(twin).join("Cargo.toml"), &package(twin, &library))?;
        let sources = dir.join(twin).join("src");
        let of_all = "#![allow(warnings)]\npub mod links;\npub mod registry;\n";
        write(&sources.join("lib.rs"), of_all)?;
        for (program, parts) in PARTS {
            let from = library.join("tests/programs").join(program);
            let to = sources.join(program);
            let mut modules = parts.to_vec();
            modules.push(twin);
            for module in &modules {
                copy(&from.join(module), &to.join(module), twin)?;
            }
            if twin == "mapped" {
                write(&to.join("plain.rs"), &common(program, &from)?)?;
                modules.push("plain");
            }
            let modules = modules.iter().map(|module| format!("pub mod {module};\n"));
            write(&to.join("mod.rs"), &modules.collect::<String>())?;
        }
    }
    Ok(())
}

fn package(twin: &str, library: &Path) -> String {
    let on_library = if twin == "mapped" {
        let path = library.display();
        format!(
            "diesel-identity-map = {{ path = \"{path}\", features = [\"postgres\", \"async\"] }}\n"
        )
    } else {
        String::new()
    };
    format!(
        "[package]\nname = \"{twin}\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n[dependencies]\n\
         {on_library}chrono = {{ version = \"0.4\", default-features = false }}\n\
         diesel = {{ version = \"2.3\", default-features = false, features = [\"postgres\", \"chrono\", \"32-column-tables\"] }}\n\
         diesel-async = {{ version = \"0.9\", features = [\"postgres\"] }}\n\
         futures-util = {{ version = \"0.3\", default-features = false, features = [\"alloc\"] }}\n\
         serde = {{ version = \"1\", features = [\"derive\", \"rc\"] }}\nserde_json = \"1\"\n"
    )
}

/// Copies a module: its file and its folder, where there are such.
fn copy(from: &Path, to: &Path, twin: &str) -> Result<(), String> {
    let (file, target) = (from.with_extension("rs"), to.with_extension("rs"));
    if file.exists() {
        copy_file(&file, &target, twin)?;
    }
    for file in crate::shell::children(from) {
        let target = to.join(file.file_name().unwrap_or_default());
        copy_file(&file, &target, twin)?;
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path, twin: &str) -> Result<(), String> {
    let text = read(from)?;
    let text = if twin == "plain" {
        without_library(&text)
    } else {
        text
    };
    write(to, &public(&text))
}

/// The functions of the plain half that the mapped one calls.
fn common(program: &str, from: &Path) -> Result<String, String> {
    let mut text = String::new();
    for (_, uses, functions) in COMMON.iter().filter(|common| common.0 == program) {
        text.push_str(uses);
        for (file, name) in functions.iter().filter_map(|of| of.split_once(' ')) {
            let source = read(&from.join("plain").join(file))?;
            let found = function(&source, name).ok_or_else(|| format!("{file}: no `{name}`"))?;
            text.push_str(&public(found));
        }
    }
    Ok(text)
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    let dir = path.parent().unwrap_or(path);
    fs::create_dir_all(dir)
        .and_then(|()| fs::write(path, text))
        .map_err(|error| format!("{}: {error}", path.display()))
}
