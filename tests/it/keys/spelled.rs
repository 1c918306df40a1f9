//! A key that the program gives is a question, and the database answers it: also where the key of the row it
//! finds is another value. On connections that block, and on those that are awaited.

use diesel::prelude::*;
use diesel_identity_map::Strategy;
use diesel_identity_map::prelude::*;

use super::kinds::STRATEGIES;
use crate::db::each_connection;

diesel::table! {
    codes (code) {
        code -> Text,
        name -> Text,
    }
}

diesel::table! {
    labels (code, number) {
        code -> Text,
        number -> Integer,
        name -> Text,
    }
}

diesel::table! {
    notes (id) {
        id -> Integer,
        code -> Nullable<Text>,
        number -> Nullable<Integer>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(codes, notes);

#[derive(Queryable, Selectable, IdentityMapped, Debug, Clone, PartialEq)]
#[diesel(table_name = codes, primary_key(code))]
struct Code {
    code: String,
    name: String,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug, PartialEq)]
#[diesel(table_name = labels, primary_key(code, number))]
struct Label {
    code: String,
    number: i32,
    name: String,
}

#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = notes)]
#[identity_map(belongs_to(Label, foreign_key = (code, number)))]
struct Note {
    id: i32,
    code: Option<String>,
    number: Option<i32>,
}

/// A grouped base query, as models of reports have it.
#[derive(HasQuery, IdentityMapped, Debug)]
#[diesel(table_name = codes, primary_key(code))]
#[diesel(base_query = codes::table.left_join(notes::table.on(notes::code.eq(codes::code.nullable()))).group_by((codes::code, codes::name)))]
struct Counted {
    code: String,
    name: String,
    #[diesel(select_expression = diesel::dsl::count(notes::id.nullable()))]
    notes: i64,
}

/// What a column says of its texts so that letters of both cases are equal.
fn without_case(url: &str) -> (&'static str, &'static str) {
    match url.split_once(':') {
        Some(("postgres", _)) => (
            "CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level1', deterministic = false);",
            "VARCHAR(9) COLLATE blind",
        ),
        Some(("mysql", _)) => ("", "VARCHAR(9) COLLATE utf8mb4_general_ci"),
        _ => ("", "VARCHAR(9) COLLATE NOCASE"),
    }
}

fn names<'o, T>(
    found: impl IntoIterator<Item = &'o Option<Arc<T>>>,
    name: fn(&T) -> &str,
) -> Vec<Option<&'o str>>
where
    T: 'o,
{
    let found = found.into_iter();
    found
        .map(|found| found.as_ref().map(|found| name(found)))
        .collect()
}

each_connection! {
    /// `CHAR(8)`: the keys come back with blanks, and PostgreSQL does not find them by those.
    fn no_row_is_left_out_for_its_key(db) {
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        wait!(conn.batch_execute("CREATE TABLE codes (code CHAR(8) NOT NULL PRIMARY KEY, name TEXT NOT NULL)")).unwrap();
        let rows: Vec<_> = (0..400)
            .map(|at| (codes::code.eq(format!("c{at}")), codes::name.eq("x".repeat(2_000))))
            .collect();
        for rows in rows.chunks(100) {
            let rows = rows.iter().map(|(code, name)| (code, name)).collect::<Vec<_>>();
            for row in rows {
                wait!(diesel::insert_into(codes::table).values(row).execute(conn)).unwrap();
            }
        }
        let plain: Vec<String> = wait!(codes::table.order(codes::code).select(codes::code).load(conn)).unwrap();
        for round in 0..4 {
            for strategy in STRATEGIES {
                let mut held = wait!(Code::cached().strategy(Strategy::Rows).load(conn)).unwrap();
                held.truncate(380);
                sent.take();
                let all = wait!(Code::cached().strategy(strategy).order(codes::code).load(conn)).unwrap();
                let keys: Vec<&String> = all.iter().map(|code| &code.code).collect();
                assert_eq!(keys, plain.iter().collect::<Vec<_>>(), "{strategy:?}");
                let statements = sent.take().len();
                assert!(statements <= if round == 0 { 3 } else { 2 }, "{strategy:?}: {statements}");
                for held in &held {
                    assert!(all.iter().any(|found| Arc::ptr_eq(found, held)));
                }
            }
        }
    }

    /// Where it was seen that keys do not find their rows, `Auto` and `KeysFirst` send the one statement of
    /// `Rows`.
    fn what_was_learned_costs_nothing(db) {
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        wait!(conn.batch_execute("CREATE TABLE codes (code CHAR(8) NOT NULL PRIMARY KEY, name TEXT NOT NULL);
            INSERT INTO codes VALUES ('a', 'a'), ('b', 'b'), ('c', 'c')")).unwrap();
        let is_padded = wait!(codes::table.select(codes::code).first::<String>(conn)).unwrap().len() > 1;
        for round in 0..3 {
            let held = wait!(Code::cached().strategy(Strategy::Rows).order(codes::name).first(conn)).unwrap();
            sent.take();
            let all = wait!(Code::cached().strategy(Strategy::KeysFirst).order(codes::name).load(conn)).unwrap();
            assert!(all.len() == 3 && Arc::ptr_eq(&all[0], &held));
            let expected = match (is_padded, round) {
                (true, 0) => 3,
                (true, _) => 1,
                (false, _) => 2,
            };
            assert_eq!(sent.take().len(), expected, "padded: {is_padded}, {round}");
        }
    }

    /// Both spellings in one question, with the row held and not; in the map it is one object.
    fn both_spellings_find_the_row(db) {
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        let (prepare, text) = without_case(db.url());
        wait!(conn.batch_execute(&format!("{prepare}
            CREATE TABLE codes (code {text} NOT NULL PRIMARY KEY, name TEXT NOT NULL);
            INSERT INTO codes VALUES ('resume', 'r'), ('at', 'a'), ('x', 'x')"))).unwrap();
        let asked = ["resume", "RESUME", "at", "AT", "aT", "none", "X"];
        let expected = [Some("r"), Some("r"), Some("a"), Some("a"), Some("a"), None, Some("x")];
        for is_held in [false, true, false] {
            let held = wait!(Code::cached().load(conn)).unwrap();
            let held = if is_held { held } else { vec![] };
            sent.take();
            let found = wait!(Code::cached().find_many(asked).load(conn)).unwrap();
            assert_eq!(names(&found, |code| &code.name), expected);
            assert_eq!(sent.take().len(), 1);
            assert!(Arc::ptr_eq(found[0].as_ref().unwrap(), found[1].as_ref().unwrap()));
            assert!(held.iter().all(|held| found.iter().flatten().any(|found| Arc::ptr_eq(held, found))));
            drop(found);
            let fresh = wait!(Code::cached().fresh().find_many(asked).load(conn)).unwrap();
            assert_eq!(names(&fresh, |code| &code.name), expected);
            assert!(Arc::ptr_eq(fresh[2].as_ref().unwrap(), fresh[4].as_ref().unwrap()));
            let apart = wait!(Code::cached().uncached().find_many(asked).load(conn)).unwrap();
            assert_eq!(names(&apart, |code| &code.name), expected);
        }
        // More keys than are paired at once, and more than one statement takes.
        let some: Vec<String> = ["at", "AT"].into_iter().map(str::to_owned).chain((0..40).map(|at| at.to_string())).collect();
        for query in [Code::cached(), Code::cached().fresh(), Code::cached().uncached()] {
            let found = wait!(query.find_many(&some).load(conn)).unwrap();
            let [Some(one), Some(other)] = &found[..2] else { panic!("{found:?}") };
            assert!(Arc::ptr_eq(one, other) && found[2..].iter().all(Option::is_none));
        }
        let many: Vec<String> = (0..700).map(|at| if at % 7 == 0 { "AT".to_owned() } else { format!("n{at}") }).collect();
        let found = wait!(Code::cached().find_many(&many).load(conn)).unwrap();
        for (asked, found) in many.iter().zip(&found) {
            assert_eq!(found.as_ref().map(|code| &*code.name), (asked == "AT").then_some("a"));
        }
    }

    /// The same with composite keys, one part of which may be spelled otherwise.
    fn composite_keys(db) {
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        let (prepare, text) = without_case(db.url());
        wait!(conn.batch_execute(&format!("{prepare}
            CREATE TABLE labels (code {text} NOT NULL, number INTEGER NOT NULL, name VARCHAR(9) NOT NULL,
                PRIMARY KEY (code, number));
            CREATE TABLE notes (id INTEGER NOT NULL PRIMARY KEY, code {text}, number INTEGER);
            INSERT INTO labels VALUES ('a', 1, 'a1'), ('a', 2, 'a2'), ('b', 1, 'b1');
            INSERT INTO notes VALUES (1, 'A', 1), (2, 'a', 1), (3, 'a', 2), (4, 'B', 2), (5, 'B', 1), (6, NULL, 1)"))).unwrap();
        sent.take();
        let asked = [("A", 1), ("a", 1), ("a", 3), ("B", 1), ("A", 2), ("c", 1)];
        let found = wait!(Label::cached().find_many(asked).load(conn)).unwrap();
        assert_eq!(sent.take().len(), 1);
        let expected = [Some("a1"), Some("a1"), None, Some("b1"), Some("a2"), None];
        assert_eq!(names(&found, |label| &label.name), expected);
        drop(found);

        let expected = [Some("a1"), Some("a1"), Some("a2"), None, Some("b1"), None];
        let all = wait!(Note::cached().order(notes::id).load(conn)).unwrap();
        sent.take();
        let labels = wait!(all.load_parents::<Label>(conn)).unwrap();
        assert_eq!(sent.take().len(), 1);
        assert_eq!(names(&labels, |label| &label.name), expected);
        let with = wait!(Note::cached().with::<Option<Label>>().order(notes::id).load(conn)).unwrap();
        assert_eq!(names(with.iter().map(|(_, label)| label), |label| &label.name), expected);

        let labels = wait!(Label::cached().order(labels::name).load(conn)).unwrap();
        sent.take();
        let children = Note::cached().order(notes::id);
        let lists = wait!(labels.load_children_from(children, conn)).unwrap();
        assert_eq!(sent.take().len(), 2);
        let ids: Vec<Vec<i32>> = lists.iter().map(|list| list.iter().map(|note| note.id).collect()).collect();
        assert_eq!(ids, [vec![1, 2], vec![3], vec![5]]);
        for (label, ids) in labels.iter().zip(&ids) {
            let alone = wait!(label.load_children::<Note>(conn)).unwrap();
            assert_eq!(alone.len(), ids.len());
        }
        for strategy in STRATEGIES {
            let again = wait!(Label::cached().strategy(strategy).order(labels::name).load(conn)).unwrap();
            assert!(again.iter().zip(&labels).all(|(one, other)| Arc::ptr_eq(one, other)));
        }
    }

    /// A model whose base query joins and groups.
    fn a_grouped_base_query(db) {
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        let (prepare, text) = without_case(db.url());
        wait!(conn.batch_execute(&format!("{prepare}
            CREATE TABLE codes (code {text} NOT NULL PRIMARY KEY, name VARCHAR(9) NOT NULL);
            CREATE TABLE notes (id INTEGER NOT NULL PRIMARY KEY, code {text}, number INTEGER);
            INSERT INTO codes VALUES ('a', 'x'), ('b', 'y');
            INSERT INTO notes VALUES (1, 'A', 1), (2, 'a', 1), (3, 'b', 2)"))).unwrap();
        sent.take();
        let found = wait!(Counted::cached().find_many(["A", "b", "a", "c"]).load(conn)).unwrap();
        assert_eq!(sent.take().len(), 1);
        let counts: Vec<Option<i64>> = found.iter().map(|found| Some(found.as_ref()?.notes)).collect();
        assert_eq!(counts, [Some(2), Some(1), Some(2), None]);
        for strategy in STRATEGIES {
            let all = wait!(Counted::cached().strategy(strategy).order(codes::name).load(conn)).unwrap();
            assert!(Arc::ptr_eq(&all[0], found[0].as_ref().unwrap()) && all[1].name == "y" && all[1].code == "b");
        }
    }

    /// `CHAR(8)`: an object is written, read again and deleted by the key that it shows.
    fn writes_by_a_padded_key(db) {
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        wait!(conn.batch_execute("
            CREATE TABLE codes (code CHAR(8) NOT NULL PRIMARY KEY, name VARCHAR(9) NOT NULL);
            CREATE TABLE labels (code CHAR(8) NOT NULL, number INTEGER NOT NULL, name VARCHAR(9) NOT NULL,
                PRIMARY KEY (code, number));
            INSERT INTO codes VALUES ('a', 'a'), ('b', 'b');
            INSERT INTO labels VALUES ('a', 1, 'a1'), ('a', 2, 'a2'), ('b', 1, 'b1')")).unwrap();
        for code in wait!(Code::cached().order(codes::code).load(conn)).unwrap() {
            wait!(conn.batch_execute(&format!("UPDATE codes SET name = 'raw' WHERE code = '{}'", code.code.trim()))).unwrap();
            sent.take();
            assert_eq!(wait!(Code::cached().refresh(&code, conn)).unwrap().name, "raw");
            assert_eq!(sent.take().len(), 1);
            let new = wait!(Code::cached().update(&code, codes::name.eq("new"), conn)).unwrap();
            assert_eq!((&*new.code, &*new.name), (&*code.code, "new"));
            wait!(Code::cached().delete(&new, conn)).unwrap();
            assert_eq!(wait!(Code::cached().delete(&new, conn)), Err(diesel::NotFound));
        }
        for label in wait!(Label::cached().order((labels::code, labels::number)).load(conn)).unwrap() {
            assert_eq!(wait!(Label::cached().refresh(&label, conn)).unwrap(), label);
            let new = wait!(Label::cached().update(&label, labels::name.eq("new"), conn)).unwrap();
            assert_eq!((&*new.code, new.number, &*new.name), (&*label.code, label.number, "new"));
            let others = labels::table.filter(labels::name.ne("new")).count();
            let others: i64 = wait!(others.get_result(conn)).unwrap();
            wait!(Label::cached().delete(&new, conn)).unwrap();
            assert_eq!(wait!(labels::table.count().get_result::<i64>(conn)).unwrap(), others);
        }
    }

    /// What is written by another spelling of its key is read again, and what is deleted is gone.
    fn writes_by_another_spelling(db) {
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        let conn = &mut conn;
        let (prepare, text) = without_case(db.url());
        wait!(conn.batch_execute(&format!("{prepare}
            CREATE TABLE codes (code {text} NOT NULL PRIMARY KEY, name VARCHAR(9) NOT NULL);
            INSERT INTO codes VALUES ('a', 'a'), ('b', 'b'), ('c', 'c')"))).unwrap();
        let held = wait!(Code::cached().order(codes::code).load(conn)).unwrap();
        let spelled = |code: &str| Arc::new(Code { code: code.to_owned(), name: String::new() });
        let new = wait!(Code::cached().update(&spelled("A"), codes::name.eq("new"), conn)).unwrap();
        let found = wait!(Code::cached().find("a").first(conn)).unwrap();
        assert_eq!((&*new.name, &*found.name), ("new", "new"));
        wait!(Code::cached().update(&spelled("A"), codes::code.eq("z"), conn)).unwrap();
        let found = wait!(Code::cached().find("a").first(conn)).optional().unwrap();
        assert!(found.is_none(), "its key has moved: {found:?}");
        wait!(Code::cached().delete(&spelled("B"), conn)).unwrap();
        for spelling in ["b", "B"] {
            let found = wait!(Code::cached().find(spelling).first(conn)).optional().unwrap();
            assert!(found.is_none(), "{found:?}");
        }
        let found = wait!(Code::cached().find("c").first(conn)).unwrap();
        assert_eq!(found, held[2]);
        // Who sees that the row has changed says so by the key it has.
        wait!(conn.batch_execute("UPDATE codes SET name = 'raw' WHERE code = 'c'")).unwrap();
        assert_eq!(wait!(Code::cached().find("C").first(conn)).unwrap().name, "raw");
    }
}

/// A row that another transaction deletes between the two statements of a load keys first is left out, and
/// nothing is learned from it.
#[test]
fn a_row_that_is_deleted_in_between() {
    use crate::db::sqlite::Db;
    use diesel::connection::{InstrumentationEvent, SimpleConnection};

    let db = Db::new();
    let mut other = db.connect();
    other
        .batch_execute(
            "CREATE TABLE codes (code TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL);
             INSERT INTO codes VALUES ('a', 'a'), ('b', 'b'), ('c', 'c')",
        )
        .unwrap();
    let mut conn = db.connect();
    let mut deletes = true;
    let delete_in_between = move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event
            && query.to_string().contains(" IN (")
            && std::mem::take(&mut deletes)
        {
            other
                .batch_execute("DELETE FROM codes WHERE code = 'b'")
                .unwrap();
        }
    };
    conn.enable_identity_map_with(MapOptions::new().instrumentation(delete_in_between));
    let conn = &mut conn;
    let query = || {
        Code::cached()
            .strategy(Strategy::KeysFirst)
            .order(codes::code)
    };
    let names = |rows: &[Arc<Code>]| rows.iter().map(|row| row.name.clone()).collect::<Vec<_>>();
    let _held = Code::cached().find("a").first(conn).unwrap();
    let rows = query().load(conn).unwrap();
    assert_eq!(names(&rows), ["a", "c"]);
    drop(rows);
    let statements = conn.identity_map().unwrap().stats().statements;
    assert_eq!(names(&query().load(conn).unwrap()), ["a", "c"]);
    assert_eq!(
        conn.identity_map().unwrap().stats().statements - statements,
        2
    );
}
