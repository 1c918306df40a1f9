//! A temporary table or view that hides a table of all: for its connection the name means something else, its rows
//! reach no other connection of the scope, and when it is gone everything is as before.

mod cases;
mod disguised;

use diesel::connection::CacheSize;
use diesel::prelude::*;
use diesel_identity_map::Scope;
use diesel_identity_map::prelude::*;

use super::tables::*;
use crate::db::each_connection;
use cases::{Hides, ROWS, TABLE, columns};
use disguised::{all, routine};

/// What happens in a case, one thing after the other; after each of them both connections are looked at.
enum Step {
    /// Nothing yet.
    Begins,
    /// The first connection sends this.
    Sends(&'static str),
    /// A connection writes in this way.
    Writes(usize, &'static str),
}

const WAYS: [&str; 7] = [
    "insert",
    "update",
    "plain",
    "raw",
    "update_all",
    "insert_many",
    "delete",
];

/// The steps of a case: both connections write while the table is hidden, and when it is seen again.
fn steps(hides: &Hides) -> Vec<Step> {
    let both_write = || {
        let writers = [0, 1].into_iter();
        writers.flat_map(|at| WAYS.map(|way| Step::Writes(at, way)))
    };
    let mut steps = vec![Step::Begins];
    for sent in [hides.make, hides.gone] {
        steps.extend(sent.iter().map(|sql| Step::Sends(sql)));
        steps.extend(both_write());
    }
    steps
}

each_connection! {
    /// G3, G4, G5: whatever makes a temporary table or view, and whatever takes it away. Each case is compared with plain
    /// Diesel on both connections after each step, while everything that was found is held.
    fn what_hides_a_table(db) {
        let product = Product::of(db.url());
        drop(db);
        let mut report = Vec::new();
        for hides in all(product) {
            let db = Db::new();
            let mut conns = [mapped(wait!(db.connect()), db.url()).0, mapped(wait!(db.connect()), db.url()).0];
            if product == Product::Postgres {
                // It would go on to use a plan in which the name means what it meant before, for plain Diesel as well.
                conns.iter_mut().for_each(|conn| conn.set_prepared_statement_cache_size(CacheSize::Disabled));
            }
            wait!(conns[0].batch_execute(&product.tables(""))).unwrap();
            for sql in routine(product) {
                wait!(conns[0].batch_execute(sql)).unwrap_or_else(|error| panic!("{sql}: {error}"));
            }
            let _entered = Scope::new().entered();
            let (mut held, mut wrong) = (Vec::new(), Vec::new());
            let mut last = "";
            for step in steps(&hides) {
                let when = match step {
                    Step::Begins => "before".to_owned(),
                    Step::Sends(sql) => {
                        wait!(conns[0].batch_execute(sql)).unwrap_or_else(|error| panic!("{sql}: {error}"));
                        last = sql;
                        format!("after {sql}")
                    }
                    Step::Writes(at, way) => {
                        let conn = &mut conns[at];
                        let name = format!("{way} by {at}");
                        let shelf = |id: i32| (shelves::id.eq(id), shelves::name.eq("new"), shelves::jars.eq(0));
                        let some = wait!(Shelf::cached().first(conn)).optional().unwrap();
                        let done = match (way, some) {
                            ("insert", _) => wait!(Shelf::cached().insert(shelf(7), conn)).map(drop),
                            ("update", Some(some)) => wait!(Shelf::cached().update(&some, shelves::name.eq(&*name), conn)).map(drop),
                            ("plain", Some(some)) => {
                                let update = diesel::update(shelves::table.find(some.id)).set(shelves::name.eq(&*name));
                                wait!(update.execute(conn)).map(drop)
                            }
                            ("raw", _) => {
                                let update = format!("UPDATE shelves SET name = '{name}', jars = jars + 1");
                                wait!(conn.batch_execute(&update))
                            }
                            ("update_all", _) => {
                                let all = Shelf::cached().filter(shelves::id.gt(1));
                                wait!(all.update_all(shelves::jars.eq(9), conn)).map(drop)
                            }
                            ("insert_many", _) => wait!(Shelf::cached().insert_many([shelf(8), shelf(9)], conn)).map(drop),
                            ("delete", _) => {
                                let all = Shelf::cached().filter(shelves::id.gt(6));
                                wait!(all.delete_all(conn)).map(drop)
                            }
                            _ => Ok(()), // no row
                        };
                        if let Err(error) = done {
                            // A view may refuse.
                            if !hides.make.iter().any(|sql| sql.contains("VIEW")) {
                                wrong.push(format!("{name} after {last}: {error}"));
                            }
                            if wait!(conn.batch_execute("SELECT 1")).is_err() {
                                wait!(conn.batch_execute("ROLLBACK")).unwrap();
                            }
                        }
                        format!("{name} after {last}")
                    }
                };
                for (at, conn) in conns.iter_mut().enumerate() {
                    for id in [1, 2, 3, 7] {
                        let row: Option<Shelf> = wait!(shelves::table.find(id).first(conn)).optional().unwrap();
                        let found = wait!(Shelf::cached().find(id).first(conn)).optional().unwrap();
                        if found.as_deref() != row.as_ref() {
                            wrong.push(format!("{when}, on {at}: found {found:?}, is {row:?}"));
                        }
                        let row: Option<Jar> = wait!(jars::table.find(id).first(conn)).optional().unwrap();
                        let jar = wait!(Jar::cached().find(id).first(conn)).optional().unwrap();
                        if jar.as_deref() != row.as_ref() {
                            wrong.push(format!("{when}, on {at}: found {jar:?}, is {row:?}"));
                        }
                        held.push((found, jar));
                    }
                    let rows: Vec<Shelf> = wait!(shelves::table.order(shelves::id).load(conn)).unwrap();
                    let found = wait!(Shelf::cached().order(shelves::id).load(conn)).unwrap();
                    if !found.iter().map(|shelf| &**shelf).eq(&rows) {
                        wrong.push(format!("{when}, on {at}: loaded {found:?}, are {rows:?}"));
                    }
                }
            }
            let first = wrong.into_iter().next();
            report.extend(first.map(|first| format!("{}: {first}", hides.make.join("; "))));
        }
        assert!(report.is_empty(), "{}", report.join("\n"));
    }
}

/// Whether something is true in the end. Tests beside this one may expire everything in every scope, again and
/// again, between two looks.
#[cfg(feature = "postgres")]
fn soon(mut is_true: impl FnMut() -> bool) -> bool {
    let begun = std::time::Instant::now();
    while begun.elapsed().as_secs() < 120 {
        if is_true() {
            return true;
        }
    }
    false
}

/// By what PostgreSQL's shelves are hidden and seen again, where the connection does not share objects afterwards.
#[cfg(feature = "postgres")]
fn not_shared_again(cases: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    use crate::db::postgres::Db;
    use crate::mapped;
    use diesel::connection::SimpleConnection;
    let mut apart = cases.to_vec();
    apart.retain(|(made, gone)| {
        let db = Db::new();
        let mut one = mapped(db.connect(), db.url()).0;
        let mut other = mapped(db.connect(), db.url()).0;
        one.batch_execute(&Product::Postgres.tables("")).unwrap();
        let _entered = Scope::new().entered();
        let map = other.identity_map().unwrap();
        let is_same = |one: &mut PgConnection| {
            let found = Shelf::cached().find(1).first(one).unwrap();
            let held = map.get::<Shelf>(&1);
            held.is_some_and(|held| Arc::ptr_eq(&found, &held))
        };
        assert!(soon(|| is_same(&mut one)), "before {made}");
        one.batch_execute(made).unwrap();
        one.batch_execute(ROWS).unwrap();
        let is_shared = (0..200).any(|_| is_same(&mut one));
        assert!(!is_shared, "hidden by {made}");
        one.batch_execute(gone).unwrap();
        !soon(|| is_same(&mut one))
    });
    apart
}

/// G1, G5: apart while the name is hidden, and sharing again afterwards.
#[cfg(feature = "postgres")]
#[test]
fn shared_again() {
    let made_inside = concat!("BEGIN; CREATE TEMP TABLE shelves ", columns!());
    let apart = not_shared_again(&[(TABLE, "DISCARD TEMP"), (made_inside, "ROLLBACK")]);
    assert_eq!(apart, []);
}

/// G1: the same where the table goes away by itself, or by its name.
#[cfg(feature = "postgres")]
#[test]
fn shared_again_after_a_drop() {
    let dropped = concat!(
        "BEGIN; CREATE TEMP TABLE shelves ",
        columns!(),
        " ON COMMIT DROP"
    );
    let apart = not_shared_again(&[(TABLE, "DROP TABLE shelves"), (dropped, "COMMIT")]);
    assert_eq!(apart, []);
}
