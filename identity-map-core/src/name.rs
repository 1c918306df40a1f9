//! Names of tables, columns and routines as they are compared: [`folded`].

/// A name in lower case and without quotes, which a text spells twice inside a name. Names that a database
/// tells apart may be one name here.
pub(crate) fn folded(name: &str) -> String {
    if name.is_ascii() && !name.contains(is_quote) {
        return name.to_ascii_lowercase();
    }
    let plain = name.chars().filter(|char| !is_quote(*char));
    plain.flat_map(char::to_lowercase).collect()
}

/// Whether a name is the same as one that is [folded].
pub(crate) fn is_folded(name: &str, folded_name: &str) -> bool {
    let simple = name.is_ascii() && !name.contains(is_quote);
    if simple {
        name.eq_ignore_ascii_case(folded_name)
    } else {
        folded(name) == folded_name
    }
}

/// The last part of a qualified name as SQL spells it, [folded].
pub(crate) fn folded_last_part(name: &str) -> String {
    let mut quote = None;
    let mut start = 0;
    for (at, char) in name.char_indices() {
        match quote {
            None if is_quote(char) => quote = Some(char),
            // One that is doubled ends the quotes and begins them again.
            Some(open) if char == open => quote = None,
            None if char == '.' => start = at + 1,
            _ => {}
        }
    }
    folded(name[start..].trim())
}

fn is_quote(char: char) -> bool {
    matches!(char, '"' | '`')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_quotes_do_not_count() {
        assert_eq!(folded("Posts"), "posts");
        assert_eq!(folded("a\"\"B"), folded("a\"b"));
        assert_eq!(folded("ÄRZTE"), "ärzte");
        assert!(is_folded("POSTS", "posts") && is_folded("Ä`rzte", "ärzte"));
        assert!(!is_folded("post", "posts"));
    }

    #[test]
    fn the_last_part_of_a_name() {
        for (name, last) in [
            ("posts", "posts"),
            ("\"app\".\"Posts\"", "posts"),
            ("`a.b`", "a.b"),
            ("`app` . `a.``b`", "a.b"),
            ("\" a \"", " a "),
        ] {
            assert_eq!(folded_last_part(name), last, "{name}");
        }
    }
}
