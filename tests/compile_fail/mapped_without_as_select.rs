use diesel::prelude::*;
use diesel_identity_map::prelude::*;

diesel::table! {
    posts (id) {
        id -> Integer,
        title -> Text,
    }
}

#[derive(Queryable, Selectable, IdentityMapped)]
#[diesel(table_name = posts)]
struct Post {
    id: i32,
    title: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = posts)]
struct Bare {
    title: String,
}

fn main() {
    let mut conn = SqliteConnection::establish(":memory:").unwrap();
    let conn = &mut conn;
    let _: QueryResult<Vec<Arc<Post>>> = posts::table.mapped().load(conn);
    let _ = posts::table.select(Bare::as_select()).mapped().load(conn);
    let _: QueryResult<Vec<(Arc<Post>, i64)>> = posts::table.select((Post::as_select(), posts::title)).mapped().load(conn);
}
