//! The related objects of several objects: [`RelatedObjects`].

use std::panic::Location;
use std::sync::Arc;

use super::children::{ChildOf, LoadsChildren};
use super::parents::{ParentOf, QueryOf, load_parents};
use super::through::{ThroughTarget, load_through};
use crate::connection::{ConnectionKind, Driver};
use crate::model::{BelongsTo, ChildrenOf, Model};
use crate::query::{Cached, Loads};

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
    ) -> D::Output<'c, Vec<Option<Arc<ParentOf<M, R>>>>>
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
    ) -> D::Output<'c, Vec<Option<Arc<ParentOf<M, R>>>>>
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
    fn load_children<'c, X>(&'c self, conn: &'c mut Conn) -> D::Output<'c, Vec<Vec<Arc<X::Child>>>>
    where
        X: ChildrenOf<M, Child: Model>,
        Conn: LoadsChildren<M, X, QueryOf<ChildOf<M, X>>, D>,
    {
        self.load_children_by::<X, _>(Cached::new(), conn)
    }

    /// The children of each object by a query of theirs, with a condition or an order, or
    /// `uncached()`.
    ///
    /// The query is sent once for all objects, so a `limit` is one for all of them together.
    /// (Where the database finds a child whose foreign key is spelled otherwise than its parent's key, the
    /// query is sent for each parent by itself.) It must
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
    ) -> D::Output<'c, Vec<Vec<Arc<C>>>>
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
    ) -> D::Output<'c, Vec<Vec<Arc<X::Child>>>>
    where
        X: ChildrenOf<M, Child: Model>,
        Conn: LoadsChildren<M, X, Q, D>,
        Q: Send + 'c;

    /// Many-to-many: the objects that a join model, which belongs to both sides, connects with these.
    /// Aligned with the objects, each list in no order and with no object twice.
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
    ) -> D::Output<'c, Vec<Vec<Arc<ThroughTarget<M, X, R>>>>>
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
    ) -> D::Output<'c, Vec<Vec<Arc<ThroughTarget<M, X, R>>>>>
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
    ) -> D::Output<'c, Vec<Option<Arc<ParentOf<M, R>>>>>
    where
        M: BelongsTo<R>,
        ParentOf<M, R>: Model<Key = M::ForeignKey>,
        Conn: Loads<ParentOf<M, R>, QueryOf<ParentOf<M, R>>, D>,
    {
        let caller = Location::caller();
        Conn::run(async move {
            conn.begin_call().await?;
            conn.set_call_site(caller);
            load_parents::<M, R, Conn, D>(self, &parents.plan, conn).await
        })
    }

    #[track_caller]
    fn load_children_by<'c, X, Q>(
        &'c self,
        children: Cached<X::Child, Q>,
        conn: &'c mut Conn,
    ) -> D::Output<'c, Vec<Vec<Arc<X::Child>>>>
    where
        X: ChildrenOf<M, Child: Model>,
        Conn: LoadsChildren<M, X, Q, D>,
        Q: Send + 'c,
    {
        let caller = Location::caller();
        Conn::run(async move {
            conn.begin_call().await?;
            conn.set_call_site(caller);
            conn.load_children(self, children).await
        })
    }

    #[track_caller]
    fn load_through_from<'c, X, R, Q>(
        &'c self,
        joins: Cached<X::Child, Q>,
        conn: &'c mut Conn,
    ) -> D::Output<'c, Vec<Vec<Arc<ThroughTarget<M, X, R>>>>>
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
            conn.begin_call().await?;
            conn.set_call_site(caller);
            load_through::<M, X, R, Q, Conn, D>(self, joins, conn).await
        })
    }
}
