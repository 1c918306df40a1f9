//! What is served, over plain HTTP: how many statements, what is escaped, what is refused.

use std::collections::BTreeSet;
use std::thread;

use ureq::http::Response;
use ureq::{Agent, Body};

#[cfg(feature = "postgres")]
use crate::postgres::Database;
use crate::program::Program;

struct Site {
    program: Program,
    agent: Agent,
    /// Dropped after the program.
    #[cfg(feature = "postgres")]
    database: Option<Database>,
}

struct Answer {
    status: u16,
    /// Of `Server-Timing`.
    figures: String,
    location: Option<String>,
    html: String,
}

impl Site {
    /// The blog on awaited connections, and its twin on blocking ones, on each database.
    fn each() -> impl Iterator<Item = Self> {
        let sqlite = ["blog", "blog_sync"].map(|name| Self::of(Program::example(name)));
        #[cfg(feature = "postgres")]
        let sites = sqlite
            .into_iter()
            .chain(["blog", "blog_sync"].map(Self::on_postgres));
        #[cfg(not(feature = "postgres"))]
        let sites = sqlite.into_iter();
        sites
    }

    #[cfg(feature = "postgres")]
    fn on_postgres(example: &str) -> Self {
        let database = Database::create();
        let mut site = Self::of(Program::example_on(Some(&database.url), example));
        site.database = Some(database);
        site
    }

    fn of(program: Program) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .build();
        Self {
            program,
            agent: Agent::new_with_config(config),
            #[cfg(feature = "postgres")]
            database: None,
        }
    }

    fn get(&self, path: &str) -> Answer {
        let url = format!("{}{path}", self.program.url);
        Answer::of(self.agent.get(url).call().unwrap())
    }

    fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let url = format!("{}{path}", self.program.url);
        Answer::of(
            self.agent
                .post(url)
                .send_form(form.iter().copied())
                .unwrap(),
        )
    }
}

impl Answer {
    fn of(mut response: Response<Body>) -> Self {
        let header = |name| Some(response.headers().get(name)?.to_str().unwrap().to_owned());
        Self {
            status: response.status().as_u16(),
            figures: header("server-timing").unwrap(),
            location: header("location"),
            html: response.body_mut().read_to_string().unwrap(),
        }
    }

    fn figure(&self, name: &str) -> u64 {
        let after = self.figures.split_once(&format!("{name}=")).unwrap().1;
        after.split([' ', '"']).next().unwrap().parse().unwrap()
    }

    /// What the panel says, which is the same.
    fn shown(&self, name: &str) -> u64 {
        let after = self
            .html
            .split_once(&format!("<b id=\"{name}\">"))
            .unwrap()
            .1;
        after.split('<').next().unwrap().parse().unwrap()
    }

    fn sent(&self) -> usize {
        self.html.matches("<li><code>").count()
    }
}

#[test]
fn as_many_statements_for_any_number_of_posts() {
    for site in Site::each() {
        for list in ["", "users/3", "tags/2"] {
            let mut sent = BTreeSet::new();
            let mut read = Vec::new();
            for size in [2, 4, 36] {
                let answer = site.get(&format!("{list}?size={size}"));
                assert_eq!(answer.status, 200);
                for name in ["hits", "misses", "statements"] {
                    assert_eq!(answer.figure(name), answer.shown(name), "{name}");
                }
                sent.insert((answer.figure("statements"), answer.sent()));
                read.push(answer.html.matches("<article").count());
            }
            assert_eq!(sent.len(), 1, "/{list}: {sent:?} for {read:?} posts");
            assert!(read[0] < read[1] && read[1] < read[2], "/{list}: {read:?}");
        }
        let all = site.get("?size=36");
        // Posts, their authors, join rows, tags; and the counts of comments, by plain Diesel.
        assert_eq!((all.figure("statements"), all.sent()), (4, 5));
        assert_eq!(all.html.matches("<article").count(), 36);
        assert_eq!(
            all.shown("alive"),
            36 + 8 + 7,
            "posts, users, tags: one object each"
        );
    }
}

#[test]
fn an_author_who_comments_is_one_object() {
    for site in Site::each() {
        let answer = site.get("posts/5"); // Edgar wrote it, Edgar and Tim remarked on it
        assert_eq!((answer.figure("hits"), answer.figure("statements")), (1, 6));
    }
}

#[test]
fn a_comment_is_written_and_escaped() {
    for site in Site::each() {
        let answer = site.post(
            "posts/7/comments",
            &[("name", " <i>Zoë</i> "), ("body", "a & b\n<script>")],
        );
        assert_eq!(answer.status, 303);
        let there = answer.location.unwrap();
        let (page, comment) = there.split_once('#').unwrap();
        let html = site.get(&page[1..]).html;
        assert!(html.contains(&format!("id=\"{comment}\"")));
        assert!(html.contains("&lt;i&gt;Zoë&lt;/i&gt;</a>"), "{html}");
        assert!(html.contains("a &amp; b\n&lt;script&gt;"), "{html}");
        assert!(!html.contains("<script") && !html.contains("<i>"), "{html}");
    }
}

#[test]
fn what_is_wrong_is_said_on_a_page() {
    for site in Site::each() {
        let refused = site.post("posts/7/comments", &[("name", "\"><b>"), ("body", "  ")]);
        assert_eq!(refused.status, 422);
        assert!(refused.html.contains("The comment is empty."));
        assert!(
            refused.html.contains("value=\"&quot;&gt;&lt;b&gt;\""),
            "the form keeps what was written"
        );
        assert_eq!(
            site.post("posts/999/comments", &[("name", "Ada"), ("body", "x")])
                .status,
            404
        );
        assert_eq!(site.post("posts/7", &[]).status, 405);
        for (path, status, text) in [
            ("posts/999", 404, "There is no such page."),
            ("nowhere", 404, "There is no such page."),
            ("posts/one", 400, "Cannot parse"),
            ("?size=many", 400, "invalid digit"),
            ("?size=9999", 400, "between 1 and 200 posts"),
        ] {
            let answer = site.get(path);
            assert_eq!(answer.status, status, "{path}");
            assert!(answer.html.contains(text), "{path}: {}", answer.html);
            assert!(answer.html.contains("id=\"panel\""), "{path}");
        }
    }
}

#[test]
fn who_writes_at_once_waits() {
    for site in Site::each() {
        let write = |n: usize| {
            let name = format!("Nobody {n}");
            let answer = site.post("posts/9/comments", &[("name", &name), ("body", "me too")]);
            assert_eq!(answer.status, 303, "{}", answer.html);
        };
        thread::scope(|threads| {
            for n in 0..8 {
                let write = &write;
                threads.spawn(move || (0..4).for_each(|_| write(n)));
            }
        });
        assert_eq!(site.get("posts/9").html.matches("me too").count(), 32);
    }
}
