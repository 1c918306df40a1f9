//! Which `after_commit` hooks have to have run: those of the writes that are in the journal.

use super::connection::Object;
use super::models::{Event, take_committed};
use super::run::{Judged, Kind, wrong};
use super::step::{Table, Write};

/// The hooked writes whose end is open.
pub(super) struct Commits {
    place: &'static str,
    open: Vec<Expected>,
    ran: Vec<Event>,
    /// The connections of which a future was dropped.
    interrupted: Vec<usize>,
}

struct Expected {
    on: usize,
    event: Event,
    /// Whether the hook has to run if the write is committed. Where a batch fails, or a future is dropped, the
    /// library may not know what became of the transaction, and runs none.
    has_to: bool,
}

impl Commits {
    pub(super) fn new(place: &'static str) -> Self {
        take_committed(place);
        Self {
            place,
            open: Vec::new(),
            ran: Vec::new(),
            interrupted: Vec::new(),
        }
    }

    /// Expects the hooks of a write that returned these objects.
    pub(super) fn expect(
        &mut self,
        on: usize,
        (write, table): (Write, Table),
        objects: &[Object],
        is_forgetful: bool,
    ) {
        let what = match write {
            Write::Insert | Write::InsertMany | Write::Update | Write::Save => "w",
            Write::Delete => "d",
            Write::UpdateAll | Write::DeleteAll | Write::Refresh | Write::Expire => return,
        };
        if table == Table::Tasks {
            let events = objects
                .iter()
                .map(|object| (what.to_owned(), object.row.0, object.row.1));
            self.open.extend(events.map(|event| Expected {
                on,
                event,
                // The same row may be deleted again, by plain Diesel, after a rollback.
                has_to: what == "w" && !self.interrupted.contains(&on) && !is_forgetful,
            }));
        }
    }

    /// The library may not know what becomes of the transaction of this connection.
    pub(super) fn lose(&mut self, on: usize) {
        let open = self.open.iter_mut().filter(|expected| expected.on == on);
        open.for_each(|expected| expected.has_to = false);
    }

    /// A future of this connection was dropped: whether a transaction is open may not be known after it.
    pub(super) fn interrupt(&mut self, on: usize) {
        self.interrupted.push(on);
        self.lose(on);
    }

    pub(super) fn is_interrupted(&self, on: usize) -> bool {
        self.interrupted.contains(&on)
    }

    /// Judges the writes of a connection that has sent a statement since, so that it knows of its commit.
    pub(super) fn judge(&mut self, on: usize, journal: impl FnOnce() -> Vec<Event>) -> Judged {
        let ran = take_committed(self.place);
        if ran.is_empty() && !self.open.iter().any(|expected| expected.on == on) {
            return Ok(());
        }
        let journal = journal();
        for event in ran {
            if !journal.contains(&event) {
                return wrong(
                    Kind::Hooks,
                    format!("after_commit of {event:?}, which is not committed"),
                );
            }
            if self.ran.contains(&event) {
                return wrong(Kind::Hooks, format!("after_commit of {event:?} twice"));
            }
            self.ran.push(event);
        }
        for expected in self.open.iter().filter(|expected| expected.on == on) {
            let event = &expected.event;
            if expected.has_to && journal.contains(event) && !self.ran.contains(event) {
                return wrong(
                    Kind::Hooks,
                    format!("no after_commit of {event:?}, which is committed"),
                );
            }
        }
        self.open
            .retain(|expected| !self.ran.contains(&expected.event));
        Ok(())
    }
}
