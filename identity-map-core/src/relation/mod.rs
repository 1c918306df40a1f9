//! Related objects: parents, children, and the targets of a join model.
//!
//! A model stores none of its related objects. A parent is looked up in the map by the foreign key, per
//! call, so no list can be stale and no `Arc`s form a cycle. What is missing is fetched by one
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

mod along;
mod belonging;
mod cardinality;
mod children;
mod children_path;
mod eager_options;
mod earlier_prefetch;
mod lazy;
mod load_with;
mod loads_along;
mod loads_with;
mod marked_children;
mod object;
mod objects;
mod parent_path;
mod parents;
mod path;
mod push_path;
mod through;
mod through_path;
mod with;

/// The name that [`NestedPath`] had before.
#[doc(hidden)]
pub use along::NestedPath as Then;
pub use along::{Along, NestedPath, To};
pub use belonging::{BelongingTo, GroupedByParents, Parents};
pub use cardinality::{Cardinality, Many};
pub use children::LoadsChildren;
pub use children_path::{Children, ToChildren};
#[doc(hidden)]
pub use eager_options::EagerOptions;
pub use loads_along::{AllAlong, LoadsAlong};
pub use loads_with::LoadsWith;
#[cfg(feature = "async")]
pub(crate) use loads_with::find_with;
pub use object::RelatedObject;
pub use objects::RelatedObjects;
pub use parent_path::OrNone;
/// The name that [`LoadPath`] had before.
#[doc(hidden)]
pub use path::LoadPath as Walk;
pub use path::{LoadPath, Path};
pub use push_path::PushPath;
pub use through_path::{Through, ToThrough};
pub use with::With;
