//! G3: after a write through the same connection, by whatever means, no load gives an old row.

use diesel_identity_map::Scope;
use proptest::test_runner::{Config, TestRunner};

use crate::db::each_database;
use crate::mapped;
use crate::models::*;
use crate::world::{State, Transactions, World, steps};

const CASES: u32 = 40;

each_database! {
    fn every_load_is_what_plain_diesel_reads(db) {
        let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(CASES) });
        let programs = proptest::collection::vec(steps(), 1..25);
        runner
            .run(&(programs, proptest::bool::ANY), |(program, scoped)| {
                let (mut conn, _) = mapped(db.connect(), db.url());
                conn.empty();
                seed(&mut conn, 3, 5);
                let scope = scoped.then(|| Scope::new().entered());
                let mut state = State::default();
                for step in program {
                    conn.step(step, Transactions::OfDiesel, &mut state).unwrap();
                    conn.check()?;
                }
                drop(scope);
                Ok(())
            })
            .unwrap_or_else(|failure| panic!("{failure}"));
    }
}
