//! Keys that are texts: what the database takes for equal belongs together.

use std::sync::Arc;

use diesel::prelude::*;
use diesel_identity_map::prelude::*;

use super::insert;
use crate::db::each_database;
use crate::mapped;
use crate::models::*;
use crate::schema::*;

fn names(countries: &[Option<Arc<Country>>]) -> Vec<Option<&str>> {
    countries
        .iter()
        .map(|country| country.as_ref().map(|country| country.name.as_str()))
        .collect()
}

/// What a plain join says the places belong to.
macro_rules! joined {
    ($conn:expr) => {
        places::table
            .left_join(countries::table.on(places::country_code.eq(countries::code.nullable())))
            .order(places::id)
            .select(countries::name.nullable())
            .load::<Option<String>>($conn)
            .unwrap()
    };
}

each_database! {
    fn texts(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        insert(conn, "countries (code, name)", "('at', 'Austria'), ('de', 'Germany')");
        insert(conn, "places (id, country_code)", "(1, 'de'), (2, NULL), (3, 'at'), (4, 'xx'), (5, 'de')");
        let places = Place::cached().order(places::id).load(conn).unwrap();
        sent.take();
        let countries = places.load_parents::<Country>(conn).unwrap();
        assert_eq!(sent.take().len(), 1);
        assert_eq!(names(&countries), [Some("Germany"), None, Some("Austria"), None, Some("Germany")]);
        assert!(Arc::ptr_eq(countries[0].as_ref().unwrap(), countries[4].as_ref().unwrap()));
    }

    /// Where the database ignores case, a foreign key in another spelling points to a row all the
    /// same; plain Diesel's join is the oracle. It never makes a second object.
    fn another_spelling(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        insert(conn, "countries (code, name)", "('at', 'Austria'), ('de', 'Germany')");
        insert(conn, "places (id, country_code)", "(1, 'DE'), (2, NULL), (3, 'at'), (4, 'At'), (5, 'xx')");
        let expected = joined!(conn);
        let expected: Vec<Option<&str>> = expected.iter().map(Option::as_deref).collect();
        let places = Place::cached().order(places::id).load(conn).unwrap();

        let austria = Country::cached().find("at").first(conn).unwrap();
        let countries = places.load_parents::<Country>(conn).unwrap();
        assert_eq!(names(&countries), expected, "one of them held");
        for country in countries.iter().flatten().filter(|country| country.code == "at") {
            assert!(Arc::ptr_eq(country, &austria));
        }
        drop((countries, austria));

        for place in &places {
            let country = place.load_parent::<Country>(conn).unwrap();
            let name = country.as_ref().map(|country| country.name.as_str());
            assert_eq!(name, expected[place.id as usize - 1], "lazily, {place:?}");
        }
        let rows = Place::cached().with::<Option<Country>>().order(places::id).load(conn).unwrap();
        let with: Vec<Option<&str>> =
            rows.iter().map(|(_, country)| country.as_ref().map(|country| country.name.as_str())).collect();
        assert_eq!(with, expected);
    }

    /// Two spellings of one key in one list, with nothing held.
    fn both_spellings_in_one_list(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        insert(conn, "countries (code, name)", "('at', 'Austria'), ('de', 'Germany')");
        insert(conn, "places (id, country_code)", "(1, 'AT'), (2, 'at'), (3, 'At'), (4, 'xx')");
        let expected = joined!(conn);
        let expected: Vec<Option<&str>> = expected.iter().map(Option::as_deref).collect();
        let places = Place::cached().order(places::id).load(conn).unwrap();
        let countries = places.load_parents::<Country>(conn).unwrap();
        assert_eq!(names(&countries), expected);
        let found: Vec<&Arc<Country>> = countries.iter().flatten().collect();
        assert!(found.iter().all(|country| Arc::ptr_eq(country, found[0])));
        drop(countries);
        for place in &places {
            let country = place.load_parent::<Country>(conn).unwrap();
            let name = country.as_ref().map(|country| country.name.as_str());
            assert_eq!(name, expected[place.id as usize - 1], "lazily, {place:?}");
        }
    }

    /// A lazy loop asks as many statements as there are foreign keys in another spelling, at worst.
    fn a_lazy_loop_over_other_spellings(db) {
        let (mut conn, sent) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        insert(conn, "countries (code, name)", "('at', 'Austria'), ('de', 'Germany')");
        insert(conn, "places (id, country_code)", "(1, 'AT'), (2, 'de'), (3, 'AT'), (4, 'DE'), (5, 'DE')");
        let places = Place::cached().order(places::id).load(conn).unwrap();
        sent.take();
        for place in &places {
            place.load_parent::<Country>(conn).unwrap();
        }
        let statements = sent.take();
        assert!(statements.len() <= 3, "{statements:#?}");
    }

    /// The children of each parent are those that plain Diesel finds for it, however their foreign keys are
    /// spelled.
    fn children_in_another_spelling(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        insert(conn, "countries (code, name)", "('at', 'Austria'), ('de', 'Germany'), ('xx', 'nowhere')");
        insert(conn, "places (id, country_code)", "(1, 'DE'), (2, NULL), (3, 'at'), (4, 'At'), (5, 'de'), (6, 'yy')");
        let countries = Country::cached().order(countries::code).load(conn).unwrap();
        let all = countries.load_children_from(Place::cached().order(places::id), conn).unwrap();
        for (country, of_all) in countries.iter().zip(&all) {
            let plain = places::table.filter(places::country_code.eq(&country.code)).order(places::id);
            let plain: Vec<i32> = plain.select(places::id).load(conn).unwrap();
            let ids = |places: &[Arc<Place>]| -> Vec<i32> { places.iter().map(|place| place.id).collect() };
            assert_eq!(ids(of_all), plain, "{country:?}");
            let alone = country.load_children_from(Place::cached().order(places::id), conn).unwrap();
            assert_eq!(ids(&alone), plain, "{country:?} alone");
        }
    }

    /// Of children whose keys are all spelled as their parents', one statement is enough.
    fn children_by_a_key_that_is_a_text(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        insert(conn, "countries (code, name)", "('at', 'Austria'), ('de', 'Germany')");
        insert(conn, "places (id, country_code)", "(1, 'de'), (2, NULL), (3, 'at'), (4, 'xx'), (5, 'de')");
        let countries = Country::cached().order(countries::code).load(conn).unwrap();
        let places = countries.load_children_from(Place::cached().order(places::id), conn).unwrap();
        let ids: Vec<Vec<i32>> = places.iter().map(|list| list.iter().map(|place| place.id).collect()).collect();
        assert_eq!(ids, [vec![3], vec![1, 5]]);
    }
}
