//! Posts with their authors: the map beside plain Diesel and loaders written by hand, on the same
//! rows in the same run.
//!
//! `cargo xtask bench` runs this; it prints a table. Dropping the results is not timed.

#![allow(missing_docs)] // a program

use diesel_identity_map::prelude::*;

mod blog;
mod rounds;

use blog::{BODIES, FEW_AUTHORS, MANY_AUTHORS};
use rounds::{Rounds, timed};

const ROUNDS: usize = 60;

/// The columns: a ratio of each two.
const RATIOS: [(&str, [&str; 2]); 8] = [
    ("with / join", ["with", "join"]),
    ("with / by hand", ["with", "by hand"]),
    ("with / by hand, own posts", ["with", "by hand, own posts"]),
    ("by hand / all held", ["by hand", HELD]),
    (
        "by hand, own posts / all held",
        ["by hand, own posts", HELD],
    ),
    (
        "lazy / eager",
        ["load_parent, each author used", "with, each author used"],
    ),
    ("children / grouped_by", ["load_children", "belonging_to"]),
    ("mapped join / join", ["mapped join", "join"]),
];

/// `with`, while everything is held.
const HELD: &str = "with, all held";

macro_rules! measure {
    ($name:ident) => {{
        use blog::$name::{LABEL, SETTLE, mapped, ours, plain, theirs};

        let (plain, mapped) = (&mut plain(), &mut mapped());
        let map = mapped.identity_map().expect("enabled");
        let (theirs, ours) = (theirs(), ours());
        let names = theirs.iter().map(|contender| contender.name);
        let names = names.chain(ours.iter().map(|contender| contender.name));
        let names: Vec<&str> = names.chain([HELD]).collect();
        let place = |name: &str| {
            let found = names.iter().position(|known| *known == name);
            found.expect("a contender")
        };
        for (size_label, size) in [("", MANY_AUTHORS), (", few authors", FEW_AUTHORS)] {
            for (body_label, body) in BODIES {
                blog::fill(plain, size, body, SETTLE);
                blog::fill(mapped, size, body, SETTLE);
                for contender in &theirs {
                    drop(contender.check(size, contender.statements, plain));
                }
                for contender in &ours {
                    map.clear();
                    drop(contender.check(size, contender.statements, mapped));
                }
                let held = ours[0].load(mapped);
                drop(ours[0].check(size, 1, mapped)); // the keys of the posts
                drop(held);
                let rounds = Rounds::of(names.len(), ROUNDS, |contender| {
                    map.clear();
                    if let Some(contender) = theirs.get(contender) {
                        return timed(|| contender.load(plain));
                    }
                    if let Some(contender) = ours.get(contender - theirs.len()) {
                        return timed(|| contender.load(mapped));
                    }
                    let _held = ours[0].load(mapped);
                    timed(|| ours[0].load(mapped))
                });
                map.clear();
                print!(
                    "| {LABEL} {body_label}{size_label} | {:.1} ms |",
                    rounds.time(place("join")) * 1e3
                );
                for (_, [of, to]) in RATIOS {
                    print!(" {:.2} |", rounds.ratio(place(of), place(to)));
                }
                println!();
            }
        }
    }};
}

fn main() {
    let columns = RATIOS.map(|(name, _)| name);
    println!("\n| posts and authors | join | {} |", columns.join(" | "));
    println!("|---|---|{}", "---|".repeat(columns.len()));
    measure!(sqlite);
    #[cfg(feature = "postgres")]
    measure!(postgres);
}
