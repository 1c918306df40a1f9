//! Whether a transaction is open on a connection: [`TransactionStatus`].
//!
//! Every change of the state stands in this file. What the columns say holds once the database has done
//! what the row says:
//!
//! | event | no transaction | open | lost |
//! |---|---|---|---|
//! | [`begin`](TransactionStatus::begin) | open | open anew; the caller ends the one before | open, and what it has written is not known |
//! | [`savepoint`](TransactionStatus::savepoint) | open, by the savepoint | one layer more | lost |
//! | [`release`](TransactionStatus::release) of a known name | | one layer less; none left: ended | |
//! | [`rollback_to`](TransactionStatus::rollback_to) | | what came after it is undone | lost |
//! | [`commit`](TransactionStatus::commit), [`roll_back`](TransactionStatus::roll_back) | no change | ended | ended, and nobody knows what was written |
//! | [`lose`](TransactionStatus::lose) | lost | lost | lost |
//! | [`find`](TransactionStatus::find) | | as it was, or ended unseen | whatever the database says |
//!
//! After the end of a transaction no other is open, unless `autocommit` is off, where the next one begins
//! at once. Where a setting of MySQL's makes that unclear, it is lost then.

use super::autocommit::Autocommit;
use super::commit::Released;
use super::ended::EndedTransaction;
use super::found_transaction::FoundTransaction;
use super::open_transaction::{Doubt, OpenTransaction};
use super::read_view::ReadView;
use super::session::Session;
use super::session_isolation::SessionIsolation;
use super::takes_back::TakesBack;
use crate::database::{Isolation, Product};
use crate::map::{Filler, IdentityMap, Invalidation, Stamp};
use crate::model::ModelType;

/// Whether a transaction is open on a connection, as far as the library knows.
pub(crate) struct TransactionStatus {
    pub(super) state: State,
    autocommit: Autocommit,
    ends_unclear: bool,
    pub(super) isolation: SessionIsolation,
    /// Whether what is read outside a transaction may or may not be committed, and nobody knows which.
    pub(super) keeps_nothing: bool,
    pub(super) session: Session,
    /// The temporary objects of the session may be gone.
    pub(super) temporary_is_unclear: bool,
    /// The connection.
    filler: Filler,
}

pub(super) enum State {
    NotOpen,
    Open(OpenTransaction),
    /// Nobody can say whether one is open. What is read is not kept.
    Lost {
        /// The session as it may be again, should a rollback take back what was set in the meantime.
        session_before: Session,
    },
}

impl TransactionStatus {
    pub(crate) fn new() -> Self {
        Self {
            state: State::NotOpen,
            autocommit: Autocommit::default(),
            ends_unclear: false,
            isolation: SessionIsolation::default(),
            keeps_nothing: false,
            session: Session::default(),
            temporary_is_unclear: false,
            filler: Filler::connection(),
        }
    }

    /// The status of a connection on which Diesel has so many transactions and savepoints open.
    pub(crate) fn set_depth(&mut self, depth: u32, product: Product) {
        if depth == 0 {
            self.state = State::NotOpen;
            return;
        }
        // Nobody has watched what it wrote.
        let open = self.new_transaction(Stamp::default(), None, product);
        self.state = State::Open(open.of_unknown_past(self.session.clone()));
        for level in 1..depth {
            self.savepoint(
                format!("diesel_savepoint_{level}"),
                Stamp::default(),
                product,
            );
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state, State::Open(_))
    }

    pub(crate) fn is_lost(&self) -> bool {
        matches!(self.state, State::Lost { .. })
    }

    /// Whether what is read goes to the maps as it is: no transaction stands before them.
    #[inline]
    pub(crate) fn reads_by_maps(&self) -> bool {
        matches!(self.state, State::NotOpen) && !self.keeps_nothing
    }

    /// Whether the database has to be asked if a transaction is open.
    pub(crate) fn is_in_doubt(&self) -> bool {
        match &self.state {
            State::NotOpen => false,
            State::Open(open) => open.is_in_doubt(),
            State::Lost { .. } => true,
        }
    }

    pub(crate) fn open_mut(&mut self) -> Option<&mut OpenTransaction> {
        match &mut self.state {
            State::NotOpen | State::Lost { .. } => None,
            State::Open(open) => Some(open),
        }
    }

    /// How many transactions and savepoints are open.
    pub(crate) fn depth(&self) -> usize {
        match &self.state {
            State::NotOpen | State::Lost { .. } => 0,
            State::Open(open) => open.depth(),
        }
    }

    /// The view of a map that a load on this connection takes now.
    pub(crate) fn view(&mut self, model: ModelType, map: IdentityMap) -> ReadView {
        let reads_uncommitted = self.session.reads_uncommitted();
        match &mut self.state {
            State::NotOpen if !self.keeps_nothing => ReadView::plain(model, map, self.filler),
            State::Open(open)
                if !(open.is_aborted()
                    || reads_uncommitted && open.isolation == Isolation::Unclear) =>
            {
                open.view(model, map)
            }
            // What is read may be undone unseen, or may never have been committed: it is not kept. And
            // nothing is handed out that the database would refuse to read.
            _ => ReadView::plain(model, IdentityMap::new(), self.filler),
        }
    }

    pub(crate) fn filler(&self) -> Filler {
        self.filler
    }

    /// Notes that rows were written.
    pub(crate) fn invalidate(&mut self, invalidation: Invalidation) {
        if let Some(open) = self.open_mut() {
            open.invalidate(invalidation);
        }
    }

    /// A transaction began; its snapshot is not older than `began`. `isolation` is what its text says.
    pub(crate) fn begin(&mut self, began: Stamp, isolation: Option<Isolation>, product: Product) {
        let mut open = self.new_transaction(began, isolation, product);
        self.state = State::Open(match self.session_before_loss() {
            Some(before) => {
                // PostgreSQL goes on with the transaction that was open.
                open.isolation = isolation.unwrap_or(Isolation::Unclear);
                open.of_unknown_past(before)
            }
            None => open,
        });
    }

    /// A savepoint was set; where no transaction was open, it has begun one.
    pub(crate) fn savepoint(&mut self, name: String, now: Stamp, product: Product) {
        match &mut self.state {
            State::NotOpen => {
                let open = self.new_transaction(now, None, product);
                self.state = State::Open(open.begun_by_savepoint(name));
            }
            State::Open(open) => open.savepoint(name, &self.session),
            State::Lost { .. } => {}
        }
    }

    /// A savepoint was released.
    pub(crate) fn release(&mut self, name: &str, product: Product) -> Released<EndedTransaction> {
        let State::Open(open) = &mut self.state else {
            return Released::Unknown;
        };
        match open.release(name) {
            Released::Savepoint => Released::Savepoint,
            Released::Unknown => Released::Unknown,
            Released::Transaction(()) => match self.commit(product) {
                Some(ended) => Released::Transaction(ended),
                None => Released::Unknown,
            },
        }
    }

    /// The transaction was committed. `None` if none was open, or nobody knows what it wrote.
    pub(crate) fn commit(&mut self, product: Product) -> Option<EndedTransaction> {
        let takes_back = match &self.state {
            // PostgreSQL rolls back then.
            State::Open(open) if open.is_aborted() => TakesBack::Yes,
            State::Lost { .. } => TakesBack::by_rollback(product).or_not(),
            State::Open(_) | State::NotOpen => TakesBack::No,
        };
        self.take_back(takes_back);
        self.end(product).map(OpenTransaction::commit)
    }

    /// The transaction was rolled back. `None` if none was open, or nobody knows what it wrote.
    pub(crate) fn roll_back(&mut self, product: Product) -> Option<EndedTransaction> {
        let takes_back = TakesBack::by_rollback(product);
        self.take_back(if self.is_lost() {
            takes_back.or_not()
        } else {
            takes_back
        });
        self.end(product).map(OpenTransaction::roll_back)
    }

    /// What came after a savepoint was undone. `None` if no savepoint of this name is known.
    pub(crate) fn rollback_to(&mut self, name: &str, product: Product) -> Option<Invalidation> {
        let State::Open(open) = &mut self.state else {
            return None;
        };
        let undone = open.rollback_to(name);
        match TakesBack::by_rollback(product) {
            TakesBack::No => {}
            TakesBack::Yes if undone.is_some() => {
                self.session = open.session_at_savepoint();
                self.isolation.doubt();
            }
            TakesBack::Yes | TakesBack::Maybe => {
                self.session.may_be(&open.session_at_savepoint());
                self.isolation.doubt();
            }
        }
        undone
    }

    /// Nobody knows any more whether a transaction is open. Its hooks do not run.
    pub(crate) fn lose(&mut self) {
        let session_before = match &self.state {
            State::NotOpen => self.session.clone(),
            State::Open(open) => {
                let mut before = open.session_before();
                before.may_be(&self.session);
                before
            }
            State::Lost { .. } => return,
        };
        self.state = State::Lost { session_before };
    }

    /// The database has said whether a transaction is open. What comes back has ended unseen.
    pub(crate) fn find(
        &mut self,
        found: FoundTransaction,
        product: Product,
    ) -> Option<EndedTransaction> {
        if found == FoundTransaction::NotOpen {
            let ended = match &self.state {
                State::Open(open) if open.doubt == Doubt::MayBeCommitted => self.commit(product),
                _ => self.roll_back(product),
            };
            self.state = State::NotOpen;
            return ended;
        }
        if let Some(before) = self.session_before_loss() {
            let mut open = self.new_transaction(Stamp::default(), None, product);
            // Nobody has seen how it began.
            open.isolation = Isolation::Unclear;
            self.state = State::Open(open.of_unknown_past(before));
        }
        if let State::Open(open) = &mut self.state {
            open.doubt = Doubt::No;
            if found == FoundTransaction::Aborted {
                open.abort();
            }
        }
        None
    }

    /// Sets `autocommit`. Switched off, the next transaction has begun already, unless one is open.
    pub(crate) fn set_autocommit(&mut self, autocommit: Autocommit, product: Product) {
        self.autocommit = autocommit;
        if autocommit == Autocommit::Off && matches!(self.state, State::NotOpen) {
            self.begin(Stamp::now(), None, product);
        }
    }

    pub(crate) fn autocommit(&self) -> Autocommit {
        self.autocommit
    }

    /// Says whether a plain `COMMIT` or `ROLLBACK` may do something else besides, as begin the next
    /// transaction.
    pub(crate) fn set_ends_unclear(&mut self, ends_unclear: bool) {
        self.ends_unclear = ends_unclear;
    }

    fn new_transaction(
        &mut self,
        began: Stamp,
        isolation: Option<Isolation>,
        product: Product,
    ) -> OpenTransaction {
        let isolation = self.isolation.of_next(isolation, product);
        self.keeps_nothing = false;
        OpenTransaction::begin(began, isolation, self.filler, &self.session)
    }

    fn end(&mut self, product: Product) -> Option<OpenTransaction> {
        self.isolation.end_transaction();
        self.session.end_transaction();
        self.follow_isolation();
        let ended = std::mem::replace(&mut self.state, State::NotOpen);
        match self.autocommit {
            _ if self.ends_unclear => self.lose(),
            Autocommit::On => {}
            Autocommit::Off => self.begin(Stamp::now(), None, product),
            Autocommit::Unclear => self.lose(),
        }
        match ended {
            State::NotOpen | State::Lost { .. } => None,
            State::Open(open) => Some(open),
        }
    }
}
