//! The text of a program: models of ten columns, and for each a list, a find and an insert.

use std::fmt::Write;

use super::program::Program;

const COLUMNS: &str = "id -> Integer, a -> Text, b -> Integer, c -> BigInt, d -> Nullable<Text>, e -> Double, \
     f -> Bool, g -> Nullable<Integer>, h -> Text, i -> Nullable<BigInt>,";
const FIELDS: &str = "pub id: i32, pub a: String, pub b: i32, pub c: i64, pub d: Option<String>, pub e: f64, \
     pub f: bool, pub g: Option<i32>, pub h: String, pub i: Option<i64>";
const NEW_FIELDS: &str = "pub a: &'a str, pub b: i32, pub c: i64, pub d: Option<&'a str>, pub e: f64, pub f: bool, \
     pub g: Option<i32>, pub h: &'a str, pub i: Option<i64>";
const NEW: &str = r#"a: "a", b: 1, c: 2, d: None, e: 1.0, f: true, g: None, h: "h", i: None"#;

pub(super) fn source(program: Program) -> String {
    let mut text = head(program);
    for n in 0..program.models {
        text += &model(program, n);
        text += &queries(program, n);
    }
    text += &main(program);
    text
}

fn head(program: Program) -> String {
    let mut text = "#![allow(dead_code, unused)]\nuse diesel::prelude::*;\n".to_owned();
    if program.is_mapped() {
        text += "use diesel_identity_map::prelude::*;\n";
    }
    text += if program.is_awaited() {
        "use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;\n\
         use diesel_async::{AsyncConnection, RunQueryDsl};\n\
         type Conn = SyncConnectionWrapper<SqliteConnection>;\n"
    } else {
        "type Conn = SqliteConnection;\n"
    };
    text
}

/// The table `t0`, its model `M0`, and what is inserted, `N0`.
fn model(program: Program, n: u32) -> String {
    let mapped = if program.is_mapped() {
        ", IdentityMapped"
    } else {
        ""
    };
    format!(
        "\ndiesel::table! {{ t{n} (id) {{ {COLUMNS} }} }}\n\
         #[derive(Queryable, Selectable, Identifiable, Debug, Clone{mapped})]\n\
         #[diesel(table_name = t{n})]\npub struct M{n} {{ {FIELDS} }}\n\
         #[derive(Insertable)]\n\
         #[diesel(table_name = t{n})]\npub struct N{n}<'a> {{ {NEW_FIELDS} }}\n"
    )
}

/// The functions `list0`, `find0` and `insert0`.
fn queries(program: Program, n: u32) -> String {
    let clauses =
        format!(".filter(t{n}::a.eq(q)).filter(t{n}::b.gt(n)).order((t{n}::c.desc(), t{n}::id))");
    let (row, list, find, insert) = if program.is_mapped() {
        (
            format!("Arc<M{n}>"),
            format!("M{n}::cached(){clauses}.load(conn)"),
            format!("M{n}::cached().find(id).first(conn)"),
            format!("M{n}::cached().insert(new, conn)"),
        )
    } else {
        (
            format!("M{n}"),
            format!("t{n}::table{clauses}.select(M{n}::as_select()).load(conn)"),
            format!("t{n}::table.find(id).select(M{n}::as_select()).first(conn)"),
            format!(
                "diesel::insert_into(t{n}::table).values(new).returning(M{n}::as_returning()).get_result(conn)"
            ),
        )
    };
    let (function, end) = if program.is_awaited() {
        ("pub async fn", ".await")
    } else {
        ("pub fn", "")
    };
    format!(
        "{function} list{n}(conn: &mut Conn, q: &str, n: i32) -> QueryResult<Vec<{row}>> {{ {list}{end} }}\n\
         {function} find{n}(conn: &mut Conn, id: i32) -> QueryResult<{row}> {{ {find}{end} }}\n\
         {function} insert{n}(conn: &mut Conn, new: &N{n}<'_>) -> QueryResult<{row}> {{ {insert}{end} }}\n"
    )
}

/// Uses all functions, so that the linker keeps them.
fn main(program: Program) -> String {
    let mut text = "\nfn main() {\n".to_owned();
    let run = if program.is_awaited() {
        text += "let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();\n";
        |call: String| format!("runtime.block_on({call})")
    } else {
        |call| call
    };
    let establish = run("Conn::establish(\":memory:\")".to_owned());
    let _ = writeln!(text, "let conn = &mut {establish}.unwrap();");
    if program.is_mapped() {
        text += "conn.enable_identity_map();\n";
    }
    for n in 0..program.models {
        let list = run(format!("list{n}(conn, \"x\", 3)"));
        let find = run(format!("find{n}(conn, 1)"));
        let insert = run(format!("insert{n}(conn, &N{n} {{ {NEW} }})"));
        let _ = writeln!(
            text,
            "println!(\"{{:?}} {{:?}} {{:?}}\", {list}, {find}, {insert});"
        );
    }
    text + "}\n"
}

#[cfg(test)]
mod tests {
    use super::super::program::Calls;
    use super::*;

    fn sources(calls: Calls) -> [String; 2] {
        Program::twins(calls, 3).map(source)
    }

    #[test]
    fn each_model_has_a_list_a_find_and_an_insert() {
        for calls in [Calls::Blocking, Calls::Awaited] {
            for text in sources(calls) {
                for part in ["struct M", "struct N", "fn list", "fn find", "fn insert"] {
                    assert_eq!(text.matches(part).count(), 3, "{part} in {text}");
                }
            }
        }
    }

    #[test]
    fn only_the_mapped_twin_knows_the_library() {
        let [plain, mapped] = sources(Calls::Blocking);
        for part in ["diesel_identity_map", "IdentityMapped", "::cached()", "Arc"] {
            assert!(!plain.contains(part), "{plain}");
            assert!(mapped.contains(part), "{mapped}");
        }
    }

    #[test]
    fn a_program_is_blocking_or_awaited() {
        for text in sources(Calls::Blocking) {
            assert!(!text.contains("async"), "{text}");
        }
        for text in sources(Calls::Awaited) {
            assert_eq!(text.matches("pub async fn").count(), 9, "{text}");
            assert_eq!(text.matches(".await }").count(), 9, "{text}");
        }
    }
}
