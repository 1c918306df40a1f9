//! The table of the floors, as the docs of a `lib.rs` have it.
//!
//! It is the first block of the kind `text` that starts with a number and a room. Each of its lines is a floor, the
//! rooms on it and, if somebody likes, what they are:
//!
//! ```text
//! 2  map/ lock.rs     objects alive
//! 1  model/           what the derive writes
//! exception: model/mod.rs -> query (a model's `cached()` names `Cached`)
//! ```
//!
//! A line without a number goes on describing the floor above it. An exception lets one file import from one room,
//! and gives the reason. It stands in the block or anywhere else in the same docs, on a line of its own.

use std::path::Path;

use super::problem::Problem;

/// Rooms by floor, and who may go up nevertheless.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) rooms: Vec<Room>,
    pub(super) exceptions: Vec<Exception>,
}

/// A folder (`map/`) or a file (`error.rs`) beside `lib.rs`, or this itself.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) name: String,
    pub(super) floor: u32,
    pub(super) line: usize,
}

/// The leave of one file to import from one room.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Exception {
    pub(super) file: String,
    pub(super) room: String,
    pub(super) line: usize,
}

impl Table {
    /// Reads the text of a `lib.rs`. There is no table if no block of its docs looks like one.
    pub(super) fn read(path: &str, text: &str) -> Result<Option<Self>, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut table = Self::default();
        for (line, floor) in block(text) {
            match rooms(floor) {
                Some((number, names)) => table.enter(path, line, number, names, &mut problems),
                None if starts_with_number(floor) => problems.push(Problem::at(
                    path,
                    line,
                    "the floor has no room; the correct format looks like `2  map/ lock.rs  what they are`".to_owned(),
                )),
                None => {}
            }
        }
        if table.rooms.is_empty() && problems.is_empty() {
            return Ok(None);
        }
        for (line, doc) in docs(text) {
            let Some(rest) = doc.trim().strip_prefix("exception:") else {
                continue;
            };
            match exception(line, rest) {
                Some(exception) => table.exceptions.push(exception),
                None => problems.push(Problem::at(
                    path,
                    line,
                    "the correct format looks like `exception: model/mod.rs -> query (why)`"
                        .to_owned(),
                )),
            }
        }
        if problems.is_empty() {
            Ok(Some(table))
        } else {
            Err(problems)
        }
    }

    pub(super) fn room(&self, name: &str) -> Option<&Room> {
        self.rooms.iter().find(|room| room.name == name)
    }

    fn enter(
        &mut self,
        path: &str,
        line: usize,
        floor: u32,
        names: Vec<&str>,
        problems: &mut Vec<Problem>,
    ) {
        for name in names {
            if let Some(other) = self.room(name) {
                let floor = other.floor;
                let text = format!("`{name}` stands on floor {floor} already");
                problems.push(Problem::at(path, line, text));
                continue;
            }
            self.rooms.push(Room {
                name: name.to_owned(),
                floor,
                line,
            });
        }
    }
}

/// The lines of the `//!` docs, with their numbers.
pub(super) fn docs(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = (1..).zip(text.lines());
    lines.filter_map(|(line, text)| Some((line, text.trim_start().strip_prefix("//!")?)))
}

/// The lines of the first block that looks like a table; none if no block does.
fn block(text: &str) -> Vec<(usize, &str)> {
    let mut open: Option<(&str, Vec<_>)> = None;
    for (line, doc) in docs(text) {
        let doc = doc.trim();
        match (doc.strip_prefix("```"), open.take()) {
            (None, Some((kind, mut lines))) => {
                lines.push((line, doc));
                open = Some((kind, lines));
            }
            (Some(kind), None) => open = Some((kind, Vec::new())),
            (Some(_), Some(("text", lines))) if starts_as_table(&lines) => return lines,
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
    Vec::new()
}

fn starts_as_table(lines: &[(usize, &str)]) -> bool {
    let first = lines.iter().find(|(_, line)| !line.is_empty());
    first.is_some_and(|(_, line)| rooms(line).is_some())
}

/// The number of a floor and its rooms.
fn rooms(line: &str) -> Option<(u32, Vec<&str>)> {
    let mut words = line.split_whitespace();
    let number = words.next()?.parse().ok()?;
    let names: Vec<_> = words.take_while(|word| is_room(word)).collect();
    (!names.is_empty()).then_some((number, names))
}

fn starts_with_number(line: &str) -> bool {
    let first = line.split_whitespace().next();
    first.is_some_and(|word| word.parse::<u32>().is_ok())
}

fn is_room(word: &str) -> bool {
    let stem = word.strip_suffix('/').or_else(|| word.strip_suffix(".rs"));
    stem.is_some_and(|stem| !stem.is_empty() && !stem.contains('/'))
}

fn exception(line: usize, text: &str) -> Option<Exception> {
    let (file, rest) = text.split_once("->")?;
    let (room, reason) = rest.split_once('(')?;
    let reason = reason.trim().strip_suffix(')')?;
    let (file, mut room) = (file.trim(), room.trim().to_owned());
    if !room.ends_with('/') && !has_extension(&room) {
        room.push('/');
    }
    let is_whole = has_extension(file) && is_room(&room) && !reason.trim().is_empty();
    is_whole.then(|| Exception {
        file: file.to_owned(),
        room,
        line,
    })
}

fn has_extension(file: &str) -> bool {
    Path::new(file)
        .extension()
        .is_some_and(|extension| extension == "rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCS: &str = "\
//! The engine.
//!
//! ```text
//! no table
//! ```
//!
//! ```text
//! 10  lib.rs assert.rs
//!  2  map/            objects alive, see the folder model/
//!                     and more of them
//!  1  model/ error.rs
//! ```
//!
//! exception: model/mod.rs -> map (a model (by nature) names it)

mod map;
";

    fn read(text: &str) -> Result<Option<Table>, Vec<String>> {
        Table::read("lib.rs", text)
            .map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn rooms_have_the_floor_of_their_line() {
        let table = read(DOCS).unwrap().unwrap();
        let rooms: Vec<_> = table
            .rooms
            .iter()
            .map(|room| (room.name.as_str(), room.floor, room.line))
            .collect();
        assert_eq!(
            rooms,
            [
                ("lib.rs", 10, 8),
                ("assert.rs", 10, 8),
                ("map/", 2, 9),
                ("model/", 1, 11),
                ("error.rs", 1, 11)
            ]
        );
    }

    #[test]
    fn an_exception_names_a_file_a_room_and_a_reason() {
        let table = read(DOCS).unwrap().unwrap();
        let exception = Exception {
            file: "model/mod.rs".to_owned(),
            room: "map/".to_owned(),
            line: 14,
        };
        assert_eq!(table.exceptions, [exception]);
        for wrong in [
            "map/a.rs -> model/",
            "map/a.rs -> model/ ()",
            "map/ -> model/ (why)",
        ] {
            let docs = format!("//! ```text\n//! 1 map/\n//! ```\n//! exception: {wrong}\n");
            let problems = read(&docs).unwrap_err();
            assert!(problems[0].starts_with("lib.rs:4: the correct format"));
        }
    }

    #[test]
    fn docs_without_a_table_have_none() {
        assert!(
            read("//! The engine.\n//! ```\n//! 1 map/\n//! ```\n")
                .unwrap()
                .is_none()
        );
        assert!(read("/* 1 map/ */").unwrap().is_none());
    }

    #[test]
    fn a_room_stands_once_and_a_floor_has_rooms() {
        let docs = "//! ```text\n//! 2 map/\n//! 1 map/\n//! 0 nothing\n//! ```\n";
        assert_eq!(
            read(docs).unwrap_err(),
            [
                "lib.rs:3: `map/` stands on floor 2 already",
                "lib.rs:4: the floor has no room; the correct format looks like `2  map/ lock.rs  what they are`"
            ]
        );
    }
}
