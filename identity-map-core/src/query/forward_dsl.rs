//! The query methods that a wrapper of a query forwards to the query inside, and what each of them means
//! for the plan.

/// Forwards one method of `QueryDsl` by its trait.
macro_rules! forward_method {
    (
        $wrapper:ident [$($rest:ident)?] $model:ident
        $dsl:ident [$($arg:ident $(: $bound:ident)?)?] $method:ident($($name:ident: $type:ty)?) => $plan:ident
    ) => {
        impl<M, Q $(, $rest)? $(, $arg)?> diesel::query_dsl::methods::$dsl $(<$arg>)?
            for $wrapper<M, Q $(, $rest)?>
        where
            M: $model,
            Q: diesel::query_dsl::methods::$dsl $(<$arg>)?,
            $($($arg: diesel::expression::$bound,)?)?
        {
            type Output = $wrapper<M, Q::Output $(, $rest)?>;

            fn $method(self $(, $name: $type)?) -> Self::Output {
                self.forward(crate::query::Plan::$plan, |query| query.$method($($name)?))
            }
        }
    };
}

/// Forwards what `QueryDsl` has for queries that stay queries of one model. `$wrapper` wraps a query `Q`
/// of a model `M`, and has a method `forward` that takes what happens to the plan and to the query.
macro_rules! forward_query_dsl {
    ($wrapper:ident [$($rest:ident)?] $model:ident) => {
        impl<M: $model, Q $(, $rest)?> diesel::query_dsl::QueryDsl
            for $wrapper<M, Q $(, $rest)?>
        {
        }

        $crate::query::forward_method!($wrapper [$($rest)?] $model FilterDsl [P] filter(predicate: P) => filtered);
        $crate::query::forward_method!($wrapper [$($rest)?] $model OrFilterDsl [P] or_filter(predicate: P) => refined);
        $crate::query::forward_method!($wrapper [$($rest)?] $model FindDsl [K] find(key: K) => refined);
        $crate::query::forward_method!($wrapper [$($rest)?] $model OrderDsl [E: Expression] order(expr: E) => ordered);
        $crate::query::forward_method!($wrapper [$($rest)?] $model ThenOrderDsl [E] then_order_by(expr: E) => ordered);
        $crate::query::forward_method!($wrapper [$($rest)?] $model LimitDsl [] limit(limit: i64) => refined);
        $crate::query::forward_method!($wrapper [$($rest)?] $model OffsetDsl [] offset(offset: i64) => refined);
        $crate::query::forward_method!($wrapper [$($rest)?] $model GroupByDsl [E: Expression] group_by(expr: E) => refined);
        $crate::query::forward_method!($wrapper [$($rest)?] $model HavingDsl [P] having(predicate: P) => refined);
        $crate::query::forward_method!($wrapper [$($rest)?] $model DistinctDsl [] distinct() => by_rows);
        $crate::query::forward_method!($wrapper [$($rest)?] $model LockingDsl [L] with_lock(lock: L) => locking);
        $crate::query::forward_method!($wrapper [$($rest)?] $model ModifyLockDsl [L] modify_lock(modifier: L) => locking);
        #[cfg(feature = "postgres")]
        $crate::query::forward_method!($wrapper [$($rest)?] $model DistinctOnDsl [E] distinct_on(expr: E) => by_rows);

        impl<'a, M, Q, DB $(, $rest)?> diesel::query_dsl::methods::BoxedDsl<'a, DB>
            for $wrapper<M, Q $(, $rest)?>
        where
            M: $model,
            DB: diesel::backend::Backend,
            Q: diesel::query_dsl::methods::BoxedDsl<'a, DB>,
        {
            type Output = $wrapper<M, Q::Output $(, $rest)?>;

            fn internal_into_boxed(self) -> Self::Output {
                self.forward(crate::query::Plan::refined, Q::internal_into_boxed)
            }
        }

        impl<M, Q, Rhs $(, $rest)?> diesel::query_source::JoinTo<Rhs>
            for $wrapper<M, Q $(, $rest)?>
        where
            M: $model,
            Q: diesel::query_source::JoinTo<Rhs>,
        {
            type FromClause = Q::FromClause;
            type OnClause = Q::OnClause;

            fn join_target(rhs: Rhs) -> (Self::FromClause, Self::OnClause) {
                Q::join_target(rhs)
            }
        }

        impl<M, Q, Rhs, Kind, On $(, $rest)?> diesel::query_dsl::InternalJoinDsl<Rhs, Kind, On>
            for $wrapper<M, Q $(, $rest)?>
        where
            M: $model,
            Q: diesel::query_dsl::InternalJoinDsl<Rhs, Kind, On>,
        {
            type Output = $wrapper<M, Q::Output $(, $rest)?>;

            fn join(self, rhs: Rhs, kind: Kind, on: On) -> Self::Output {
                self.forward(crate::query::Plan::refined, |query| query.join(rhs, kind, on))
            }
        }
    };
}

pub(crate) use {forward_method, forward_query_dsl};
