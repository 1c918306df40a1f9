//! The ways from a model to what is loaded along with it: [`Path`], and what is at their ends:
//! [`LoadPath`].

use std::future::Future;
use std::sync::Arc;

use diesel::QueryResult;

use super::cardinality::Cardinality;
use super::eager_options::EagerOptions;

/// The way from `M` to other objects.
pub trait Path<M> {
    /// The model at its end.
    type Target: Send + Sync + 'static;
    /// How many there are of it.
    type Cardinality: Cardinality;
}

/// A way that can be gone on a connection.
pub trait LoadPath<M, Conn, D>: Path<M> + Send {
    /// What is at its end for each of the objects, aligned with them; `None` for an object whose
    /// parent is gone.
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

/// What is at the end of a way, for each of some objects.
pub(super) type PathTargets<M, W> = Vec<Option<TargetOf<M, W, Arc<<W as Path<M>>::Target>>>>;
pub(super) type TargetOf<M, W, T> = <<W as Path<M>>::Cardinality as Cardinality>::Of<T>;
