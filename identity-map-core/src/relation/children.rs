//! The children of some objects, by one statement: [`LoadsChildren`].

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

use diesel::QueryResult;
use diesel::query_dsl::methods::FilterDsl;
use foldhash::fast::RandomState;

use super::marked_children::{MarkedChildren, SelectsMarks};
use crate::connection::{ConnectionKind, Driver};
use crate::database::{Dialect as _, key_batches};
use crate::model::{BelongsTo, ChildrenOf, KeyType, Model, ObjectsByKey};
use crate::query::{CacheMode, Cached, CachedQuery, KeyMarks, KeysIn, Loads, Plan, load_all};

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
    /// Loads the children, aligned with the parents.
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
    Filtered: CachedQuery<Child, C, D, Statement: Send>
        + SelectsMarks<Child, KeyMarks<Columns, Key, D::Dialect, Shape>, C, D>
        + Send,
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
        let mut by_parent = ChildrenByParent::of(parents);
        let ChildrenByParent { keys, lists, .. } = &mut by_parent;
        let columns = <Child as BelongsTo<R>>::columns;
        let of_parents = |query: Cached<Child, Q>, keys: &[Key]| {
            let condition = KeysIn::new(columns(), P::KEY_COLUMNS, keys.to_vec());
            query.forward(Plan::refined, |query| query.filter(condition))
        };
        for keys in key_batches::<D::Dialect, _>(keys, P::KEY_COLUMNS) {
            let children = load_all(of_parents(query.clone(), keys), self).await?;
            if let [key] = keys {
                // The database says whose children they are, however their foreign keys are spelled.
                lists.add_all(key, children);
                continue;
            }
            if children.iter().all(|child| lists.has(child)) {
                for child in children {
                    lists.add(child.foreign_key(), child);
                }
                continue;
            }
            for keys in keys.chunks(D::Dialect::MARK_LIMIT) {
                if query.plan.mode != CacheMode::Uncached {
                    query.plan.view(self, false)?.count_statement();
                }
                let marks = KeyMarks::new(columns(), P::KEY_COLUMNS, keys.to_vec());
                let mut marked = Vec::new();
                let of_keys = of_parents(query.clone(), keys).query;
                of_keys.send_for_marks(marks, self, &mut marked).await?;
                lists.add_marked(keys, &children, &marked);
            }
        }
        Ok(by_parent.aligned())
    }
}

/// Collects children by parent as they arrive, or rows `T` that have one.
pub(super) struct ChildrenByParent<K, T> {
    /// The keys of the parents, each once.
    keys: Vec<K>,
    lists: ChildLists<K, T>,
    /// For each parent, the index of its list.
    list_indices: Vec<usize>,
}

/// One list of children per key.
struct ChildLists<K, T> {
    index_of: HashMap<K, usize, RandomState>,
    lists: Vec<Vec<T>>,
}

impl<K: KeyType, C> ChildLists<K, Arc<C>> {
    /// Whether the foreign key of a child is spelled as the key of one of the parents.
    fn has<R>(&self, child: &Arc<C>) -> bool
    where
        C: BelongsTo<R, ForeignKey = K>,
    {
        let parent = child.foreign_key();
        parent.is_some_and(|parent| self.index_of.contains_key(&parent))
    }

    /// Adds children to the lists of the parents that are marked beside their keys. A child that was inserted
    /// after the children were loaded is not among them.
    fn add_marked(&mut self, parents: &[K], children: &[Arc<C>], marked: &MarkedChildren<C>)
    where
        C: Model,
    {
        let mut by_key = ObjectsByKey::with_capacity(children.len());
        for child in children {
            by_key.first_of(Arc::clone(child));
        }
        for (marks, key) in marked {
            let Some(child) = by_key.get_model(key) else {
                continue;
            };
            for at in marks.positions(parents.len()) {
                self.add(Some(parents[at].clone()), Arc::clone(&child));
            }
        }
    }

    /// Adds the children of one of the parents to its list.
    fn add_all(&mut self, parent: &K, children: Vec<Arc<C>>) {
        if let Some(index) = self.index_of.get(parent) {
            self.lists[*index].extend(children);
        }
    }
}

impl<K: KeyType, T> ChildLists<K, T> {
    /// Adds a child to the list of its parent. A child whose foreign key is another spelling of a
    /// parent's key is left out, as Diesel's `grouped_by` does.
    fn add(&mut self, parent: Option<K>, child: T) {
        if let Some(index) = parent.and_then(|parent| self.index_of.get(&parent)) {
            self.lists[*index].push(child);
        }
    }
}

impl<K: KeyType, T: Clone> ChildrenByParent<K, T> {
    pub(super) fn of<P: Model<Key = K>>(parents: &[Arc<P>]) -> Self {
        let mut keys = Vec::with_capacity(parents.len());
        let mut index_of = HashMap::with_capacity_and_hasher(parents.len(), RandomState::default());
        let list_indices = parents
            .iter()
            .map(|parent| {
                let key = parent.key();
                *index_of.entry(key).or_insert_with_key(|key| {
                    keys.push(key.clone());
                    keys.len() - 1
                })
            })
            .collect();
        let lists = keys.iter().map(|_| Vec::new()).collect();
        let lists = ChildLists { index_of, lists };
        Self {
            keys,
            lists,
            list_indices,
        }
    }

    pub(super) fn add(&mut self, parent: Option<K>, child: T) {
        self.lists.add(parent, child);
    }

    /// The lists, aligned with the parents; a parent that was given twice gets its list twice.
    pub(super) fn aligned(self) -> Vec<Vec<T>> {
        let mut lists = self.lists.lists;
        if lists.len() == self.list_indices.len() {
            return lists;
        }
        let mut uses = vec![0_usize; lists.len()];
        self.list_indices.iter().for_each(|index| uses[*index] += 1);
        let take = |index: usize| {
            uses[index] -= 1;
            if uses[index] == 0 {
                std::mem::take(&mut lists[index])
            } else {
                lists[index].clone()
            }
        };
        self.list_indices.into_iter().map(take).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lists for parents with these keys.
    fn by_parent(parents: &[i32]) -> ChildrenByParent<i32, &'static str> {
        let mut keys: Vec<i32> = parents.to_vec();
        keys.sort_unstable();
        keys.dedup();
        let index_of: HashMap<i32, usize, RandomState> = keys.iter().copied().zip(0..).collect();
        ChildrenByParent {
            list_indices: parents.iter().map(|parent| index_of[parent]).collect(),
            lists: ChildLists {
                index_of,
                lists: keys.iter().map(|_| Vec::new()).collect(),
            },
            keys,
        }
    }

    #[test]
    fn a_parent_that_is_given_twice_gets_its_list_twice() {
        let mut children = by_parent(&[1, 2, 1]);
        children.add(Some(1), "one");
        children.add(Some(2), "two");
        assert_eq!(children.aligned(), [["one"], ["two"], ["one"]]);
    }

    #[test]
    fn a_child_of_none_of_the_parents_is_left_out() {
        let mut children = by_parent(&[1]);
        children.add(None, "orphan");
        children.add(Some(3), "other");
        assert_eq!(children.aligned(), [Vec::<&str>::new()]);
    }
}
