//! Every function that writes, while everything that was ever read is held.

use diesel_async::AsyncPgConnection;

use super::mapped;
use super::models::*;
use super::plain;
use super::world::{Held, World};
use super::{reads, rows};

/// A site that is written by the map, and another that is written the same by plain Diesel.
struct Twins {
    mapped: World,
    plain: World,
    steps: usize,
}

impl Twins {
    async fn new(connections: usize) -> Self {
        let mut mapped = World::new(connections, Held::All).await;
        all(&mut mapped, 0).await;
        Self {
            mapped,
            plain: World::new(0, Held::All).await,
            steps: 0,
        }
    }

    fn conn(&mut self) -> &mut AsyncPgConnection {
        let writer = self.steps % self.mapped.conns.len();
        &mut self.mapped.conns[writer]
    }

    /// Compares what a write gives on both sites, and all that can be read after it.
    async fn compare(&mut self, step: &str, plain: String, mapped: String) {
        assert_eq!(mapped, plain, "what {step} gives");
        self.mapped.written(step);
        self.steps += 1;
        all(&mut self.mapped, self.steps).await;
        let rows = rows::written(&mut self.mapped.plain).await;
        assert!(
            rows == rows::written(&mut self.plain.plain).await,
            "what {step} writes"
        );
    }
}

/// All reads, in one order or in the other.
async fn all(world: &mut World, step: usize) {
    if step.is_multiple_of(2) {
        rows::found(world).await;
        reads::all(world).await;
        rows::listed(world).await;
    } else {
        reads::all(world).await;
        rows::listed(world).await;
        rows::found(world).await;
    }
}

/// Writes by a function of both kinds.
macro_rules! write {
    ($twins:expr, $($(<$model:ident>::)?$function:ident($($argument:expr),*);)+) => {$({
        let twins: &mut Twins = $twins;
        let plain = write!(@ plain $($model)? $function(&mut twins.plain.plain $(, $argument)*));
        let plain = format!("{:#?}", plain.unwrap());
        let mapped = write!(@ mapped $($model)? $function(twins.conn() $(, $argument)*));
        let mapped = format!("{:#?}", mapped.unwrap());
        let step = stringify!($($model::)?$function($($argument),*));
        twins.compare(step, plain, mapped).await;
    })+};
    (@ $kind:ident $function:ident($($argument:expr),*)) => { $kind::$function($($argument),*).await };
    (@ $kind:ident $model:ident $function:ident($($argument:expr),*)) => {
        <$model as $kind::Crud>::$function($($argument),*).await
    };
}

const ANN: PersonId = PersonId(1);
const BOB: PersonId = PersonId(2);
const CAI: PersonId = PersonId(3);
const DEE: PersonId = PersonId(4);

pub(super) async fn readers(connections: usize) {
    let twins = &mut Twins::new(connections).await;
    let vote = |person_id, post, score| PostVote {
        person_id,
        post_id: PostId(post),
        score,
    };
    let comment_vote = |comment, score| CommentVote {
        person_id: DEE,
        comment_id: CommentId(comment),
        score,
    };
    let answer = |creator_id, content: &str| CommentInsert {
        creator_id,
        post_id: PostId(3),
        path: None,
        content: content.to_owned(),
        published: None,
    };
    let follow = |person_id, community, state| CommunityFollow {
        person_id,
        community_id: CommunityId(community),
        state,
        approver_id: None,
    };
    let read = [1, 2, 3, 4].map(PostId);
    let tags = [TagId(2), TagId(1)];
    write! { twins,
        vote_post(&vote(ANN, 20, 1));
        vote_post(&vote(ANN, 20, -1));
        vote_post(&vote(BOB, 3, -1));
        unvote_post(ANN, PostId(20));
        unvote_post(ANN, PostId(20));
        vote_comment(&comment_vote(16, 1));
        vote_comment(&comment_vote(16, -1));
        create_comment(&answer(BOB, "An answer"), Some(CommentId(9)));
        create_comment(&answer(CAI, "From the top"), None);
        create_comment(&answer(ANN, "To the answer"), Some(CommentId(17)));
        save_post(BOB, PostId(4));
        save_post(BOB, PostId(4));
        unsave_post(BOB, PostId(3));
        unsave_post(BOB, PostId(99));
        mark_read(ANN, &read);
        mark_seen(ANN, PostId(3));
        tag_post(PostId(3), &tags);
        edit_post(PostId(4), |post| post.title.push('!'));
        follow(&follow(BOB, 3, FollowState::Accepted));
        follow(&follow(CAI, 1, FollowState::Accepted));
        unfollow(ANN, CommunityId(1));
        mark_all_read(BOB);
    }
}

pub(super) async fn moderators(connections: usize) {
    let twins = &mut Twins::new(connections).await;
    let branch = CommentPath("0.1".to_owned());
    let languages = [LanguageId(2), LanguageId(3)];
    write! { twins,
        remove_post(ANN, PostId(3), "Spam");
        resolve_reports(BOB, PostId(1));
        delete_comment(BOB, CommentId(6));
        delete_comment(BOB, CommentId(7));
        remove_branch(&branch);
        accept_followers(CommunityId(4), ANN);
        hand_over(CommunityId(1), BOB);
        set_languages(CommunityId(1), &languages);
        approve(ANN, RegistrationApplicationId(1));
        block_instance(DEE, InstanceId(2));
        set_rate_limit(RateAction::Post, 5);
        ban_person(ANN, CAI);
        purge_person(DEE);
    }
}

pub(super) async fn servers(connections: usize) {
    let twins = &mut Twins::new(connections).await;
    let person = |name: &str, bio: &str| PersonInsert {
        instance_id: InstanceId(2),
        name: name.to_owned(),
        actor_url: format!("https://far.test/u/{name}"),
        bio: Some(bio.to_owned()),
        admin: None,
    };
    let setting = |value: &str| PersonSetting {
        person_id: BOB,
        name: SettingName::Language,
        value: value.to_owned(),
    };
    let message = PrivateMessageInsert {
        creator_id: BOB,
        recipient_id: ANN,
        content: "Here I am".to_owned(),
    };
    let activities = [2, 3].map(|instance| OutgoingActivityInsert {
        instance_id: InstanceId(instance),
        payload: format!("For {instance}"),
        state: None,
        attempts: None,
    });
    write! { twins,
        instance_or_new("far.test");
        instance_or_new("new.test");
        upsert_person(&person("cai", "Nearer."));
        upsert_person(&person("fay", "New."));
        set_setting(&setting("de"));
        set_setting(&setting("en"));
        send_message(&message);
        enqueue(&activities);
        take_activities(3);
        delivered(ActivityId(1));
        delivered(ActivityId(2));
        failed(ActivityId(3), 5);
        take_activities(1);
        failed(ActivityId(3), 2);
        prune();
    }
}

/// What every model can do.
pub(super) async fn crud(connections: usize) {
    let twins = &mut Twins::new(connections).await;
    let post = PostInsert {
        creator_id: BOB,
        community_id: CommunityId(2),
        language_id: Some(LanguageId(1)),
        title: "A new one".to_owned(),
        url: Some("https://rust.test/1".to_owned()),
        body: None,
        published: None,
    };
    let locked = PostUpdate {
        locked: Some(true),
        body: Some(Some("Locked.".to_owned())),
        ..PostUpdate::default()
    };
    let deleted = PostUpdate {
        deleted: Some(true),
        ..PostUpdate::default()
    };
    let community = CommunityInsert {
        instance_id: InstanceId(1),
        name: "news".to_owned(),
        title: "News".to_owned(),
        visibility: Some(Visibility::Local),
    };
    let hidden = CommunityUpdate {
        visibility: Some(Visibility::Private),
        ..CommunityUpdate::default()
    };
    let comment = CommentInsert {
        creator_id: DEE,
        post_id: PostId(6),
        path: None,
        content: "Without a place".to_owned(),
        published: None,
    };
    let report = PostReportInsert {
        creator_id: BOB,
        post_id: PostId(3),
        reason: "Again".to_owned(),
    };
    let resolved = PostReportUpdate {
        resolved: Some(true),
        resolver_id: Some(Some(ANN)),
    };
    let named = PersonUpdate {
        name: Some("bea".to_owned()),
        bio: Some(None),
        ..PersonUpdate::default()
    };
    let moved = InstanceUpdate {
        software: Some(Some("links 2".to_owned())),
    };
    write! { twins,
        <Post>::create(&post);
        <Post>::update(PostId(25), &locked);
        <Post>::update(PostId(3), &deleted);
        <Post>::read(PostId(3));
        <Community>::create(&community);
        <Community>::update(CommunityId(1), &hidden);
        <Comment>::create(&comment);
        <PostReport>::create(&report);
        <PostReport>::update(PostReportId(1), &resolved);
        <PostReport>::delete(PostReportId(2));
        <Person>::update(BOB, &named);
        <Instance>::update(InstanceId(2), &moved);
        <Comment>::delete(CommentId(3));
        <Post>::delete(PostId(4));
        <Community>::delete(CommunityId(1));
        <Tag>::delete(TagId(99));
    }
}
