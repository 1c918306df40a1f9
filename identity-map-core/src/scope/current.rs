//! The current scope of this thread, and the guards that enter and leave it.

use std::cell::RefCell;
use std::marker::PhantomData;

use super::identity_scope::Scope;
use super::lazy::LazyScope;
use crate::database::Realm;
use crate::map::IdentityMap;

/// The scopes entered on a thread.
struct ScopeStack {
    next: u64,
    /// The innermost last.
    scopes: Vec<Entry>,
}

/// A scope that was entered.
struct Entry {
    id: u64,
    /// `None` for a job that was carried here from outside any scope.
    scope: Option<LazyScope>,
    /// The map of the scope that this thread has used last. It is borrowed for a hit, so that threads share nothing
    /// but the object.
    latest: Option<IdentityMap>,
}

thread_local! {
    static STACK: RefCell<ScopeStack> = const {
        RefCell::new(ScopeStack {
            next: 0,
            scopes: Vec::new(),
        })
    };
}

#[inline]
pub(super) fn push(scope: Option<LazyScope>) -> u64 {
    STACK.with_borrow_mut(|entered| {
        let id = entered.next;
        entered.next += 1;
        entered.scopes.push(Entry {
            id,
            scope,
            latest: None,
        });
        id
    })
}

/// Removes one entry, wherever it stands, since guards may be dropped in any order. The scope is given
/// back to be dropped by the caller: that may run the program's code, so not while the stack is borrowed.
#[inline]
pub(super) fn leave(id: u64) -> Option<LazyScope> {
    let left = STACK.try_with(|entered| {
        let scopes = &mut entered.borrow_mut().scopes;
        let innermost = scopes.pop_if(|entry| entry.id == id);
        innermost.or_else(|| {
            let at = scopes.iter().rposition(|entry| entry.id == id)?;
            Some(scopes.remove(at))
        })
    });
    left.ok().flatten()?.scope
}

impl Scope {
    /// Makes this the scope of this thread until the guard is dropped.
    ///
    /// Around code that awaits, use [`in_identity_scope`](super::InIdentityScope) instead: while a
    /// guard is held across an `.await`, whatever else the thread polls would run in the scope too
    /// (which is why the guard is not `Send`).
    #[must_use = "the scope is left when the guard is dropped"]
    pub fn enter(&self) -> Entered<'_> {
        Entered {
            entry: push(Some(LazyScope::Made(self.clone()))),
            scope: PhantomData,
        }
    }

    /// Like [`enter`](Self::enter), with a guard that owns the handle.
    #[must_use = "the scope is left when the guard is dropped"]
    pub fn entered(self) -> EnteredOwned {
        EnteredOwned {
            entry: push(Some(LazyScope::Made(self))),
            thread: PhantomData,
        }
    }

    /// Runs `f` in this scope.
    ///
    /// ```
    /// # use identity_map_core::Scope;
    /// let scope = Scope::new();
    /// scope.in_scope(|| assert_eq!(Scope::current(), Some(scope.clone())));
    /// assert_eq!(Scope::current(), None);
    /// ```
    pub fn in_scope<T>(&self, f: impl FnOnce() -> T) -> T {
        let _entered = self.enter();
        f()
    }

    /// The scope of this thread, to be carried into another thread, a blocking task or a job
    /// ([`carry`](Self::carry) does it for a closure).
    ///
    /// ```
    /// # use identity_map_core::Scope;
    /// let scope = Scope::new();
    /// scope.in_scope(|| {
    ///     let scope = Scope::current().expect("entered");
    ///     std::thread::spawn(move || scope.in_scope(|| { /* shares its objects */ })).join()
    /// }).unwrap();
    /// ```
    #[must_use]
    pub fn current() -> Option<Self> {
        let innermost = |entered: &RefCell<ScopeStack>| {
            let scopes = &mut entered.borrow_mut().scopes;
            scopes.last_mut()?.scope.as_mut().map(LazyScope::get)
        };
        STACK.try_with(innermost).ok().flatten()
    }
}

/// The map of a realm in the current scope, unless it is still to be made.
pub(crate) fn known_map_in_current(realm: &Realm) -> Option<IdentityMap> {
    let known = |entered: &RefCell<ScopeStack>| {
        let entered = entered.borrow();
        let scope = entered.scopes.last()?.scope.as_ref()?;
        scope.made()?.known_map_of(realm)
    };
    STACK.try_with(known).ok().flatten()
}

/// Looks in the map of a realm in the current scope, if this thread has used that last. Each hit comes by here.
/// `look` must not run the program's code.
#[inline]
pub(crate) fn look_in_latest<T>(
    realm: &Realm,
    look: impl FnOnce(&IdentityMap) -> Option<T>,
) -> Option<T> {
    let look = |entered: &RefCell<ScopeStack>| {
        let entered = entered.borrow();
        let map = entered.scopes.last()?.latest.as_ref()?;
        look(map.of_realm(realm)?)
    };
    STACK.try_with(look).ok().flatten()
}

/// Notes that this thread uses a map of the current scope.
pub(crate) fn note_latest(map: &IdentityMap) {
    let note = |entered: &RefCell<ScopeStack>| {
        let mut entered = entered.borrow_mut();
        let latest = &mut entered.scopes.last_mut()?.latest;
        if latest.as_ref().is_some_and(|latest| latest.is(map)) {
            return None;
        }
        latest.replace(map.clone())
    };
    // Dropping a map may run the program's code.
    drop(STACK.try_with(note));
}

/// Whether there is a [current](Scope::current) one.
pub(crate) fn is_in_scope() -> bool {
    let any = |entered: &RefCell<ScopeStack>| {
        let innermost = entered.borrow();
        let innermost = innermost.scopes.last();
        innermost.is_some_and(|entry| entry.scope.is_some())
    };
    STACK.try_with(any).unwrap_or(false)
}

/// Runs `f` in a scope, or in none, whatever this thread has entered.
pub(super) fn run_in<T>(scope: Option<Scope>, f: impl FnOnce() -> T) -> T {
    let _entered = EnteredOwned {
        entry: push(scope.map(LazyScope::Made)),
        thread: PhantomData,
    };
    f()
}

/// Leaves the scope when dropped; see [`Scope::enter`].
#[derive(Debug)]
pub struct Entered<'a> {
    entry: u64,
    /// The raw pointer keeps the guard on its thread.
    scope: PhantomData<(&'a Scope, *const ())>,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        drop(leave(self.entry));
    }
}

/// Leaves the scope when dropped; see [`Scope::entered`].
#[derive(Debug)]
pub struct EnteredOwned {
    entry: u64,
    thread: PhantomData<*const ()>,
}

impl Drop for EnteredOwned {
    fn drop(&mut self) {
        drop(leave(self.entry));
    }
}
