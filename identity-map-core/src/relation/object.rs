//! The related objects of one object: [`RelatedObject`].

use std::panic::Location;
use std::sync::Arc;

use super::children::{ChildOf, LoadsChildren};
use super::lazy;
use super::parents::{ParentOf, QueryOf};
use crate::connection::{ConnectionKind, Driver};
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
    /// The parents of the others are kept alive until each of those objects has asked once. If they
    /// have to be fetched again, they are kept until none of those objects is alive any more, which the
    /// map notices when it is used next. Until then a foreign key that was found to point to no row
    /// counts as such, unless the parent's model is written to.
    ///
    /// [`peers`](Cached::peers) switches this off for the objects of a query, or forbids to send
    /// anything. An object that no map holds (an `uncached` one, or one that was expired since) has its
    /// parent fetched alone. When the parents of objects that were loaded together had to be fetched
    /// three times (because the program writes to their table by raw SQL while it goes through the
    /// objects), the rest is fetched one by one.
    ///
    /// # Errors
    /// [`LazyLoadForbidden`](crate::IdentityMapError::LazyLoadForbidden); else as [`Cached::load`].
    #[track_caller]
    fn load_parent<'c, R>(
        &'c self,
        conn: &'c mut Conn,
    ) -> D::Output<'c, Option<Arc<ParentOf<M, R>>>>
    where
        M: BelongsTo<R>,
        ParentOf<M, R>: Model<Key = M::ForeignKey>,
        Conn: Loads<ParentOf<M, R>, QueryOf<ParentOf<M, R>>, D>;

    /// The children of this object, in no order. Always sends a statement: only the database knows them
    /// all. For several objects use [`load_children`](super::RelatedObjects::load_children) on the
    /// slice.
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
    fn load_children<'c, X>(&'c self, conn: &'c mut Conn) -> D::Output<'c, Vec<Arc<X::Child>>>
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
    ) -> D::Output<'c, Vec<Arc<C>>>
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
    ) -> D::Output<'c, Option<Arc<ParentOf<M, R>>>>
    where
        M: BelongsTo<R>,
        ParentOf<M, R>: Model<Key = M::ForeignKey>,
        Conn: Loads<ParentOf<M, R>, QueryOf<ParentOf<M, R>>, D>,
    {
        let caller = Location::caller();
        if let Some(held) =
            conn.answer_at_once(|conn| Ok(lazy::held_parent::<M, R, _, _>(self, conn)?.map(Some)))
        {
            return held;
        }
        Conn::run(async move { lazy::load_parent::<M, R, Conn, D>(self, conn, caller).await })
    }

    #[track_caller]
    fn load_children<'c, X>(&'c self, conn: &'c mut Conn) -> D::Output<'c, Vec<Arc<X::Child>>>
    where
        X: ChildrenOf<M, Child: Model>,
        Conn: LoadsChildren<M, X, QueryOf<ChildOf<M, X>>, D>,
    {
        let caller = Location::caller();
        Conn::run(async move {
            conn.begin_call().await?;
            conn.set_call_site(caller);
            lazy::load_children::<M, X, _, Conn, D>(self, Cached::new(), conn).await
        })
    }

    #[track_caller]
    fn load_children_from<'c, C, Q>(
        &'c self,
        children: Cached<C, Q>,
        conn: &'c mut Conn,
    ) -> D::Output<'c, Vec<Arc<C>>>
    where
        C: Model + ChildrenOf<M, Child = C>,
        Conn: LoadsChildren<M, C, Q, D>,
        Q: Send + 'c,
    {
        let caller = Location::caller();
        Conn::run(async move {
            conn.begin_call().await?;
            conn.set_call_site(caller);
            lazy::load_children::<M, C, Q, Conn, D>(self, children, conn).await
        })
    }
}
