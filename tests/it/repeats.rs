//! Lines that send the same statement again and again, as a scope reports them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use diesel::prelude::*;
use diesel_identity_map::{
    CachedConnection, Hooks, IdentityMapConnection, IdentityMapped, MapOptions, Repeated, Saving,
    Scope, Strategy,
};

use crate::db::each_database;
use crate::mapped;
use crate::models::*;
use crate::schema::*;

fn tracking(threshold: u64) -> Scope {
    Scope::builder().track_statements(threshold).build()
}

/// Lines of this file, and how often something was sent from there.
fn lines(scope: &Scope) -> Vec<(u32, u64)> {
    let line = |repeated: &Repeated| {
        assert_eq!(repeated.location.file(), file!());
        (repeated.location.line(), repeated.times)
    };
    scope.report().repeated().iter().map(line).collect()
}

/// A country that looks at posts before it is saved.
#[derive(Queryable, Selectable, IdentityMapped, Debug)]
#[diesel(table_name = countries, primary_key(code))]
#[identity_map(hooks)]
struct Nosy {
    code: String,
    #[allow(dead_code)]
    name: String,
}

const HOOK_LINE: u32 = line!() + 4;

impl<C: CachedConnection<Post>> Hooks<C> for Nosy {
    fn pre_save(_: Saving<'_, Self>, conn: &mut C) -> QueryResult<()> {
        Post::cached().filter(posts::id.gt(0)).load(conn).map(drop)
    }
}

each_database! {
    fn a_naive_loop_is_reported_with_its_line(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 20);
        let scope = Scope::new(); // in tests a threshold of 10 is the default
        let _entered = scope.enter();
        for id in 1..=20 {
            Post::cached().find(id).first(&mut conn).unwrap();
        }
        let here = line!() - 2;
        let report = scope.report();
        let [repeated] = report.repeated() else { panic!("{report}") };
        assert_eq!((repeated.location.file(), repeated.location.line()), (file!(), here));
        assert_eq!(repeated.times, 20);
        assert!(repeated.statement.starts_with("SELECT"), "{report}");
        assert!(!repeated.statement.contains("binds"), "{report}");
        let shown = report.to_string();
        assert!(shown.contains(&format!("{}:{here}:", file!())), "{shown}");
        assert!(shown.contains("20 times"), "{shown}");
        assert!(shown.contains(&repeated.statement), "{shown}");
        for instead in ["load_parents", "load_children", "with::<..>()", "find_many"] {
            assert!(shown.lines().last().unwrap().contains(instead), "{shown}");
        }
    }

    fn what_is_not_above_the_threshold_is_not_reported(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 20);
        let by_default = Scope::new();
        by_default.in_scope(|| {
            for id in 1..=10 {
                Post::cached().find(id).first(&mut conn).unwrap();
            }
        });
        assert!(by_default.report().is_empty());
        assert_eq!(by_default.report().to_string(), "no statement was sent too often");

        let scope = tracking(2);
        let _entered = scope.enter();
        let mut load = |id| Post::cached().find(id).first(&mut conn).unwrap().id;
        assert_eq!(load(1) + load(2), 3);
        scope.assert_no_repeats();
        load(3);
        assert_eq!(scope.report().repeated()[0].times, 3);
        let asserted = catch_unwind(AssertUnwindSafe(|| scope.assert_no_repeats()));
        let said = asserted.unwrap_err().downcast::<String>().unwrap();
        assert!(said.contains("3 times") && said.contains("help:"), "{said}");
    }

    fn two_lines_are_two_and_the_most_frequent_is_first(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 20);
        let scope = tracking(4);
        let _entered = scope.enter();
        let start = line!();
        for id in 1..=5 {
            Post::cached().find(id).first(&mut conn).unwrap();
        }
        for id in 1..=7 {
            Post::cached().find(id).first(&mut conn).unwrap();
        }
        assert_eq!(lines(&scope), [(start + 5, 7), (start + 2, 5)]);
    }

    fn two_statements_of_a_line_are_two(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 6);
        let scope = tracking(2);
        let _entered = scope.enter();
        for _ in 1..=3 {
            let query = Post::cached().order(posts::id);
            query.strategy(Strategy::KeysFirst).load(&mut conn).unwrap();
        }
        // The keys, and the batch for what is not held.
        assert_eq!(lines(&scope).len(), 2);
    }

    fn what_is_held_and_plain_statements_are_not_counted(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 5);
        let scope = tracking(0);
        let held = Post::cached().find(1).first(&mut conn).unwrap();
        scope.in_scope(|| {
            let load = |conn: &mut Conn| Post::cached().find(1).first(conn).unwrap();
            let post = load(&mut conn);
            for _ in 0..5 {
                load(&mut conn);
                conn.transaction(|conn| posts::table.count().get_result::<i64>(conn)).unwrap();
            }
            drop(post);
        });
        assert_eq!(scope.report().repeated().len(), 1);
        assert_eq!(scope.report().repeated()[0].times, 1);
        drop(held);
    }

    fn every_method_says_who_called(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        let conn = &mut conn;
        seed(conn, 1, 2);
        let all = || Post::cached().filter(posts::id.gt(0));
        let one = || Post::cached().filter(posts::id.eq(1));
        let named = |name: &'static str| countries::name.eq(name);
        let row = |code: &'static str| (countries::code.eq(code), named("b"));
        let mut expected = Vec::new();
        // Here the method and `line!()` stand in one line.
        macro_rules! from {
            ($line:expr, $call:expr) => {{
                let scope = tracking(0);
                let value = scope.in_scope(|| $call.unwrap());
                let seen = lines(&scope);
                assert!(!seen.is_empty(), "line {}", $line);
                expected.push($line);
                assert!(seen.iter().all(|(line, _)| *line == $line), "{} {}", $line, scope.report());
                value
            }};
        }
        from!(line!(), all().load(conn));
        from!(line!(), all().get_results(conn));
        from!(line!(), all().first(conn));
        from!(line!(), all().get_result(conn));
        from!(line!(), one().one(conn));
        from!(line!(), all().uncached().load(conn));
        from!(line!(), all().fresh().load(conn));
        from!(line!(), all().load_iter(conn).map(Iterator::count));
        from!(line!(), Post::cached().find_many([1, 2]).load(conn));
        from!(line!(), Post::cached().uncached().find_many([1, 2]).load(conn));
        let country = from!(line!(), Country::cached().insert(row("a"), conn));
        from!(line!(), Country::cached().insert_many([row("b"), row("c")], conn));
        let country = from!(line!(), Country::cached().update(&country, named("c"), conn));
        from!(line!(), Country::cached().refresh(&country, conn));
        from!(line!(), Country::cached().filter(named("c")).update_all(named("d"), conn));
        from!(line!(), Country::cached().delete(&country, conn));
        from!(line!(), Country::cached().filter(named("d")).delete_all(conn));
        expected.dedup();
        assert_eq!(expected.len(), 17);
    }

    fn a_hook_s_statements_are_the_hook_s_and_the_write_s_the_program_s(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 2);
        let scope = tracking(2);
        let _entered = scope.enter();
        for code in ["a", "b", "c"] {
            let row = (countries::code.eq(code), countries::name.eq(code));
            assert_eq!(Nosy::cached().insert(row, &mut conn).unwrap().code, code);
        }
        let mut seen = lines(&scope);
        seen.sort_unstable();
        seen.dedup(); // MySQL has to read what it wrote
        assert_eq!(seen, [(HOOK_LINE, 3), (line!() - 5, 3)]);
    }

    fn it_can_be_switched_off(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 20);
        let scope = Scope::builder().track_no_statements().build();
        scope.in_scope(|| {
            for id in 1..=20 {
                Post::cached().find(id).first(&mut conn).unwrap();
            }
        });
        scope.assert_no_repeats();
    }

    fn only_the_innermost_scope_counts(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 2);
        let (outer, inner) = (tracking(0), tracking(0));
        let mut load = || drop(Post::cached().find(1).first(&mut conn).unwrap());
        load(); // in none
        outer.in_scope(|| inner.in_scope(&mut load));
        assert_eq!((outer.report().repeated().len(), inner.report().repeated().len()), (0, 1));
    }

    fn without_the_watch(db) {
        let mut conn = db.connect();
        conn.enable_identity_map_with(MapOptions::new().watch(false));
        seed(&mut conn, 1, 3);
        let scope = tracking(2);
        let _entered = scope.enter();
        for id in 1..=3 {
            Post::cached().find(id).first(&mut conn).unwrap();
        }
        assert_eq!(lines(&scope), [(line!() - 2, 3)]);
    }

    fn threads_share_a_scope(db) {
        let scope = tracking(10);
        let mut first = mapped(db.connect(), db.url()).0;
        seed(&mut first, 1, 20);
        drop(first);
        std::thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| {
                    let (mut conn, _) = mapped(db.connect(), db.url());
                    let _entered = scope.enter();
                    for id in 1..=20 {
                        Post::cached().fresh().find(id).first(&mut conn).unwrap();
                    }
                });
            }
        });
        assert_eq!(scope.report().repeated().len(), 1);
        assert_eq!(scope.report().repeated()[0].times, 80);
    }

    #[cfg(feature = "tracing")]
    fn there_is_one_event(db) {
        let (mut conn, _) = mapped(db.connect(), db.url());
        seed(&mut conn, 1, 20);
        let events = events::Events::default();
        let scope = tracking(3);
        let _entered = scope.enter();
        let mut load = |id| drop(Post::cached().find(id).first(&mut conn).unwrap());
        let here = line!() - 1;
        tracing::subscriber::with_default(events.clone(), || {
            // Where another thread meets the call of `warn!` for the first time meanwhile, tracing
            // remembers that nobody listens, until it is asked again.
            let heard = (0..1000).any(|_| {
                tracing::callsite::rebuild_interest_cache();
                tracking(0).in_scope(|| load(1));
                !events.take().is_empty()
            });
            assert!(heard);
            (1..=3).for_each(&mut load);
            assert_eq!(events.take(), Vec::<String>::new());
            (4..=20).for_each(&mut load);
        });
        let [event]: [String; 1] = events.take().try_into().unwrap();
        assert!(event.starts_with("WARN "), "{event}");
        assert!(event.contains(&format!("location={}:{here}:", file!())), "{event}");
        assert!(event.contains("statement=\"SELECT"), "{event}");
        assert!(event.contains("times=4"), "{event}");
        assert_eq!(scope.report().repeated()[0].times, 20);
    }
}

/// One handle on one scope from wherever: that it is `Sync` is what `threads_share_a_scope` needs.
#[test]
fn reports_can_be_sent() {
    fn is_shared<T: Send + Sync + 'static>(_: &T) {}
    is_shared(&Arc::new(Scope::new().report()));
}

#[cfg(feature = "tracing")]
pub(crate) mod events {
    use std::fmt::Write;
    use std::sync::{Arc, Mutex};

    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    /// Notes events as text.
    #[derive(Clone, Default)]
    pub(crate) struct Events(Arc<Mutex<Vec<String>>>);

    impl Events {
        pub(crate) fn take(&self) -> Vec<String> {
            std::mem::take(&mut self.0.lock().unwrap())
        }
    }

    struct Text(String);

    impl Visit for Text {
        fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
            write!(self.0, " {field}={value:?}").unwrap();
        }
    }

    impl Subscriber for Events {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, event: &Event<'_>) {
            let mut text = Text(event.metadata().level().to_string());
            event.record(&mut text);
            self.0.lock().unwrap().push(text.0);
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }
}
