//! What every model can do: made, read, changed and deleted by its key.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::links::models::*;
use crate::links::schema::*;

pub(crate) trait Crud: Sized {
    type Id;
    type Insert;
    type Update;

    async fn create(conn: &mut AsyncPgConnection, form: &Self::Insert) -> QueryResult<Self>;

    async fn read(conn: &mut AsyncPgConnection, id: Self::Id) -> QueryResult<Self>;

    async fn update(
        conn: &mut AsyncPgConnection,
        id: Self::Id,
        form: &Self::Update,
    ) -> QueryResult<Self>;

    async fn delete(conn: &mut AsyncPgConnection, id: Self::Id) -> QueryResult<usize>;
}

macro_rules! crud {
    ($($model:ident $table:ident $id:ident $insert:ident $update:ident;)+) => {$(
        impl Crud for $model {
            type Id = $id;
            type Insert = $insert;
            type Update = $update;

            async fn create(conn: &mut AsyncPgConnection, form: &$insert) -> QueryResult<Self> {
                diesel::insert_into($table::table)
                    .values(form)
                    .returning(Self::as_returning())
                    .get_result(conn)
                    .await
            }

            async fn read(conn: &mut AsyncPgConnection, id: $id) -> QueryResult<Self> {
                $table::table.find(id).select(Self::as_select()).first(conn).await
            }

            async fn update(conn: &mut AsyncPgConnection, id: $id, form: &$update) -> QueryResult<Self> {
                diesel::update($table::table.find(id))
                    .set(form)
                    .returning(Self::as_returning())
                    .get_result(conn)
                    .await
            }

            async fn delete(conn: &mut AsyncPgConnection, id: $id) -> QueryResult<usize> {
                diesel::delete($table::table.find(id)).execute(conn).await
            }
        }
    )+};
}

crud! {
    Instance instance InstanceId InstanceInsert InstanceUpdate;
    Person person PersonId PersonInsert PersonUpdate;
    RegistrationApplication registration_application RegistrationApplicationId
        RegistrationApplicationInsert RegistrationApplicationUpdate;
    Community community CommunityId CommunityInsert CommunityUpdate;
    Tag tag TagId TagInsert TagUpdate;
    Post post PostId PostInsert PostUpdate;
    PostReport post_report PostReportId PostReportInsert PostReportUpdate;
    Comment comment CommentId CommentInsert CommentUpdate;
    PrivateMessage private_message PrivateMessageId PrivateMessageInsert PrivateMessageUpdate;
}
