//! The relations of models: what the derive writes for each `belongs_to`.

use super::engine_model::Model;
use super::key_type::KeyType;

/// A model that belongs to another. Derived from `belongs_to(..)`.
///
/// `R` says which relation is meant: the parent, or the name that
/// `#[identity_map(belongs_to(.., name = ..))]` gives it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not belong to `{R}`",
    note = "say `#[diesel(belongs_to({R}))]` on `{Self}`, or `#[identity_map(belongs_to({R}, foreign_key = ..))]`, \
            beside `derive(IdentityMapped)`",
    note = "a relation that was given a `name` is meant by that name, not by the parent's type"
)]
pub trait BelongsTo<R>: 'static {
    /// The model on the other side.
    type Parent: Send + Sync + 'static;
    /// The parent's key as this model holds it; a tuple if it is composite.
    type ForeignKey: KeyType;
    /// The foreign key column, or the tuple of columns.
    type Columns: Send;
    /// [`Single`](super::Single) or [`Composite`](super::Composite).
    type Shape;
    /// [`Always`] or [`Nullable`]: whether every row has a parent.
    type Presence;

    /// The key of this object's parent; `None` where it (or a part of it) is NULL.
    fn foreign_key(&self) -> Option<Self::ForeignKey>;
    /// The foreign key column, or the tuple of columns.
    fn columns() -> Self::Columns;
}

/// What the children of a `P` are called: a model that belongs to `P`, or the name of a relation.
/// Derived from `belongs_to(..)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not belong to `{P}`, so a `{P}` has no children of this kind",
    note = "say `#[diesel(belongs_to({P}))]` on the child, beside `derive(IdentityMapped)`",
    note = "a relation that was given a `name` is meant by that name, not by the child's type"
)]
pub trait ChildrenOf<P> {
    /// The model on the other side.
    type Child: Model + BelongsTo<Self::Relation, Parent = P>;
    /// By which of its relations it belongs to `P`.
    type Relation;
}

/// Every row has a parent: the foreign key is `NOT NULL`.
#[derive(Debug, Clone, Copy)]
pub struct Always;

/// The foreign key may be NULL: its field is an `Option`.
#[derive(Debug, Clone, Copy)]
pub struct Nullable;

/// What can be loaded along with a model: `with::<User>()`, `with::<(User, Company)>()`.
///
/// The derive implements it for every relation, the library for what is composed of them.
#[diagnostic::on_unimplemented(
    message = "`{What}` cannot be loaded along with `{Self}`: `{Self}` does not belong to it",
    note = "say `#[diesel(belongs_to({What}))]` on `{Self}`, beside `derive(IdentityMapped)`",
    note = "what belongs to `{Self}` is loaded by `with_children::<..>()`",
    note = "a relation that was given a `name` is meant by that name, not by the parent's type"
)]
pub trait Related<What> {
    /// How it is loaded.
    type Path: Default;
}

/// The path to the parent of the relation `R`.
#[derive(Debug)]
pub struct ToParent<R>(std::marker::PhantomData<fn() -> R>);

impl<R> Default for ToParent<R> {
    fn default() -> Self {
        Self(std::marker::PhantomData)
    }
}
