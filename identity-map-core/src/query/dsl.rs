//! Diesel's query methods on [`Cached`], forwarded one trait at a time.
//!
//! [`QueryDsl`](diesel::query_dsl::QueryDsl) asks for the trait of a method when the method is called.
//! So what Diesel allows on the query inside is allowed here, and what it refuses is refused in its own
//! words.

use diesel::expression::Expression;
use diesel::query_dsl::methods::SelectDsl;

use super::cached::Cached;
use super::forward_dsl::forward_query_dsl;
use crate::model::IdentityMapped;

forward_query_dsl!(Cached [] IdentityMapped);

/// Another selection is no whole model, so it leaves the cached world.
impl<M, Q, S> SelectDsl<S> for Cached<M, Q>
where
    M: IdentityMapped,
    S: Expression,
    Q: SelectDsl<S>,
{
    type Output = Q::Output;

    fn select(self, selection: S) -> Self::Output {
        self.query.select(selection)
    }
}
