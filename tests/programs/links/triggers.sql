CREATE FUNCTION count_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE site SET people = people + CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END
        WHERE instance_id = coalesce(NEW.instance_id, OLD.instance_id);
    RETURN NULL;
END $$;
CREATE TRIGGER count_person AFTER INSERT OR DELETE ON person FOR EACH ROW EXECUTE FUNCTION count_person();

CREATE FUNCTION count_community() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE site SET communities = communities + CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END
        WHERE instance_id = coalesce(NEW.instance_id, OLD.instance_id);
    RETURN NULL;
END $$;
CREATE TRIGGER count_community AFTER INSERT OR DELETE ON community FOR EACH ROW EXECUTE FUNCTION count_community();

CREATE FUNCTION count_post() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before BOOLEAN := TG_OP <> 'INSERT' AND NOT (OLD.deleted OR OLD.removed);
    after BOOLEAN := TG_OP <> 'DELETE' AND NOT (NEW.deleted OR NEW.removed);
    step INTEGER := after::integer - before::integer;
BEGIN
    IF step <> 0 THEN
        UPDATE community SET posts = posts + step WHERE id = coalesce(NEW.community_id, OLD.community_id);
        UPDATE person SET posts = posts + step WHERE id = coalesce(NEW.creator_id, OLD.creator_id);
        UPDATE site SET posts = posts + step;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER count_post AFTER INSERT OR DELETE OR UPDATE OF deleted, removed ON post
    FOR EACH ROW EXECUTE FUNCTION count_post();

CREATE FUNCTION count_comment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before BOOLEAN := TG_OP <> 'INSERT' AND NOT (OLD.deleted OR OLD.removed);
    after BOOLEAN := TG_OP <> 'DELETE' AND NOT (NEW.deleted OR NEW.removed);
    step INTEGER := after::integer - before::integer;
BEGIN
    IF step <> 0 THEN
        UPDATE post SET comments = comments + step,
                newest_comment = greatest(newest_comment, coalesce(NEW.published, OLD.published))
            WHERE id = coalesce(NEW.post_id, OLD.post_id);
        UPDATE community SET comments = community.comments + step FROM post
            WHERE post.id = coalesce(NEW.post_id, OLD.post_id) AND community.id = post.community_id;
        UPDATE person SET comments = comments + step WHERE id = coalesce(NEW.creator_id, OLD.creator_id);
        UPDATE site SET comments = comments + step;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER count_comment AFTER INSERT OR DELETE OR UPDATE OF deleted, removed ON comment
    FOR EACH ROW EXECUTE FUNCTION count_comment();

CREATE FUNCTION place_comment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE comment SET children = children + 1 WHERE NEW.path LIKE path || '.%' AND path <> '0' AND post_id = NEW.post_id;
    INSERT INTO notification (recipient_id, kind, comment_id)
        SELECT creator_id, 'reply', NEW.id FROM post WHERE id = NEW.post_id AND creator_id <> NEW.creator_id;
    RETURN NULL;
END $$;
CREATE TRIGGER place_comment AFTER UPDATE OF path ON comment FOR EACH ROW EXECUTE FUNCTION place_comment();

CREATE FUNCTION count_post_vote() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    target INTEGER := coalesce(NEW.post_id, OLD.post_id);
    up INTEGER := (coalesce(NEW.score, 0) > 0)::integer - (coalesce(OLD.score, 0) > 0)::integer;
    down INTEGER := (coalesce(NEW.score, 0) < 0)::integer - (coalesce(OLD.score, 0) < 0)::integer;
BEGIN
    UPDATE post SET upvotes = upvotes + up, downvotes = downvotes + down, score = score + up - down
        WHERE id = target;
    UPDATE person SET post_score = post_score + up - down FROM post
        WHERE post.id = target AND person.id = post.creator_id;
    RETURN NULL;
END $$;
CREATE TRIGGER count_post_vote AFTER INSERT OR UPDATE OR DELETE ON post_vote
    FOR EACH ROW EXECUTE FUNCTION count_post_vote();

CREATE FUNCTION count_comment_vote() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    target INTEGER := coalesce(NEW.comment_id, OLD.comment_id);
    step INTEGER := coalesce(NEW.score, 0) - coalesce(OLD.score, 0);
BEGIN
    UPDATE comment SET score = score + step WHERE id = target;
    UPDATE person SET comment_score = comment_score + step FROM comment
        WHERE comment.id = target AND person.id = comment.creator_id;
    RETURN NULL;
END $$;
CREATE TRIGGER count_comment_vote AFTER INSERT OR UPDATE OR DELETE ON comment_vote
    FOR EACH ROW EXECUTE FUNCTION count_comment_vote();

CREATE FUNCTION count_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE community SET subscribers = (SELECT count(*) FROM community_follow
            WHERE community_id = community.id AND state = 'accepted')
        WHERE id = coalesce(NEW.community_id, OLD.community_id);
    RETURN NULL;
END $$;
CREATE TRIGGER count_follow AFTER INSERT OR UPDATE OR DELETE ON community_follow
    FOR EACH ROW EXECUTE FUNCTION count_follow();

CREATE FUNCTION count_report() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE post SET reports = (SELECT count(*) FROM post_report WHERE post_id = post.id AND NOT resolved)
        WHERE id = coalesce(NEW.post_id, OLD.post_id);
    RETURN NULL;
END $$;
CREATE TRIGGER count_report AFTER INSERT OR UPDATE OR DELETE ON post_report
    FOR EACH ROW EXECUTE FUNCTION count_report();
