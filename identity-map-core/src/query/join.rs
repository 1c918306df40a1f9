//! Joins on [`Cached`]: what Diesel's `inner_join` and `left_join` ask for.

use diesel::query_dsl::InternalJoinDsl;
use diesel::query_source::JoinTo;

use super::cached::Cached;
use super::plan::Plan;
use crate::model::IdentityMapped;

impl<M, Q, Rhs> JoinTo<Rhs> for Cached<M, Q>
where
    M: IdentityMapped,
    Q: JoinTo<Rhs>,
{
    type FromClause = Q::FromClause;
    type OnClause = Q::OnClause;

    fn join_target(rhs: Rhs) -> (Self::FromClause, Self::OnClause) {
        Q::join_target(rhs)
    }
}

impl<M, Q, Rhs, Kind, On> InternalJoinDsl<Rhs, Kind, On> for Cached<M, Q>
where
    M: IdentityMapped,
    Q: InternalJoinDsl<Rhs, Kind, On>,
{
    type Output = Cached<M, Q::Output>;

    fn join(self, rhs: Rhs, kind: Kind, on: On) -> Self::Output {
        self.forward(Plan::refined, |query| query.join(rhs, kind, on))
    }
}
