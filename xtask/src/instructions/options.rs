//! The arguments of the task.

use std::path::PathBuf;

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Options {
    /// Where to keep the table.
    pub(super) save: Option<PathBuf>,
    /// A table kept before.
    pub(super) against: Option<PathBuf>,
    /// The bench, built before.
    pub(super) program: Option<PathBuf>,
}

impl Options {
    pub(super) fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self::default();
        while let Some(arg) = args.next() {
            let option = match arg.as_str() {
                "--save" => &mut options.save,
                "--against" => &mut options.against,
                "--program" => &mut options.program,
                _ => {
                    return Err(format!(
                        "`{arg}` is no option of `cargo xtask instructions`"
                    ));
                }
            };
            let file = args.next().ok_or_else(|| format!("{arg} needs a file"))?;
            *option = Some(file.into());
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Options, String> {
        Options::parse(text.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn each_option_has_a_file() {
        assert_eq!(parse("").unwrap(), Options::default());
        let options = Options {
            save: Some("new".into()),
            against: Some("old".into()),
            program: None,
        };
        assert_eq!(parse("--against old --save new").unwrap(), options);
        assert_eq!(parse("--save").unwrap_err(), "--save needs a file");
        assert_eq!(
            parse("--fast").unwrap_err(),
            "`--fast` is no option of `cargo xtask instructions`"
        );
    }
}
