//! What keeps a `belongs_to` from being a relation, and what stands in for a refused one.

use super::derived::{derive, derive_post};

#[test]
fn a_foreign_key_without_a_field() {
    derive(
        "#[diesel(table_name = s::posts)] #[identity_map(belongs_to(User, foreign_key = editor))]
        struct Post { id: i32 }",
    )
    .refused(
        "editor",
        "`Post` has no field for the foreign key column `editor` of the table `s::posts`\n\
         help: add the field, or name the column of another",
    );
    derive_post("#[identity_map(belongs_to(User, foreign_key = (user_id, editor)))]").refused(
        "editor",
        "`Post` has no field for the foreign key column `editor` of the table `posts`\n\
         help: add the field, or name the column of another\n\
         note: a foreign key field must stand beside an `embed` field, not inside it",
    );
    derive("#[identity_map(belongs_to(a::Person, name = Author))] struct Post { id: i32 }")
        .refused(
            "Person",
            "`Post` has no field for the foreign key column `person_id` of the table `posts`\n\
             help: say which column it is: \
             `#[identity_map(belongs_to(a::Person, foreign_key = .., name = Author))]`",
        );
    // The field with the malformed `column_name` may be the missing one.
    derive(
        "#[identity_map(belongs_to(User, foreign_key = a))]
        struct Post { id: i32, #[diesel(column_name = 1)] b: i32 }",
    )
    .refused(
        "1",
        "expected identifier\n\
         help: the correct format looks like `#[diesel(column_name = author_id)]`",
    );
}

#[test]
fn a_foreign_key_that_is_not_a_plain_column() {
    derive_post("#[identity_map(belongs_to(User, foreign_key = rest))]").refused(
        "embed",
        "the foreign key field `rest` is embedded, but a foreign key must be a plain column\n\
         help: put the foreign key field beside the embedded struct",
    );
    derive_post("#[identity_map(belongs_to(User, foreign_key = sum))]").refused(
        "select_expression",
        "the foreign key field `sum` is selected by an expression, but a foreign key must be a \
         plain column\n\
         help: select the column itself",
    );
}

#[test]
fn a_foreign_key_of_a_wrong_number_of_columns() {
    derive_post("#[identity_map(belongs_to(User, foreign_key = ()))]").refused(
        "()",
        "a foreign key of no columns\n\
         help: the correct format looks like \
         `#[identity_map(belongs_to(User, foreign_key = editor_id))]`",
    );
    derive_post("#[identity_map(belongs_to(User, foreign_key = (user_id, parent_id, r#user_id)))]")
        .refused(
            "r#user_id",
            "the foreign key column `user_id` is named twice\n\
             help: name one column for each of the parent's primary key, in its order",
        );
    let many = |columns: &str| {
        let fields = columns.replace(',', ": i32,");
        derive(&format!(
            "#[identity_map(belongs_to(User, foreign_key = ({columns})))]
            struct Post {{ id: i32, {fields} }}"
        ))
    };
    let _ = many("a, b, c, d, e, f, g, h,")
        .accepted()
        .expect("type ForeignKey = (i32, i32, i32, i32, i32, i32, i32, i32);");
    many("a, b, c, d, e, f, g, h, i, j,").refused(
        "i",
        "a foreign key of 10 columns, but an identity map takes keys of up to 8\n\
         help: name the columns that hold the parent's primary key, and no others",
    );
}

#[test]
fn two_relations_without_a_name() {
    let message = |help: &str, relation: &str| {
        format!(
            "`Post` belongs to `a::User` in two ways, and `a::User` does not say which one is meant\n\
             help: {help}: `#[identity_map(belongs_to({relation}))]`"
        )
    };
    let two = |diesels: &str, own: &str| {
        derive_post(&format!("#[identity_map({own})] #[diesel({diesels})]"))
    };
    let editor = "belongs_to(a::User, foreign_key = editor_id)";
    let both = format!("belongs_to(a::User), {editor}");
    let name_it = "give it a name";
    for (diesels, own, help) in [
        ("belongs_to(a::User)", editor, name_it),
        ("", &both, name_it),
        (&both, "", "say this one with a name instead"),
    ] {
        two(diesels, own).refused(
            "a::User",
            &message(help, "a::User, foreign_key = editor_id, name = Editor"),
        );
    }
    two(editor, "belongs_to(a::User)").refused(
        "a::User",
        &message(name_it, "a::User, foreign_key = user_id, name = OtherUser"),
    );
    two(
        editor,
        "belongs_to(a::User, foreign_key = (parent_id, user_id))",
    )
    .refused(
        "a::User",
        &message(
            name_it,
            "a::User, foreign_key = (parent_id, user_id), name = Parent",
        ),
    );
    derive_post(
        "#[diesel(belongs_to(Self, foreign_key = parent_id))]
        #[identity_map(belongs_to(Post, foreign_key = parent_id))]",
    )
    .refused(
        "Post",
        "`Post` belongs to `Post` twice by the same foreign key\n\
         help: say it once",
    );
    derive_post(
        "#[diesel(belongs_to(User))]
        #[identity_map(belongs_to(User, foreign_key = editor_id, name = Editor))]
        #[identity_map(belongs_to(User, foreign_key = parent_id, name = Parent))]",
    )
    .accepted()
    .expect("BelongsTo<User>")
    .expect("BelongsTo<Editor>")
    .expect("BelongsTo<Parent>");
}

#[test]
fn a_name_that_is_taken() {
    derive_post(
        "#[identity_map(belongs_to(User, name = Editor))]
        #[identity_map(belongs_to(Person, foreign_key = editor_id, name = r#Editor))]",
    )
    .refused(
        "r#Editor",
        "two relations of the name `Editor`\n\
         help: give each a name of its own",
    );
    derive_post("#[identity_map(belongs_to(User, foreign_key = editor_id, name = Post))]").refused(
        "Post",
        "the relation's name `Post` is that of the model\n\
         help: say what the parent is to it: `name = Editor`",
    );
    derive_post("#[identity_map(belongs_to(User, name = User))]").refused(
        "User",
        "the relation's name `User` is that of a parent\n\
         help: leave it out where the parent's type says which relation is meant, or say what \
         the parent is to `Post`: `name = OtherUser`",
    );
    derive_post("#[identity_map(belongs_to(a::User, name = User))]")
        .accepted()
        .expect("BelongsTo<User> for Post { type Parent = a::User;");
    derive_post("#[identity_map(belongs_to(User<'_>, name = Writer))]").refused(
        "User<'_>",
        "`User<'_>` borrows, so it is no model that the relation `Writer` could lead to\n\
         help: name the parent's model, or leave the name out",
    );
}

#[test]
fn a_refused_relation_is_stood_in_for() {
    for foreign_key in ["of", "rest", "sum", "()", "(user_id, user_id)"] {
        let derived = derive_post(&format!(
            "#[identity_map(belongs_to(User, foreign_key = {foreign_key}, name = Editor))]"
        ));
        assert_eq!(derived.errors.len(), 1, "{:?}", derived.errors);
        let _ = derived
            .expect("type Key = i32;")
            .expect("BelongsTo<Editor> for Post { type Parent = User; type ForeignKey = ::core::primitive::i32;")
            .expect("ChildrenOf<User> for Editor")
            .expect("enum Editor {}");
    }
    // Of two relations that cannot be told apart the first stays.
    let derived = derive_post(
        "#[diesel(belongs_to(User))]
        #[identity_map(belongs_to(User, foreign_key = editor_id))]",
    );
    let _ = derived
        .expect("type Columns = posts::user_id;")
        .expect_not("type Columns = posts::editor_id;");
}

#[test]
fn relations_stay_with_another_error() {
    let attributes = "#[diesel(belongs_to(User))]
        #[identity_map(belongs_to(User, foreign_key = editor_id, name = Editor))]";
    let fields = "user_id: i32, editor_id: i32";
    for source in [
        format!("{attributes} struct Post {{ {fields} }}"),
        format!("{attributes} #[identity_map(nonsense)] struct Post {{ id: i32, {fields} }}"),
    ] {
        let derived = derive(&source);
        assert_eq!(derived.errors.len(), 1, "{:?}", derived.errors);
        let _ = derived
            .expect("BelongsTo<User> for Post")
            .expect("type Columns = posts::editor_id;")
            .expect("enum Editor {}");
    }
    let attributes = format!("{attributes} #[identity_map(belongs_to(A, name = Editor))]");
    for source in [
        format!("{attributes} pub enum Post {{ A }}"),
        format!("{attributes} pub struct Post<T> {{ {fields}, t: T }}"),
    ] {
        let derived = derive(&source).expect_not("BelongsTo");
        assert_eq!(derived.impls.matches("pub enum Editor").count(), 1);
    }
}
