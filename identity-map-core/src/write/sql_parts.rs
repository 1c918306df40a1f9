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

/// The names of the columns that a list of assignments assigns.
pub(super) fn assigned_columns(changes: &str) -> Vec<String> {
    let parts = split_list(changes);
    let left = parts.iter().filter_map(|part| part.split_once('='));
    left.map(|(column, _)| last_name(column)).collect()
}

/// The last name in a text, without quotes: the column of `"posts"."title"`.
pub(super) fn last_name(column: &str) -> String {
    let column = column.trim().trim_end_matches(')');
    let quoted = |quote| {
        let (_, name) = column.strip_suffix(quote)?.rsplit_once(quote)?;
        Some(name)
    };
    let plain = || column.rsplit(['.', ' ', '(']).next();
    let name = quoted('`').or_else(|| quoted('"')).or_else(plain);
    name.unwrap_or(column).to_owned()
}

/// The parts of a list; a comma in parentheses or quotes does not separate.
pub(super) fn split_list(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut quote, mut start) = (0_usize, None, 0);
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) => quote = quote.filter(|_| open != byte),
            (None, b'\'' | b'"' | b'`') => quote = Some(byte),
            (None, b'(') => depth += 1,
            (None, b')') => depth = depth.saturating_sub(1),
            (None, b',') if depth == 0 => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts
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
    }

    #[test]
    fn assignments_have_names() {
        let changes = "`id` = ?, `posts`.`title` = concat(a, `b` = ?), `c` = `d` + 1";
        assert_eq!(assigned_columns(changes), ["id", "title", "c"]);
        let statement = "UPDATE \"a\" SET \"a b\" = $1, c = 2 WHERE \"d\" = $2";
        assert_eq!(assigned_columns(statement), ["a b", "c"]);
    }
}
