//! The browser that `tests/browser` drives.

use crate::shell::{find_any, report};

/// Each by the names that the test looks for, and Debian's package.
const PROGRAMS: [(&[&str], &str); 2] = [
    (
        &["chromium", "chromium-browser", "google-chrome"],
        "chromium",
    ),
    (&["chromedriver"], "chromium-driver"),
];

/// The Debian packages of what is missing.
pub(crate) fn missing() -> Vec<&'static str> {
    let mut packages = Vec::new();
    for (names, package) in PROGRAMS {
        let found = find_any(names).is_some();
        report(package, if found { "present" } else { "missing" });
        packages.extend((!found).then_some(package));
    }
    packages
}
