//! What is the same for every model.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use super::super::models::*;
use super::super::schema::*;

/// A model with a key, that is created and changed by one kind of form.
pub(crate) trait Crud: Sized {
    type Key;
    type Form;

    async fn read(conn: &mut AsyncPgConnection, key: Self::Key) -> QueryResult<Option<Self>>;
    async fn create(conn: &mut AsyncPgConnection, form: Self::Form) -> QueryResult<Self>;
    async fn update(
        conn: &mut AsyncPgConnection,
        key: Self::Key,
        form: Self::Form,
    ) -> QueryResult<Self>;
    async fn delete(conn: &mut AsyncPgConnection, key: Self::Key) -> QueryResult<usize>;
}

macro_rules! crud {
    ($($Model:ident $Key:ident $Form:ident $table:ident;)+) => {$(
        impl Crud for $Model {
            type Key = $Key;
            type Form = $Form;

            async fn read(conn: &mut AsyncPgConnection, key: $Key) -> QueryResult<Option<Self>> {
                let row = $table::table.find(key).select(Self::as_select());
                row.first(conn).await.optional()
            }

            async fn create(conn: &mut AsyncPgConnection, form: $Form) -> QueryResult<Self> {
                diesel::insert_into($table::table)
                    .values(form)
                    .returning(Self::as_returning())
                    .get_result(conn)
                    .await
            }

            async fn update(
                conn: &mut AsyncPgConnection,
                key: $Key,
                form: $Form,
            ) -> QueryResult<Self> {
                diesel::update($table::table.find(key))
                    .set(form)
                    .returning(Self::as_returning())
                    .get_result(conn)
                    .await
            }

            async fn delete(conn: &mut AsyncPgConnection, key: $Key) -> QueryResult<usize> {
                diesel::delete($table::table.find(key)).execute(conn).await
            }
        }
    )+};
}

crud! {
    User UserId NewUser users;
    Email EmailId NewEmail emails;
    Team TeamId NewTeam teams;
    Category CategoryId NewCategory categories;
    TrustedPublisher PublisherId NewTrustedPublisher trusted_publishers;
}

pub(crate) async fn read<M: Crud>(
    conn: &mut AsyncPgConnection,
    key: M::Key,
) -> QueryResult<Option<M>> {
    M::read(conn, key).await
}

pub(crate) async fn create<M: Crud>(conn: &mut AsyncPgConnection, form: M::Form) -> QueryResult<M> {
    M::create(conn, form).await
}

pub(crate) async fn update<M: Crud>(
    conn: &mut AsyncPgConnection,
    key: M::Key,
    form: M::Form,
) -> QueryResult<M> {
    M::update(conn, key, form).await
}

pub(crate) async fn delete<M: Crud>(
    conn: &mut AsyncPgConnection,
    key: M::Key,
) -> QueryResult<usize> {
    M::delete(conn, key).await
}
