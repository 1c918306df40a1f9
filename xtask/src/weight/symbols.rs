//! The functions of a program, with those together that differ by their model only.

use std::collections::HashMap;

/// The functions by their names, without what tells one model's from another's.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Symbols(HashMap<String, Group>);

/// Functions of one name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) bytes: u64,
    pub(super) functions: u64,
}

impl Symbols {
    /// Reads what `nm --print-size --demangle` prints of a program of this name.
    pub(super) fn read(text: &str, program: &str) -> Self {
        let mut groups = HashMap::<_, Group>::new();
        for (bytes, name) in text.lines().filter_map(function) {
            let group = groups.entry(common_name(name, program)).or_default();
            group.bytes += bytes;
            group.functions += 1;
        }
        Self(groups)
    }

    /// So many groups, the largest first.
    pub(super) fn largest(&self, count: usize) -> Vec<(&str, Group)> {
        let groups = self.0.iter().map(|(name, &group)| (name.as_str(), group));
        let mut groups: Vec<_> = groups.collect();
        groups.sort_by(|(name, group), (other, others)| {
            others.bytes.cmp(&group.bytes).then(name.cmp(other))
        });
        groups.truncate(count);
        groups
    }

    /// The bytes of the functions of this name.
    pub(super) fn bytes(&self, name: &str) -> u64 {
        self.0.get(name).map_or(0, |group| group.bytes)
    }
}

/// The size and the name on a line, if it is a function's: `address size type name`.
fn function(line: &str) -> Option<(u64, &str)> {
    let mut parts = line.splitn(4, ' ');
    let size = parts.nth(1)?;
    let kind = parts.next()?;
    let name = parts.next()?;
    let bytes = u64::from_str_radix(size, 16).ok()?;
    matches!(kind, "t" | "T" | "w" | "W").then_some((bytes, name))
}

/// A function's name without its hash, its copy's number, the program's name and the models' numbers.
fn common_name(name: &str, program: &str) -> String {
    let name = without_copy(name);
    let name = without_hash(name);
    let mut common = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
        let (part, after) = if is_word(first) {
            let end = rest.find(|letter| !is_word(letter));
            rest.split_at(end.unwrap_or(rest.len()))
        } else {
            rest.split_at(first.len_utf8())
        };
        match part {
            _ if part == program => common.push_str("program"),
            _ => match of_a_model(part) {
                Some(word) => {
                    common.push_str(word);
                    common.push('#');
                }
                None => common.push_str(part),
            },
        }
        rest = after;
    }
    common
}

/// The word before the number, if a generated program has a thing of this name for each model.
fn of_a_model(name: &str) -> Option<&str> {
    let word = name.trim_end_matches(|digit: char| digit.is_ascii_digit());
    let is_numbered = word.len() < name.len();
    let is_generated = matches!(word, "M" | "N" | "t" | "list" | "find" | "insert");
    (is_numbered && is_generated).then_some(word)
}

/// LLVM appends `.llvm.123` to the names of some copies; `nm` writes ` (.llvm.123)` or ` [clone .llvm.123]`.
fn without_copy(name: &str) -> &str {
    let name = name.split(".llvm.").next().unwrap_or(name);
    let name = name.strip_suffix('(').unwrap_or(name);
    name.strip_suffix("[clone ").unwrap_or(name).trim_end()
}

/// Rust's older names end in `::h` and sixteen hexadecimal digits.
fn without_hash(name: &str) -> &str {
    match name.rsplit_once("::h") {
        Some((before, hash)) if hash.len() == 16 && is_hexadecimal(hash) => before,
        _ => name,
    }
}

fn is_hexadecimal(text: &str) -> bool {
    text.chars().all(|digit| digit.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_that_differ_by_their_model_are_one_group() {
        let text = "\
0000000000001000 0000000000000010 t mapped_blocking_5::list0::h0123456789abcdef
0000000000002000 0000000000000020 t mapped_blocking_5::list12::hfedcba9876543210
0000000000003000 0000000000000040 T <mapped_blocking_5::M3 as core::fmt::Debug>::fmt::h0123456789abcdef
0000000000004000 0000000000000100 d mapped_blocking_5::DATA
                 U malloc
0000000000005000 T _init
0000000000006000 0000000000000008 W strlen
";
        let symbols = Symbols::read(text, "mapped_blocking_5");
        let group = |bytes, functions| Group { bytes, functions };
        assert_eq!(
            symbols.largest(9),
            [
                ("<program::M# as core::fmt::Debug>::fmt", group(64, 1)),
                ("program::list#", group(48, 2)),
                ("strlen", group(8, 1)),
            ]
        );
        assert_eq!(symbols.largest(1).len(), 1);
        assert_eq!(symbols.bytes("program::list#"), 48);
        assert_eq!(symbols.bytes("program::find#"), 0);
    }

    #[test]
    fn only_the_numbers_of_models_are_left_out() {
        for (name, common) in [
            (
                "f::<p::t3::columns::a, p::M3>",
                "f::<program::t#::columns::a, program::M#>",
            ),
            ("insert3::{closure#0}", "insert#::{closure#0}"),
            ("core::slice::sort4::heap3", "core::slice::sort4::heap3"),
            ("t::list::M", "t::list::M"),
            ("list_0", "list_0"),
            ("", ""),
        ] {
            assert_eq!(common_name(name, "p"), common);
        }
    }

    #[test]
    fn neither_hash_nor_copy_counts() {
        for name in [
            "a::f::h0123456789abcdef",
            "a::f::h0123456789abcdef (.llvm.123)",
            "a::f::h0123456789abcdef [clone .llvm.123]",
            "a::f::h0123456789abcdef.llvm.123",
            "a::f",
        ] {
            assert_eq!(common_name(name, "p"), "a::f");
        }
        assert_eq!(common_name("a::hash", "p"), "a::hash");
        assert_eq!(
            common_name("a::h0123456789abcdeg", "p"),
            "a::h0123456789abcdeg"
        );
    }
}
