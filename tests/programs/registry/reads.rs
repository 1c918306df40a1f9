//! Every function that reads, while nothing, everything or half of it is held.

use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

use diesel::QueryResult;
use diesel_async::AsyncPgConnection;

use super::check::hold_all;
use super::held::{Found, Held};
use super::models::*;
use super::setup::{registry, with_map};
use super::{mapped, plain};
use crate::db::asynchronous::{self, postgres::Db};

/// Gives each function that reads, with its arguments, to a macro.
macro_rules! all_reads {
    ($then:ident) => {
        $then! {
            user_that_is_there: user_by_login("bob");
            user_that_is_not: user_by_login("nobody");
            accounts: accounts();
            limits: limits_of(UserId(1));
            limit_by_key: limit(UserId(1), LimitedAction::Yank);
            tokens: tokens_of(UserId(1), at(6, 1));
            package_by_key: package(PackageId(3));
            package_without_row: package(PackageId(99));
            package_by_id_column: package_by_id_column(PackageId(4));
            package_by_name: package_by_name("cedar");
            packages_by_ids: packages_by_ids(&[1, 3, 8, 99].map(PackageId));
            package_page: package_page("cedar");
            page_of_a_package_without_versions: package_page("lagoon");
            deleted_packages: deleted_packages();
            packages_page: packages_page(2, 4);
            recently_updated: recently_updated(5);
            best_voted: best_voted(None, 5);
            best_voted_further: best_voted(Some((1, PackageId(2))), 6);
            most_downloaded: most_downloaded(6);
            package_list: package_list(UserId(2), PackageFilter::default(), 20);
            list_by_keyword: package_list(
                UserId(1), PackageFilter { keyword: Some("orm"), ..Default::default() }, 20);
            list_by_category: package_list(
                UserId(3), PackageFilter { category: Some("web"), letter: Some('B'), ..Default::default() }, 20);
            list_of_owner: package_list(
                UserId(1), PackageFilter { owned_by: Some(UserId(1)), ..Default::default() }, 20);
            list_of_follower_further: package_list(
                UserId(1),
                PackageFilter { followed_by: Some(UserId(1)), after: Some((170, PackageId(1))), ..Default::default() },
                20);
            version_by_number: version(PackageId(3), "2.0");
            versions_of: versions_of(PackageId(3), None, None);
            versions_of_further: versions_of(PackageId(3), Some(VersionId(20)), Some(false));
            versions_of_packages: versions_of_packages(&[2, 3, 12].map(PackageId));
            top_versions: top_versions(20);
            top_version: top_version(VersionId(24));
            yanked_version_is_no_top: top_version(VersionId(28));
            dependencies_of: dependencies_of(VersionId(3));
            reverse_dependencies: reverse_dependencies(PackageId(5), 0, 5);
            reverse_dependencies_further: reverse_dependencies(PackageId(5), 1, 5);
            readme: readme(VersionId(3));
            downloads_on: downloads_on(VersionId(2), on(3, 3));
            downloads_of: downloads_of(PackageId(3), on(3, 2));
            owners_of: owners_of(PackageId(3));
            owner_of_kind_user: owner(PackageId(3), 1, OwnerKind::User);
            owner_of_kind_team: owner(PackageId(3), 1, OwnerKind::Team);
            packages_of_user: packages_of(1, OwnerKind::User);
            packages_of_team: packages_of(1, OwnerKind::Team);
            followed_by: followed_by(UserId(1));
            publishers_of: publishers_of(PackageId(3));
            categories_below: categories_below("web");
            categories_above: categories_above("web.http.client");
            popular_keywords: popular_keywords(4);
            keywords_of: keywords_of(&[1, 2, 3, 4].map(PackageId));
            thread: thread(PackageId(3));
            replies: replies(CommentId(1));
            all_jobs: jobs(None);
            jobs_of_kind: jobs(Some(JobKind::SendMail));
            team_by_key: read::<Team>(TeamId(2));
            category_by_key: read::<Category>(CategoryId(3));
        }
    };
}
pub(super) use all_reads;

/// Reads once by plain Diesel, on a connection of its own, and by the map in each state of it.
fn read<P: Debug, M: Debug + Found>(
    db: &Db,
    plain: impl AsyncFn(&mut AsyncPgConnection) -> QueryResult<P>,
    mapped: impl AsyncFn(&mut AsyncPgConnection) -> QueryResult<M>,
) {
    asynchronous::run(async {
        let expected = format!("{:?}", plain(&mut db.connect().await).await);
        let mut conn = with_map(db).await;
        let conn = &mut conn;
        let mut own = Held::default();
        for held in ["nothing", "its own"] {
            let found = mapped(conn).await;
            assert_eq!(format!("{found:?}"), expected, "{held} is held");
            if let Ok(found) = &found {
                own.hold(found);
            }
        }
        drop(own);

        let mut held = Held::default();
        hold_all(conn, &mut held).await;
        for state in ["everything", "half"] {
            let before = held.len();
            let found = mapped(conn).await;
            assert_eq!(format!("{found:?}"), expected, "{state} is held");
            if let Ok(found) = &found {
                held.hold(found);
            }
            assert!(
                state == "half" || held.len() == before,
                "a row that no list has"
            );
            held.halve();
        }
    });
}

macro_rules! tests {
    ($($test:ident: $name:ident $(::<$Model:ty>)? ($($arg:expr),* $(,)?);)+) => {
        #[test]
        fn every_read() {
            let db = asynchronous::run(registry());
            let mut wrong = Vec::new();
            $(
                let reading = || read(
                    &db,
                    async |conn: &mut AsyncPgConnection| plain::$name$(::<$Model>)?(conn, $($arg),*).await,
                    async |conn: &mut AsyncPgConnection| mapped::$name$(::<$Model>)?(conn, $($arg),*).await,
                );
                if catch_unwind(AssertUnwindSafe(reading)).is_err() {
                    wrong.push(stringify!($test));
                }
            )+
            assert_eq!(wrong, [""; 0]);
        }

        /// A handler of a server awaits them on whatever thread.
        #[allow(dead_code)]
        fn futures_are_send(conn: &mut AsyncPgConnection) {
            fn is_send(_: impl Send) {}
            $(is_send(mapped::$name$(::<$Model>)?(conn, $($arg),*));)+
        }
    };
}
all_reads!(tests);
