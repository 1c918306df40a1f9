//! What happens when the parent of one object of many is asked for: [`Peers`].

use super::peer_group::PeerGroup;

/// What [`load_parent`](crate::RelatedObject::load_parent) does for an object when it has to send
/// a statement.
///
/// ```
/// # include!("../doctest_setup.rs");
/// # fn main() -> QueryResult<()> {
/// # let conn = &mut blog();
/// let posts = Post::cached().peers(Peers::Forbidden).load(conn)?;
/// let error = posts[0].load_parent::<User>(conn).unwrap_err(); // an N+1 query, found in a test
/// assert!(matches!(
///     IdentityMapError::of(&error),
///     Some(IdentityMapError::LazyLoadForbidden { .. })
/// ));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Peers {
    /// It fetches the parents of all objects that were loaded together with this one and are still
    /// alive, so that a loop over them sends one statement.
    #[default]
    Together,
    /// It fetches this object's parent alone.
    Alone,
    /// It fails: whoever needs the parents has to load them beforehand.
    Forbidden,
}

impl From<bool> for Peers {
    fn from(together: bool) -> Self {
        if together {
            Self::Together
        } else {
            Self::Alone
        }
    }
}

impl Peers {
    /// The group that the objects of one load are put into. A load of a single object (not `several`)
    /// makes no new group.
    pub(crate) fn group(self, several: bool) -> PeerGroup {
        match self {
            Self::Together if several => PeerGroup::new(),
            Self::Together => PeerGroup::NONE,
            Self::Alone => PeerGroup::ALONE,
            Self::Forbidden => PeerGroup::FORBIDDEN,
        }
    }
}
