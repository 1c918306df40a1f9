//! The parts of the text of values and assignments, as Diesel writes it.
//!
//! Diesel shows nobody what it binds, but its text says which columns are given.

/// The text of the columns and of the values in `(columns) VALUES (values)`.
pub(super) fn columns_and_values(text: &str) -> Option<(&str, &str)> {
    let (columns, values) = text.split_once(") VALUES (")?;
    Some((columns.strip_prefix('(')?, values.strip_suffix(')')?))
}

/// The names in a list of columns, without quotes and tables.
pub(super) fn column_names(columns: &str) -> Vec<String> {
    split_list(columns)
        .iter()
        .map(|column| last_name(column))
        .collect()
}

/// The parts of a qualified name, without quotes.
pub(super) fn name_parts(name: &str) -> Vec<String> {
    let parts = split(name, b'.');
    parts.iter().map(|part| last_name(part)).collect()
}

/// What the text of changes says.
#[doc(hidden)]
#[derive(Debug)]
pub struct Assignments {
    /// The columns that are assigned.
    pub(super) columns: Vec<String>,
    /// A value may be the call of a routine.
    pub(super) may_call: bool,
}

impl Assignments {
    pub(super) fn of(changes: &str) -> Self {
        Self {
            columns: assigned_columns(changes),
            may_call: changes.contains('('),
        }
    }
}

/// The names of the columns that a list of assignments assigns.
pub(super) fn assigned_columns(changes: &str) -> Vec<String> {
    let parts = split_list(changes).into_iter();
    let sides = parts.map(|part| split(part, b'='));
    let assigned = sides.filter(|sides| sides.len() > 1);
    assigned.map(|sides| last_name(sides[0])).collect()
}

/// Whether changes that assign these columns may give a row another key. What is not known may.
pub(super) fn may_move_key(assigned: Option<&[String]>, key: Option<Vec<String>>) -> bool {
    assigned
        .zip(key)
        .is_none_or(|(assigned, key)| assigned.iter().any(|column| key.contains(column)))
}

/// The last name in a text, without quotes: the column of `"posts"."title"`.
pub(super) fn last_name(column: &str) -> String {
    let column = column.trim().trim_end_matches(')');
    for quote in ['`', '"'] {
        let Some(text) = column.strip_suffix(quote) else {
            continue;
        };
        // A quote inside the name is doubled.
        let doubled = [quote, quote].iter().collect::<String>();
        let mut start = text.len();
        while let Some(at) = text[..start].rfind(quote) {
            let is_doubled = text[..at].ends_with(quote);
            start = at - usize::from(is_doubled);
            if !is_doubled {
                return text[at + 1..].replace(&doubled, &quote.to_string());
            }
        }
    }
    let plain = column.rsplit(['.', ' ', '(']).next();
    plain.unwrap_or(column).to_owned()
}

/// A name as MySQL's SQL has it.
pub(super) fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// The parts of a list; a comma in parentheses or quotes does not separate.
pub(super) fn split_list(text: &str) -> Vec<&str> {
    split(text, b',')
}

fn split(text: &str, separator: u8) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, byte) in outside(text) {
        if byte == separator {
            parts.push(text[start..at].trim());
            start = at + 1;
        }
    }
    parts.push(text[start..].trim());
    parts
}

/// What is before and behind a text that stands in no parentheses and no quotes. It begins with a space.
pub(super) fn split_once_outside<'t>(text: &'t str, by: &str) -> Option<(&'t str, &'t str)> {
    let mut spaces = outside(text).filter(|(_, byte)| *byte == b' ');
    spaces.find_map(|(at, _)| Some((&text[..at], text[at..].strip_prefix(by)?)))
}

/// How many values MySQL is given beside a text: the marks that stand in no quotes.
pub(super) fn bind_count(text: &str) -> usize {
    let mut quote = None;
    let marks = text.bytes().filter(|byte| {
        match (quote, byte) {
            (Some(open), _) => quote = quote.filter(|_| open != *byte),
            (None, b'\'' | b'"' | b'`') => quote = Some(*byte),
            (None, b'?') => return true,
            (None, _) => {}
        }
        false
    });
    marks.count()
}

/// The bytes that stand in no parentheses and no quotes, with their positions.
fn outside(text: &str) -> impl Iterator<Item = (usize, u8)> + '_ {
    let (mut depth, mut quote) = (0_usize, None);
    text.bytes().enumerate().filter(move |(_, byte)| {
        match (quote, byte) {
            (Some(open), _) => quote = quote.filter(|_| open != *byte),
            (None, b'\'' | b'"' | b'`') => quote = Some(*byte),
            (None, b'(') => depth += 1,
            (None, b')') => depth = depth.saturating_sub(1),
            (None, _) => return depth == 0,
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comma_in_parentheses_or_quotes_separates_nothing() {
        assert_eq!(
            split_list("f(a, b), 'c, d', \"e, f\""),
            ["f(a, b)", "'c, d'", "\"e, f\""]
        );
    }

    #[test]
    fn columns_have_names() {
        assert_eq!(column_names("\"posts\".\"id\", `b`, c"), ["id", "b", "c"]);
        assert_eq!(
            column_names("`a``b`, \"\"\"a\", `x`.```,=`"),
            ["a`b", "\"a", "`,="]
        );
        assert_eq!(name_parts("`app`.`a.b`"), ["app", "a.b"]);
    }

    #[test]
    fn assignments_have_names() {
        let changes = "`id` = ?, `posts`.`title` = concat(a, `b` = ?), `c` = `d` + 1";
        assert_eq!(assigned_columns(changes), ["id", "title", "c"]);
        let statement = "UPDATE \"a\" SET \"a b\" = $1, c = 2 WHERE \"d\" = $2";
        assert_eq!(assigned_columns(statement), ["a b", "c"]);
        assert_eq!(
            assigned_columns("\"a=b\" = 1, \"c\"\"d\" = 2"),
            ["a=b", "c\"d"]
        );
    }
}
