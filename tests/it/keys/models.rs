//! Keys and models of every kind that the derive takes.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::prelude::*;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{Integer, Text};
use diesel_identity_map::IdentityMapped;

use crate::schema::*;

/// A newtype of the program's as key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Integer)]
pub(super) struct TagId(pub(super) i32);

impl<DB: Backend> FromSql<Integer, DB> for TagId
where
    i32: FromSql<Integer, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        i32::from_sql(bytes).map(Self)
    }
}

impl<DB: Backend> ToSql<Integer, DB> for TagId
where
    i32: ToSql<Integer, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = tags)]
pub(super) struct Tag {
    pub(super) id: TagId,
    #[diesel(column_name = name)]
    pub(super) label: String,
}

/// An enumeration as key, kept as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub(super) enum Land {
    Austria,
    Ghana,
}

impl<DB: Backend> FromSql<Text, DB> for Land
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        match String::from_sql(bytes)?.as_str() {
            "at" => Ok(Self::Austria),
            "gh" => Ok(Self::Ghana),
            other => Err(format!("no land {other}").into()),
        }
    }
}

impl<DB: Backend> ToSql<Text, DB> for Land
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        match self {
            Self::Austria => "at",
            Self::Ghana => "gh",
        }
        .to_sql(out)
    }
}

#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = countries, primary_key(code))]
pub(super) struct Nation {
    pub(super) code: Land,
    pub(super) name: String,
}

/// A key that is decoded as something else first.
#[derive(Debug, Clone, PartialEq, Eq, Hash, AsExpression)]
#[diesel(sql_type = Text)]
pub(super) struct Code(pub(super) String);

impl From<String> for Code {
    fn from(code: String) -> Self {
        Self(code)
    }
}

impl<DB: Backend> ToSql<Text, DB> for Code
where
    String: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = countries, primary_key(code))]
pub(super) struct Coded {
    #[diesel(deserialize_as = String)]
    pub(super) code: Code,
    #[diesel(deserialize_as = String)]
    pub(super) name: Box<str>,
}

impl From<String> for Boxed {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

#[derive(Debug)]
pub(super) struct Boxed(pub(super) Box<str>);

/// Beside an embed, with a selection of its own, and attributes that hide behind `cfg_attr`.
#[derive(Queryable, Selectable, Debug)]
#[diesel(table_name = posts)]
pub(super) struct Text_ {
    pub(super) title: String,
    #[diesel(deserialize_as = String)]
    pub(super) body: Boxed,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[cfg_attr(all(), diesel(table_name = posts, check_for_backend(diesel::sqlite::Sqlite)))]
pub(super) struct Embedding {
    #[diesel(embed)]
    pub(super) text: Text_,
    #[diesel(select_expression = posts::score + 1_i32)]
    pub(super) next_score: i32,
    #[cfg_attr(all(), diesel(column_name = id))]
    pub(super) number: i32,
}

/// Positions only: no `Selectable`, no `Identifiable`.
#[derive(Queryable, IdentityMapped, Debug)]
#[diesel(table_name = crate::schema::users)]
pub(super) struct Positional {
    pub(super) id: i32,
    pub(super) name: String,
    pub(super) email: Option<String>,
}

pub(super) mod raw {
    diesel::table! {
        r#type (r#loop) {
            r#loop -> Integer,
            r#match -> Text,
        }
    }
}

#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = raw::r#type, primary_key(r#loop))]
pub(super) struct Raw {
    pub(super) r#loop: i32,
    pub(super) r#match: String,
}

/// A query of its own to start from, which joins.
#[derive(HasQuery, IdentityMapped, Debug)]
#[diesel(table_name = posts)]
#[diesel(base_query = posts::table.inner_join(users::table).filter(posts::published.eq(true)))]
pub(super) struct Published {
    pub(super) id: i32,
    pub(super) title: String,
    #[diesel(select_expression = users::name)]
    pub(super) author: String,
}
