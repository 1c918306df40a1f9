//! `save`: a whole model is written, as its `AsChangeset` says.

use diesel::prelude::*;
use diesel::result::Error;
use diesel_identity_map::{IdentityMapConnection, IdentityMapped};

use crate::db::each_database;
use crate::schema::*;

use super::asserts::*;
use super::setup::*;

/// A user whose absent email is left as it is.
#[derive(
    Queryable, Selectable, Identifiable, AsChangeset, IdentityMapped, Debug, Clone, PartialEq,
)]
#[diesel(table_name = users)]
struct Person {
    id: i32,
    name: String,
    email: Option<String>,
}

/// A user whose absent email is written as `NULL`.
#[derive(
    Queryable, Selectable, Identifiable, AsChangeset, IdentityMapped, Debug, Clone, PartialEq,
)]
#[diesel(table_name = users, treat_none_as_null = true)]
struct Contact {
    id: i32,
    name: String,
    email: Option<String>,
}

each_database! {
    fn save_writes_a_whole_model(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(1).build();
        let old = Person::cached().find(1).first(conn).unwrap();
        let mut changed = Person::clone(&old);
        changed.name = "Ada".to_owned();
        changed.email = Some("ada@x".to_owned());
        sent.take();
        let by_reference = Person::cached().save(&changed, conn).unwrap();
        assert_eq!(sent.take().len(), Conn::UPDATE);
        assert_eq!(*by_reference, changed);
        assert_eq!(old.name, "user 1");
        assert_held!(by_reference, Person, 1, conn, sent);
        changed.name = "Grace".to_owned();
        let by_value = Person::cached().save(changed, conn).unwrap();
        assert_eq!(by_value.name, "Grace");
        assert_held!(by_value, Person, 1, conn, sent);
        assert_is_row!(by_value, Person, 1, conn);
    }

    fn save_treats_none_as_the_model_says(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(1).build();
        let with_email = Person { id: 1, name: "Ada".to_owned(), email: Some("ada@x".to_owned()) };
        Person::cached().save(&with_email, conn).unwrap();
        let without = Person { name: "Grace".to_owned(), email: None, ..with_email };
        let left = Person::cached().save(without, conn).unwrap();
        assert_eq!((&*left.name, left.email.as_deref()), ("Grace", Some("ada@x")));
        assert_held!(left, Person, 1, conn, sent);

        let null = Contact { id: 1, name: "Grace".to_owned(), email: None };
        let null = Contact::cached().save(null, conn).unwrap();
        assert_eq!(null.email, None);
        assert_held!(null, Contact, 1, conn, sent);
        assert_eq!(Person::cached().find(1).first(conn).unwrap().email, None);
    }

    fn save_of_a_row_that_is_gone(db) {
        let (conn, _) = &mut Fixture::new(&db).posts(0).build();
        let person = Person::cached().find(2).first(conn).unwrap();
        diesel::delete(users::table.find(2)).execute(&mut db.connect()).unwrap();
        assert_eq!(Person::cached().save(&*person, conn).unwrap_err(), Error::NotFound);
        assert!(conn.identity_map().unwrap().get::<Person>(&2).is_none());
        let never = Person { id: 99, name: "nobody".to_owned(), email: None };
        assert_eq!(Person::cached().save(never, conn).unwrap_err(), Error::NotFound);
    }
}
