//! A link-sharing site: people, communities, posts, comments, votes; and counts of them that triggers keep, on three
//! levels. Whoever writes what in whichever way, every model gives what plain Diesel reads on that connection.

mod check;
mod models;
mod session;
mod tables;
mod transactions;
mod writes;

/// A value as SQL.
trait Literal {
    fn sql(&self) -> String;
}

impl Literal for i32 {
    fn sql(&self) -> String {
        self.to_string()
    }
}

impl Literal for bool {
    fn sql(&self) -> String {
        if *self { "TRUE" } else { "FALSE" }.to_owned()
    }
}

impl Literal for &str {
    fn sql(&self) -> String {
        format!("'{self}'")
    }
}

impl Literal for Option<i32> {
    fn sql(&self) -> String {
        self.map_or_else(|| "NULL".to_owned(), |number| number.to_string())
    }
}
