//! Diesel's query methods on [`Cached`], forwarded one trait at a time.
//!
//! [`QueryDsl`] asks for the trait of a method when the method is called, so what Diesel allows
//! on the query inside is allowed here, and what it refuses is refused with its own words.

use diesel::backend::Backend;
use diesel::expression::Expression;
use diesel::query_dsl::QueryDsl;
use diesel::query_dsl::methods::{
    BoxedDsl, DistinctDsl, FilterDsl, FindDsl, GroupByDsl, HavingDsl, LimitDsl, LockingDsl,
    ModifyLockDsl, OffsetDsl, OrFilterDsl, OrderDsl, SelectDsl, ThenOrderDsl,
};

#[cfg(feature = "postgres")]
use diesel::query_dsl::methods::DistinctOnDsl;

use super::cached::Cached;
use super::plan::Plan;
use crate::model::{IdentityMapped, Model};
use crate::relation::With;

impl<M: IdentityMapped, Q> QueryDsl for Cached<M, Q> {}
impl<M: Model, Q, S> QueryDsl for With<M, Q, S> {}

/// One forwarded trait: `Trait<Generics>::method(argument)`, and what it means for the plan.
macro_rules! forward {
    ($($dsl:ident $(<$arg:ident $(: $bound:ident)?>)?
        :: $method:ident($($name:ident: $type:ty)?) => $plan:path;)+) => {$(
        impl<M: IdentityMapped, Q $(, $arg $(: $bound)?)?> $dsl $(<$arg>)? for Cached<M, Q>
        where
            Q: $dsl $(<$arg>)?,
        {
            type Output = Cached<M, Q::Output>;

            fn $method(self $(, $name: $type)?) -> Self::Output {
                self.forward($plan, |query| query.$method($($name)?))
            }
        }

        impl<M: Model, Q, S $(, $arg $(: $bound)?)?> $dsl $(<$arg>)? for With<M, Q, S>
        where
            Q: $dsl $(<$arg>)?,
        {
            type Output = With<M, Q::Output, S>;

            fn $method(self $(, $name: $type)?) -> Self::Output {
                self.forward($plan, |query| query.$method($($name)?))
            }
        }
    )+};
}

forward! {
    FilterDsl<P>::filter(predicate: P) => Plan::refined;
    OrFilterDsl<P>::or_filter(predicate: P) => Plan::refined;
    FindDsl<K>::find(key: K) => Plan::refined;
    OrderDsl<E: Expression>::order(expr: E) => Plan::ordered;
    ThenOrderDsl<E>::then_order_by(expr: E) => Plan::ordered;
    LimitDsl::limit(limit: i64) => Plan::refined;
    OffsetDsl::offset(offset: i64) => Plan::refined;
    GroupByDsl<E: Expression>::group_by(expr: E) => Plan::refined;
    HavingDsl<P>::having(predicate: P) => Plan::refined;
    DistinctDsl::distinct() => Plan::by_rows;
    LockingDsl<L>::with_lock(lock: L) => Plan::locking;
    ModifyLockDsl<L>::modify_lock(modifier: L) => Plan::locking;
}

#[cfg(feature = "postgres")]
forward! {
    DistinctOnDsl<E>::distinct_on(expr: E) => Plan::by_rows;
}

impl<'a, M, Q, DB> BoxedDsl<'a, DB> for Cached<M, Q>
where
    M: IdentityMapped,
    DB: Backend,
    Q: BoxedDsl<'a, DB>,
{
    type Output = Cached<M, Q::Output>;

    fn internal_into_boxed(self) -> Self::Output {
        self.forward(Plan::refined, BoxedDsl::internal_into_boxed)
    }
}

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
