//! What a reader does, in Chromium.

use serde_json::Value;

use crate::program::Program;
use crate::webdriver::Browser;

/// Reads the list, opens a post, writes a comment, sees it; with the figures in the browser.
fn reads_and_writes(example: &str) {
    let blog = Program::example(example);
    let browser = Browser::open();

    browser.go(&blog.url);
    assert_eq!(browser.find("h1").text(), "Newest posts");
    let shown = browser.script("return document.querySelectorAll('article').length");
    assert_eq!(shown, 12);
    assert_eq!(figures(&browser), (0, 4));

    let title = browser.find("article h2 a");
    let (post, entry) = (title.text(), browser.url());
    title.click();
    browser.find("form"); // waits for the page: only posts have one
    assert_eq!(browser.find("h1").text(), post);
    assert_ne!(browser.url(), entry);
    figures(&browser);
    let before = comments(&browser);

    browser.find("input[name=name]").type_in("Ada");
    browser
        .find("textarea[name=body]")
        .type_in("1 < 2 & <b>so</b> on");
    browser.find("button").click();
    browser.find(".comment:target"); // waits for it: the address names it
    let (id, author, text) = comments(&browser).pop().expect("a comment");
    assert_eq!(
        (author.as_str(), text.as_str()),
        ("Ada", "1 < 2 & <b>so</b> on")
    );
    assert!(browser.url().ends_with(&id));
    assert_eq!(comments(&browser).len(), before.len() + 1);
    figures(&browser);

    browser.go(&blog.url);
    let counted = format!("{} comment", before.len() + 1);
    let link = browser.find("article a.comments").text();
    assert!(link.starts_with(&counted), "{link}");

    // The panel opens, and shows what was sent.
    browser.find("#panel summary").click();
    let statement = browser.find("#panel li code").text();
    assert!(statement.starts_with("SELECT"), "{statement}");
    if let Some(folder) = std::env::var_os("SCREENSHOTS") {
        let png = browser.screenshot();
        let file = std::path::Path::new(&folder).join(format!("{example}.png.base64"));
        std::fs::write(file, png).unwrap();
    }
}

/// Hits and statements as the panel shows them, and the browser's own tools.
fn figures(browser: &Browser) -> (u64, u64) {
    let timings =
        browser.script("return performance.getEntriesByType('navigation')[0].serverTiming");
    let timing = |name: &str| {
        let found = timings
            .as_array()
            .unwrap()
            .iter()
            .find(|timing| timing["name"] == name);
        found.unwrap_or_else(|| panic!("no `{name}` in {timings}"))
    };
    for span in ["total", "db"] {
        assert!(timing(span)["duration"].as_f64() > Some(0.0), "{span}");
    }
    let shown = |name| {
        browser
            .find(&format!("#{name}"))
            .text()
            .parse::<u64>()
            .unwrap()
    };
    let (hits, misses, statements) = (shown("hits"), shown("misses"), shown("statements"));
    let expected = format!("hits={hits} misses={misses} statements={statements}");
    assert_eq!(timing("idmap")["description"], expected);
    assert!(shown("alive") > 0);
    (hits, statements)
}

/// The id, the author and the text of each comment on the page.
fn comments(browser: &Browser) -> Vec<(String, String, String)> {
    let found = browser.script(
        "return [...document.querySelectorAll('.comment')].map(it => \
         [it.id, it.querySelector('.author').textContent, it.lastElementChild.textContent])",
    );
    let field = |comment: &Value, n: usize| comment[n].as_str().unwrap().to_owned();
    let fields = |comment| (field(comment, 0), field(comment, 1), field(comment, 2));
    found.as_array().unwrap().iter().map(fields).collect()
}

#[test]
fn the_blog_on_awaited_connections() {
    reads_and_writes("blog");
}

#[test]
fn the_blog_on_blocking_connections() {
    reads_and_writes("blog_sync");
}
