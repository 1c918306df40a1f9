//! Running a program, and judging each of its steps by plain Diesel.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use diesel_identity_map::{InIdentityScope, Scope};

use super::commits::Commits;
use super::connection::{Connected, Object};
use super::models::Row;
use super::step::{Step, Table, Way, Write};
use super::texts::{keeps_nothing, may_end_unseen};

/// What a program showed to be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) kind: Kind,
    pub(super) what: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A cached load gave other rows than plain Diesel's.
    OtherRows,
    /// Two loads with nothing between them gave two objects.
    TwoObjects,
    /// Two connections that stand alike gave two objects.
    NotShared,
    /// A cached load failed where plain Diesel's did not.
    FailedLoad,
    /// A write of the manager returned another row than the database has.
    OtherWrite,
    /// A write of the manager failed, and its row is written.
    WrittenInError,
    /// `after_commit` ran for what is not committed, or did not run for what is.
    Hooks,
    Panic,
}

pub(super) type Judged = Result<(), Failure>;

pub(super) fn wrong(kind: Kind, what: String) -> Judged {
    Err(Failure { kind, what })
}

/// Runs a program on connections of its own, all in one scope.
pub(super) async fn run<C: Connected>(
    url: &str,
    observer: &mut C::Observer,
    program: &[(usize, Step)],
) -> Judged {
    let mut stage = Stage::<C>::new(url, observer, program).await;
    let judged = stage.run(program).in_identity_scope(Scope::new()).await;
    stage.leave().await;
    judged
}

struct Stage<'a, C: Connected> {
    url: &'a str,
    conns: Vec<C>,
    observer: &'a mut C::Observer,
    held: Vec<Arc<dyn Any + Send + Sync>>,
    commits: Commits,
    /// The connections that may keep nothing of what they read.
    forgetful: Vec<usize>,
    /// A batch has failed whose rest nobody can read, since a statement in it is unknown: its connection may
    /// stand apart.
    is_unclear: bool,
}

impl<'a, C: Connected> Stage<'a, C> {
    async fn new(url: &'a str, observer: &'a mut C::Observer, program: &[(usize, Step)]) -> Self {
        let count = program.iter().map(|(on, _)| on + 1).max().unwrap_or(0);
        let mut conns = Vec::new();
        for _ in 0..count {
            conns.push(C::connect(url).await);
        }
        let (held, commits) = (Vec::new(), Commits::new(C::PLACE));
        Self {
            url,
            conns,
            observer,
            held,
            commits,
            forgetful: Vec::new(),
            is_unclear: false,
        }
    }

    async fn run(&mut self, program: &[(usize, Step)]) -> Judged {
        for (at, (on, step)) in program.iter().enumerate() {
            let judged = self.step(*on, step).await;
            judged.map_err(|failure| Failure {
                what: format!("at step {at}, ({on}, {step:?}): {}", failure.what),
                ..failure
            })?;
        }
        Ok(())
    }

    /// Ends what the program left open, so that the next one may have the rows.
    async fn leave(self) {
        for mut conn in self.conns {
            let _ = conn.batch("ROLLBACK").await;
        }
    }

    async fn step(&mut self, on: usize, step: &Step) -> Judged {
        let begins = matches!(step, Step::Manager(..) | Step::Diesel(_) | Step::Dropped(_));
        if begins && self.commits.is_interrupted(on) && self.conns[on].is_broken() {
            // diesel-async panics where another transaction begins after one was dropped.
            return Ok(());
        }
        match step {
            Step::Check(table, way) => self.check(on, *table, *way).await,
            Step::Share(table) => self.share(*table).await,
            Step::Manager(write, table, id, n) => self.manage(on, (*write, *table), *id, *n).await,
            Step::Release => {
                self.held.clear();
                Ok(())
            }
            Step::Dropped(step) => {
                self.drop_half_way(on, &step.0).await;
                Ok(())
            }
            step => {
                if let Step::Raw(text) | Step::Batch(text) = step
                    && keeps_nothing(&text.0, C::PRODUCT)
                {
                    self.forgetful.push(on);
                }
                let ends_unseen =
                    matches!(step, Step::Raw(text) | Step::Batch(text) if may_end_unseen(&text.0));
                if ends_unseen || self.forgetful.contains(&on) {
                    self.commits.lose(on);
                }
                if self.act(on, step).await.is_err()
                    && let Step::Batch(text) = step
                {
                    self.commits.lose(on);
                    self.is_unclear |= text.0.contains("SELEC 1;");
                }
                Ok(())
            }
        }
    }

    /// A step that is judged by later ones alone. A statement that fails is one like any other.
    async fn act(&mut self, on: usize, step: &Step) -> diesel::QueryResult<()> {
        let conn = &mut self.conns[on];
        match step {
            Step::Hold(table, way) => {
                let objects = conn.load(*table, *way).await?;
                self.held
                    .extend(objects.into_iter().map(|object| object.held));
                Ok(())
            }
            Step::Manager(write, table, id, n) => {
                conn.manage(*write, *table, *id, *n).await.map(drop)
            }
            Step::Plain(write, table, id, n) => conn.write(*write, *table, *id, *n).await,
            Step::Diesel(boundary) => conn.bound(*boundary).await,
            Step::Raw(text) => conn.raw(&text.0).await,
            Step::Batch(text) => conn.batch(&text.0).await,
            Step::Check(..) | Step::Share(_) | Step::Release | Step::Dropped(_) => Ok(()),
        }
    }

    /// Compares a load with plain Diesel's, and with another load after it.
    async fn check(&mut self, on: usize, table: Table, way: Way) -> Judged {
        let conn = &mut self.conns[on];
        if self.forgetful.contains(&on) {
            // A level for the next transaction may hold for one read, which would be plain Diesel's alone.
            let _ = conn.read(table).await;
        }
        let mut loaded = Vec::new();
        let mut plain = Vec::new();
        for way in [way, after(way)] {
            // The first load comes before plain Diesel's, since a transaction takes its snapshot by that too.
            let objects = conn.load(table, way).await;
            // In an aborted transaction there is nothing to compare.
            let Ok(rows) = conn.read(table).await else {
                return Ok(());
            };
            plain = rows;
            match objects {
                Ok(objects) => loaded.push(objects),
                Err(error) => return wrong(Kind::FailedLoad, format!("{way:?}: {error}")),
            }
        }
        for (way, objects) in [way, after(way)].iter().zip(&loaded) {
            same_rows(*way, objects, &plain)?;
        }
        let keeps = !self.forgetful.contains(&on) && !self.commits.is_interrupted(on);
        for (one, other) in loaded[0].iter().zip(&loaded[1]) {
            if keeps && !Arc::ptr_eq(&one.held, &other.held) {
                return wrong(Kind::TwoObjects, format!("row {:?}", one.row));
            }
        }
        self.held
            .extend(loaded.swap_remove(0).into_iter().map(|object| object.held));
        self.commits
            .judge(on, || C::journal(self.observer).unwrap())
    }

    /// Ends what is open on each connection, and looks whether they share their objects then.
    async fn share(&mut self, table: Table) -> Judged {
        if self.is_unclear {
            return Ok(());
        }
        for conn in &mut self.conns {
            let _ = conn.batch("ROLLBACK").await;
        }
        let mut loaded: Vec<Vec<Object>> = Vec::new();
        for conn in &mut self.conns {
            loaded.extend(conn.load(table, Way::Rows).await);
        }
        for pair in loaded.windows(2) {
            let mut rows = pair[0].iter().zip(&pair[1]);
            if let Some((one, _)) = rows.find(|(one, other)| !Arc::ptr_eq(&one.held, &other.held)) {
                return wrong(Kind::NotShared, format!("row {:?}", one.row));
            }
        }
        Ok(())
    }

    async fn manage(&mut self, on: usize, write: (Write, Table), id: i32, n: i32) -> Judged {
        let conn = &mut self.conns[on];
        let done = conn.manage(write.0, write.1, id, n).await;
        let Ok(rows) = conn.read(write.1).await else {
            return Ok(());
        };
        let (is_delete, numbers) = (write.0 == Write::Delete, [n, n + 1]);
        match done {
            Ok(objects) => {
                for object in &objects {
                    if rows.contains(&object.row) == is_delete {
                        let what = format!("{:?}, and there is {rows:?}", object.row);
                        return wrong(Kind::OtherWrite, what);
                    }
                }
                let is_forgetful = self.forgetful.contains(&on);
                self.commits.expect(on, write, &objects, is_forgetful);
                self.held
                    .extend(objects.into_iter().map(|object| object.held));
                Ok(())
            }
            Err(error) if rows.iter().any(|row| numbers.contains(&row.1)) => wrong(
                Kind::WrittenInError,
                format!("{error}, and there is {rows:?}"),
            ),
            Err(_) => Ok(()),
        }
    }

    async fn drop_half_way(&mut self, on: usize, step: &Step) {
        let is_done = {
            let mut future = Box::pin(self.act(on, step));
            poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_ready())).await
        };
        self.commits.interrupt(on);
        if is_done {
            return;
        }
        if C::SURVIVES_A_DROP {
            // Waits until what was sent is done, so that it is not done between two loads.
            let _ = self.conns[on].read(Table::Seen).await;
        } else {
            drop(self.conns.remove(on));
            let others = self.conns.len() + 1;
            while C::sessions(self.observer) > others {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            self.conns.insert(on, C::connect(self.url).await);
        }
    }
}

fn after(way: Way) -> Way {
    match way {
        Way::Auto => Way::Find,
        Way::Find => Way::KeysFirst,
        Way::KeysFirst => Way::FindMany,
        Way::FindMany => Way::Rows,
        Way::Rows => Way::Auto,
    }
}

fn same_rows(way: Way, objects: &[Object], plain: &[Row]) -> Judged {
    let is_same = objects.iter().map(|object| &object.row).eq(plain);
    if is_same {
        return Ok(());
    }
    // Most rows are as they should be.
    let cached: Vec<_> = objects.iter().map(|object| &object.row).collect();
    let not_in_plain: Vec<_> = cached.iter().filter(|row| !plain.contains(row)).collect();
    let not_in_cached: Vec<_> = plain.iter().filter(|row| !cached.contains(row)).collect();
    let what = format!("{way:?} gives {not_in_plain:?}, plain Diesel {not_in_cached:?}");
    wrong(Kind::OtherRows, what)
}
