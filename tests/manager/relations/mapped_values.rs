//! `mapped` beside models: expressions of any kind, pages, and texts. Plain Diesel says what the rows are.

use diesel::dsl::{count_star, exists};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Integer};
use diesel_identity_map::IdentityMapError;
use diesel_identity_map::prelude::*;

use crate::db::each_connection;
use crate::models::*;
use crate::schema::*;

/// A page of a query, with the number of all rows, as Diesel's guide has it.
#[derive(Debug, Clone, Copy, QueryId)]
struct Page<Q> {
    query: Q,
    offset: i64,
}

impl<Q: Query> Query for Page<Q> {
    type SqlType = (Q::SqlType, BigInt);
}

impl<Q> QueryDsl for Page<Q> {}
impl<Q, Conn> diesel::RunQueryDsl<Conn> for Page<Q> {}

impl<Q, DB> QueryFragment<DB> for Page<Q>
where
    DB: diesel::backend::Backend,
    Q: QueryFragment<DB>,
    i64: diesel::serialize::ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql("SELECT *, COUNT(*) OVER () FROM (");
        self.query.walk_ast(pass.reborrow())?;
        pass.push_sql(") AS page LIMIT 3 OFFSET ");
        pass.push_bind_param::<BigInt, _>(&self.offset)
    }
}

/// A post with what a list shows beside it.
#[derive(MappedView, Debug)]
struct PostView {
    post: Arc<Post>,
    #[diesel(embed)]
    author: AuthorView,
    comment: Option<Arc<Comment>>,
    is_first: bool,
}

#[derive(MappedView, Debug)]
struct AuthorView(Arc<User>, Option<String>);

/// One of any model.
#[derive(MappedView)]
struct Ranked<M> {
    of: Arc<M>,
    score: i32,
}

/// A model that rows of a text become, too.
#[derive(Queryable, Selectable, QueryableByName, IdentityMapped, Debug, PartialEq)]
#[diesel(table_name = posts)]
struct Title {
    id: i32,
    title: String,
}

each_connection! {
    shared

    /// G1, G2: values before, between and behind models, some of them absent, cold and held.
    fn values_beside_models(db) {
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        db.fill(3, 9);
        let comments = "INSERT INTO comments (id, post_id, user_id, body) VALUES (1, 2, 1, 'a'), (2, 2, NULL, 'b'), (3, 5, 3, 'c')";
        wait!(conn.batch_execute(comments)).unwrap();
        let query = || posts::table.inner_join(users::table).order(posts::id);
        let has_comments = || exists(comments::table.filter(comments::post_id.eq(posts::id)));
        type Values = (i32, bool, Option<String>, String, i64);
        let of_values = (posts::score + 1, has_comments(), users::email, posts::title, count_star().over());
        let values: Vec<Values> = wait!(query().select(of_values).load(take!(conn))).unwrap();
        let models = (Post::as_select(), User::as_select());
        let models: Vec<(Post, User)> = wait!(query().select(models).load(take!(conn))).unwrap();
        assert!(values.iter().any(|row| row.1) && values.iter().any(|row| !row.1));
        for held in [0, 2, 9] {
            let held = wait!(Post::cached().filter(posts::id.le(held)).load(take!(conn))).unwrap();
            sent.take();
            let all = query().select((
                posts::score + 1,
                Post::as_select(),
                has_comments(),
                (users::email, User::as_select(), posts::title),
                count_star().over(),
            ));
            type Row = (i32, Arc<Post>, bool, (Option<String>, Arc<User>, String), i64);
            let rows: Vec<Row> = wait!(all.mapped().load(take!(conn))).unwrap();
            assert_eq!(sent.take().len(), 1);
            let found = rows.iter().map(|row| (row.0, row.2, row.3.0.clone(), row.3.2.clone(), row.4));
            assert!(found.eq(values.iter().cloned()), "{rows:?}, {values:?}");
            let found = rows.iter().map(|row| (&*row.1, &*row.3.1));
            assert!(found.eq(models.iter().map(|(post, user)| (post, user))), "{rows:?}, {models:?}");
            for post in &held {
                assert!(rows.iter().any(|row| Arc::ptr_eq(&row.1, post)));
            }
            let found = wait!(User::cached().find(1).first(take!(conn))).unwrap();
            assert!(rows.iter().any(|row| Arc::ptr_eq(&row.3.1, &found)));
            assert_eq!(sent.take().len(), 0);
        }
        let absent = || {
            posts::table
                .left_join(comments::table)
                .select((Option::<Comment>::as_select(), posts::id, Post::as_select(), comments::body.nullable()))
                .order((posts::id, comments::id))
        };
        let plain: Vec<(Option<Comment>, i32, Post, Option<String>)> = wait!(absent().load(take!(conn))).unwrap();
        let rows: Vec<(Option<Arc<Comment>>, i32, Arc<Post>, Option<String>)> =
            wait!(absent().mapped().load(take!(conn))).unwrap();
        let same = rows.iter().zip(&plain).all(|(row, plain)| {
            (row.0.as_deref(), row.1, &*row.2, &row.3) == (plain.0.as_ref(), plain.1, &plain.2, &plain.3)
        });
        assert!(same && rows.len() == plain.len(), "{rows:?}, {plain:?}");
        // The types of models alone need no annotation.
        let (comment, _, post, _): (_, i32, _, Option<String>) = wait!(absent().mapped().first(take!(conn))).unwrap();
        assert_eq!((comment.map(|comment| comment.id), post.id), (None, 1));
    }

    /// G1, G2: the same rows one by one, cold and held, fresh, and uncached.
    fn one_by_one(db) {
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        db.fill(3, 9);
        let query = || {
            let rows = posts::table.inner_join(users::table).order(posts::id);
            rows.select((Post::as_select(), users::name, User::as_select()))
        };
        let plain: Vec<(Post, String, User)> = wait!(query().load(take!(conn))).unwrap();
        for held in [0, 4, 9] {
            let held = wait!(Post::cached().filter(posts::id.le(held)).load(take!(conn))).unwrap();
            sent.take();
            let rows: Vec<(Arc<Post>, String, Arc<User>)> = each!(query().mapped().load_iter(take!(conn)));
            assert_eq!(sent.take().len(), 1);
            let found = rows.iter().map(|row| (&*row.0, &row.1, &*row.2));
            assert!(found.eq(plain.iter().map(|row| (&row.0, &row.1, &row.2))), "{rows:?}");
            for post in &held {
                assert!(rows.iter().any(|row| Arc::ptr_eq(&row.0, post)));
            }
            for (post, _, user) in &rows {
                let same = wait!(Post::cached().find(post.id).first(take!(conn))).unwrap();
                assert!(Arc::ptr_eq(&same, post));
                let same = wait!(User::cached().find(user.id).first(take!(conn))).unwrap();
                assert!(Arc::ptr_eq(&same, user));
            }
            assert_eq!(sent.take().len(), 0);
            let fresh: Vec<(Arc<Post>, String, Arc<User>)> = each!(query().mapped().fresh().load_iter(take!(conn)));
            assert!(fresh.iter().zip(&rows).all(|(new, old)| new.0 == old.0 && !Arc::ptr_eq(&new.0, &old.0)));
            let same = wait!(Post::cached().find(9).first(take!(conn))).unwrap();
            assert!(fresh.iter().any(|row| Arc::ptr_eq(&row.0, &same)));
            let own: Vec<(Arc<Post>, String, Arc<User>)> = each!(query().mapped().uncached().load_iter(take!(conn)));
            assert!(own.iter().zip(&fresh).all(|(own, new)| own.0 == new.0 && !Arc::ptr_eq(&own.0, &new.0)));
        }
        // Models alone say what the rows are.
        let models = || posts::table.select(Post::as_select()).order(posts::id).mapped();
        let posts = each!(models().load_iter(take!(conn)));
        assert_eq!(posts.iter().map(|post| post.id).collect::<Vec<_>>(), (1..=9).collect::<Vec<_>>());
    }

    /// G1, G2: a wrapper of the program's own, around a query of models.
    fn pages(db) {
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        db.fill(2, 8);
        for offset in [0, 3, 6, 9] {
            let page = || Page { query: posts::table.select(Post::as_select()).order(posts::id), offset };
            let plain: Vec<(Post, i64)> = wait!(page().load(take!(conn))).unwrap();
            let rows: Vec<(Arc<Post>, i64)> = wait!(page().mapped().load(take!(conn))).unwrap();
            assert!(rows.iter().map(|row| (&*row.0, row.1)).eq(plain.iter().map(|row| (&row.0, row.1))));
            let again = wait!(Post::cached().order(posts::id).offset(offset).limit(3).load(take!(conn))).unwrap();
            assert!(rows.iter().zip(&again).all(|(row, again)| Arc::ptr_eq(&row.0, again)));
        }
    }

    /// G1, G2, G7: the rows of a text are objects as others. One that writes, calls a routine or is two statements is refused.
    fn texts(db) {
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        db.fill(2, 5);
        let mark = if db.url().starts_with("postgres") { "$1" } else { "?" };
        let query = || {
            diesel::sql_query(format!("SELECT posts.*, 7 AS more FROM posts WHERE id > {mark} ORDER BY id")).bind::<Integer, _>(2)
        };
        let held = wait!(Title::cached().find(4).first(take!(conn))).unwrap();
        let plain: Vec<Title> = wait!(query().load(take!(conn))).unwrap();
        sent.take();
        let titles: Vec<Arc<Title>> = wait!(query().mapped().load(take!(conn))).unwrap();
        assert_eq!(sent.take().len(), 1);
        assert!(titles.iter().map(|title| &**title).eq(&plain));
        assert!(Arc::ptr_eq(&titles[1], &held));
        let found = wait!(Title::cached().find(5).first(take!(conn))).unwrap();
        assert!(Arc::ptr_eq(&titles[2], &found));
        assert_eq!(sent.take().len(), 0);

        for text in [
            "DELETE FROM posts",
            "UPDATE posts SET title = 'x' RETURNING id, title",
            "SELECT id, mine(title) AS title FROM posts",
            "SELECT id, title FROM posts; DELETE FROM posts",
        ] {
            let refused: QueryResult<Vec<Arc<Title>>> = wait!(diesel::sql_query(text).mapped().load(take!(conn)));
            let refused = refused.unwrap_err();
            assert_eq!(IdentityMapError::of(&refused), Some(&IdentityMapError::NotAQuery), "{text}");
        }
        assert_eq!(sent.take().len(), 0);
        if db.url().ends_with(".db") || db.url().contains("sqlite") || !db.url().contains("://") {
            return; // SQLite locks no rows.
        }
        // A lock reads the row that it locks, whatever is held.
        let mut other = wait!(db.connect());
        wait!(other.batch_execute("UPDATE posts SET title = 'other' WHERE id = 4")).unwrap();
        let locked = diesel::sql_query("SELECT id, title FROM posts WHERE id = 4 FOR UPDATE");
        let locked: Arc<Title> = wait!(locked.mapped().get_result(take!(conn))).unwrap();
        assert_eq!((&*locked.title, &*held.title), ("other", "post 4"));
    }

    /// G1, G2: structs of the rows.
    fn views(db) {
        let (mut conn, sent) = mapped(wait!(db.connect()), db.url());
        db.fill(3, 6);
        wait!(conn.batch_execute("INSERT INTO comments (id, post_id, body) VALUES (1, 2, 'a')")).unwrap();
        let query = || {
            posts::table
                .inner_join(users::table)
                .left_join(comments::table)
                .select((
                    Post::as_select(),
                    (User::as_select(), users::email),
                    Option::<Comment>::as_select(),
                    posts::id.eq(1),
                ))
                .order(posts::id)
        };
        sent.take();
        let views: Vec<PostView> = wait!(query().mapped().views().load(take!(conn))).unwrap();
        assert_eq!(sent.take().len(), 1);
        let plain: Vec<Post> = wait!(posts::table.order(posts::id).load(take!(conn))).unwrap();
        assert!(views.iter().map(|view| &*view.post).eq(&plain));
        for view in &views {
            let AuthorView(user, email) = &view.author;
            assert_eq!((view.post.user_id, &user.email), (user.id, email));
            assert_eq!(view.is_first, view.post.id == 1);
            assert_eq!(view.comment.as_ref().map(|comment| comment.post_id), Some(2).filter(|id| *id == view.post.id));
            let held = wait!(Post::cached().find(view.post.id).first(take!(conn))).unwrap();
            assert!(Arc::ptr_eq(&held, &view.post));
        }
        let first = wait!(query().mapped().views::<PostView>().first(take!(conn))).unwrap();
        assert!(Arc::ptr_eq(&first.author.0, &views[0].author.0));
        let one = wait!(query().filter(posts::id.eq(2)).mapped().views::<PostView>().one(take!(conn))).unwrap();
        assert_eq!(one.comment.map(|comment| comment.id), Some(1));
        let ranked = posts::table.select((Post::as_select(), posts::score)).mapped().views();
        let ranked: Vec<Ranked<Post>> = wait!(ranked.load(take!(conn))).unwrap();
        assert!(ranked.iter().all(|ranked| ranked.of.score == ranked.score) && ranked.len() == 6);
        let none = query().filter(posts::id.eq(99)).mapped().views::<PostView>();
        assert_eq!(wait!(none.get_result(take!(conn))).unwrap_err(), diesel::NotFound);
    }

    /// Rows that begin with a child, by parent; a parent that is given twice gets its list twice.
    fn grouped(db) {
        let (mut conn, _) = mapped(wait!(db.connect()), db.url());
        db.fill(3, 8);
        let mut users = wait!(User::cached().order(users::id).load(take!(conn))).unwrap();
        users.push(Arc::clone(&users[0]));
        let rows = posts::table.select((Post::as_select(), posts::score + 1)).order(posts::id.desc());
        let rows: Vec<(Arc<Post>, i32)> = wait!(rows.mapped().load(take!(conn))).unwrap();
        let along = wait!(Post::cached().order(posts::id.desc()).with::<User>().load(take!(conn))).unwrap();
        let (rows, along) = (rows.grouped_by(&users), along.grouped_by(&users));
        assert_eq!((rows.len(), along.len()), (4, 4));
        for (at, user) in users.iter().enumerate() {
            let of_user = posts::table.filter(posts::user_id.eq(user.id)).order(posts::id.desc());
            let plain: Vec<Post> = wait!(of_user.load(take!(conn))).unwrap();
            assert!(rows[at].iter().map(|row| &*row.0).eq(&plain) && !plain.is_empty());
            assert!(rows[at].iter().all(|row| row.1 == row.0.score + 1));
            assert!(along[at].iter().map(|row| &*row.0).eq(&plain));
            assert!(along[at].iter().all(|row| Arc::ptr_eq(&row.1, user)));
        }
    }
}
