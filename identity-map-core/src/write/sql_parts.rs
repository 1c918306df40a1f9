//! The parts of the text of values and assignments, as Diesel writes it.
//!
//! What Diesel binds is not for others to read, but its text says which columns are given.

/// The insides of `(columns) VALUES (values)`.
pub(super) fn columns_and_values(text: &str) -> Option<(&str, &str)> {
    let (columns, values) = text.split_once(") VALUES (")?;
    Some((columns.strip_prefix('(')?, values.strip_suffix(')')?))
}

/// The names of columns in a text of columns: without quotes and tables.
pub(super) fn names(columns: &str) -> Vec<String> {
    split(columns).iter().map(|column| name(column)).collect()
}

/// The names of the columns in a text of assignments.
pub(super) fn assigned(changes: &str) -> Vec<String> {
    let parts = split(changes);
    let left = parts.iter().filter_map(|part| part.split_once('='));
    left.map(|(column, _)| name(column)).collect()
}

/// The last name in a text.
fn name(column: &str) -> String {
    let column = column.trim().trim_end_matches(')');
    let quoted = |quote| {
        let (_, name) = column.strip_suffix(quote)?.rsplit_once(quote)?;
        Some(name)
    };
    let plain = || column.rsplit(['.', ' ', '(']).next();
    let name = quoted('`').or_else(|| quoted('"')).or_else(plain);
    name.unwrap_or(column).to_owned()
}

/// The parts between the commas that stand in no parentheses and no quotes.
pub(super) fn split(text: &str) -> Vec<&str> {
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
    fn assignments_have_names() {
        let changes = "`id` = ?, `posts`.`title` = concat(a, `b` = ?), `c` = `d` + 1";
        assert_eq!(assigned(changes), ["id", "title", "c"]);
        let statement = "UPDATE \"a\" SET \"a b\" = $1, c = 2 WHERE \"d\" = $2";
        assert_eq!(assigned(statement), ["a b", "c"]);
    }
}
