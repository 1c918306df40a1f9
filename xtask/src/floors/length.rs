//! Whether a long file says why it is one.

use super::library::Library;
use super::problem::Problem;
use super::source::Source;
use super::table::docs;

/// A file of more lines is two ideas, or says in its docs why it is one.
const LINES: usize = 350;
/// What the sentence contains that says why: "It has 400 lines because ..".
const REASON: &str = "lines because";

pub(super) fn check(library: &Library) -> Vec<Problem> {
    let long = library.sources.iter().filter(|source| !is_short(source));
    long.map(|source| {
        let lines = source.text.lines().count();
        let text = format!("{lines} lines, and its docs do not say \"{REASON} ..\": more than {LINES} are two ideas");
        Problem::of(&library.shown(source), text)
    })
    .collect()
}

fn is_short(source: &Source) -> bool {
    source.text.lines().count() <= LINES || says_why(&source.text)
}

/// The words may stand on two lines.
fn says_why(text: &str) -> bool {
    let words = docs(text).flat_map(|(_, doc)| doc.split_whitespace());
    words.collect::<Vec<_>>().join(" ").contains(REASON)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(docs: &str, lines: usize) -> Vec<String> {
        let text = docs.to_owned() + &"\n".repeat(lines - docs.lines().count());
        let library = Library::parse("core/src", [("map/store.rs".to_owned(), text)]).unwrap();
        check(&library).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_file_of_many_lines_says_why() {
        assert_eq!(problems("//! A store.\n", 350), [""; 0]);
        let problem = "core/src/map/store.rs: 351 lines, and its docs do not say \"lines because ..\": more than 350 are two ideas";
        assert_eq!(problems("//! A store.\n", 351), [problem]);
        assert_eq!(
            problems("// It has so many lines because.\n", 351),
            [problem]
        );
        assert_eq!(
            problems(
                "//! It has so many lines\n//! because a table is one thing.\n",
                351
            ),
            [""; 0]
        );
    }
}
