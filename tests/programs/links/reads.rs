//! Every function that reads, beside plain Diesel.

use super::mapped;
use super::models::*;
use super::plain;
use super::query::{PostQuery, PostSort};
use super::world::World;

/// Reads by a function of both kinds.
macro_rules! read {
    ($site:expr, $($function:ident($($argument:expr),*);)+) => {$({
        let site: &mut World = $site;
        let plain = plain::$function(&mut site.plain $(, $argument)*).await;
        let plain = format!("{plain:#?}");
        let call = stringify!($function($($argument),*));
        site.reads(call, plain, async |conn| {
            mapped::$function(conn $(, $argument)*).await
        })
        .await;
    })+};
}

const ANN: PersonId = PersonId(1);
const BOB: PersonId = PersonId(2);

/// All lists and views, for two persons.
pub(super) async fn all(site: &mut World) {
    posts(site).await;
    comments(site).await;
    people(site).await;
    mail(site).await;
}

async fn posts(site: &mut World) {
    let ids: Vec<PostId> = [9, 3, 99, 1, 6].map(PostId).into();
    let page = PostQuery {
        limit: 6,
        ..PostQuery::default()
    };
    let queries = [
        page.clone(),
        PostQuery {
            sort: PostSort::Top,
            community: Some(CommunityId(1)),
            featured_first: true,
            ..page.clone()
        },
        PostQuery {
            sort: PostSort::Hot,
            subscribed: true,
            ..page.clone()
        },
        PostQuery {
            words: Some("rust".to_owned()),
            creator: Some(ANN),
            unread: true,
            ..page.clone()
        },
        PostQuery {
            saved: true,
            ..page.clone()
        },
    ];
    for me in [ANN, BOB] {
        for query in &queries {
            read!(site, list_posts(query, me););
        }
    }
    // All pages, each from where the last one ended.
    for sort in [PostSort::New, PostSort::Top] {
        let mut next = Some(PostQuery {
            sort,
            ..page.clone()
        });
        while let Some(query) = next.take() {
            read!(site, list_posts(&query, BOB););
            let rows = plain::list_posts(&mut site.plain, &query, BOB).await;
            next = rows.unwrap().pop().map(|row| PostQuery {
                after: Some(row.post),
                ..query
            });
        }
    }
    for number in 1..=5 {
        read!(site, posts_page(number, 7););
    }
    read! { site,
        post_view(PostId(3), ANN);
        post_view(PostId(6), BOB);
        posts_by_ids(&ids);
        cross_posts(PostId(3));
        tags_of(&ids);
        summaries(CommunityId(1));
    }
}

async fn comments(site: &mut World) {
    read! { site,
        comment_tree(PostId(3), 9, ANN);
        comment_tree(PostId(4), 2, BOB);
        comment_thread(CommentId(5));
        comment_thread(CommentId(12));
        comments_by(BOB, None);
        comments_by(BOB, Some(CommentId(8)));
    }
}

async fn people(site: &mut World) {
    let image = ImageAlias("b2.png".to_owned());
    let actions = [RateAction::Search, RateAction::Post];
    read! { site,
        person_view("bob", "links.test");
        person_view("bob", "far.test");
        admins();
        site_view();
        settings_of(ANN);
        setting(BOB, SettingName::Theme);
        setting(BOB, SettingName::Language);
        blocks_of(ANN);
        blocks_of(BOB);
        rate_limit(RateAction::Comment);
        rate_limits(&actions);
        open_applications();
        linked_instances();
        images_of(ANN);
        image(&image);
        list_communities(None, false, BOB);
        list_communities(Some("r"), true, ANN);
        followed(ANN);
        moderators(CommunityId(1));
        languages_of(CommunityId(1));
        communities_with_tags();
    }
}

async fn mail(site: &mut World) {
    read! { site,
        reports_for(ANN, false);
        reports_for(BOB, true);
        messages_between(ANN, BOB);
        inbox(ANN, false);
        inbox(BOB, true);
        unread_count(BOB);
        moderation_log(None);
        moderation_log(Some(ModerationId(3)));
        queue_of(InstanceId(2));
    }
}
