//! How attributes may be written, and the right format that the error of a malformed one shows.

use super::derived::{derive, derive_on, passed_on};

const READ: &str = "type Table = t::table;";

#[test]
fn attributes_of_diesel_that_are_not_read_do_not_matter() {
    for attribute in [
        "check_for_backend(diesel::sqlite::Sqlite, diesel::pg::Pg)",
        "check_for_backend(disable = true)",
        "belongs_to(User), belongs_to(Blog, foreign_key = blog)",
        "treat_none_as_null = true",
        "treat_none_as_default_value = false",
        "aggregate, not_sized",
        "mysql_type(name = \"foo\")",
        "sql_type = Pair<A, B>",
        "base_query_type = dsl::Order<Filter<t::table, C>, (t::a, t::b)>",
        "of_tomorrow = a.b(c, d).e::<F, G>()",
        // These would be read if the comma were taken for the end of the value.
        "of_tomorrow = Pair<A, primary_key>",
        "of_tomorrow = a.b::<C, primary_key>()",
        "of_tomorrow = |a, b| a < b",
        "of_tomorrow = \"text\"",
        "of_tomorrow = a => b ? c",
        "of_tomorrow { a, b }",
        "of::tomorrow(a)",
        "\"text\"",
        "crate = 1",
    ] {
        for all in [
            format!("{attribute}, table_name = t"),
            format!("table_name = t, {attribute},"),
        ] {
            derive(&format!("#[diesel({all})] struct Post {{ id: i32 }}"))
                .accepted()
                .expect(READ)
                .expect("type Query = t::table;");
        }
    }
}

#[test]
fn attributes_of_fields_that_are_not_read_do_not_matter() {
    for attribute in [
        "sql_type = Pair<A, B>",
        "serialize_as = Pair<A, B>",
        "skip_insertion, skip_update",
        "treat_none_as_null = true",
    ] {
        derive(&format!(
            "struct Post {{ #[diesel({attribute}, column_name = id)] key: i32 }}"
        ))
        .accepted()
        .expect("type Selection = (posts::id,);");
    }
}

#[test]
fn attributes_may_be_spread() {
    derive(
        "#[doc = \"A post.\"] #[diesel(table_name = t)] #[other] #[diesel(primary_key(a))]
        struct Post { #[serde(skip)] a: i32 }",
    )
    .accepted()
    .expect(READ)
    .expect("type KeyColumns = t::a;");
}

#[test]
fn what_macro_rules_passes_on_is_read() {
    let (table, float) = (passed_on("schema::t"), passed_on("Option<f64>"));
    let (parent, number) = (passed_on("blog::User<'_>"), passed_on("Option<i32>"));
    let item = syn::parse_quote!(
        #[diesel(table_name = #table, primary_key(a), belongs_to(#parent))]
        #[identity_map(belongs_to(#parent, foreign_key = b), version = v)]
        struct Post {
            a: #float,
            v: #number,
        }
    );
    let name = "ParentTable::<blog::User<'_>>::new()).__table_name(\"users\")";
    let derived = derive_on(&item)
        .expect("type Table = schema::t::table;")
        .expect(&format!(
            "{name}, (&&&::diesel_identity_map::model::parent::{name}"
        ));
    assert_eq!(derived.errors.len(), 3, "{:?}", derived.errors);
}

#[test]
fn malformed_attributes_show_the_right_format() {
    let table = "diesel(table_name = posts)";
    let key = "diesel(primary_key(id))";
    let no_list = "`primary_key` needs a list in parentheses";
    for (attribute, at, message, format) in [
        (
            "table_name",
            "table_name",
            "`table_name` needs a value",
            table,
        ),
        ("table_name(posts)", "(", "expected `=`", table),
        (
            "table_name = \"posts\"",
            "\"posts\"",
            "expected identifier",
            table,
        ),
        ("table_name = posts<A>", "<", "expected `,`", table),
        ("primary_key", "primary_key", no_list, key),
        ("primary_key = id", "=", "expected parentheses", key),
        ("primary_key(\"id\")", "\"id\"", "expected identifier", key),
        ("primary_key(a b)", "b", "expected `,`", key),
        ("primary_key(a) = b", "=", "expected `,`", key),
    ] {
        derive(&format!("#[diesel({attribute})] struct Post {{ id: i32 }}")).refused(
            at,
            &format!("{message}\nhelp: the correct format looks like `#[{format}]`"),
        );
    }
}

#[test]
fn malformed_attributes_of_fields_show_the_right_format() {
    for (attribute, at, message) in [
        ("column_name", "column_name", "`column_name` needs a value"),
        ("column_name = 1", "1", "expected identifier"),
        (
            "column_name = \"two words\"",
            "\"two words\"",
            "`two words` is no Rust identifier: write the name that the column has in `table!`",
        ),
    ] {
        derive(&format!(
            "struct Post {{ id: i32, #[diesel({attribute})] a: i32 }}"
        ))
        .refused(
            at,
            &format!(
                "{message}\n\
                 help: the correct format looks like `#[diesel(column_name = author_id)]`"
            ),
        );
    }
    derive("struct Post { #[diesel(deserialize_as)] id: i32 }").refused(
        "deserialize_as",
        "`deserialize_as` needs a value\n\
         help: the correct format looks like `#[diesel(deserialize_as = String)]`",
    );
}

#[test]
fn own_attributes_may_be_spread() {
    for attributes in [
        "#[identity_map(hooks, version = v, keep_unchanged,)]
        #[identity_map(belongs_to(a::B<C, D>, foreign_key = b, name = e,),)]",
        "#[identity_map(keep_unchanged)] #[identity_map(belongs_to(a::B<C, D>, name = e, foreign_key = (b,)))] #[other]
        #[identity_map(version = v, hooks)]",
    ] {
        derive(&format!("{attributes} struct Post {{ id: i32, b: u8, v: i32 }}"))
            .accepted()
            .expect("HasHooks = ::diesel_identity_map::__private::Yes;")
            .expect("type VersionColumn = posts::v;")
            .expect("ParentTable::<a::B<C, D>>")
            .expect("::BelongsTo<e> for Post { type Parent = a::B<C, D>; type ForeignKey = u8;")
            .expect("__UNCHANGED");
    }
}

#[test]
fn a_malformed_parent_is_left_to_diesel() {
    for belongs_to in [
        "belongs_to",
        "belongs_to = User",
        "belongs_to()",
        "belongs_to(\"User\")",
        "belongs_to((User, Blog))",
        "belongs_to(&User)",
        "belongs_to(_)",
    ] {
        derive(&format!(
            "#[diesel({belongs_to}, table_name = t)] struct Post {{ id: i32 }}"
        ))
        .accepted()
        .expect(READ)
        .expect_not("ParentTable");
    }
    derive("#[diesel(belongs_to(User; 1), belongs_to(Blog, key = 1))] struct Post { id: i32 }")
        .accepted()
        .expect("ParentTable::<User>")
        .expect("ParentTable::<Blog>")
        .expect_not("BelongsTo");
}

#[test]
fn own_attributes_are_checked() {
    let on_post = |attribute| {
        derive(&format!(
            "#[identity_map({attribute})] struct Post {{ id: i32 }}"
        ))
    };
    on_post("hook, hooks").refused(
        "hook",
        "unknown attribute `hook`\n\
         help: the known ones are `crate`, `hooks`, `belongs_to`, `changed_by`, `version`, `keep_unchanged`",
    );
    on_post("hooks = true").refused(
        "=",
        "expected `,`\nhelp: the correct format looks like `#[identity_map(hooks)]`",
    );
    on_post("version").refused(
        "version",
        "`version` needs a value\n\
         help: the correct format looks like `#[identity_map(version = lock_version)]`",
    );
    on_post("belongs_to(User, key = a)").refused(
        "key",
        "unknown key `key`, expected `foreign_key` or `name`\n\
         help: the correct format looks like \
         `#[identity_map(belongs_to(User, foreign_key = editor_id))]`",
    );
    let relation = "help: the correct format looks like \
        `#[identity_map(belongs_to(User, foreign_key = editor_id))]`";
    for (belongs_to, at, message) in [
        (
            "belongs_to",
            "belongs_to",
            "`belongs_to` needs a list in parentheses",
        ),
        ("belongs_to(\"User\")", "\"User\"", "expected identifier"),
        ("belongs_to(&User)", "&", "expected identifier"),
        ("belongs_to(User; 1)", ";", "expected `,`"),
        ("belongs_to(User) = 1", "=", "expected `,`"),
        ("belongs_to(User, foreign_key)", ")", "expected `=`"),
        ("belongs_to(User, foreign_key = a b)", "b", "expected `,`"),
        ("belongs_to(User, foreign_key = (a b))", "b", "expected `,`"),
        (
            "belongs_to(User, foreign_key = a, foreign_key = b)",
            "foreign_key",
            "`foreign_key` is given twice",
        ),
        (
            "belongs_to(User, name = A, name = B)",
            "name",
            "`name` is given twice",
        ),
        (
            "belongs_to(User, name = \"Editor\")",
            "\"Editor\"",
            "a relation's name stands without quotes: it is a type",
        ),
        (
            "belongs_to(User, name = type)",
            "type",
            "expected identifier, found keyword `type`",
        ),
        ("belongs_to(User, name = a::B)", ":", "expected `,`"),
    ] {
        on_post(belongs_to).refused(at, &format!("{message}\n{relation}"));
    }
    on_post("\"hooks\"").refused("\"hooks\"", "expected an attribute's name");
    let derived = on_post("crate = \"map\"");
    assert_eq!(derived.impls, "");
    derived.refused(
        "\"map\"",
        "expected identifier\n\
         help: the correct format looks like `#[identity_map(crate = diesel_identity_map)]`",
    );
    derive("struct Post { #[identity_map(version)] id: i32 }").refused(
        "identity_map",
        "`#[identity_map(..)]` has no meaning on a field\nhelp: move it to the struct",
    );
}

#[test]
fn tables_that_change_a_model() {
    derive("#[identity_map(changed_by(jars, app::r#type))] struct Post { id: i32 }")
        .accepted()
        .expect("\"\", &[\"jars\", \"app.type\"],");
    derive("#[identity_map(changed_by = jars)] struct Post { id: i32 }").refused(
        "=",
        "expected parentheses\n\
         help: the correct format looks like `#[identity_map(changed_by(jars, audit_log))]`",
    );
}
