//! Functions and traits over any model, on a known connection and on any, with one short bound each.

use std::future::Future;

use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, PooledConnection};
use diesel_async::AsyncPgConnection;
use diesel_identity_map::prelude::*;
use diesel_identity_map::write::{Changes, InsertRow};

diesel::table! {
    posts (id) {
        id -> Integer,
        title -> Text,
    }
}

diesel::table! {
    tags (post_id, name) {
        post_id -> Integer,
        name -> Text,
    }
}

#[derive(Queryable, Selectable, Identifiable, AsChangeset, IdentityMapped, Clone, Debug)]
struct Post {
    id: i32,
    title: String,
}

#[derive(Queryable, Selectable, Identifiable, IdentityMapped, Debug)]
#[diesel(primary_key(post_id, name))]
struct Tag {
    post_id: i32,
    name: String,
}

fn read<M: CachedModel<C>, C: AnyConnection>(key: M::Key, conn: &mut C) -> QueryResult<Arc<M>> {
    M::cached().find(key).first(conn)
}

fn read_each<M, C>(keys: Vec<M::Key>, conn: &mut C) -> QueryResult<Vec<Option<Arc<M>>>>
where
    M: CachedModel<C>,
    C: AnyConnection,
{
    M::cached().find_many(keys).load(conn)
}

fn list<M: CachedModel<C>, C: AnyConnection>(page: i64, conn: &mut C) -> QueryResult<Vec<Arc<M>>> {
    let _all = M::cached().load(conn)?;
    let _some = M::cached().limit(20).load(conn)?;
    M::cached().limit(20).offset(20 * page).load(conn)
}

fn create<M, N, C>(new: N, conn: &mut C) -> QueryResult<Arc<M>>
where
    M: CachedModel<C>,
    N: InsertRow<M, C::Backend>,
    C: AnyConnection,
{
    M::cached().insert(new, conn)
}

fn change<M, U, C>(key: M::Key, changes: U, conn: &mut C) -> QueryResult<Arc<M>>
where
    M: CachedModel<C>,
    U: Changes<M, C::Backend>,
    C: AnyConnection,
{
    M::cached().find(key).update(changes, conn)
}

fn save<M, C>(model: M, conn: &mut C) -> QueryResult<Arc<M>>
where
    M: CachedModel<C>,
    for<'m> &'m M: Changes<M, C::Backend>,
    C: AnyConnection,
{
    M::cached().save(model, conn)
}

fn remove<M: CachedModel<C>, C: AnyConnection>(key: M::Key, conn: &mut C) -> QueryResult<()> {
    let row = M::cached().find(key).one(conn)?;
    let row = M::cached().refresh(&row, conn)?;
    M::cached().delete(&row, conn)
}

/// On one connection, for every model.
trait Crud: IdentityMapped {
    async fn read(key: Self::Key, conn: &mut AsyncPgConnection) -> QueryResult<Arc<Self>>;

    async fn create<N>(new: N, conn: &mut AsyncPgConnection) -> QueryResult<Arc<Self>>
    where
        N: InsertRow<Self, diesel::pg::Pg>,
        Self: AsyncPgModel;

    fn delete(
        key: Self::Key,
        conn: &mut AsyncPgConnection,
    ) -> impl Future<Output = QueryResult<()>> + Send;
}

impl<M: AsyncPgModel> Crud for M {
    async fn read(key: M::Key, conn: &mut AsyncPgConnection) -> QueryResult<Arc<M>> {
        M::cached().find(key).first(conn).await
    }

    async fn create<N>(new: N, conn: &mut AsyncPgConnection) -> QueryResult<Arc<M>>
    where
        N: InsertRow<M, diesel::pg::Pg>,
    {
        M::cached().insert(new, conn).await
    }

    async fn delete(key: M::Key, conn: &mut AsyncPgConnection) -> QueryResult<()> {
        let row = M::cached().find(key).first(conn).await?;
        M::cached().delete(&row, conn).await
    }
}

trait Find: IdentityMapped {
    fn by_key(key: Self::Key, conn: &mut SqliteConnection) -> QueryResult<Arc<Self>>;
}

impl<M: SqliteModel> Find for M {
    fn by_key(key: M::Key, conn: &mut SqliteConnection) -> QueryResult<Arc<M>> {
        M::cached().find(key).first(conn)
    }
}

async fn awaited<M, C>(key: M::Key, conn: &mut C) -> QueryResult<Vec<Arc<M>>>
where
    M: AsyncCachedModel<C>,
    C: AnyAsyncConnection,
{
    let one = M::cached().find(key).first(conn).await?;
    M::cached().refresh(&one, conn).await?;
    M::cached().limit(9).load(conn).await
}

fn blocking(
    conn: &mut SqliteConnection,
    pooled: &mut PooledConnection<ConnectionManager<SqliteConnection>>,
) -> QueryResult<()> {
    let _: Arc<Post> = read(1, conn)?;
    let _: Arc<Tag> = read((1, "a".to_owned()), pooled)?;
    let _: Vec<Option<Arc<Post>>> = read_each(vec![1, 2], conn)?;
    let _: Vec<Arc<Tag>> = list(0, conn)?;
    let _: Arc<Post> = create(posts::title.eq("new"), conn)?;
    let post: Arc<Post> = change(1, posts::title.eq("changed"), conn)?;
    save::<Post, _>(Post::clone(&post), conn)?;
    remove::<Tag, _>((1, "a".to_owned()), conn)?;
    Post::by_key(1, conn)?;
    Ok(())
}

async fn on_postgres(conn: &mut AsyncPgConnection) -> QueryResult<()> {
    Post::read(1, conn).await?;
    Tag::read((1, "a".to_owned()), conn).await?;
    Post::create(posts::title.eq("new"), conn).await?;
    awaited::<Tag, _>((1, "a".to_owned()), conn).await?;
    let is_send: Box<dyn Future<Output = QueryResult<()>> + Send + '_> = Box::new(Tag::delete((1, "a".to_owned()), conn));
    drop(is_send);
    Ok(())
}

fn main() {
    let _ = (blocking, on_postgres);
}
