//! Where a connection stands: shared, apart or lost; and transactions exactly as the database has them.
//!
//! The oracle is plain Diesel on the same connection.

mod batches;
mod chains;
mod definitions;
mod isolation;
mod property;
mod savepoints;
mod sessions;

/// Cached loads by every strategy, and of every key, give what plain Diesel reads on the connection.
///
/// It says `wait!` as the body of a test that is written for every kind of connection.
macro_rules! assert_as_plain {
    ($conn:ident, $when:expr) => {
        let plain = posts::table.order(posts::id).select(Post::as_select());
        let plain: Vec<Post> = wait!(plain.load(&mut $conn)).unwrap();
        for strategy in [Strategy::Auto, Strategy::KeysFirst, Strategy::Rows] {
            let cached = Post::cached().strategy(strategy).order(posts::id);
            let cached = wait!(cached.load(&mut $conn)).unwrap();
            let cached: Vec<&Post> = cached.iter().map(AsRef::as_ref).collect();
            assert_eq!(
                cached,
                plain.iter().collect::<Vec<_>>(),
                "{}, {strategy:?}",
                $when
            );
        }
        for plain in &plain {
            let found = wait!(Post::cached().find(plain.id).first(&mut $conn)).unwrap();
            assert_eq!(*found, *plain, "{}", $when);
        }
    };
}
use assert_as_plain;
