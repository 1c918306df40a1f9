//! Eager loading: [`With`], and how it is built.

use std::fmt;

use super::along::To;
use super::children_path::{Children, ToChildren};
use super::push_path::PushPath;
use crate::model::{ChildrenOf, Model, Related};
use crate::query::{Cached, Plan, forward_query_dsl};

/// A cached query `Q` of `M`, and what is loaded along with each of its objects.
///
/// It takes every method of Diesel's [`QueryDsl`](diesel::QueryDsl) that [`Cached`] takes, except
/// those that change what is selected.
#[must_use = "queries are only executed when calling `load`, `first` or their like"]
pub struct With<M: Model, Q, S> {
    pub(crate) base: Cached<M, Q>,
    pub(crate) along: S,
}

impl<M: Model, Q> Cached<M, Q> {
    /// Loads a parent along with each object: `with::<User>()` gives `(Arc<Post>, Arc<User>)`, or
    /// `(Arc<Post>, Option<Arc<User>>)` where the foreign key is nullable. The tuple of what is asked
    /// for is the tuple of what comes out:
    ///
    /// | | each element |
    /// |---|---|
    /// | `with::<User>()` | `(Arc<Post>, Arc<User>)` |
    /// | `with::<User>().with::<Category>()` | `(Arc<Post>, Arc<User>, Arc<Category>)` |
    /// | `with::<(User, Company)>()`, the user's company | `(Arc<Post>, (Arc<User>, Arc<Company>))` |
    /// | `with::<Option<User>>()`, whatever the foreign key | `(Arc<Post>, Option<Arc<User>>)` |
    /// | `with_children::<Comment>()` | `(Arc<Post>, Vec<Arc<Comment>>)` |
    /// | `with::<(Children<Comment>, User)>()` | `(Arc<Post>, Vec<(Arc<Comment>, Arc<User>)>)` |
    /// | `with::<Through<PostTag, Tag>>()` | `(Arc<Post>, Vec<Arc<Tag>>)` |
    ///
    /// One statement per relation and level at most, however many rows; none where all parents are
    /// held. Every object is one object, wherever it stands.
    ///
    /// An object whose foreign key is not NULL and points to no row is left out, as by an inner
    /// join; `Option` keeps it. Such a row can only be met without a foreign key constraint, or if
    /// the parent is deleted between the two statements; who needs one snapshot takes a transaction
    /// that repeats reads, or a join with [`mapped`](crate::query::LoadMapped::mapped).
    ///
    /// [`fresh`](Self::fresh), [`uncached`](Self::uncached) and [`in_map`](Self::in_map) hold for
    /// what comes along too.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let posts: Vec<(Arc<Post>, Arc<User>)> =
    ///     Post::cached().order(posts::id).with::<User>().load(conn)?; // two statements
    /// assert!(Arc::ptr_eq(&posts[0].1, &posts[1].1)); // both by Ada
    /// # Ok(())
    /// # }
    /// ```
    pub fn with<X>(self) -> With<M, Q, (To<X>,)>
    where
        M: Related<X>,
    {
        With {
            base: self,
            along: (To::default(),),
        }
    }

    /// Loads the children of each object along with it, in no order.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let users: Vec<(Arc<User>, Vec<Arc<Post>>)> =
    ///     User::cached().with_children::<Post>().load(conn)?; // two statements
    /// assert_eq!(users.iter().map(|(_, posts)| posts.len()).sum::<usize>(), 3);
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_children<X>(self) -> With<M, Q, (To<Children<X>>,)>
    where
        M: Related<Children<X>>,
    {
        With {
            base: self,
            along: (To::default(),),
        }
    }

    /// [`with_children`](Self::with_children) by a query of the children, with a condition or an
    /// order.
    ///
    /// The query is sent once for all parents, so a `limit` is one for all of them together.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let newest_first = Post::cached().order(posts::id.desc());
    /// for (_, posts) in User::cached().with_children_from(newest_first).load(conn)? {
    ///     assert!(posts.is_sorted_by_key(|post| -post.id));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_children_from<C, QC>(
        self,
        children: Cached<C, QC>,
    ) -> With<M, Q, (ToChildren<C, C, QC>,)>
    where
        C: Model + ChildrenOf<M, Child = C>,
    {
        With {
            base: self,
            along: (ToChildren::by(children),),
        }
    }
}

impl<M: Model, Q, S> With<M, Q, S> {
    /// Loads something else along: see [`Cached::with`].
    pub fn with<X>(self) -> With<M, Q, S::Pushed>
    where
        M: Related<X>,
        S: PushPath<To<X>>,
    {
        self.and(To::default())
    }

    /// Loads the children along: see [`Cached::with_children`].
    pub fn with_children<X>(self) -> With<M, Q, S::Pushed>
    where
        M: Related<Children<X>>,
        S: PushPath<To<Children<X>>>,
    {
        self.and(To::default())
    }

    /// Loads the children along by a query of theirs: see [`Cached::with_children_from`].
    pub fn with_children_from<C, QC>(self, children: Cached<C, QC>) -> With<M, Q, S::Pushed>
    where
        C: Model + ChildrenOf<M, Child = C>,
        S: PushPath<ToChildren<C, C, QC>>,
    {
        self.and(ToChildren::by(children))
    }

    fn and<P>(self, path: P) -> With<M, Q, S::Pushed>
    where
        S: PushPath<P>,
    {
        With {
            base: self.base,
            along: self.along.push(path),
        }
    }

    pub(crate) fn forward<R>(
        self,
        plan: impl FnOnce(Plan<M>) -> Plan<M>,
        query: impl FnOnce(Q) -> R,
    ) -> With<M, R, S> {
        With {
            base: self.base.forward(plan, query),
            along: self.along,
        }
    }
}

forward_query_dsl!(With [S] Model);

impl<M: Model, Q, S> fmt::Debug for With<M, Q, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("With")
            .field("base", &self.base)
            .field("along", &std::any::type_name::<S>())
            .finish()
    }
}
