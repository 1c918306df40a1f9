//! Random programs of two connections: every load is what its connection may see.

use diesel_identity_map::Scope;
use proptest::test_runner::{Config, TestRunner};

use crate::db::each_database;
use crate::mapped;
use crate::models::seed;
use crate::world::{State, Transactions, World, steps_in_transactions};

const CASES: u32 = 40;

each_database! {
    fn every_load_is_what_this_connection_may_see(db) {
        let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(CASES) });
        let programs = proptest::collection::vec((steps_in_transactions(), proptest::bool::ANY), 1..30);
        let by = proptest::sample::select(vec![Transactions::OfDiesel, Transactions::OfRawSql]);
        runner
            .run(&(programs, by), |(program, by)| {
                let (mut one, _) = mapped(db.connect(), db.url());
                let (mut other, _) = mapped(db.connect(), db.url());
                one.empty();
                seed(&mut one, 3, 5);
                let _entered = Scope::new().entered();
                let mut state = State::default();
                // A check loads everything, so it is left out now and then.
                for (step, check) in program {
                    one.step(step, by, &mut state).unwrap();
                    if check {
                        one.check()?;
                        other.check()?;
                    }
                }
                while state.is_in_transaction() {
                    one.end(false, by, &mut state).unwrap();
                    one.check()?;
                }
                other.check()?;
                Ok(())
            })
            .unwrap_or_else(|failure| panic!("{failure}"));
    }
}
