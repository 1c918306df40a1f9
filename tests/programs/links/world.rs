//! A site with its rows, and how what it reads is compared with plain Diesel.

use std::any::Any;
use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::Arc;

use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use diesel_identity_map::prelude::*;

use super::objects::{Objects, address};
use crate::db::Recorder;
use crate::db::asynchronous::postgres::Db;

/// How a read is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Held {
    /// Nothing is held, then everything that the read gives, then every second object of it.
    Varied,
    /// Whatever was ever loaded is held.
    All,
}

pub(super) struct World {
    pub(super) plain: AsyncPgConnection,
    /// The connections with a map, of which the first reads and writes unless others are asked for.
    pub(super) conns: Vec<AsyncPgConnection>,
    pub(super) sent: Recorder,
    /// Every object that was loaded, by its address, also those of rows that have changed since.
    pub(super) held: HashMap<usize, Arc<dyn Any + Send + Sync>>,
    /// Since the last write: where the object of each row is.
    seen: HashMap<String, usize>,
    pub(super) mode: Held,
    /// What is being done, for messages.
    pub(super) step: String,
    _db: Db,
}

impl World {
    pub(super) async fn new(connections: usize, mode: Held) -> Self {
        let db = Db::new();
        let mut plain = db.connect().await;
        for batch in [
            include_str!("schema.sql"),
            include_str!("triggers.sql"),
            include_str!("seed.sql"),
        ] {
            plain.batch_execute(batch).await.unwrap();
        }
        let mut conns = Vec::new();
        let sent = Recorder::default();
        for _ in 0..connections {
            let mut conn = db.connect().await;
            let options = MapOptions::new().database(db.url());
            conn.enable_identity_map_with(options.instrumentation(sent.clone()));
            conns.push(conn);
        }
        Self {
            plain,
            conns,
            sent,
            held: HashMap::new(),
            seen: HashMap::new(),
            mode,
            step: "the beginning".to_owned(),
            _db: db,
        }
    }

    /// After a write a row may be another object.
    pub(super) fn written(&mut self, step: &str) {
        self.step = step.to_owned();
        self.seen.clear();
    }

    /// Compares what a function reads with what its plain counterpart has read.
    pub(super) async fn reads<T: Objects>(
        &mut self,
        call: &str,
        plain: String,
        read: impl AsyncFn(&mut AsyncPgConnection) -> T,
    ) {
        match self.mode {
            Held::Varied => self.reads_varied(call, &plain, read).await,
            Held::All => self.reads_held(call, &plain, read).await,
        }
    }

    async fn reads_varied<T: Objects>(
        &mut self,
        call: &str,
        plain: &str,
        read: impl AsyncFn(&mut AsyncPgConnection) -> T,
    ) {
        let conn = &mut self.conns[0];
        let cold = read(conn).await;
        same(&cold, plain, "cold", call);
        let first = cold.objects();
        let warm = read(conn).await;
        same(&warm, plain, "warm", call);
        let again = warm.objects();
        assert_eq!(again.len(), first.len());
        for (again, first) in again.iter().zip(&first) {
            assert_eq!(
                again.address(),
                first.address(),
                "warm {call}: {}",
                first.name
            );
        }
        // Every second row is held.
        let mut rows: Vec<&str> = first.iter().map(|object| &*object.name).collect();
        rows.sort_unstable();
        rows.dedup();
        let kept = |name: &str| rows.binary_search(&name).unwrap().is_multiple_of(2);
        let held: Vec<_> = first
            .iter()
            .map(|object| kept(&object.name).then(|| Arc::clone(&object.held)))
            .collect();
        drop((cold, warm, first, again));
        let half = read(conn).await;
        same(&half, plain, "half held", call);
        for (object, held) in half.objects().iter().zip(&held) {
            if let Some(held) = held {
                assert_eq!(
                    object.address(),
                    address(held),
                    "half held {call}: {}",
                    object.name
                );
            }
        }
    }

    async fn reads_held<T: Objects>(
        &mut self,
        call: &str,
        plain: &str,
        read: impl AsyncFn(&mut AsyncPgConnection) -> T,
    ) {
        for conn in &mut self.conns {
            let read = read(conn).await;
            same(&read, plain, &self.step, call);
            for object in read.objects() {
                let address = object.address();
                let seen = *self.seen.entry(object.name.clone()).or_insert(address);
                assert_eq!(
                    address, seen,
                    "one object after {}: {}",
                    self.step, object.name
                );
                self.held.insert(address, object.held);
            }
        }
    }
}

fn same(read: &impl Debug, plain: &str, when: &str, call: &str) {
    let read = format!("{read:#?}");
    if read != plain {
        let at = read.lines().zip(plain.lines()).position(|(a, b)| a != b);
        let at = at.unwrap_or_default();
        let from = at.saturating_sub(30);
        let part = |text: &str| {
            let lines = text.lines().skip(from).take(at - from + 8);
            lines.collect::<Vec<_>>().join("\n")
        };
        panic!(
            "{when}: {call}, line {at}\nmapped:\n{}\nplain:\n{}",
            part(&read),
            part(plain)
        );
    }
}
