//! Owners, followers, votes, and who may publish without a token.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use diesel_identity_map::prelude::*;

use super::super::models::*;
use super::super::schema::*;

pub(crate) type MappedOwner = Owner<Arc<User>, Arc<Team>>;

pub(crate) async fn owners_of(
    conn: &mut AsyncPgConnection,
    package: PackageId,
) -> QueryResult<Vec<MappedOwner>> {
    let of_package = || {
        package_owners::table
            .filter(package_owners::package_id.eq(package))
            .filter(package_owners::deleted.eq(false))
    };
    let users = of_package()
        .inner_join(users::table)
        .filter(package_owners::owner_kind.eq(OwnerKind::User))
        .order(users::login)
        .select(User::as_select())
        .mapped()
        .load(conn)
        .await?;
    let teams = of_package()
        .inner_join(teams::table)
        .filter(package_owners::owner_kind.eq(OwnerKind::Team))
        .order(teams::slug)
        .select(Team::as_select())
        .mapped()
        .load(conn)
        .await?;
    let users = users.into_iter().map(Owner::User);
    Ok(users.chain(teams.into_iter().map(Owner::Team)).collect())
}

pub(crate) async fn owner(
    conn: &mut AsyncPgConnection,
    package: PackageId,
    id: i32,
    kind: OwnerKind,
) -> QueryResult<Option<Arc<PackageOwner>>> {
    let owner = PackageOwner::cached().find((package, id, kind));
    owner.first(conn).await.optional()
}

pub(crate) async fn packages_of(
    conn: &mut AsyncPgConnection,
    id: i32,
    kind: OwnerKind,
) -> QueryResult<Vec<(Arc<PackageOwner>, Arc<Package>)>> {
    PackageOwner::cached()
        .inner_join(packages::table)
        .filter(package_owners::owner_id.eq(id))
        .filter(package_owners::owner_kind.eq(kind))
        .filter(package_owners::deleted.eq(false))
        .order(packages::name)
        .with::<Package>()
        .load(conn)
        .await
}

/// Adds an owner, also one that was removed before.
pub(crate) async fn add_owner(
    conn: &mut AsyncPgConnection,
    owner: PackageOwner,
) -> QueryResult<Arc<PackageOwner>> {
    // wants: upsert through the manager
    diesel::insert_into(package_owners::table)
        .values(&owner)
        .on_conflict(package_owners::table.primary_key())
        .do_update()
        .set((
            package_owners::deleted.eq(false),
            package_owners::added_by.eq(owner.added_by),
        ))
        .execute(conn)
        .await?;
    PackageOwner::cached().find(owner.key()).first(conn).await
}

/// The row stays.
pub(crate) async fn remove_owner(
    conn: &mut AsyncPgConnection,
    package: PackageId,
    id: i32,
    kind: OwnerKind,
) -> QueryResult<usize> {
    // wants: update by key without loading
    PackageOwner::cached()
        .filter(package_owners::package_id.eq(package))
        .filter(package_owners::owner_id.eq(id))
        .filter(package_owners::owner_kind.eq(kind))
        .update_all(package_owners::deleted.eq(true), conn)
        .await
}

pub(crate) async fn follow(
    conn: &mut AsyncPgConnection,
    user: UserId,
    package: PackageId,
) -> QueryResult<usize> {
    let follow = Follow {
        user_id: user,
        package_id: package,
    };
    diesel::insert_into(follows::table)
        .values(follow)
        .on_conflict_do_nothing()
        .execute(conn)
        .await
}

pub(crate) async fn unfollow(
    conn: &mut AsyncPgConnection,
    user: UserId,
    package: PackageId,
) -> QueryResult<usize> {
    // wants: delete by key without loading
    Follow::cached()
        .filter(
            follows::user_id
                .eq(user)
                .and(follows::package_id.eq(package)),
        )
        .delete_all(conn)
        .await
}

pub(crate) async fn followed_by(
    conn: &mut AsyncPgConnection,
    user: UserId,
) -> QueryResult<Vec<Arc<Package>>> {
    follows::table
        .inner_join(packages::table)
        .filter(follows::user_id.eq(user))
        .order(packages::name)
        .select(Package::as_select())
        .mapped()
        .load(conn)
        .await
}

/// Votes for a package, or takes the vote back. A trigger keeps the package's score.
pub(crate) async fn vote(
    conn: &mut AsyncPgConnection,
    user: UserId,
    package: PackageId,
    vote: Option<i16>,
) -> QueryResult<Arc<Package>> {
    if let Some(vote) = vote {
        let new = PackageVote {
            user_id: user,
            package_id: package,
            vote,
        };
        // wants: upsert through the manager
        diesel::insert_into(package_votes::table)
            .values(&new)
            .on_conflict((package_votes::user_id, package_votes::package_id))
            .do_update()
            .set(package_votes::vote.eq(vote))
            .execute(conn)
            .await?;
    } else {
        let vote = PackageVote::cached()
            .find((user, package))
            .first(conn)
            .await;
        if let Some(vote) = vote.optional()? {
            PackageVote::cached().delete(&vote, conn).await?;
        }
    }
    super::package(conn, package).await
}

pub(crate) async fn publishers_of(
    conn: &mut AsyncPgConnection,
    package: PackageId,
) -> QueryResult<Vec<Arc<TrustedPublisher>>> {
    TrustedPublisher::cached()
        .filter(trusted_publishers::package_id.eq(package))
        .order(trusted_publishers::id)
        .load(conn)
        .await
}

/// `None` if it is there.
pub(crate) async fn trust(
    conn: &mut AsyncPgConnection,
    publisher: NewTrustedPublisher,
) -> QueryResult<Option<Arc<TrustedPublisher>>> {
    // wants: insert_into(..).on_conflict_do_nothing().returning(..).mapped()
    let id: Option<PublisherId> = diesel::insert_into(trusted_publishers::table)
        .values(&publisher)
        .on_conflict_do_nothing()
        .returning(trusted_publishers::id)
        .get_result(conn)
        .await
        .optional()?;
    let Some(id) = id else { return Ok(None) };
    let publisher = TrustedPublisher::cached().find(id);
    publisher.first(conn).await.map(Some)
}
