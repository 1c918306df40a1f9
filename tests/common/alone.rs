//! Tests in a process of their own.

use std::env;
use std::process::Command;

const ALONE: &str = "IDENTITY_MAP_TEST_IS_ALONE";

/// Runs a test in a process of its own: `name` is what [`module_path!`] and the test's name make. A connection without a
/// name may speak to any database, so the tests that have one expire what all tests of their process hold.
pub(crate) fn alone(name: &str, test: impl FnOnce()) {
    if env::var_os(ALONE).is_some() {
        return test();
    }
    let (_, name) = name.split_once("::").expect("a crate before the module");
    let done = Command::new(env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(ALONE, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    let has_passed = done.status.success() && said.contains("1 passed");
    assert!(
        has_passed,
        "{name}: {said}{}",
        String::from_utf8_lossy(&done.stderr)
    );
}
