//! A parent that was prefetched is compared with another object, which nobody else holds any more.
//!
//! The keys collide, and are spelled otherwise where they are referred to: so the map does not find the
//! parent by the key, the prefetch does, and the map is asked for the object itself.

use std::cell::{Cell, RefCell};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::prelude::*;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use diesel_identity_map::prelude::*;

use super::drops::without_deadlock;
use crate::db::sqlite::Db;
use crate::mapped;

diesel::table! {
    lands (code) {
        code -> Text,
    }
}

diesel::table! {
    towns (id) {
        id -> Integer,
        land_code -> Text,
    }
}

thread_local! {
    static HELD: RefCell<Option<Arc<Land>>> = const { RefCell::new(None) };
    /// Let go of what is held when its key is compared with this one.
    static LETS_GO: Cell<&'static str> = const { Cell::new("") };
    static MAP: RefCell<Option<IdentityMap>> = const { RefCell::new(None) };
    static DROPPED: Cell<usize> = const { Cell::new(0) };
}

#[derive(Debug, Clone, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
struct Code(String);

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        let mut compared = [&*self.0, &*other.0];
        compared.sort_unstable();
        if compared == [LETS_GO.get(), "zz"] {
            drop(HELD.take());
        }
        self.0 == other.0
    }
}

impl Hash for Code {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl<DB: Backend> FromSql<Text, DB> for Code
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        String::from_sql(bytes).map(Self)
    }
}

impl<DB: Backend> ToSql<Text, DB> for Code
where
    String: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = lands, primary_key(code))]
struct Land {
    code: Code,
}

impl Drop for Land {
    fn drop(&mut self) {
        DROPPED.set(DROPPED.get() + 1);
        if let Some(map) = MAP.with_borrow(Clone::clone) {
            let _ = map.len::<Self>(); // which goes through what is prefetched
        }
    }
}

#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = towns)]
#[identity_map(belongs_to(Land, foreign_key = land_code))]
struct Town {
    id: i32,
    land_code: Code,
}

#[test]
fn a_drop_while_a_prefetched_parent_is_looked_up() {
    without_deadlock(|| {
        let db = Db::new();
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        conn.batch_execute(
            "CREATE TABLE lands (code TEXT PRIMARY KEY COLLATE NOCASE);
             CREATE TABLE towns (id INTEGER PRIMARY KEY, land_code TEXT NOT NULL);
             INSERT INTO lands VALUES ('at'), ('gh'), ('zz');
             INSERT INTO towns VALUES (1, 'AT'), (2, 'GH'), (3, 'GH');",
        )
        .unwrap();
        MAP.set(Some(conn.identity_map().unwrap()));
        HELD.set(Some(
            Land::cached().find(Code("zz".into())).first(conn).unwrap(),
        ));
        let all = Town::cached().order(towns::id).load(conn).unwrap();
        assert_eq!(
            all[0].load_parent::<Land>(conn).unwrap().unwrap().code.0,
            "at"
        );
        sent.take();
        DROPPED.take();
        LETS_GO.set("gh");
        assert_eq!(
            all[1].load_parent::<Land>(conn).unwrap().unwrap().code.0,
            "gh"
        );
        assert_eq!(sent.take().len(), 0, "it was prefetched");
        assert_eq!(DROPPED.get(), 1, "the land that was held");
        MAP.take();
    });
}
