//! What every model can do: made, read, changed and deleted by its key.

use diesel::prelude::*;
use diesel_async::AsyncPgConnection;
use diesel_identity_map::prelude::*;

use crate::links::models::*;

pub(crate) trait Crud: IdentityMapped {
    type Insert;
    type Update;

    async fn create(conn: &mut AsyncPgConnection, form: &Self::Insert) -> QueryResult<Arc<Self>>;

    async fn read(conn: &mut AsyncPgConnection, id: Self::Key) -> QueryResult<Arc<Self>>;

    async fn update(
        conn: &mut AsyncPgConnection,
        id: Self::Key,
        form: &Self::Update,
    ) -> QueryResult<Arc<Self>>;

    async fn delete(conn: &mut AsyncPgConnection, id: Self::Key) -> QueryResult<usize>;
}

// wants: one short bound, by which the trait's own methods could do this without a macro
macro_rules! crud {
    ($($model:ident $insert:ident $update:ident;)+) => {$(
        impl Crud for $model {
            type Insert = $insert;
            type Update = $update;

            async fn create(conn: &mut AsyncPgConnection, form: &$insert) -> QueryResult<Arc<Self>> {
                Self::cached().insert(form, conn).await
            }

            async fn read(conn: &mut AsyncPgConnection, id: Self::Key) -> QueryResult<Arc<Self>> {
                Self::cached().find(id).first(conn).await
            }

            // wants: update by key without loading
            async fn update(
                conn: &mut AsyncPgConnection,
                id: Self::Key,
                form: &$update,
            ) -> QueryResult<Arc<Self>> {
                let object = Self::cached().find(id).first(conn).await?;
                Self::cached().update(&object, form, conn).await
            }

            async fn delete(conn: &mut AsyncPgConnection, id: Self::Key) -> QueryResult<usize> {
                Self::cached().find(id).delete_all(conn).await
            }
        }
    )+};
}

crud! {
    Instance InstanceInsert InstanceUpdate;
    Person PersonInsert PersonUpdate;
    RegistrationApplication RegistrationApplicationInsert RegistrationApplicationUpdate;
    Community CommunityInsert CommunityUpdate;
    Tag TagInsert TagUpdate;
    Post PostInsert PostUpdate;
    PostReport PostReportInsert PostReportUpdate;
    Comment CommentInsert CommentUpdate;
    PrivateMessage PrivateMessageInsert PrivateMessageUpdate;
}
