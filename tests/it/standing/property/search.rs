//! Running many programs, and saying which of them failed.

use std::collections::BTreeMap;
use std::env::VarError;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::connection::Connected;
use super::generate::program;
use super::run::{Failure, Judged, Kind, run, wrong};
use super::shrink::shrink;
use super::sort::sort;
use super::step::{Program, Step, as_rust};

/// So long the programs of a test take, where nobody says how many there are.
const TIME: Duration = Duration::from_secs(5);

/// Runs programs on a database, until one has failed.
///
/// `STANDING_PROGRAMS` says how many, `STANDING_SEED` with which seed the first is made (the next has the
/// next seed), and `STANDING_FAILURES` how many kinds of failures there may be before they end it.
pub(super) fn programs<C: Connected>(url: &str) {
    let _turn = turn();
    let count = number("STANDING_PROGRAMS");
    let seed = number("STANDING_SEED").unwrap_or_else(|| {
        if count.is_none() {
            // A test says the same each time; a search looks elsewhere.
            return 13_000_000;
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        now.as_secs() * 1_000_000
    });
    let most = number("STANDING_FAILURES").unwrap_or(1);
    let mut ground = Ground::<C>::new(url);
    let mut failures: BTreeMap<String, u32> = BTreeMap::new();
    let (mut ran, mut time) = (0, Duration::ZERO);
    while count.map_or(time < TIME, |count| ran < count) && (failures.len() as u64) < most {
        let seed = seed + ran;
        let program = program(C::PRODUCT, seed);
        let start = Instant::now();
        let judged = ground.run(&program);
        time += start.elapsed();
        if let Err(failure) = judged {
            let (sort, report) = ground.report(seed, program, failure);
            let times = failures.entry(sort).or_default();
            if *times == 0 {
                println!("{report}");
            }
            *times += 1;
        }
        ran += 1;
    }
    println!(
        "{}: {ran} programs from seed {seed} in {time:.1?}",
        C::PLACE
    );
    assert!(
        failures.is_empty(),
        "programs fail, so many of each kind: {failures:#?}"
    );
}

/// Runs one program: what a test does with one that was printed.
pub(super) fn run_one<C: Connected>(url: &str, program: &[(usize, Step)]) {
    let _turn = turn();
    if let Err(failure) = Ground::<C>::new(url).run(program) {
        panic!("{:?}, {}", failure.kind, failure.what);
    }
}

fn number(variable: &str) -> Option<u64> {
    match std::env::var(variable) {
        Ok(number) => Some(number.parse().expect("a number")),
        Err(VarError::NotPresent) => None,
        Err(error) => panic!("{variable}: {error}"),
    }
}

/// A database with the tables of the programs.
struct Ground<'a, C: Connected> {
    url: &'a str,
    observer: C::Observer,
}

impl<'a, C: Connected> Ground<'a, C> {
    fn new(url: &'a str) -> Self {
        let mut observer = C::observe(url);
        C::tell(&mut observer, &C::PRODUCT.tables(C::PLACE)).unwrap();
        Self { url, observer }
    }

    fn run(&mut self, program: &[(usize, Step)]) -> Judged {
        self.reset();
        let ran = catch_unwind(AssertUnwindSafe(|| {
            C::wait(run::<C>(self.url, &mut self.observer, program))
        }));
        ran.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            wrong(Kind::Panic, text.unwrap_or_default())
        })
    }

    /// Puts the rows back. The server may still be at rolling back for a connection that was closed.
    fn reset(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while let Err(error) = C::tell(&mut self.observer, &C::PRODUCT.reset()) {
            let _ = C::tell(&mut self.observer, "ROLLBACK");
            assert!(Instant::now() < deadline, "no reset: {error}");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn report(&mut self, seed: u64, program: Program, failure: Failure) -> (String, String) {
        let kind = failure.kind;
        let ground = std::cell::RefCell::new(&mut *self);
        let fails = |program: &Program| {
            let judged = ground.borrow_mut().run(program);
            judged.is_err_and(|failure| failure.kind == kind)
        };
        let program = shrink(program, fails);
        let last = self.run(&program).err().unwrap_or(failure);
        let mut text = String::new();
        let _ = writeln!(text, "{}, seed {seed}: {kind:?} {}", C::PLACE, last.what);
        let _ = writeln!(text, "run::<Conn>(db.url(), &[\n{}]);", as_rust(&program));
        (sort(kind, &program), text)
    }
}

/// The hooks note what was committed by the kind of connection, so one program runs at a time.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}
