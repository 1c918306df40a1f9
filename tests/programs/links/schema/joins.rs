//! Which tables join which, and by which column where there are several.

use super::*;

diesel::joinable!(site -> instance (instance_id));
diesel::joinable!(person -> instance (instance_id));
diesel::joinable!(person_setting -> person (person_id));
diesel::joinable!(registration_application -> person (person_id));
diesel::joinable!(image -> person (person_id));
diesel::joinable!(community -> instance (instance_id));
diesel::joinable!(community_language -> community (community_id));
diesel::joinable!(community_language -> language (language_id));
diesel::joinable!(community_follow -> person (person_id));
diesel::joinable!(community_follow -> community (community_id));
diesel::joinable!(community_moderator -> community (community_id));
diesel::joinable!(community_moderator -> person (person_id));
diesel::joinable!(person_block -> person (target_id));
diesel::joinable!(instance_block -> person (person_id));
diesel::joinable!(instance_block -> instance (instance_id));
diesel::joinable!(post -> person (creator_id));
diesel::joinable!(post -> community (community_id));
diesel::joinable!(post -> language (language_id));
diesel::joinable!(tag -> community (community_id));
diesel::joinable!(post_tag -> post (post_id));
diesel::joinable!(post_tag -> tag (tag_id));
diesel::joinable!(post_vote -> person (person_id));
diesel::joinable!(post_vote -> post (post_id));
diesel::joinable!(post_saved -> person (person_id));
diesel::joinable!(post_saved -> post (post_id));
diesel::joinable!(post_read -> person (person_id));
diesel::joinable!(post_read -> post (post_id));
diesel::joinable!(post_report -> person (creator_id));
diesel::joinable!(post_report -> post (post_id));
diesel::joinable!(comment -> person (creator_id));
diesel::joinable!(comment -> post (post_id));
diesel::joinable!(comment_vote -> person (person_id));
diesel::joinable!(comment_vote -> comment (comment_id));
diesel::joinable!(private_message -> person (creator_id));
diesel::joinable!(notification -> person (recipient_id));
diesel::joinable!(notification -> comment (comment_id));
diesel::joinable!(notification -> private_message (message_id));
diesel::joinable!(moderation -> person (moderator_id));
diesel::joinable!(moderation -> post (post_id));
diesel::joinable!(outgoing_activity -> instance (instance_id));
diesel::joinable!(delivery_state -> instance (instance_id));

diesel::allow_tables_to_appear_in_same_query!(
    language,
    instance,
    site,
    person,
    person_setting,
    registration_application,
    image,
    rate_limit,
    community,
    community_language,
    community_follow,
    community_moderator,
    person_block,
    instance_block,
    post,
    tag,
    post_tag,
    post_vote,
    post_saved,
    post_read,
    post_report,
    comment,
    comment_vote,
    private_message,
    notification,
    moderation,
    outgoing_activity,
    delivery_state,
);
