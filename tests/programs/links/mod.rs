//! A link-sharing site: the functions of its server in plain diesel-async, the same on this library, and both
//! beside each other.

#![allow(dead_code)] // fields are decoded, and compared as whole objects

mod mapped;
mod models;
mod objects;
mod plain;
mod query;
mod reads;
mod rows;
mod schema;
mod world;
mod writes;

use self::world::{Held, World};
use crate::db::asynchronous::run;

/// G1, G2: whatever is held, a function gives what its plain counterpart gives, and held objects.
#[test]
fn reads_with_nothing_all_and_half_held() {
    run(async {
        let mut world = World::new(1, Held::Varied).await;
        reads::all(&mut world).await;
        rows::found(&mut world).await;
        rows::listed(&mut world).await;
    });
}

/// G1: one row is one object, by whichever function it is reached.
#[test]
fn reads_that_share_their_objects() {
    run(async {
        let mut world = World::new(1, Held::All).await;
        reads::all(&mut world).await;
        rows::listed(&mut world).await;
        world.sent.take();
        rows::found(&mut world).await;
        assert_eq!(world.sent.take(), [""; 0], "everything is held");
    });
}

/// G3, with a connection's own map, and with two connections of one scope that write by turns.
macro_rules! written {
    ($($name:ident: $writes:path;)+) => {$(
        mod $name {
            #[test]
            fn on_one_connection() {
                crate::db::asynchronous::run($writes(1));
            }

            #[test]
            fn on_two_connections_of_a_scope() {
                use diesel_identity_map::prelude::*;
                crate::db::asynchronous::run($writes(2).in_identity_scope(Scope::new()));
            }

            #[test]
            fn in_a_scope_that_keeps_everything() {
                use diesel_identity_map::prelude::*;
                let scope = Scope::builder().retain(Retain::UntilScopeEnds).build();
                crate::db::asynchronous::run($writes(2).in_identity_scope(scope));
            }
        }
    )+};
}

written! {
    what_readers_write: super::writes::readers;
    what_moderators_write: super::writes::moderators;
    what_servers_write: super::writes::servers;
    what_every_model_writes: super::writes::crud;
}
