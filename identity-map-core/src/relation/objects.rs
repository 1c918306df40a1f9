//! What can be asked of objects at hand: [`RelatedObject`], [`RelatedObjects`].

use std::panic::Location;
use std::sync::Arc;

use super::children::{ChildOf, LoadsChildren};
use super::lazy;
use super::parents::{ParentOf, QueryOf, load_parents};
use super::through::{ThroughTarget, load_through};
use crate::connection::{ConnectionKind, Driver};
use crate::map::IdentityMap;
use crate::model::{BelongsTo, ChildrenOf, Model};
use crate::query::{Cached, Loads};

/// What one object is related to. Implemented for every `Arc` of a mapped model.
///
/// The type parameter of each method says which relation is meant: the model on the other side, or
/// the relation's name, where `#[identity_map(belongs_to(.., name = ..))]` gives it one.
pub trait RelatedObject<M: Model, Conn: Driver<D>, D: ConnectionKind> {
    /// The parent of this object, from the map if it is held. `None` where the foreign key is NULL,
    /// or points to no row.
    ///
    /// Where a statement has to be sent, it fetches the parents of all objects that were loaded
    /// together with this one and are still alive, so that the naive loop sends one statement:
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// for post in Post::cached().load(conn)? {
    ///     let author = post.load_parent::<User>(conn)?.expect("every post has an author");
    ///     println!("{} by {}", post.title, author.name);
    /// }
    /// assert_eq!(conn.identity_map()?.stats().statements, 2);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// What was fetched for the others is kept alive for them until each has asked once, from the
    /// second time on until none of them is alive any more (which the map notices when it is used
    /// next). A foreign key that
    /// was found to point to no row counts as such until then, unless the parent's model is written to.
    ///
    /// [`peers`](Cached::peers) switches this off for the objects of a query, or forbids to send
    /// anything. An object that no map holds (an `uncached` one, or one that was expired since) is
    /// looked at alone. When the parents of one list had to be fetched three times (because the
    /// program writes to their table by raw SQL while it goes through the list), the rest is fetched
    /// one by one.
    ///
    /// # Errors
    /// [`LazyLoadForbidden`](crate::IdentityMapError::LazyLoadForbidden); else as [`Cached::load`].
    #[track_caller]
    fn load_parent<'c, R>(
        &'c self,
        conn: &'c mut Conn,
    ) -> Conn::Output<'c, Option<Arc<ParentOf<M, R>>>>
    where
        M: BelongsTo<R>,
        ParentOf<M, R>: Model<Key = M::ForeignKey>,
        Conn: Loads<ParentOf<M, R>, QueryOf<ParentOf<M, R>>, D>;

    /// The children of this object, in no order. Always sends a statement: only the database knows
    /// them all. For several objects use [`load_children`](RelatedObjects::load_children) on the slice.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let ada = User::cached().find(1).first(conn)?;
    /// let posts: Vec<Arc<Post>> = ada.load_children::<Post>(conn)?;
    /// assert_eq!(posts.len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`load_parent`](Self::load_parent).
    #[track_caller]
    fn load_children<'c, X>(&'c self, conn: &'c mut Conn) -> Conn::Output<'c, Vec<Arc<X::Child>>>
    where
        X: ChildrenOf<M, Child: Model>,
        Conn: LoadsChildren<M, X, QueryOf<ChildOf<M, X>>, D>;

    /// The children of this object by a query of theirs, with a condition or an order.
    ///
    /// # Errors
    /// As [`load_parent`](Self::load_parent).
    #[track_caller]
    fn load_children_from<'c, C, Q>(
        &'c self,
        children: Cached<C, Q>,
        conn: &'c mut Conn,
    ) -> Conn::Output<'c, Vec<Arc<C>>>
    where
        C: Model + ChildrenOf<M, Child = C>,
        Conn: LoadsChildren<M, C, Q, D>,
        Q: Send + 'c;
}

impl<M, Conn, D> RelatedObject<M, Conn, D> for Arc<M>
where
    M: Model,
    D: ConnectionKind,
    Conn: Driver<D>,
{
    #[track_caller]
    fn load_parent<'c, R>(
        &'c self,
        conn: &'c mut Conn,
    ) -> Conn::Output<'c, Option<Arc<ParentOf<M, R>>>>
    where
        M: BelongsTo<R>,
        ParentOf<M, R>: Model<Key = M::ForeignKey>,
        Conn: Loads<ParentOf<M, R>, QueryOf<ParentOf<M, R>>, D>,
    {
        let caller = Location::caller();
        if let Some(held) =
            conn.at_once(|conn| Ok(lazy::held_parent::<M, R, _, _>(self, conn)?.map(Some)))
        {
            return held;
        }
        Conn::run(async move { lazy::load_parent::<M, R, Conn, D>(self, conn, caller).await })
    }

    #[track_caller]
    fn load_children<'c, X>(&'c self, conn: &'c mut Conn) -> Conn::Output<'c, Vec<Arc<X::Child>>>
    where
        X: ChildrenOf<M, Child: Model>,
        Conn: LoadsChildren<M, X, QueryOf<ChildOf<M, X>>, D>,
    {
        let caller = Location::caller();
        Conn::run(async move {
            conn.settle().await?;
            conn.called_from(caller);
            lazy::load_children::<M, X, _, Conn, D>(self, Cached::new(), conn).await
        })
    }

    #[track_caller]
    fn load_children_from<'c, C, Q>(
        &'c self,
        children: Cached<C, Q>,
        conn: &'c mut Conn,
    ) -> Conn::Output<'c, Vec<Arc<C>>>
    where
        C: Model + ChildrenOf<M, Child = C>,
        Conn: LoadsChildren<M, C, Q, D>,
        Q: Send + 'c,
    {
        let caller = Location::caller();
        Conn::run(async move {
            conn.settle().await?;
            conn.called_from(caller);
            lazy::load_children::<M, C, Q, Conn, D>(self, children, conn).await
        })
    }
}

/// What some objects are related to. Implemented for every slice of `Arc`s of a mapped model.
///
/// The type parameter of each method says which relation is meant: the model on the other side, or
/// the relation's name, where `#[identity_map(belongs_to(.., name = ..))]` gives it one.
pub trait RelatedObjects<M: Model, Conn: Driver<D>, D: ConnectionKind> {
    /// The parents, aligned with the objects: `None` where the foreign key is NULL, or points to no
    /// row.
    ///
    /// One statement at most (as many as the backend's limit of bound values asks for, if there are
    /// ten thousands), which binds the keys that the map does not hold, each once; none if all are
    /// held.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let posts = Post::cached().load(conn)?;
    /// let authors: Vec<Option<Arc<User>>> = posts.load_parents::<User>(conn)?;
    /// assert_eq!(authors.len(), posts.len());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Cached::load`].
    #[track_caller]
    fn load_parents<'c, R>(
        &'c self,
        conn: &'c mut Conn,
    ) -> Conn::Output<'c, Vec<Option<Arc<ParentOf<M, R>>>>>
    where
        M: BelongsTo<R>,
        ParentOf<M, R>: Model<Key = M::ForeignKey>,
        Conn: Loads<ParentOf<M, R>, QueryOf<ParentOf<M, R>>, D>,
    {
        self.load_parents_from::<R>(Cached::new(), conn)
    }

    /// [`load_parents`](Self::load_parents) with options:
    /// `posts.load_parents_from::<User>(User::cached().uncached(), conn)` works on a connection
    /// without a map; `fresh()` and `in_map(..)` are the others. A query with conditions is no such
    /// query: the map could not answer it.
    ///
    /// # Errors
    /// As [`Cached::load`].
    #[track_caller]
    fn load_parents_from<'c, R>(
        &'c self,
        parents: Cached<ParentOf<M, R>, QueryOf<ParentOf<M, R>>>,
        conn: &'c mut Conn,
    ) -> Conn::Output<'c, Vec<Option<Arc<ParentOf<M, R>>>>>
    where
        M: BelongsTo<R>,
        ParentOf<M, R>: Model<Key = M::ForeignKey>,
        Conn: Loads<ParentOf<M, R>, QueryOf<ParentOf<M, R>>, D>;

    /// The children of each object, aligned with the objects, each list in no order: an empty list
    /// where there are none. One statement, always: only the database knows them all.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let users = User::cached().order(users::id).load(conn)?;
    /// let posts: Vec<Vec<Arc<Post>>> = users.load_children::<Post>(conn)?;
    /// let counts: Vec<usize> = posts.iter().map(Vec::len).collect();
    /// assert_eq!(counts, [2, 1]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Cached::load`].
    #[track_caller]
    fn load_children<'c, X>(
        &'c self,
        conn: &'c mut Conn,
    ) -> Conn::Output<'c, Vec<Vec<Arc<X::Child>>>>
    where
        X: ChildrenOf<M, Child: Model>,
        Conn: LoadsChildren<M, X, QueryOf<ChildOf<M, X>>, D>,
    {
        self.load_children_by::<X, _>(Cached::new(), conn)
    }

    /// The children of each object by a query of theirs, with a condition or an order, or
    /// `uncached()`.
    ///
    /// The query is sent once for all objects, so a `limit` is one for all of them together. It must
    /// be `Clone`, for a second batch; a boxed query is not, and takes
    /// [`belonging_to`](Cached::belonging_to) with [`grouped_by`](super::GroupedByParents::grouped_by).
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let users = User::cached().order(users::id).load(conn)?;
    /// let newest_first = Post::cached().order(posts::id.desc());
    /// let posts = users.load_children_from(newest_first, conn)?;
    /// assert_eq!(posts[0].iter().map(|post| post.id).collect::<Vec<_>>(), [2, 1]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Cached::load`].
    #[track_caller]
    fn load_children_from<'c, C, Q>(
        &'c self,
        children: Cached<C, Q>,
        conn: &'c mut Conn,
    ) -> Conn::Output<'c, Vec<Vec<Arc<C>>>>
    where
        C: Model + ChildrenOf<M, Child = C>,
        Conn: LoadsChildren<M, C, Q, D>,
        Q: Send + 'c,
    {
        self.load_children_by::<C, Q>(children, conn)
    }

    /// [`load_children_from`](Self::load_children_from) by a relation that has a name:
    /// `users.load_children_by::<Editor, _>(Post::cached().order(posts::id), conn)`.
    ///
    /// # Errors
    /// As [`Cached::load`].
    #[track_caller]
    fn load_children_by<'c, X, Q>(
        &'c self,
        children: Cached<X::Child, Q>,
        conn: &'c mut Conn,
    ) -> Conn::Output<'c, Vec<Vec<Arc<X::Child>>>>
    where
        X: ChildrenOf<M, Child: Model>,
        Conn: LoadsChildren<M, X, Q, D>,
        Q: Send + 'c;

    /// Many-to-many: what lies beyond a join model that belongs to both sides. Aligned with the
    /// objects, in no order, no object twice in a list.
    ///
    /// Two statements at most: the join rows, and what they point to as far as the map does not hold it.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let posts = Post::cached().order(posts::id).load(conn)?;
    /// let tags: Vec<Vec<Arc<Tag>>> = posts.load_through::<PostTag, Tag>(conn)?;
    /// assert!(Arc::ptr_eq(&tags[0][0], &tags[1][0])); // one tag, one object
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Cached::load`].
    #[track_caller]
    fn load_through<'c, X, R>(
        &'c self,
        conn: &'c mut Conn,
    ) -> Conn::Output<'c, Vec<Vec<Arc<ThroughTarget<M, X, R>>>>>
    where
        X: ChildrenOf<M>,
        X::Child: Model + BelongsTo<R>,
        ThroughTarget<M, X, R>: Model<Key = <X::Child as BelongsTo<R>>::ForeignKey>,
        Conn: LoadsChildren<M, X, QueryOf<ChildOf<M, X>>, D>
            + Loads<ThroughTarget<M, X, R>, QueryOf<ThroughTarget<M, X, R>>, D>,
    {
        self.load_through_from::<X, R, _>(Cached::new(), conn)
    }

    /// [`load_through`](Self::load_through) by a query of the join rows, which gives the order:
    /// `posts.load_through_from::<PostTag, Tag, _>(PostTag::cached().order(post_tags::position), conn)`.
    ///
    /// # Errors
    /// As [`Cached::load`].
    #[track_caller]
    fn load_through_from<'c, X, R, Q>(
        &'c self,
        joins: Cached<X::Child, Q>,
        conn: &'c mut Conn,
    ) -> Conn::Output<'c, Vec<Vec<Arc<ThroughTarget<M, X, R>>>>>
    where
        X: ChildrenOf<M>,
        X::Child: Model + BelongsTo<R>,
        ThroughTarget<M, X, R>: Model<Key = <X::Child as BelongsTo<R>>::ForeignKey>,
        Conn: LoadsChildren<M, X, Q, D>
            + Loads<ThroughTarget<M, X, R>, QueryOf<ThroughTarget<M, X, R>>, D>,
        Q: Send + 'c;
}

impl<M, Conn, D> RelatedObjects<M, Conn, D> for [Arc<M>]
where
    M: Model,
    D: ConnectionKind,
    Conn: Driver<D>,
{
    #[track_caller]
    fn load_parents_from<'c, R>(
        &'c self,
        parents: Cached<ParentOf<M, R>, QueryOf<ParentOf<M, R>>>,
        conn: &'c mut Conn,
    ) -> Conn::Output<'c, Vec<Option<Arc<ParentOf<M, R>>>>>
    where
        M: BelongsTo<R>,
        ParentOf<M, R>: Model<Key = M::ForeignKey>,
        Conn: Loads<ParentOf<M, R>, QueryOf<ParentOf<M, R>>, D>,
    {
        let caller = Location::caller();
        Conn::run(async move {
            conn.settle().await?;
            conn.called_from(caller);
            load_parents::<M, R, Conn, D>(self, &parents.plan, conn).await
        })
    }

    #[track_caller]
    fn load_children_by<'c, X, Q>(
        &'c self,
        children: Cached<X::Child, Q>,
        conn: &'c mut Conn,
    ) -> Conn::Output<'c, Vec<Vec<Arc<X::Child>>>>
    where
        X: ChildrenOf<M, Child: Model>,
        Conn: LoadsChildren<M, X, Q, D>,
        Q: Send + 'c,
    {
        let caller = Location::caller();
        Conn::run(async move {
            conn.settle().await?;
            conn.called_from(caller);
            conn.load_children(self, children).await
        })
    }

    #[track_caller]
    fn load_through_from<'c, X, R, Q>(
        &'c self,
        joins: Cached<X::Child, Q>,
        conn: &'c mut Conn,
    ) -> Conn::Output<'c, Vec<Vec<Arc<ThroughTarget<M, X, R>>>>>
    where
        X: ChildrenOf<M>,
        X::Child: Model + BelongsTo<R>,
        ThroughTarget<M, X, R>: Model<Key = <X::Child as BelongsTo<R>>::ForeignKey>,
        Conn: LoadsChildren<M, X, Q, D>
            + Loads<ThroughTarget<M, X, R>, QueryOf<ThroughTarget<M, X, R>>, D>,
        Q: Send + 'c,
    {
        let caller = Location::caller();
        Conn::run(async move {
            conn.settle().await?;
            conn.called_from(caller);
            load_through::<M, X, R, Q, Conn, D>(self, joins, conn).await
        })
    }
}

impl IdentityMap {
    /// The parent of an object, if the map holds it: no connection, no statement.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let (post, ada) = Post::cached().with::<User>().first(conn)?;
    /// let map = conn.identity_map()?;
    /// assert!(map.parent::<_, User>(&post).is_some());
    /// drop(ada);
    /// assert!(map.parent::<_, User>(&post).is_none());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn parent<M, R>(&self, object: &Arc<M>) -> Option<Arc<M::Parent>>
    where
        M: BelongsTo<R, Parent: Model<Key = M::ForeignKey>>,
    {
        self.get::<M::Parent>(&object.foreign_key()?)
    }
}
