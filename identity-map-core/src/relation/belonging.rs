//! Diesel's `belonging_to` and `grouped_by` for mapped models: [`Parents`], [`GroupedByParents`].

use std::sync::Arc;

use diesel::dsl::Filter;
use diesel::query_dsl::methods::FilterDsl;

use super::children::ChildrenByParent;
use crate::database::CommonDialect;
use crate::model::{BelongsTo, Model};
use crate::query::{Cached, KeysIn, Plan};

/// One parent or several: `&user`, `&[user]`, of models or of `Arc`s.
#[diagnostic::on_unimplemented(
    message = "`{Self}` are no parents of the model `{P}`",
    note = "`belonging_to` takes `&Arc<{P}>`, `&{P}`, or a slice or `Vec` of either"
)]
pub trait Parents<P: Model> {
    /// Their keys.
    fn keys(&self) -> Vec<P::Key>;
}

impl<P: Model> Parents<P> for &P {
    fn keys(&self) -> Vec<P::Key> {
        vec![self.key()]
    }
}

impl<P: Model> Parents<P> for &Arc<P> {
    fn keys(&self) -> Vec<P::Key> {
        vec![self.key()]
    }
}

macro_rules! several {
    ($($several:ty),+) => {$(
        impl<P: Model> Parents<P> for &$several {
            fn keys(&self) -> Vec<P::Key> {
                self.iter().map(|parent| parent.key()).collect()
            }
        }
    )+};
}

several!([P], [Arc<P>], Vec<P>, Vec<Arc<P>>);

/// The condition that a `C` belongs to some parents, as every database understands it.
pub type BelongingTo<C, R> = KeysIn<
    <C as BelongsTo<R>>::Columns,
    <C as BelongsTo<R>>::ForeignKey,
    CommonDialect,
    <C as BelongsTo<R>>::Shape,
>;

impl<M: Model, Q> Cached<M, Q> {
    /// The objects that belong to a parent, or to one of several.
    ///
    /// For the children of each of several parents see
    /// [`load_children`](super::RelatedObjects::load_children).
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let ada = User::cached().find(1).first(conn)?;
    /// let posts = Post::cached().belonging_to(&ada).order(posts::id.desc()).load(conn)?;
    /// assert!(posts.iter().all(|post| post.user_id == ada.id));
    /// # Ok(())
    /// # }
    /// ```
    #[allow(clippy::needless_pass_by_value)] // it is a reference, of whichever kind
    pub fn belonging_to<P>(
        self,
        parents: impl Parents<P>,
    ) -> Cached<M, Filter<Q, BelongingTo<M, P>>>
    where
        P: Model,
        M: BelongsTo<P, Parent = P, ForeignKey = P::Key>,
        Q: FilterDsl<BelongingTo<M, P>>,
    {
        self.of_parents::<P, P>(parents.keys())
    }

    /// [`belonging_to`](Self::belonging_to) by a relation that has a name:
    /// `Post::cached().belonging_to_by::<Editor>(&users)`.
    #[allow(clippy::needless_pass_by_value)] // as above
    pub fn belonging_to_by<R>(
        self,
        parents: impl Parents<M::Parent>,
    ) -> Cached<M, Filter<Q, BelongingTo<M, R>>>
    where
        M: BelongsTo<R, Parent: Model<Key = M::ForeignKey>>,
        Q: FilterDsl<BelongingTo<M, R>>,
    {
        self.of_parents::<R, M::Parent>(parents.keys())
    }

    fn of_parents<R, P>(self, keys: Vec<P::Key>) -> Cached<M, Filter<Q, BelongingTo<M, R>>>
    where
        P: Model,
        M: BelongsTo<R, Parent = P, ForeignKey = P::Key>,
        Q: FilterDsl<BelongingTo<M, R>>,
    {
        let condition = KeysIn::new(M::columns(), P::KEY_COLUMNS, keys);
        self.forward(Plan::refined, |query| query.filter(condition))
    }
}

/// Diesel's `grouped_by`, for objects in `Arc`s, and for the rows of `with` and `mapped` that begin with one.
pub trait GroupedByParents<C> {
    /// What is grouped: `Arc<C>`, or a tuple that begins with it.
    type Row;

    /// These children by parent, aligned with the parents; in each list in the order they have here.
    /// Those of other parents are left out, as Diesel does.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let conn = &mut blog();
    /// let users = User::cached().order(users::id).load(conn)?;
    /// let posts: Vec<Vec<Arc<Post>>> =
    ///     Post::cached().belonging_to(&users).order(posts::id).load(conn)?.grouped_by(&users);
    /// assert_eq!(posts.len(), users.len());
    ///
    /// let titles: Vec<(Arc<Post>, String)> =
    ///     posts::table.select((Post::as_select(), posts::title)).mapped().load(conn)?;
    /// let titles: Vec<Vec<(Arc<Post>, String)>> = titles.grouped_by(&users);
    /// assert_eq!(titles.len(), users.len());
    /// # Ok(())
    /// # }
    /// ```
    fn grouped_by<P>(self, parents: &[Arc<P>]) -> Vec<Vec<Self::Row>>
    where
        P: Model,
        C: BelongsTo<P, Parent = P, ForeignKey = P::Key>;
}

impl<C> GroupedByParents<C> for Vec<Arc<C>> {
    type Row = Arc<C>;

    fn grouped_by<P>(self, parents: &[Arc<P>]) -> Vec<Vec<Arc<C>>>
    where
        P: Model,
        C: BelongsTo<P, Parent = P, ForeignKey = P::Key>,
    {
        group(self, parents, |child| child.foreign_key())
    }
}

macro_rules! rows_with_a_child {
    ($(($($part:ident),+))+) => {$(
        impl<C, $($part: Clone),+> GroupedByParents<C> for Vec<(Arc<C>, $($part),+)> {
            type Row = (Arc<C>, $($part),+);

            fn grouped_by<P>(self, parents: &[Arc<P>]) -> Vec<Vec<Self::Row>>
            where
                P: Model,
                C: BelongsTo<P, Parent = P, ForeignKey = P::Key>,
            {
                group(self, parents, |row| row.0.foreign_key())
            }
        }
    )+};
}

rows_with_a_child! {
    (A)
    (A, B)
    (A, B, D)
    (A, B, D, E)
    (A, B, D, E, F)
    (A, B, D, E, F, G)
    (A, B, D, E, F, G, H)
}

fn group<P: Model, T: Clone>(
    rows: Vec<T>,
    parents: &[Arc<P>],
    parent_of: impl Fn(&T) -> Option<P::Key>,
) -> Vec<Vec<T>> {
    let mut by_parent = ChildrenByParent::of(parents);
    for row in rows {
        by_parent.add(parent_of(&row), row);
    }
    by_parent.aligned()
}
