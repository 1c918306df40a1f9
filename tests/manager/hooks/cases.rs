//! Every write of the manager, with the hooks that it runs: a test takes each hook in turn.

use diesel::prelude::*;

use super::held::Held;

/// A write of the manager, with the events of its hooks in order.
pub(super) struct HookedWrite<C> {
    pub(super) name: &'static str,
    pub(super) write: fn(&Held, &mut C) -> QueryResult<()>,
    pub(super) hooks: &'static [&'static str],
}

/// One hook of one write.
pub(super) struct Case<C> {
    /// The two by name, for the message of an assertion.
    pub(super) what: String,
    pub(super) write: fn(&Held, &mut C) -> QueryResult<()>,
    pub(super) hook: &'static str,
}

/// Each hook of each of these writes.
pub(super) fn cases<C, const N: usize>(
    writes: [HookedWrite<C>; N],
) -> impl Iterator<Item = Case<C>> {
    writes
        .into_iter()
        .flat_map(|HookedWrite { name, write, hooks }| {
            hooks.iter().map(move |hook| Case {
                what: format!("{name}, {hook}"),
                write,
                hook,
            })
        })
}

/// The writes that leave their row its key, on the `Conn` of the caller's module.
macro_rules! hooked_writes {
    () => {{
        use $crate::hooks::cases::HookedWrite;
        [
            HookedWrite::<Conn> {
                name: "insert",
                write: |_, conn| Noted::cached().insert(new(50), conn).map(drop),
                hooks: &["pre_save insert", "post_save created 50"],
            },
            HookedWrite::<Conn> {
                name: "insert_many",
                write: |_, conn| {
                    Noted::cached()
                        .insert_many([new(50), new(51)], conn)
                        .map(drop)
                },
                hooks: &[
                    "pre_save insert",
                    "post_save created 50",
                    "post_save created 51",
                ],
            },
            HookedWrite::<Conn> {
                name: "update",
                write: |held, conn| {
                    Noted::cached()
                        .update(&held.noted[1], posts::title.eq("x"), conn)
                        .map(drop)
                },
                hooks: &["pre_save update 2", "post_save updated 2"],
            },
            HookedWrite::<Conn> {
                name: "save",
                write: |held, conn| {
                    let changed = Noted {
                        score: 90,
                        ..Noted::clone(&held.noted[1])
                    };
                    Noted::cached().save(changed, conn).map(drop)
                },
                hooks: &["pre_save save 2", "post_save updated 2"],
            },
            HookedWrite::<Conn> {
                name: "delete",
                write: |held, conn| Noted::cached().delete(&held.noted[1], conn),
                hooks: &["pre_delete 2", "post_delete 2"],
            },
        ]
    }};
}
pub(super) use hooked_writes;

/// The write that gives its row another key, on the `Conn` of the caller's module.
macro_rules! write_that_moves_the_key {
    () => {{
        use $crate::hooks::cases::HookedWrite;
        HookedWrite::<Conn> {
            name: "update of the key",
            write: |held, conn| {
                Answer::cached().delete(&held.answers[0], conn)?;
                Answer::cached().delete(&held.answers[4], conn)?;
                Noted::cached()
                    .update(&held.noted[1], posts::id.eq(52), conn)
                    .map(drop)
            },
            hooks: &["pre_save update 2", "post_save updated 52"],
        }
    }};
}
pub(super) use write_that_moves_the_key;
