//! What a model belongs to, by every kind of key.

#![deny(warnings)]

use diesel::prelude::*;
use diesel_identity_map::IdentityMapped;
use diesel_identity_map::model::{
    Always, BelongsTo, ChildrenOf, Composite, Nullable, Related, Single, ToParent,
};

mod schema {
    diesel::table! {
        users (id) {
            id -> Integer,
        }
    }

    diesel::table! {
        pages (site, number) {
            site -> Text,
            number -> Integer,
        }
    }

    diesel::table! {
        posts (id) {
            id -> Integer,
            user_id -> Integer,
            editor_id -> Nullable<Integer>,
            parent_id -> Nullable<Integer>,
            reviewer_id -> Integer,
            site -> Text,
            page -> Integer,
            draft -> Nullable<Integer>,
            r#type -> BigInt,
            tag_id -> Text,
        }
    }
}

use schema::posts;

pub mod users {
    use super::*;

    #[derive(Queryable, Selectable, Identifiable, IdentityMapped)]
    #[diesel(table_name = crate::schema::users)]
    pub struct User {
        pub id: i32,
    }

    /// A key that is a type of the program's.
    #[derive(Debug, Clone, PartialEq, Eq, Hash)]
    pub struct UserId(pub i32);

    impl From<i32> for UserId {
        fn from(id: i32) -> Self {
            Self(id)
        }
    }
}

#[derive(Queryable, Selectable, IdentityMapped)]
#[diesel(table_name = schema::pages, primary_key(site, number))]
pub struct Page {
    pub site: String,
    pub number: i32,
}

/// Parents that derive nothing.
pub struct Tag;
pub struct Kind<T>(pub T);

#[derive(Queryable, Selectable, Identifiable, Associations, IdentityMapped)]
#[diesel(table_name = posts)]
#[diesel(belongs_to(crate::users::User), belongs_to(Post, foreign_key = parent_id))]
#[identity_map(belongs_to(users::User, foreign_key = editor_id, name = Editor))]
#[identity_map(belongs_to(users::User, foreign_key = reviewer_id, name = reviewer))]
#[identity_map(belongs_to(Self, foreign_key = parent_id, name = Parent))]
#[identity_map(belongs_to(Page, foreign_key = (site, page)))]
#[identity_map(belongs_to(Page, foreign_key = (site, draft), name = Draft))]
#[identity_map(belongs_to(Tag), belongs_to(Kind<Vec<(i32, &'static str)>>, foreign_key = r#type))]
pub struct Post {
    id: i32,
    user_id: i32,
    editor_id: Option<i32>,
    parent_id: Option<i32>,
    #[diesel(deserialize_as = i32)]
    reviewer_id: users::UserId,
    site: String,
    #[diesel(column_name = page)]
    number: i32,
    #[diesel(column_name = "draft")]
    draft_number: Option<i32>,
    r#type: i64,
    tag_id: String,
}

/// Visible here alone, and so are the names of its relations.
mod private {
    use super::users::User;
    use super::*;

    macro_rules! child {
        ($parent:ty, $path:path, $key:ident: $ty:ty, $name:ident) => {
            #[derive(Queryable, Selectable, IdentityMapped)]
            #[diesel(table_name = posts, belongs_to($parent, foreign_key = $key))]
            #[identity_map(belongs_to($path, foreign_key = $key, name = $name))]
            struct Child {
                id: i32,
                $key: $ty,
            }
        };
    }

    child!(User, crate::users::User, editor_id: Option<i32>, the_writer);

    pub fn check() {
        let child = Child {
            id: 1,
            editor_id: Some(2),
        };
        assert_eq!(child.id, 1);
        assert_eq!(<Child as BelongsTo<User>>::foreign_key(&child), Some(2));
        assert_eq!(
            <Child as BelongsTo<the_writer>>::foreign_key(&child),
            Some(2)
        );
    }
}

/// What only ties the tables: there is no field, or the parent borrows.
mod ties {
    use super::*;

    #[derive(Identifiable)]
    #[diesel(table_name = crate::schema::users)]
    pub struct UserRef<'a> {
        pub id: &'a i32,
    }

    #[derive(Queryable, Selectable, Identifiable, Associations, IdentityMapped)]
    #[diesel(table_name = posts, belongs_to(UserRef<'_>, foreign_key = user_id))]
    #[identity_map(belongs_to(users::User), belongs_to(Page))]
    pub struct Title {
        pub id: i32,
        #[diesel(column_name = user_id)]
        pub by: i32,
    }
}

/// The members of a relation, by type.
fn relation<M, R, P, F, C, S, N>(post: &M, _: C) -> Option<F>
where
    M: BelongsTo<R, Parent = P, ForeignKey = F, Columns = C, Shape = S, Presence = N>,
    M: Related<R, Path = ToParent<R>>,
{
    let _: C = M::columns();
    post.foreign_key()
}

fn children<X, P, M, R>()
where
    X: ChildrenOf<P, Child = M, Relation = R>,
    M: BelongsTo<R, Parent = P>,
{
}

fn main() {
    use users::{User, UserId};

    let mut post = Post {
        id: 1,
        user_id: 2,
        editor_id: Some(3),
        parent_id: None,
        reviewer_id: UserId(4),
        site: "a".into(),
        number: 5,
        draft_number: Some(6),
        r#type: 7,
        tag_id: "b".into(),
    };
    assert_eq!(<Post as BelongsTo<User>>::foreign_key(&post), Some(2));

    let user = relation::<_, User, User, i32, _, Single, Always>(&post, posts::user_id);
    assert_eq!(user, Some(2));
    let editor = relation::<_, Editor, User, i32, _, Single, Nullable>(&post, posts::editor_id);
    assert_eq!(editor, Some(3));
    let by = posts::reviewer_id;
    let reviewed = relation::<_, reviewer, User, UserId, _, Single, Always>(&post, by);
    assert_eq!(reviewed, Some(UserId(4)));
    let of = relation::<_, Post, Post, i32, _, Single, Nullable>(&post, posts::parent_id);
    assert_eq!(of, None);
    let of = relation::<_, Parent, Post, i32, _, Single, Nullable>(&post, posts::parent_id);
    assert_eq!(of, None);
    let by = (posts::site, posts::page);
    let page = relation::<_, Page, Page, (String, i32), _, Composite, Always>(&post, by);
    assert_eq!(page, Some(("a".into(), 5)));
    let tag = relation::<_, Tag, Tag, String, _, Single, Always>(&post, posts::tag_id);
    assert_eq!(tag, Some("b".into()));
    type Kinds = Kind<Vec<(i32, &'static str)>>;
    let kind = relation::<_, Kinds, Kinds, i64, _, Single, Always>(&post, posts::r#type);
    assert_eq!(kind, Some(7));

    let by = (posts::site, posts::draft);
    let draft = relation::<_, Draft, Page, (String, i32), _, Composite, Nullable>;
    assert_eq!(draft(&post, by), Some(("a".into(), 6)));
    // Half a key is none.
    post.draft_number = None;
    assert_eq!(draft(&post, by), None);

    children::<Post, User, Post, User>();
    children::<Editor, User, Post, Editor>();
    children::<reviewer, User, Post, reviewer>();
    children::<Post, Post, Post, Post>();
    children::<Parent, Post, Post, Parent>();
    children::<Post, Page, Post, Page>();
    children::<Draft, Page, Post, Draft>();
    children::<Post, Tag, Post, Tag>();

    private::check();
    let title = ties::Title { id: 1, by: 2 };
    assert_eq!((title.id, title.by), (1, 2));
    assert_eq!(ties::UserRef { id: &1 }.id, &1);
}
