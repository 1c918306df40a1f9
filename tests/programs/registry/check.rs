//! Whether the map says what the database says.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use diesel_identity_map::prelude::*;

use super::held::Held;
use super::models::*;
use super::reads::all_reads;
use super::schema::*;
use super::{mapped, plain};

/// Gives each model, with its table and the plain query of its rows, to a macro.
macro_rules! all_models {
    ($then:ident ($conn:ident, $held:ident)) => {
        $then! { ($conn, $held)
            ApiToken of api_tokens: api_tokens::table.select(ApiToken::as_select());
            BackgroundJob of background_jobs: background_jobs::table.select(BackgroundJob::as_select());
            Badge of badges: badges::table.select(Badge::as_select());
            Category of categories: categories::table.select(Category::as_select());
            Comment of comments: comments::table.select(Comment::as_select());
            DefaultVersion of default_versions: default_versions::table.select(DefaultVersion::as_select());
            DeletedPackage of deleted_packages: deleted_packages::table.select(DeletedPackage::as_select());
            Dependency of dependencies: dependencies::table.select(Dependency::as_select());
            Email of emails: emails::table.select(Email::as_select());
            Follow of follows: follows::table.select(Follow::as_select());
            Keyword of keywords: keywords::table.select(Keyword::as_select());
            Package of packages: packages::table.select(Package::as_select());
            PackageCategory of packages_categories: packages_categories::table.select(PackageCategory::as_select());
            PackageDownloads of package_downloads: package_downloads::table.select(PackageDownloads::as_select());
            PackageKeyword of packages_keywords: packages_keywords::table.select(PackageKeyword::as_select());
            PackageOwner of package_owners: package_owners::table.select(PackageOwner::as_select());
            PackageVote of package_votes: package_votes::table.select(PackageVote::as_select());
            PublishLimit of publish_limits: publish_limits::table.select(PublishLimit::as_select());
            ReadmeRendering of readme_renderings: readme_renderings::table.select(ReadmeRendering::as_select());
            ReverseDependency of dependencies: ReverseDependency::query();
            Team of teams: teams::table.select(Team::as_select());
            TopVersion of versions: TopVersion::query();
            TrustedPublisher of trusted_publishers: trusted_publishers::table.select(TrustedPublisher::as_select());
            User of users: users::table.select(User::as_select());
            Version of versions: versions::table.select(Version::as_select());
            VersionDownload of version_downloads: version_downloads::table.select(VersionDownload::as_select());
        }
    };
}

/// Holds every row of every model.
pub(super) async fn hold_all(conn: &mut AsyncPgConnection, held: &mut Held) {
    macro_rules! hold {
        (($conn:ident, $held:ident) $($Model:ident of $table:ident: $rows:expr;)+) => {$(
            let found = $Model::cached().order($table::table.primary_key()).load($conn).await;
            $held.hold(&found.unwrap());
        )+};
    }
    all_models!(hold(conn, held));
}

/// What a test looks at first: what it holds, or what lists and joins give.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum First {
    Keys,
    Reads,
}

/// Compares everything that can be found with what plain Diesel reads on the same connection, while
/// `held` is held; what it finds is held as well by what it returns.
pub(super) async fn check(conn: &mut AsyncPgConnection, held: &Held, first: First) -> Held {
    let mut found = Held::default();
    if first == First::Reads {
        check_reads(conn, &mut found).await;
    }
    check_keys(conn, held, &mut found).await;
    check_lists(conn, &mut found).await;
    if first == First::Keys {
        check_reads(conn, &mut found).await;
    }
    found
}

/// Each key of an object that is held, by `find`.
async fn check_keys(conn: &mut AsyncPgConnection, held: &Held, found: &mut Held) {
    macro_rules! compare {
        (($conn:ident, $found:ident) $($Model:ident of $table:ident: $rows:expr;)+) => {$(
            let plain: Vec<$Model> = $rows.load($conn).await.unwrap();
            for object in held.all::<$Model>() {
                let plain = plain.iter().find(|row| row.key() == object.key());
                let again = $Model::cached().find(object.key()).first($conn).await;
                let again = again.optional().unwrap();
                assert_eq!(again.as_deref(), plain, "found by its key");
                $found.hold(&again);
            }
        )+};
    }
    all_models!(compare(conn, found));
}

/// All rows of each model, by a list.
async fn check_lists(conn: &mut AsyncPgConnection, found: &mut Held) {
    macro_rules! compare {
        (($conn:ident, $found:ident) $($Model:ident of $table:ident: $rows:expr;)+) => {$(
            let rows = $rows.order($table::table.primary_key());
            let plain: Vec<$Model> = rows.load($conn).await.unwrap();
            let list = $Model::cached().order($table::table.primary_key()).load($conn).await;
            let list = list.unwrap();
            assert!(list.iter().map(|object| &**object).eq(&plain), "{list:?} {plain:?}");
            $found.hold(&list);
        )+};
    }
    all_models!(compare(conn, found));
}

/// Every function that reads.
async fn check_reads(conn: &mut AsyncPgConnection, found: &mut Held) {
    macro_rules! compare {
        ($($read:ident: $name:ident $(::<$Model:ty>)? ($($arg:expr),* $(,)?);)+) => {$(
            let plain = plain::$name$(::<$Model>)?(conn, $($arg),*).await;
            let mapped = mapped::$name$(::<$Model>)?(conn, $($arg),*).await;
            assert_eq!(format!("{mapped:?}"), format!("{plain:?}"), stringify!($read));
            if let Ok(mapped) = &mapped {
                found.hold(mapped);
            }
        )+};
    }
    all_reads!(compare);
}
