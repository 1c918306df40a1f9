//! The children of some objects, with one statement: [`LoadsChildren`].

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::query_dsl::methods::FilterDsl;
use foldhash::fast::RandomState;

use crate::connection::{ConnectionKind, Driver};
use crate::database::key_batches;
use crate::model::{BelongsTo, ChildrenOf, KeyType, Model};
use crate::query::{Cached, KeysIn, Loads, Plan, load_all};

/// The children of `P` that `X` stands for.
pub(super) type ChildOf<P, X> = <X as ChildrenOf<P>>::Child;

/// A connection, of dialect `D`, on which the children `X` of `P` can be loaded by the query `Q`.
#[diagnostic::on_unimplemented(
    message = "the children `{X}` of `{P}` cannot be loaded on `{Self}` by this query",
    note = "the source of the query must be the table of the child, and the query must be `Clone`: \
            it is sent once per batch of parents (a boxed query is not; use \
            `.belonging_to(&parents)` and `.grouped_by(&parents)` there)",
    note = "the foreign key of the child must have the type of the parent's key (without `Option`)",
    note = "the child must be loadable by plain Diesel on this connection: it derives `Queryable`, \
            and its fields match the columns in number, order and type"
)]
pub trait LoadsChildren<P: Model, X: ChildrenOf<P>, Q, D: ConnectionKind>: Driver<D> {
    /// The children, aligned with the parents.
    ///
    /// # Errors
    /// Whatever the database answers.
    #[doc(hidden)]
    fn load_children(
        &mut self,
        parents: &[Arc<P>],
        query: Cached<X::Child, Q>,
    ) -> impl Future<Output = QueryResult<Vec<Vec<Arc<X::Child>>>>> + Send
    where
        Q: Send;
}

#[diagnostic::do_not_recommend]
impl<P, X, Q, D, C, Child, R, Columns, Key, Shape, Filtered> LoadsChildren<P, X, Q, D> for C
where
    D: ConnectionKind,
    Key: KeyType,
    P: Model<Key = Key>,
    X: ChildrenOf<P, Child = Child, Relation = R>,
    Child: Model + BelongsTo<R, Columns = Columns, ForeignKey = Key, Shape = Shape, Parent = P>,
    Columns: Send,
    Shape: Send,
    Filtered: Send,
    Q: Clone + FilterDsl<KeysIn<Columns, Key, D::Dialect, Shape>, Output = Filtered>,
    C: Loads<Child, Filtered, D>,
{
    async fn load_children(
        &mut self,
        parents: &[Arc<P>],
        query: Cached<Child, Q>,
    ) -> QueryResult<Vec<Vec<Arc<Child>>>>
    where
        Q: Send,
    {
        let mut groups = Groups::of(parents);
        for keys in key_batches::<D::Dialect, _>(&groups.keys, P::KEY_COLUMNS) {
            let of_parents = KeysIn::new(
                <Child as BelongsTo<R>>::columns(),
                P::KEY_COLUMNS,
                keys.to_vec(),
            );
            let query = query.clone();
            let query = query.forward(Plan::refined, |query| query.filter(of_parents));
            for child in load_all(query, self).await? {
                groups.lists.add(child.foreign_key(), child);
            }
        }
        Ok(groups.aligned())
    }
}

/// Children by parent, while they arrive.
pub(super) struct Groups<K, C> {
    /// The keys of the parents, each once.
    keys: Vec<K>,
    lists: Lists<K, C>,
    /// Where in `lists` each parent's children are.
    places: Vec<usize>,
}

struct Lists<K, C> {
    at: HashMap<K, usize, RandomState>,
    lists: Vec<Vec<Arc<C>>>,
}

impl<K: KeyType, C> Lists<K, C> {
    /// A child whose parent was not asked for was found by a key in another spelling; Diesel's
    /// `grouped_by` leaves those out too.
    fn add(&mut self, parent: Option<K>, child: Arc<C>) {
        if let Some(at) = parent.and_then(|parent| self.at.get(&parent)) {
            self.lists[*at].push(child);
        }
    }
}

impl<K: KeyType, C> Groups<K, C> {
    pub(super) fn of<P: Model<Key = K>>(parents: &[Arc<P>]) -> Self {
        let mut keys = Vec::with_capacity(parents.len());
        let mut at = HashMap::with_capacity_and_hasher(parents.len(), RandomState::default());
        let places = parents
            .iter()
            .map(|parent| {
                let key = parent.key();
                *at.entry(key).or_insert_with_key(|key| {
                    keys.push(key.clone());
                    keys.len() - 1
                })
            })
            .collect();
        let lists = keys.iter().map(|_| Vec::new()).collect();
        let lists = Lists { at, lists };
        Self {
            keys,
            lists,
            places,
        }
    }

    pub(super) fn add(&mut self, parent: Option<K>, child: Arc<C>) {
        self.lists.add(parent, child);
    }

    /// The lists, aligned with the parents; a parent that was given twice gets its list twice.
    pub(super) fn aligned(self) -> Vec<Vec<Arc<C>>> {
        let mut lists = self.lists.lists;
        if lists.len() == self.places.len() {
            return lists;
        }
        let mut uses = vec![0_usize; lists.len()];
        self.places.iter().for_each(|place| uses[*place] += 1);
        let take = |place: usize| {
            uses[place] -= 1;
            if uses[place] == 0 {
                std::mem::take(&mut lists[place])
            } else {
                lists[place].clone()
            }
        };
        self.places.into_iter().map(take).collect()
    }
}
