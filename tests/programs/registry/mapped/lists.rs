//! Lists of packages.

use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use diesel_identity_map::prelude::*;

use super::super::models::*;
use super::super::schema::*;

pub(crate) async fn packages_page(
    conn: &mut AsyncPgConnection,
    offset: i64,
    limit: i64,
) -> QueryResult<(Vec<Arc<Package>>, i64)> {
    let rows: Vec<(Arc<Package>, i64)> = packages::table
        .order((packages::name, packages::id))
        .offset(offset)
        .limit(limit)
        .select((Package::as_select(), count_star().over()))
        .mapped()
        .load(conn)
        .await?;
    let total = rows.last().map_or(0, |(_, total)| *total);
    Ok((rows.into_iter().map(|(row, _)| row).collect(), total))
}

pub(crate) async fn recently_updated(
    conn: &mut AsyncPgConnection,
    limit: i64,
) -> QueryResult<Vec<Arc<Package>>> {
    Package::cached()
        .order((packages::updated_at.desc(), packages::id.desc()))
        .limit(limit)
        .load(conn)
        .await
}

pub(crate) async fn best_voted(
    conn: &mut AsyncPgConnection,
    after: Option<(i32, PackageId)>,
    limit: i64,
) -> QueryResult<Vec<Arc<Package>>> {
    let mut query = Package::cached().into_boxed();
    if let Some((score, id)) = after {
        let next = packages::score
            .lt(score)
            .or(packages::score.eq(score).and(packages::id.gt(id)));
        query = query.filter(next);
    }
    query
        .order((packages::score.desc(), packages::id))
        .limit(limit)
        .load(conn)
        .await
}

pub(crate) async fn most_downloaded(
    conn: &mut AsyncPgConnection,
    limit: i64,
) -> QueryResult<Vec<(Arc<Package>, Arc<PackageDownloads>)>> {
    packages::table
        .inner_join(package_downloads::table)
        .order((package_downloads::total.desc(), packages::id))
        .limit(limit)
        .select((Package::as_select(), PackageDownloads::as_select()))
        .mapped()
        .load(conn)
        .await
}

/// A package in a list, as the account sees it that asks.
#[derive(MappedView, Debug)]
pub(crate) struct PackageRow {
    pub(crate) package: Arc<Package>,
    pub(crate) downloads: Arc<PackageDownloads>,
    pub(crate) default_version: Arc<DefaultVersion>,
    pub(crate) version: Arc<Version>,
    pub(crate) publisher: Option<Arc<User>>,
    pub(crate) followed: bool,
    pub(crate) owned: bool,
    pub(crate) my_vote: Option<i16>,
}

pub(crate) async fn package_list(
    conn: &mut AsyncPgConnection,
    viewer: UserId,
    filter: PackageFilter,
    limit: i64,
) -> QueryResult<Vec<PackageRow>> {
    let follows_package = follows::package_id.eq(packages::id);
    let owns_package = package_owners::package_id
        .eq(packages::id)
        .and(package_owners::owner_kind.eq(OwnerKind::User))
        .and(package_owners::deleted.eq(false));
    let mut query = packages::table
        .inner_join(package_downloads::table)
        .inner_join(default_versions::table)
        .inner_join(versions::table.on(versions::id.eq(default_versions::version_id)))
        .left_join(users::table.on(versions::published_by.eq(users::id.nullable())))
        .left_join(follows::table.on(follows_package.and(follows::user_id.eq(viewer))))
        .left_join(
            package_owners::table.on(owns_package.and(package_owners::owner_id.eq(viewer.0))),
        )
        .left_join(
            package_votes::table.on(package_votes::package_id
                .eq(packages::id)
                .and(package_votes::user_id.eq(viewer))),
        )
        .into_boxed();
    if let Some(word) = filter.keyword {
        let with_word = packages_keywords::table
            .inner_join(keywords::table)
            .filter(keywords::word.eq(word))
            .select(packages_keywords::package_id);
        query = query.filter(packages::id.eq_any(with_word));
    }
    if let Some(path) = filter.category {
        let below = packages_categories::table
            .inner_join(categories::table)
            .filter(
                categories::path
                    .eq(path)
                    .or(categories::path.like(format!("{path}.%"))),
            )
            .select(packages_categories::package_id);
        query = query.filter(packages::id.eq_any(below));
    }
    if let Some(letter) = filter.letter {
        query = query.filter(packages::name.ilike(format!("{letter}%")));
    }
    if let Some(owner) = filter.owned_by {
        let others = diesel::alias!(package_owners as others);
        let owned = others
            .filter(others.field(package_owners::owner_id).eq(owner.0))
            .filter(others.field(package_owners::owner_kind).eq(OwnerKind::User))
            .filter(others.field(package_owners::deleted).eq(false))
            .select(others.field(package_owners::package_id));
        query = query.filter(packages::id.eq_any(owned));
    }
    if let Some(user) = filter.followed_by {
        let others = diesel::alias!(follows as others);
        let followed = others
            .filter(others.field(follows::user_id).eq(user))
            .select(others.field(follows::package_id));
        query = query.filter(packages::id.eq_any(followed));
    }
    if let Some((total, id)) = filter.after {
        let next = package_downloads::total
            .lt(total)
            .or(package_downloads::total.eq(total).and(packages::id.gt(id)));
        query = query.filter(next);
    }
    query
        .order((package_downloads::total.desc(), packages::id))
        .limit(limit)
        .select((
            Package::as_select(),
            PackageDownloads::as_select(),
            DefaultVersion::as_select(),
            Version::as_select(),
            Option::<User>::as_select(),
            follows::user_id.nullable().is_not_null(),
            package_owners::owner_id.nullable().is_not_null(),
            package_votes::vote.nullable(),
        ))
        .mapped()
        .views()
        .load(conn)
        .await
}
