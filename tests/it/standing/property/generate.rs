//! A program from a seed.

use super::database::{KEYS, Product};
use super::step::{Boundary, Program, Step, Table, Text, Way, Write};
use super::texts::{Subject, texts};
use crate::dice::Dice;

const WAYS: [Way; 5] = [
    Way::Auto,
    Way::KeysFirst,
    Way::Rows,
    Way::Find,
    Way::FindMany,
];

const WRITES: [Write; 9] = [
    Write::Insert,
    Write::InsertMany,
    Write::Update,
    Write::Save,
    Write::Delete,
    Write::UpdateAll,
    Write::DeleteAll,
    Write::Refresh,
    Write::Expire,
];

const SUBJECTS: [Subject; 9] = [
    Subject::Savepoints,
    Subject::Chains,
    Subject::Autocommit,
    Subject::Isolation,
    Subject::HarmlessSettings,
    Subject::OtherSettings,
    Subject::Definitions,
    Subject::Temporary,
    Subject::Failures,
];

/// The program of a seed. It is about a few subjects, so that their texts meet.
pub(super) fn program(product: Product, seed: u64) -> Program {
    let mut dice = Dice::new(seed);
    let mut writer = Writer {
        product,
        conns: if dice.percent(75) { 2 } else { 3 },
        subjects: Vec::new(),
        by_diesel: dice.percent(50),
        by_text: dice.percent(70),
        batches: dice.percent(40),
        drops: dice.percent(15),
        checked: dice.one_of(&[100, 100, 60, 25]),
        open: [false; 3],
        number: 100,
        dice,
        program: Vec::new(),
    };
    for _ in 0..writer.dice.below(4) {
        let subject = writer.dice.one_of(&SUBJECTS);
        writer.subjects.push(subject);
    }
    writer.write();
    writer.program
}

struct Writer {
    product: Product,
    conns: usize,
    subjects: Vec<Subject>,
    by_diesel: bool,
    by_text: bool,
    batches: bool,
    drops: bool,
    /// How many of a hundred steps are followed by a check of each connection.
    checked: usize,
    /// Whether a connection has begun a transaction, as far as is seen from here.
    open: [bool; 3],
    /// Every write has a number of its own.
    number: i32,
    dice: Dice,
    program: Program,
}

impl Writer {
    fn write(&mut self) {
        for on in 0..self.conns {
            if self.dice.percent(60) {
                let hold = Step::Hold(self.table(), self.dice.one_of(&WAYS));
                self.program.push((on, hold));
            }
        }
        let (length, mut on) = (3 + self.dice.below(15), 0);
        for _ in 0..length {
            if self.dice.percent(50) {
                on = self.dice.below(self.conns);
            }
            let step = self.step(on);
            self.program.push((on, step));
            if self.dice.percent(self.checked) {
                self.check();
            }
        }
        self.check();
        self.come_home();
    }

    /// Where no transaction is open any more the connections share again, unless the program had them do what
    /// a rollback does not undo.
    fn come_home(&mut self) {
        let stays = [
            Subject::Autocommit,
            Subject::Isolation,
            Subject::OtherSettings,
            Subject::Definitions,
            Subject::Temporary,
        ];
        if self.by_diesel
            || self.drops
            || stays.iter().any(|subject| self.subjects.contains(subject))
        {
            return;
        }
        let table = self.table();
        self.program.push((0, Step::Share(table)));
        self.check();
    }

    /// A check of each connection.
    fn check(&mut self) {
        let first = self.dice.below(self.conns);
        for conn in 0..self.conns {
            let (table, way) = (self.table(), self.dice.one_of(&WAYS));
            let mut tables = vec![table];
            if self.subjects.contains(&Subject::OtherSettings) {
                tables.push(Table::Seen);
            }
            let on = (first + conn) % self.conns;
            self.program.extend(
                tables
                    .into_iter()
                    .map(|table| (on, Step::Check(table, way))),
            );
        }
    }

    fn step(&mut self, on: usize) -> Step {
        let step = match self.dice.below(100) {
            0..24 => Step::Manager(
                self.dice.one_of(&WRITES),
                self.table(),
                self.id(on),
                self.next(),
            ),
            24..36 => Step::Plain(
                self.dice.one_of(&WRITES),
                self.table(),
                self.id(on),
                self.next(),
            ),
            36..40 => Step::Hold(self.table(), self.dice.one_of(&WAYS)),
            40..42 => Step::Release,
            42..47 => Step::Raw(Text(self.write_in_sql(on))),
            47..54 if self.batches => self.batch(on),
            54..75 if self.by_text || self.by_diesel => self.boundary(on),
            _ if self.subjects.is_empty() => Step::Manager(
                self.dice.one_of(&WRITES),
                self.table(),
                self.id(on),
                self.next(),
            ),
            _ => {
                let subject = self.dice.one_of(&self.subjects);
                self.said(subject)
            }
        };
        if self.drops && self.dice.percent(15) && !matches!(step, Step::Release) {
            return Step::Dropped(step.into());
        }
        step
    }

    fn boundary(&mut self, on: usize) -> Step {
        let begins = !self.open[on] || self.dice.percent(15);
        let by_text = self.by_text && (!self.by_diesel || self.dice.percent(50));
        if by_text {
            self.open[on] = begins;
            return self.said(if begins {
                Subject::Begins
            } else {
                Subject::Ends
            });
        }
        // Diesel's nest.
        if begins || self.dice.percent(25) {
            self.open[on] = true;
            return Step::Diesel(Boundary::Begin);
        }
        self.open[on] = self.dice.percent(30);
        Step::Diesel(self.dice.one_of(&[Boundary::Commit, Boundary::Rollback]))
    }

    /// A text of a subject, by itself. A write takes its place where the database has none.
    fn said(&mut self, subject: Subject) -> Step {
        let text = match texts(subject, self.product) {
            [] => self.write_in_sql(0),
            texts => self.dice.one_of(texts).to_owned(),
        };
        if self.dice.percent(60) {
            Step::Batch(Text(text))
        } else {
            Step::Raw(Text(text))
        }
    }

    /// Several statements at once, of which one may fail, or begin or end a transaction.
    fn batch(&mut self, on: usize) -> Step {
        let mut statements = Vec::new();
        for _ in 0..2 + self.dice.below(4) {
            let subject = match self.dice.below(100) {
                0..45 => None,
                45..60 => Some(Subject::Failures),
                60..75 => Some(Subject::Begins),
                75..90 => Some(Subject::Ends),
                _ if self.subjects.is_empty() => None,
                _ => Some(self.dice.one_of(&self.subjects)),
            };
            let texts = subject
                .map(|subject| texts(subject, self.product))
                .unwrap_or_default();
            statements.push(match texts {
                [] => self.write_in_sql(on),
                texts => self.dice.one_of(texts).to_owned(),
            });
        }
        let text = Text(statements.join("; "));
        // SQLite executes the first statement alone; the others refuse the text.
        if self.dice.percent(15) {
            Step::Raw(text)
        } else {
            Step::Batch(text)
        }
    }

    fn write_in_sql(&mut self, on: usize) -> String {
        let table = if self.table() == Table::Notes {
            "notes"
        } else {
            "tasks"
        };
        let (id, n) = (self.id(on), self.next());
        match self.dice.below(6) {
            0 => format!("INSERT INTO {table} (id, n) VALUES ({id}, {n})"),
            1 => format!("DELETE FROM {table} WHERE id = {id}"),
            2 => format!(
                "update {table} set n = n + {n}000 where id in ({id}, {})",
                super::connection::second(id)
            ),
            _ => format!("UPDATE {table} SET n = {n} WHERE id = {id}"),
        }
    }

    fn table(&mut self) -> Table {
        self.dice.one_of(&[Table::Notes, Table::Tasks])
    }

    /// Mostly a row of this connection's own, so that it is rarely in the way of the others.
    fn id(&mut self, on: usize) -> i32 {
        let (on, conns) = (
            i32::try_from(on).unwrap(),
            i32::try_from(self.conns).unwrap(),
        );
        let ids: Vec<i32> = KEYS.filter(|id| id % conns == on).collect();
        let all: Vec<i32> = KEYS.collect();
        let own = self.dice.percent(75);
        self.dice.one_of(if own { &ids } else { &all })
    }

    fn next(&mut self) -> i32 {
        self.number += 10;
        self.number
    }
}
