//! Every function that writes, while everything that it may change is held.

mod ways;

use std::panic::{AssertUnwindSafe, catch_unwind};

use diesel_async::AsyncPgConnection;

use self::ways::written;
use super::models::*;
use super::setup::registry;
use super::{mapped, plain};
use crate::db::asynchronous;

macro_rules! tests {
    ($($theme:ident {
        $($test:ident: $name:ident $(::<$Model:ty>)? ($($arg:expr),* $(,)?);)+
    })+) => {
        $(#[test]
        fn $theme() {
            let db = asynchronous::run(registry());
            let mut wrong = Vec::new();
            $(
                let write = || written(
                    &db,
                    async |conn: &mut AsyncPgConnection| plain::$name$(::<$Model>)?(conn, $($arg),*).await,
                    async |conn: &mut AsyncPgConnection| mapped::$name$(::<$Model>)?(conn, $($arg),*).await,
                );
                if catch_unwind(AssertUnwindSafe(write)).is_err() {
                    wrong.push(stringify!($test));
                }
            )+
            assert_eq!(wrong, [""; 0]);
        })+

        /// A handler of a server awaits them on whatever thread.
        #[allow(dead_code)]
        fn futures_are_send(conn: &mut AsyncPgConnection) {
            fn is_send(_: impl Send) {}
            $($(is_send(mapped::$name$(::<$Model>)?(conn, $($arg),*));)+)+
        }
    };
}

fn cedar(kind: Provider) -> NewTrustedPublisher {
    NewTrustedPublisher {
        package_id: PackageId(3),
        provider: kind,
        repository: "ada/cedar".to_owned(),
        workflow: "release".to_owned(),
        environment: Some("stage".to_owned()),
    }
}

fn owner(owner_id: i32, owner_kind: OwnerKind) -> PackageOwner {
    PackageOwner {
        package_id: PackageId(3),
        owner_id,
        owner_kind,
        added_by: Some(UserId(4)),
        deleted: false,
    }
}

fn user(login: &str) -> NewUser {
    NewUser {
        login: login.to_owned(),
        display_name: Some("Somebody".to_owned()),
    }
}

fn job(priority: i16) -> NewJob {
    NewJob {
        kind: JobKind::SendMail,
        payload: format!("mail {priority}"),
        priority,
    }
}

fn readme(id: i32) -> ReadmeRendering {
    ReadmeRendering {
        version_id: VersionId(id),
        html: "<p>new".to_owned(),
        rendered_at: at(7, 1),
    }
}

fn badge(badge: BadgeKind, attributes: &str) -> Badge {
    Badge {
        package_id: PackageId(3),
        badge,
        attributes: attributes.to_owned(),
    }
}

fn new_version(name: &'static str) -> Publish {
    Publish {
        name,
        num: "4.0",
        by: UserId(2),
        at: at(6, 1),
        description: Some("described anew"),
        dependencies: &[
            ("amber", "^1.0", DependencyKind::Normal),
            ("dune", "^2.0", DependencyKind::Dev),
        ],
        keywords: &["orm", "new", "unused"],
        categories: &["web.http.client", "data.sql"],
    }
}

tests! {
    accounts {
        sign_in_of_a_new_account: sign_in(user("gus"), "gus@example.org");
        sign_in_of_a_known_account: sign_in(user("bob"), "bob@example.com");
        confirm_email: confirm_email("token of ada");
        confirm_no_email: confirm_email("nothing");
        lock_account: lock_account(UserId(2), Some(at(9, 1)));
        lock_no_account: lock_account(UserId(99), None);
        delete_account: delete_account(UserId(1));
        take_limit: take_limit(UserId(1), LimitedAction::PublishNew, at(5, 1));
        take_first_limit: take_limit(UserId(3), LimitedAction::PublishUpdate, at(5, 1));
    }
    tokens {
        create_token: create_token(NewApiToken {
            user_id: UserId(1),
            name: "new".to_owned(),
            digest: vec![1, 2],
            scopes: Some(vec![TokenScope::Owners]),
            expires_at: None,
        });
        authenticate: authenticate(&[0xaa, 0x01], at(5, 1));
        authenticate_with_a_revoked_token: authenticate(&[0xaa, 0x04], at(5, 1));
        revoke_token: revoke_token(UserId(2), TokenId(1));
        revoke_token_of_another: revoke_token(UserId(3), TokenId(1));
        revoke_tokens_of: revoke_tokens_of(UserId(1));
    }
    packages {
        update_package: update_package(
            PackageId(3),
            PackageChanges { description: Some(None), max_size: Some(Some(7)), ..Default::default() });
        rename_package: rename_package(PackageId(3), "cedarwood");
        rename_to_a_name_that_is_taken: rename_package(PackageId(3), "amber");
        delete_package: delete_package(PackageId(3), UserId(1), at(5, 1));
        delete_no_package: delete_package(PackageId(99), UserId(1), at(5, 1));
        set_badges: set_badges(
            PackageId(3), vec![badge(BadgeKind::Coverage, "98"), badge(BadgeKind::Maintenance, "none")]);
    }
    publications {
        publish_a_new_package: publish(new_version("moor"));
        publish_a_new_version: publish(new_version("cedar"));
        publish_the_first_version: publish(new_version("lagoon"));
        publish_a_version_that_is_there: publish(Publish { num: "2.0", ..new_version("cedar") });
        publish_with_a_dependency_that_is_not: publish(
            Publish { dependencies: &[("nothing", "*", DependencyKind::Build)], ..new_version("moor") });
    }
    versions {
        yank: yank(VersionId(25), Some("broken"));
        unyank: yank(VersionId(7), None);
        yank_all: yank_all(PackageId(3));
        set_default_version: set_default_version(PackageId(3), VersionId(3));
        set_default_version_of_another: set_default_version(PackageId(12), VersionId(1));
        delete_version: delete_version(VersionId(14));
        delete_default_version: delete_version(VersionId(25));
        render_readme: render_readme(readme(3));
        render_first_readme: render_readme(readme(4));
    }
    downloads {
        add_downloads: add_downloads(VersionId(2), on(3, 3), 40);
        add_first_downloads: add_downloads(VersionId(3), on(3, 9), 40);
        process_downloads: process_downloads(20);
        forget_downloads: forget_downloads(on(3, 4));
    }
    owners {
        add_owner: add_owner(owner(6, OwnerKind::User));
        add_owner_again: add_owner(owner(1, OwnerKind::User));
        add_team: add_owner(owner(3, OwnerKind::Team));
        remove_owner: remove_owner(PackageId(3), 1, OwnerKind::Team);
        follow: follow(UserId(2), PackageId(3));
        follow_again: follow(UserId(1), PackageId(2));
        unfollow: unfollow(UserId(1), PackageId(2));
        vote: vote(UserId(6), PackageId(3), Some(1));
        vote_otherwise: vote(UserId(3), PackageId(3), Some(1));
        take_vote_back: vote(UserId(3), PackageId(3), None);
        trust: trust(NewTrustedPublisher { workflow: "nightly".to_owned(), ..cedar(Provider::Forge) });
        trust_again: trust(cedar(Provider::Forge));
    }
    taxonomy {
        set_keywords: set_keywords(PackageId(3), &["cli", "async", "fresh"]);
        set_categories: set_categories(PackageId(3), &["web.wasm", "data.sql.map"]);
        move_category: move_category("web.http", "data.http");
    }
    comments_and_jobs {
        comment: comment(UserId(1), PackageId(3), None, "third");
        answer: comment(UserId(1), PackageId(3), Some(CommentId(3)), "answer to an answer");
        delete_comment: delete_comment(CommentId(2));
        enqueue: enqueue(vec![job(9), job(0)]);
        run_job: run_job(at(5, 1), true);
        run_job_that_fails: run_job(at(5, 1), false);
        retry_jobs: retry_jobs(at(1, 1));
    }
    by_forms {
        create_by_form: create::<Category>(NewCategory { path: "data.log".to_owned(), label: "Logs".to_owned() });
        create_what_is_there: create::<User>(user("bob"));
        update_by_form: update::<Email>(
            EmailId(2),
            NewEmail { user_id: UserId(6), address: "x".to_owned(), verified: true, token: "y".to_owned() });
        update_without_row: update::<Team>(
            TeamId(99), NewTeam { slug: "x".to_owned(), org_id: 1, title: None });
        update_publisher: update::<TrustedPublisher>(PublisherId(1), cedar(Provider::Pipeline));
        delete_by_key: delete::<Team>(TeamId(1));
        delete_user_by_key: delete::<User>(UserId(2));
        delete_category_by_key: delete::<Category>(CategoryId(3));
        delete_without_row: delete::<Team>(TeamId(99));
    }
}
