//! What becomes of the layers of a transaction.

use super::Released;
use super::status::TransactionStatus;
use crate::database::{Product, StatementFailure};
use crate::map::{IdentityMap, Invalidation, Stamp};

const PRODUCT: Product = Product::Postgres;

fn at_depth(depth: u32) -> TransactionStatus {
    let mut status = TransactionStatus::new();
    status.set_depth(depth, PRODUCT);
    status
}

fn with_savepoint(name: &str) -> TransactionStatus {
    let mut status = at_depth(1);
    status.savepoint(name.to_owned(), Stamp::now(), PRODUCT);
    status
}

#[test]
fn a_connection_may_be_inside_diesels_transaction_already() {
    assert!(!at_depth(0).is_open());
    let mut status = at_depth(3);
    assert_eq!(status.depth(), 3);
    let released = status.release("diesel_savepoint_1", PRODUCT);
    assert!(matches!(released, Released::Savepoint));
    assert_eq!(status.depth(), 1, "the savepoint inside is released too");
}

#[test]
fn the_release_of_the_savepoint_that_began_it_commits() {
    let mut status = TransactionStatus::new();
    status.savepoint("a".to_owned(), Stamp::now(), PRODUCT);
    assert!(matches!(status.release("b", PRODUCT), Released::Unknown));
    assert!(status.is_open());
    assert!(matches!(
        status.release("a", PRODUCT),
        Released::Transaction(_)
    ));
    assert!(!status.is_open());
}

#[test]
fn equal_savepoints_without_a_write_between_them_share_a_layer() {
    let mut status = with_savepoint("a");
    status.savepoint("a".to_owned(), Stamp::now(), PRODUCT);
    assert_eq!(status.depth(), 2);
    assert!(matches!(status.release("a", PRODUCT), Released::Savepoint));
    assert!(matches!(status.release("a", PRODUCT), Released::Savepoint));
    assert!(matches!(status.release("a", PRODUCT), Released::Unknown));
}

#[test]
fn a_rollback_to_a_savepoint_undoes_what_came_after_it() {
    let mut status = with_savepoint("a");
    status.invalidate(Invalidation::everything());
    let open = status.open_mut().unwrap();
    let undone = open.rollback_to("a");
    assert!(undone.is_some_and(|undone| undone.is_everything()));
    let undone = open.rollback_to("a");
    assert!(undone.is_some_and(|undone| undone.is_empty()), "once");
    assert!(open.rollback_to("b").is_none());
}

/// G4: what was read after the savepoint stands in its layer's map, which the rollback drops.
#[test]
fn a_rollback_to_a_savepoint_drops_what_was_read_after_it() {
    let mut status = with_savepoint("a");
    let open = status.open_mut().unwrap();
    let map = IdentityMap::new();
    let read_before = open.layer_map(&map).unwrap();
    let read_again = open.layer_map(&map).unwrap();
    assert!(read_again.is(&read_before));
    open.rollback_to("a");
    let read_after = open.layer_map(&map).unwrap();
    assert!(!read_after.is(&read_before));
}

#[test]
fn a_rollback_that_undoes_a_write_of_the_manager_expires_nothing() {
    let mut status = with_savepoint("a");
    status.invalidate(Invalidation::everything());
    let open = status.open_mut().unwrap();
    open.set_rollback_undoes_write(true);
    let undone = open.rollback_to("a");
    assert!(undone.is_some_and(|undone| undone.is_empty()));
}

#[test]
fn hooks_do_not_run_after_the_commit_of_an_aborted_transaction() {
    let committed_hooks = |failure| {
        let mut status = with_savepoint("a");
        let open = status.open_mut().unwrap();
        open.after_commit(Box::new(|| ()));
        open.note_failure(failure);
        status.commit(PRODUCT).unwrap().after_commit.len()
    };
    assert_eq!(committed_hooks(StatementFailure::Harmless), 1);
    assert_eq!(committed_hooks(StatementFailure::Aborts), 0);
    assert_eq!(committed_hooks(StatementFailure::RolledBack), 0);
}
