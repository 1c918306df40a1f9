//! Taking the current scope along to another thread: [`Scope::carry`].

use super::current::run_in;
use super::identity_scope::Scope;

impl Scope {
    /// A closure that runs `f` in the scope that is current *here and now*, on whichever thread
    /// it is called; in none, if none is.
    ///
    /// It avoids a trap: a scope is entered on a thread, or while a future is polled. Code that runs on
    /// another thread is not in it: `tokio::task::spawn_blocking`, actix's `web::block`, `rayon::spawn`
    /// and `rayon::join`, `std::thread::spawn`, `tokio::spawn`. Cached loads there would silently use
    /// the connection's own map instead: no error, but another object for a row that the request
    /// already holds. Worse, a rayon thread that waits inside `in_scope` may run anybody's job
    /// meanwhile, *in that scope*; a carried job shadows it.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # let mut conn = blog();
    /// # let _entered = Scope::new().entered();
    /// let post = Post::cached().find(1).first(&mut conn)?;
    ///
    /// // The same with `spawn_blocking(Scope::carry(..))`, `web::block(..)`, `rayon::spawn(..)`.
    /// let job = std::thread::spawn(Scope::carry(move || {
    ///     Post::cached().find(1).first(&mut conn) // sends nothing
    /// }));
    /// assert!(Arc::ptr_eq(&post, &job.join().unwrap()?));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// | for | write |
    /// |---|---|
    /// | `spawn_blocking`, `web::block`, `rayon::spawn`, a thread | `spawn_blocking(Scope::carry(move \|\| ..))` |
    /// | `interact` of `deadpool_diesel`, `run` of `rocket_sync_db_pools` | `interact(Scope::carry_with(move \|conn\| ..))`, see [`carry_with`](Self::carry_with) |
    /// | a parallel iterator, which calls one closure often | `let scope = Scope::current()`, and `scope.in_scope(..)` in the closure |
    /// | `tokio::spawn` | `spawn(future.in_identity_scope(scope))` |
    ///
    /// A background job that outlives the request should *not* be given the request's scope, which
    /// ends without it: its loads would come out as objects of their own. Give it a `Scope` of its
    /// own.
    pub fn carry<T>(f: impl FnOnce() -> T) -> impl FnOnce() -> T {
        let scope = Self::current();
        move || run_in(scope, f)
    }

    /// [`carry`](Self::carry) for closures that are given a connection: `interact` of
    /// `deadpool_diesel`, `run` of `rocket_sync_db_pools`.
    ///
    /// ```
    /// # include!("../doctest_setup.rs");
    /// # fn main() -> QueryResult<()> {
    /// # struct Pooled(SqliteConnection);
    /// # impl Pooled {
    /// #     fn interact<T: Send>(&mut self, f: impl FnOnce(&mut SqliteConnection) -> T + Send) -> T {
    /// #         std::thread::scope(|threads| threads.spawn(|| f(&mut self.0)).join().unwrap())
    /// #     }
    /// # }
    /// # let mut conn = Pooled(blog());
    /// let scope = Scope::new();
    /// let _entered = scope.enter();
    /// let load = Scope::carry_with(|conn: &mut SqliteConnection| Post::cached().load(conn));
    /// let posts = conn.interact(load)?;
    /// assert_eq!(scope.stats().alive, posts.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn carry_with<C: ?Sized, T>(f: impl FnOnce(&mut C) -> T) -> impl FnOnce(&mut C) -> T {
        let scope = Self::current();
        move |with: &mut C| run_in(scope, || f(with))
    }
}
