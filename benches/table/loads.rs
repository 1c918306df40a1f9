//! What is measured of loading all posts, on whichever connection.

use diesel_identity_map::prelude::*;

use super::rounds::{Rounds, timed};
use super::table::{Post, ROWS, filling};

const BODIES: [(&str, usize); 2] = [("40B", 40), ("2KB", 2000)];
/// The first is the one that chooses among the others.
const STRATEGIES: [Strategy; 3] = [Strategy::Auto, Strategy::KeysFirst, Strategy::Rows];

/// A connection with a map, and how to load all posts by it, in order.
pub(crate) trait Loads {
    const LABEL: &'static str;
    const SETTLE: &'static str;

    fn batch(&mut self, sql: &str);
    fn map(&mut self) -> IdentityMap;
    fn plain(&mut self) -> Vec<Arc<Post>>;
    fn cached(&mut self, strategy: Strategy) -> Vec<Arc<Post>>;

    /// Fills the table anew.
    fn fill(&mut self, body: usize) {
        for sql in filling(body, Self::SETTLE) {
            self.batch(&sql);
        }
    }
}

/// How much of the table is held, in per cent.
const HELD: [i32; 5] = [0, 25, 50, 75, 100];
const ROUNDS: usize = 40;

/// What is loaded before the time is taken, and how.
#[derive(Clone, Copy)]
enum Way {
    Plain,
    Cold,
    Held(i32, Strategy),
}

/// A table of a few connections.
pub(crate) fn head() {
    println!(
        "\n| 10,000 rows | plain | cold / plain | plain / warm | Auto / better strategy at 0, 25, 50, 75, \
         100 % held |\n|---|---|---|---|---|"
    );
}

/// The lines of one connection.
pub(crate) fn loads<C: Loads>(conn: &mut C) {
    let map = conn.map();
    let mut ways = vec![Way::Plain, Way::Cold];
    for held in HELD {
        ways.extend(STRATEGIES.map(|strategy| Way::Held(held, strategy)));
    }
    let held_at = |at: usize| 2 + STRATEGIES.len() * at;
    for (label, body) in BODIES {
        conn.fill(body);
        let rounds = Rounds::of(ways.len(), ROUNDS, |way| {
            map.clear();
            match ways[way] {
                Way::Plain => timed(|| conn.plain()),
                Way::Cold => timed(|| conn.cached(Strategy::Auto)),
                Way::Held(held, strategy) => {
                    let mut posts = conn.cached(Strategy::Auto);
                    posts.retain(|post| post.id * 37 % 100 < held);
                    timed(|| conn.cached(strategy))
                }
            }
        });
        map.clear();
        let auto = (0..HELD.len()).map(|at| {
            let auto = held_at(at);
            let [first, second] = [auto + 1, auto + 2].map(|other| rounds.ratio(auto, other));
            format!("{:.2}", first.max(second)) // the better one took less
        });
        println!(
            "| {} {label} | {:.2} ms | {:.2} | {:.1} | {} |",
            C::LABEL,
            rounds.time(0) * 1e3,
            rounds.ratio(1, 0),
            rounds.ratio(0, held_at(HELD.len() - 1)),
            auto.collect::<Vec<_>>().join(", ")
        );
    }
}

/// Keys all over the table, each once in [`ROWS`].
pub(crate) fn keys() -> impl FnMut() -> i32 {
    let mut id = 0;
    move || {
        id = (id + 7919) % ROWS;
        id + 1
    }
}
