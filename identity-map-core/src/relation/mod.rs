//! Related objects: parents, children, and what lies beyond a join model.
//!
//! Nothing of it is stored in a model: a parent is looked up in the map by the foreign key, per
//! call, so no list can be stale and no `Arc`s form a cycle. Whatever is missing is fetched by one
//! statement for all objects at hand.
//!
//! | plain Diesel | here |
//! |---|---|
//! | `users.filter(id.eq_any(posts' user_id))`, then a `HashMap` | [`posts.load_parents::<User>(conn)`](RelatedObjects::load_parents) |
//! | `posts.inner_join(users).load::<(Post, User)>(conn)` | [`Post::cached().with::<User>().load(conn)`](crate::Cached::with), or the join itself: [`.mapped().load(conn)`](crate::query::MappedQuery) |
//! | `Post::belonging_to(&users).load(conn)?.grouped_by(&users)` | [`users.load_children::<Post>(conn)`](RelatedObjects::load_children) |
//! | `Post::belonging_to(&users).filter(..).order(..).load(conn)?.grouped_by(&users)` | [`users.load_children_from(Post::cached().filter(..).order(..), conn)`](RelatedObjects::load_children_from) |
//! | `Post::belonging_to(&user).load(conn)` | [`user.load_children::<Post>(conn)`](RelatedObject::load_children), or [`Post::cached().belonging_to(&user).load(conn)`](crate::Cached::belonging_to) |
//! | `PostTag::belonging_to(&posts).inner_join(tags)..grouped_by(&posts)` | [`posts.load_through::<PostTag, Tag>(conn)`](RelatedObjects::load_through) |
//! | `users::table.find(post.user_id).first(conn)` in a loop | [`post.load_parent::<User>(conn)`](RelatedObject::load_parent) in a loop: one statement |

mod belonging;
mod cardinality;
mod children;
mod lazy;
mod objects;
mod parents;
mod path;
mod through;
mod with;

pub use belonging::{BelongingTo, GroupedByParents, Parents};
pub use cardinality::{Cardinality, Many};
pub use children::LoadsChildren;
pub use objects::{RelatedObject, RelatedObjects};
pub use path::{
    Along, Children, LoadPath, NestedPath, OrNone, Path, Through, To, ToChildren, ToThrough,
};
pub use with::{AllAlong, LoadsAlong, LoadsWith, PushPath, With};

use crate::map::IdentityMap;
use crate::model::Model;
use crate::query::{Cached, Mode, Plan};

/// What a query said that holds for what is loaded along with it.
#[derive(Debug, Clone, Default)]
#[doc(hidden)]
pub struct EagerOptions {
    map: Option<IdentityMap>,
    mode: Mode,
}

impl EagerOptions {
    fn of<M: Model>(plan: &Plan<M>) -> Self {
        Self {
            map: plan.map.clone(),
            mode: plan.mode,
        }
    }

    fn plan<M: Model>(&self) -> Plan<M> {
        self.apply(Cached::new()).plan
    }

    /// What the outer query said holds for this one, unless this one says it itself.
    fn apply<M: Model, Q>(&self, mut query: Cached<M, Q>) -> Cached<M, Q> {
        let plan = &mut query.plan;
        if plan.mode == Mode::Cached {
            plan.mode = self.mode;
        }
        plan.map = plan.map.take().or_else(|| self.map.clone());
        query
    }
}
