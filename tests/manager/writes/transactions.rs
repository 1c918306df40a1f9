//! Writes in a transaction: what its own connection loads before and after it ends.

use diesel::prelude::*;
use diesel::result::Error;
use diesel_identity_map::IdentityMapped;

use crate::db::each_database;
use crate::models::*;
use crate::schema::*;

use super::asserts::*;
use super::models::*;
use super::setup::*;

each_database! {
    fn writes_in_a_transaction_are_this_connection_s_until_it_commits(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(3).build();
        let all = Post::cached().order(posts::id).load(conn).unwrap();
        let (new, made) = conn
            .transaction(|conn| {
                let new = Post::cached().update(&all[0], posts::title.eq("new"), conn)?;
                assert_held!(new, Post, 1, conn, sent);
                let made = Post::cached().insert(words("made"), conn)?;
                assert_held!(made, Post, made.id, conn, sent);
                Post::cached().delete(&all[1], conn)?;
                assert_gone!(Post, 2, conn);
                assert_held!(all[2], Post, 3, conn, sent);
                QueryResult::Ok((new, made))
            })
            .unwrap();
        assert_held!(new, Post, 1, conn, sent);
        assert_held!(made, Post, made.id, conn, sent);
        assert_held!(all[2], Post, 3, conn, sent);
        assert_gone!(Post, 2, conn);
    }

    fn writes_of_a_transaction_that_rolls_back_were_not(db) {
        let (conn, sent) = &mut Fixture::new(&db).posts(3).build();
        let all = Post::cached().order(posts::id).load(conn).unwrap();
        let mut kept = Vec::new();
        let rolled_back: QueryResult<()> = conn.transaction(|conn| {
            kept.push(Post::cached().update(&all[0], posts::title.eq("new"), conn)?);
            kept.push(Post::cached().insert(new_post(Some(70), "made", None), conn)?);
            Post::cached().delete(&all[1], conn)?;
            Err(Error::RollbackTransaction)
        });
        assert_eq!(rolled_back.unwrap_err(), Error::RollbackTransaction);
        assert_eq!(Post::cached().find(1).first(conn).unwrap(), all[0]);
        assert_eq!(Post::cached().find(2).first(conn).unwrap(), all[1]);
        assert_gone!(Post, 70, conn);
        assert_held!(all[2], Post, 3, conn, sent);
    }
}
