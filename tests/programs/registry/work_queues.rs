//! Two workers at one queue.

use diesel_async::TransactionManager;

use super::check::{First, check, hold_all};
use super::held::Held;
use super::mapped;
use super::models::*;
use super::setup::{Transactions, registry, with_map};
use crate::db::asynchronous;
use diesel_identity_map::prelude::*;

/// What one worker has locked, the other skips, though both hold all jobs in one scope.
#[test]
fn workers_take_different_jobs() {
    asynchronous::run(async {
        let db = registry().await;
        let (mut one, mut other) = (with_map(&db).await, with_map(&db).await);
        let work = async {
            let mut held = Held::default();
            hold_all(&mut one, &mut held).await;
            Transactions::begin_transaction(&mut one).await.unwrap();
            let first = mapped::run_job(&mut one, at(5, 1), false).await.unwrap();
            let second = mapped::run_job(&mut other, at(5, 1), true).await.unwrap();
            let (first, second) = (first.unwrap(), second.unwrap());
            assert_ne!(first.id, second.id);
            check(&mut one, &held, First::Keys).await;
            let seen = check(&mut other, &held, First::Keys).await;
            Transactions::commit_transaction(&mut one).await.unwrap();
            check(&mut other, &seen, First::Keys).await;
            check(&mut one, &held, First::Reads).await;
            let again = BackgroundJob::cached().find(first.id).first(&mut other);
            assert_eq!(again.await.unwrap().retries, first.retries);
        };
        work.in_identity_scope(Scope::new()).await;
    });
}

/// A batch that another worker has in hand is left alone, and what that one wrote is found afterwards.
#[test]
fn downloads_are_summed_up_once() {
    asynchronous::run(async {
        let db = registry().await;
        let (mut one, mut other) = (with_map(&db).await, with_map(&db).await);
        let work = async {
            let mut held = Held::default();
            hold_all(&mut other, &mut held).await;
            Transactions::begin_transaction(&mut one).await.unwrap();
            let first = mapped::process_downloads(&mut one, 5).await.unwrap();
            let second = mapped::process_downloads(&mut other, 5).await.unwrap();
            assert_eq!((first.len(), second.len()), (5, 5));
            assert!(
                first
                    .iter()
                    .all(|row| second.iter().all(|done| done.key() != row.key()))
            );
            check(&mut other, &held, First::Reads).await;
            Transactions::rollback_transaction(&mut one).await.unwrap();
            check(&mut other, &held, First::Keys).await;
            let rest = mapped::process_downloads(&mut one, 100).await.unwrap();
            assert!(
                first
                    .iter()
                    .all(|row| rest.iter().any(|done| done.key() == row.key()))
            );
            check(&mut other, &held, First::Keys).await;
        };
        work.in_identity_scope(Scope::new()).await;
    });
}
