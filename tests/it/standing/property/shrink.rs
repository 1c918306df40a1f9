//! Making a program that fails as short as it goes.

use super::step::{Program, Step, Text};

/// The shortest program that still fails by leaving out steps, and statements of batches.
pub(super) fn shrink(mut program: Program, fails: impl Fn(&Program) -> bool) -> Program {
    loop {
        let before = program.clone();
        let mut size = program.len().div_ceil(2);
        while size > 0 {
            let mut at = 0;
            while at < program.len() {
                let mut shorter = program.clone();
                shorter.drain(at..(at + size).min(program.len()));
                if fails(&shorter) {
                    program = shorter;
                } else {
                    at += size;
                }
            }
            size /= 2;
        }
        for at in 0..program.len() {
            while let Some(shorter) = simpler(&program, at).into_iter().find(&fails) {
                program = shorter;
            }
        }
        if program == before {
            return program;
        }
    }
}

/// The program with a simpler step at this place.
fn simpler(program: &Program, at: usize) -> Vec<Program> {
    let (on, step) = &program[at];
    let with = |step: Step| {
        let mut program = program.clone();
        program[at] = (*on, step);
        program
    };
    match step {
        Step::Batch(text) if text.0.contains("; ") => {
            let statements: Vec<&str> = text.0.split("; ").collect();
            let without = |left_out: usize| {
                let mut statements = statements.clone();
                statements.remove(left_out);
                with(Step::Batch(Text(statements.join("; "))))
            };
            (0..statements.len()).map(without).collect()
        }
        Step::Dropped(inner) => vec![with((*inner.0).clone())],
        _ => Vec::new(),
    }
}
