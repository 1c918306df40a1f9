//! Posts with their authors: the heap that loading them takes at its peak, and what the result
//! leaves allocated.
//!
//! A program of its own, because it counts every allocation. Those of the C clients (what libpq
//! holds of a result, SQLite's pages) are not counted. A block that grows is counted twice while it
//! does.

#![allow(missing_docs)]

use diesel_identity_map::prelude::*;
use peak_alloc::PeakAlloc;

mod blog;

use blog::{Answer, BODIES, FEW_AUTHORS, MANY_AUTHORS};

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

struct Taken {
    name: &'static str,
    peak: usize,
    left: usize,
}

/// What one run of `load` takes beyond what was there before.
fn taken(name: &'static str, load: impl FnOnce() -> Box<dyn Answer>) -> Taken {
    ALLOCATED.reset_peak_usage();
    let before = ALLOCATED.current_usage();
    let loaded = load();
    let taken = Taken {
        name,
        peak: ALLOCATED.peak_usage() - before,
        left: ALLOCATED.current_usage() - before,
    };
    drop(loaded);
    taken
}

fn print(group: &str, all: &[Taken]) {
    let peak = |name: &str| {
        all.iter()
            .find(|taken| taken.name == name)
            .map(|taken| taken.peak)
    };
    println!("\n| {group} | peak | left | peak / join | peak / by hand |\n|---|---|---|---|---|");
    for Taken {
        name,
        peak: own,
        left,
    } in all
    {
        let ratio = |name| peak(name).map_or(0, |other| own * 100 / other);
        let [join, hand] = ["join", "by hand"].map(ratio);
        println!(
            "| {name} | {} KB | {} KB | {}.{:02} | {}.{:02} |",
            own / 1024,
            left / 1024,
            join / 100,
            join % 100,
            hand / 100,
            hand % 100
        );
    }
}

macro_rules! measure {
    ($name:ident) => {{
        use blog::$name::{LABEL, SETTLE, mapped, ours, plain, theirs};

        let (plain, mapped) = (&mut plain(), &mut mapped());
        let map = mapped.identity_map().expect("enabled");
        for (body_label, body) in BODIES {
            for (size_label, size) in [("", MANY_AUTHORS), (", few authors", FEW_AUTHORS)] {
                blog::fill(plain, size, body, SETTLE);
                blog::fill(mapped, size, body, SETTLE);
                let mut all = Vec::new();
                // A first run prepares what the connection keeps.
                for contender in theirs() {
                    drop(contender.check(size, contender.statements, plain));
                    all.push(taken(contender.name, || contender.load(plain)));
                }
                for contender in ours() {
                    drop(contender.check(size, contender.statements, mapped));
                    map.clear();
                    all.push(taken(contender.name, || contender.load(mapped)));
                    map.clear();
                }
                print(&format!("{LABEL} {body_label}{size_label}"), &all);
            }
        }
    }};
}

fn main() {
    measure!(sqlite);
    #[cfg(feature = "postgres")]
    measure!(postgres);
}
