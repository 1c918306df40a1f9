//! The paths from a model to what is loaded along with it: [`Path`], and on a connection [`LoadPath`].

use std::future::Future;
use std::sync::Arc;

use diesel::QueryResult;

use super::cardinality::Cardinality;
use super::eager_options::EagerOptions;

/// The path from `M` to related objects.
pub trait Path<M> {
    /// The model of the related objects.
    type Target: Send + Sync + 'static;
    /// How many targets one object has.
    type Cardinality: Cardinality;
}

/// A path whose targets can be loaded on a connection.
pub trait LoadPath<M, Conn, D>: Path<M> + Send {
    /// Loads the targets of each object, aligned with the objects; `None` for an object whose parent is
    /// gone.
    ///
    /// # Errors
    /// Whatever the database answers.
    #[doc(hidden)]
    fn load_targets(
        self,
        objects: &[Arc<M>],
        options: &EagerOptions,
        conn: &mut Conn,
    ) -> impl Future<Output = QueryResult<PathTargets<M, Self>>> + Send;
}

/// The targets of a path, for each of some objects.
pub(super) type PathTargets<M, W> = Vec<Option<TargetOf<M, W, Arc<<W as Path<M>>::Target>>>>;
/// What a path gives for one object, with `T` for each target.
pub(super) type TargetOf<M, W, T> = <<W as Path<M>>::Cardinality as Cardinality>::Of<T>;
