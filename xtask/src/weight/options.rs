//! The arguments of the task.

use super::program::Calls;

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Options {
    /// Measure, and print what was measured.
    Measure {
        models: u32,
        /// How often each twin is built. Without rounds there are no times, only sizes.
        rounds: usize,
        calls: Calls,
    },
    /// Fail if a model costs more than it may.
    Ceiling,
}

impl Options {
    pub(super) fn parse(args: impl Iterator<Item = String>) -> Result<Self, String> {
        let args: Vec<_> = args.collect();
        if args == ["--ceiling"] {
            return Ok(Self::Ceiling);
        }
        let (mut models, mut rounds, mut calls) = (30, 5, Calls::Blocking);
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--models" => models = number(arg, args.next())?,
                "--rounds" => rounds = number(arg, args.next())?,
                "--awaited" => calls = Calls::Awaited,
                "--ceiling" => return Err("--ceiling takes no other option".to_owned()),
                _ => return Err(format!("`{arg}` is no option of `cargo xtask weight`")),
            }
        }
        if models == 0 {
            return Err("--models needs at least 1".to_owned());
        }
        Ok(Self::Measure {
            models,
            rounds,
            calls,
        })
    }
}

fn number<N: std::str::FromStr>(arg: &str, value: Option<&String>) -> Result<N, String> {
    let number = value.and_then(|value| value.parse().ok());
    number.ok_or_else(|| format!("{arg} needs a number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Options, String> {
        Options::parse(text.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn without_options_thirty_models_are_measured_in_five_rounds() {
        let usual = Options::Measure {
            models: 30,
            rounds: 5,
            calls: Calls::Blocking,
        };
        assert_eq!(parse("").unwrap(), usual);
    }

    #[test]
    fn the_numbers_and_the_calls_can_be_chosen() {
        let chosen = Options::Measure {
            models: 10,
            rounds: 0,
            calls: Calls::Awaited,
        };
        assert_eq!(parse("--rounds 0 --awaited --models 10").unwrap(), chosen);
        assert_eq!(parse("--models").unwrap_err(), "--models needs a number");
        assert_eq!(parse("--rounds x").unwrap_err(), "--rounds needs a number");
        assert_eq!(
            parse("--models 0").unwrap_err(),
            "--models needs at least 1"
        );
        assert_eq!(
            parse("--fast").unwrap_err(),
            "`--fast` is no option of `cargo xtask weight`"
        );
    }

    #[test]
    fn the_ceiling_is_always_held_against_the_same_programs() {
        assert_eq!(parse("--ceiling").unwrap(), Options::Ceiling);
        assert_eq!(
            parse("--models 3 --ceiling").unwrap_err(),
            "--ceiling takes no other option"
        );
    }
}
