//! Scopes: entering, shadowing, following a future.

use std::future::Future;
use std::num::NonZeroUsize;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_identity_map::{IdentityMapped, InIdentityScope, Retain, Scope};

use crate::db::each_database;
use crate::mapped;
use crate::models::*;
use crate::schema::*;

/// Whose drop enters a scope, as a `Drop` of a program's might.
#[derive(Queryable, Selectable, IdentityMapped)]
#[diesel(table_name = tags)]
struct EntersOnDrop {
    id: i32,
}

impl Drop for EntersOnDrop {
    fn drop(&mut self) {
        Scope::new().in_scope(|| assert!(self.id > 0));
    }
}

each_database! {
    /// What a scope retains may be dropped by a hit, whose drop may enter scopes.
    fn a_hit_that_drops_what_was_retained(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        conn.batch_execute("INSERT INTO tags (id, name) VALUES (1, 'a'), (2, 'b')").unwrap();
        let scope = Scope::builder().retain(Retain::Recent(NonZeroUsize::MIN)).build();
        let _entered = scope.enter();
        let find = |id: i32, conn: &mut Conn| EntersOnDrop::cached().find(id).first(conn).unwrap();
        for _ in 0..3 {
            let two = find(2, &mut conn);
            drop(find(1, &mut conn));
            // The hit is retained, and the other one was by nobody else.
            assert!(Arc::ptr_eq(&find(2, &mut conn), &two));
        }
    }

    fn an_inner_scope_shadows_and_restores(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 1);
        let load = |conn: &mut Conn| Post::cached().find(1).first(conn).unwrap();
        let outer = Scope::new();
        let entered = outer.enter();
        let a = load(&mut conn);
        let b = Scope::new().in_scope(|| load(&mut conn));
        let c = load(&mut conn);
        assert!(!Arc::ptr_eq(&a, &b));
        assert!(Arc::ptr_eq(&a, &c));
        drop(entered);
        assert!(!Arc::ptr_eq(&a, &load(&mut conn)));
        assert_eq!(outer.stats().statements, 1);
    }

    /// G1, G3, G5: hits of two databases and of two scopes in turns, a write of another connection, the scope's end.
    fn hits_in_turns(db) {
        let other = Db::new();
        let (mut here, sent) = mapped(db.connect(), db.url());
        let (mut also_here, _) = mapped(db.connect(), db.url());
        let (mut there, _) = mapped(other.connect(), other.url());
        seed(&mut here, 1, 3);
        seed(&mut there, 1, 2);
        let find = |conn: &mut Conn| Post::cached().find(1).first(conn).unwrap();
        let (one, two) = (Scope::new(), Scope::new());
        let _one = one.enter();
        let (mut of_here, mut of_there) = (find(&mut here), find(&mut there));
        let inner = two.in_scope(|| find(&mut here));
        assert!(!Arc::ptr_eq(&of_here, &of_there) && !Arc::ptr_eq(&of_here, &inner));
        for round in 0..3 {
            let inner = two.in_scope(|| find(&mut here));
            sent.take();
            for _ in 0..2 {
                assert!(Arc::ptr_eq(&find(&mut here), &of_here));
                assert!(Arc::ptr_eq(&find(&mut there), &of_there));
                assert!(Arc::ptr_eq(&find(&mut also_here), &of_here));
                assert!(two.in_scope(|| Arc::ptr_eq(&find(&mut here), &inner)));
            }
            assert_eq!(sent.take(), Vec::<String>::new());
            let title = format!("round {round}");
            let change = posts::title.eq(&title);
            diesel::update(posts::table.find(1)).set(change).execute(&mut also_here).unwrap();
            of_here = find(&mut here);
            assert_eq!(of_here.title, title);
            // That connection has filled no map of the other scope, and this one has.
            let change = posts::score.eq(40 + round);
            diesel::update(posts::table.find(1)).set(change).execute(&mut here).unwrap();
            (of_here, of_there) = (find(&mut here), find(&mut there));
            let of_two = two.in_scope(|| find(&mut here));
            assert_eq!((of_here.score, of_two.score, of_two.title == title), (40 + round, 40 + round, true));
        }
        one.end();
        sent.take();
        let (first, second) = (find(&mut here), find(&mut here));
        assert!(!Arc::ptr_eq(&first, &of_here) && !Arc::ptr_eq(&first, &second));
        assert_eq!(sent.take().len(), 2);
    }

    fn statistics_add_up(db) {
        let other = Db::new();
        let (mut here, _) = mapped(db.connect(), db.url());
        let (mut there, _) = mapped(other.connect(), other.url());
        seed(&mut here, 1, 3);
        seed(&mut there, 1, 2);
        let scope = Scope::new();
        let _entered = scope.enter();
        let _a = Post::cached().load(&mut here).unwrap();
        let _b = Post::cached().load(&mut there).unwrap();
        let _c = Post::cached().find(1).first(&mut here).unwrap();
        let stats = scope.stats();
        assert_eq!((stats.hits, stats.misses, stats.statements, stats.alive), (1, 5, 2, 5));
        scope.clear();
        assert_eq!((scope.stats().alive, scope.stats().expired), (0, 5));
    }
}

#[test]
fn guards_may_be_dropped_in_any_order() {
    let (one, two) = (Scope::new(), Scope::new());
    let first = one.enter();
    let second = two.enter();
    drop(first);
    assert_eq!(Scope::current(), Some(two.clone()));
    drop(second);
    assert_eq!(Scope::current(), None);
}

#[test]
fn a_panic_leaves_the_scope() {
    let scope = Scope::new();
    let panicked = std::panic::catch_unwind(|| Scope::new().in_scope(|| panic!("inside")));
    assert!(panicked.is_err());
    assert_eq!(Scope::current(), None);
    drop(scope);
}

/// Pending once, so that something else is polled in between.
struct Yield(bool);

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

#[test]
fn a_scope_follows_its_future_and_no_other() {
    let scopes = [Scope::new(), Scope::new()];
    let sees = |scope: &Scope| {
        let scope = scope.clone();
        let expected = scope.clone();
        let future = async move {
            assert_eq!(Scope::current(), Some(expected.clone()));
            Yield(false).await;
            assert_eq!(Scope::current(), Some(expected));
        };
        Box::pin(future.in_identity_scope(scope))
    };
    let (mut one, mut two) = (sees(&scopes[0]), sees(&scopes[1]));
    let mut context = Context::from_waker(Waker::noop());
    assert!(one.as_mut().poll(&mut context).is_pending());
    assert_eq!(Scope::current(), None);
    assert!(two.as_mut().poll(&mut context).is_pending());
    // On another thread, as a runtime may do.
    let two = std::thread::spawn(move || {
        let mut context = Context::from_waker(Waker::noop());
        two.as_mut().poll(&mut context).is_ready()
    });
    assert!(two.join().unwrap());
    assert!(one.as_mut().poll(&mut context).is_ready());
}

/// What a future holds is dropped in its scope, and a dropped future leaves it.
#[test]
fn a_dropped_future_leaves_its_scope() {
    struct SeesScope(Scope);
    impl Drop for SeesScope {
        fn drop(&mut self) {
            assert_eq!(Scope::current(), Some(self.0.clone()));
        }
    }
    let scope = Scope::new();
    let holds = SeesScope(scope.clone());
    {
        let mut future = pin!(
            async move {
                Yield(false).await;
                drop(holds);
            }
            .in_identity_scope(scope)
        );
        let mut context = Context::from_waker(Waker::noop());
        assert!(future.as_mut().poll(&mut context).is_pending());
    }
    assert_eq!(Scope::current(), None);
}

#[test]
fn an_unused_scope_is_small() {
    // One handle, one allocation: the reference counts, the policy, a lock and an empty list.
    assert_eq!(size_of::<Scope>(), size_of::<usize>());
}
