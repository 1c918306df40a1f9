//! What the queries of a model select, and what they start from.

use super::derived::derive;

#[test]
fn embedded_and_computed_fields_leave_the_selection_to_selectable() {
    for field in [
        "#[diesel(embed)] times: Timestamps",
        "#[diesel(select_expression = posts::a.eq(1))] a: bool",
        "#[diesel(select_expression_type = dsl::Eq<posts::a, i32>)] a: bool",
    ] {
        derive(&format!("struct Post {{ id: i32, {field} }}"))
            .accepted()
            .expect("type Query = posts::table;")
            .expect(
                "::diesel_identity_map::model::ModelSelection<__DB> for Post
                where
                    Self: ::diesel_identity_map::__private::diesel::expression::Selectable<
                        __DB,
                        SelectExpression: 'static
                    >
                {
                    type Selection = <Self as
                        ::diesel_identity_map::__private::diesel::expression::Selectable<__DB>
                    >::SelectExpression;

                    fn selection() -> Self::Selection {
                        <Self as
                            ::diesel_identity_map::__private::diesel::expression::Selectable<__DB>
                        >::construct_selection()
                    }
                }",
            );
    }
}

#[test]
fn a_model_that_is_not_all_columns_is_not_plain() {
    derive("struct Post { id: i32, #[diesel(embed)] rest: Rest }")
        .accepted()
        .expect("type IsPlain = ::diesel_identity_map::__private::No;");
}

#[test]
fn a_base_query_is_that_of_has_query() {
    let has_query = "<Self as ::diesel_identity_map::__private::diesel::HasQuery<
        ::diesel_identity_map::__private::BaseQueryBackend>>";
    derive(
        "#[diesel(base_query = users::table.inner_join(posts::table).order(users::id))]
        struct User { id: i32 }",
    )
    .accepted()
    .expect("type Table = users::table;")
    .expect(&format!("type Query = {has_query}::BaseQuery;"))
    .expect(&format!(
        "fn query() -> Self::Query {{ {has_query}::base_query() }}"
    ))
    .expect("type Selection = <Self as");
}
