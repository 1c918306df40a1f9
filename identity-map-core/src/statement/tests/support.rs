//! What the tests ask of a text.

use crate::product::Product;
use crate::statement::settings::{SessionChange, SettingValue};
use crate::statement::{Meaning, statements};

/// What each statement of a text means.
pub(super) fn meanings(sql: &str) -> Vec<Meaning> {
    statements(sql).map(|statement| statement.meaning).collect()
}

/// The identifiers and keywords of all statements of a text.
pub(super) fn names(sql: &str) -> Vec<&str> {
    statements(sql)
        .flat_map(|statement| statement.identifiers())
        .collect()
}

/// Each text is one statement with this meaning, whatever stands around it.
#[track_caller]
pub(super) fn all_mean(meaning: Meaning, texts: &[&str]) {
    for sql in texts {
        assert_eq!(meanings(sql), [meaning], "{sql}");
        // Case, line ends, and what stands around a statement change nothing.
        for same in [
            format!("\u{FEFF}{sql}"),
            format!("\r\n\t {sql}\r\n"),
            format!("-- why; SET ROLE x\r\n/* it's */ {sql};"),
            format!(";; {sql} ; ;"),
            format!("{sql}\n-- it's; SET ROLE x"),
            format!("{sql}\n/* \" */ ;-- \n"),
            format!("--it's for nobody\n#nor this\n{sql}"),
        ] {
            assert_eq!(meanings(&same), [meaning], "{same}");
        }
        if sql.is_ascii() && !sql.contains(['\'', '$']) && !sql.contains("/*M") {
            let upper = sql.to_uppercase();
            assert_eq!(meanings(&upper), [meaning], "{upper}");
            let lower = sql.to_lowercase();
            assert_eq!(meanings(&lower), [meaning], "{lower}");
        }
        let twice = format!("{sql}\n;{sql}");
        if !swallows(sql) {
            assert_eq!(meanings(&twice), [meaning, meaning], "{twice}");
        }
    }
}

/// Whether the last statement of the text takes in all that follows it.
fn swallows(sql: &str) -> bool {
    meanings(&format!("{sql}\n;SELECT 1")).last() != Some(&Meaning::Read)
}

/// The changes that a statement makes, in short: `!time_zone` is no longer what Diesel has set,
/// `+time_zone` is so again.
pub(super) fn changes(sql: &str, product: Product) -> String {
    let statement = statements(sql).next().unwrap();
    let changes = statement.session_changes(product);
    let mut words: Vec<_> = changes.changes.iter().map(in_short).collect();
    if changes.may_write {
        words.push("writes".to_owned());
    }
    words.join(" ")
}

fn in_short(change: &SessionChange) -> String {
    let SessionChange::Setting(setting) = change else {
        return format!("{change:?}").replace(' ', "");
    };
    let sign = match setting.to {
        SettingValue::Baseline => '+',
        SettingValue::Other => '!',
    };
    let unknown = if setting.is_known { "" } else { "?" };
    let span = match format!("{:?}", setting.span).as_str() {
        "Session" => String::new(),
        other => format!("/{other}"),
    };
    format!("{sign}{}{unknown}{span}", setting.name)
}

/// Each statement makes these changes.
#[track_caller]
pub(super) fn all_change(product: Product, expected: &[(&str, &str)]) {
    for (sql, change) in expected {
        assert_eq!(changes(sql, product), *change, "{sql} on {product:?}");
    }
}
