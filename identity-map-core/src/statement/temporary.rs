//! Temporary objects, which may hide others of their names.

use super::classified_statement::ClassifiedStatement;
use super::meaning::Meaning;
use super::table_writes::ObjectName;

/// The first words of statements that may make an object.
const MAKE_OBJECTS: [&str; 7] = [
    "CREATE", "ALTER", "SELECT", "WITH", "TABLE", "VALUES", "EXPLAIN",
];

/// Words by which a temporary object is made.
const TEMPORARY: [&str; 3] = ["TEMP", "TEMPORARY", "pg_temp"];

/// Whether a text may make a temporary object, be it in a string or a comment.
pub(super) fn mentions_temporary(text: &str) -> bool {
    const MAKES: [&str; 5] = ["CREATE", "ALTER", "INTO", "EXECUTE", "PREPARE"];
    let mentions = |list: &[&str]| {
        let mut words = text.split(|char: char| !char.is_alphanumeric() && char != '_');
        words.any(|word| list.iter().any(|known| known.eq_ignore_ascii_case(word)))
    };
    mentions(&TEMPORARY) && mentions(&MAKES)
}

impl ClassifiedStatement<'_> {
    /// Whether the statement may make a temporary object, which may hide another of its name.
    pub(crate) fn makes_temporary_object(&self) -> bool {
        if self.meaning.is_transaction_control() || self.meaning == Meaning::Read {
            return false;
        }
        if self.first_word_is(&["DO", "EXECUTE", "PREPARE"]) {
            return mentions_temporary(self.text);
        }
        let is_temporary = |name: &ObjectName<'_>| {
            let mut parts = [Some(name.name), name.schema].into_iter().flatten();
            parts.any(|part| TEMPORARY.iter().any(|word| word.eq_ignore_ascii_case(part)))
        };
        self.first_word_is(&MAKE_OBJECTS) && self.object_names().iter().any(is_temporary)
    }
}
