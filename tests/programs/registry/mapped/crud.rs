//! What is the same for every model.

use diesel::prelude::*;
use diesel_async::AsyncPgConnection;
use diesel_identity_map::prelude::*;

use super::super::models::*;

/// A model with a key, that is created and changed by one kind of form.
// wants: one short bound for generic code over model and connection, in place of the macro
pub(crate) trait Crud: IdentityMapped {
    type Form;

    async fn read(conn: &mut AsyncPgConnection, key: Self::Key) -> QueryResult<Option<Arc<Self>>>;
    async fn create(conn: &mut AsyncPgConnection, form: Self::Form) -> QueryResult<Arc<Self>>;
    async fn update(
        conn: &mut AsyncPgConnection,
        key: Self::Key,
        form: Self::Form,
    ) -> QueryResult<Arc<Self>>;
    async fn delete(conn: &mut AsyncPgConnection, key: Self::Key) -> QueryResult<usize>;
}

macro_rules! crud {
    ($($Model:ident $Form:ident;)+) => {$(
        impl Crud for $Model {
            type Form = $Form;

            async fn read(
                conn: &mut AsyncPgConnection,
                key: Self::Key,
            ) -> QueryResult<Option<Arc<Self>>> {
                Self::cached().find(key).first(conn).await.optional()
            }

            async fn create(conn: &mut AsyncPgConnection, form: $Form) -> QueryResult<Arc<Self>> {
                Self::cached().insert(form, conn).await
            }

            async fn update(
                conn: &mut AsyncPgConnection,
                key: Self::Key,
                form: $Form,
            ) -> QueryResult<Arc<Self>> {
                // wants: update by key without loading
                let object = Self::cached().find(key).first(conn).await?;
                Self::cached().update(&object, form, conn).await
            }

            async fn delete(conn: &mut AsyncPgConnection, key: Self::Key) -> QueryResult<usize> {
                // wants: delete by key without loading
                let object = Self::cached().find(key).first(conn).await.optional()?;
                let Some(object) = object else { return Ok(0) };
                Self::cached().delete(&object, conn).await?;
                Ok(1)
            }
        }
    )+};
}

crud! {
    User NewUser;
    Email NewEmail;
    Team NewTeam;
    Category NewCategory;
    TrustedPublisher NewTrustedPublisher;
}

pub(crate) async fn read<M: Crud>(
    conn: &mut AsyncPgConnection,
    key: M::Key,
) -> QueryResult<Option<Arc<M>>> {
    M::read(conn, key).await
}

pub(crate) async fn create<M: Crud>(
    conn: &mut AsyncPgConnection,
    form: M::Form,
) -> QueryResult<Arc<M>> {
    M::create(conn, form).await
}

pub(crate) async fn update<M: Crud>(
    conn: &mut AsyncPgConnection,
    key: M::Key,
    form: M::Form,
) -> QueryResult<Arc<M>> {
    M::update(conn, key, form).await
}

pub(crate) async fn delete<M: Crud>(
    conn: &mut AsyncPgConnection,
    key: M::Key,
) -> QueryResult<usize> {
    M::delete(conn, key).await
}
