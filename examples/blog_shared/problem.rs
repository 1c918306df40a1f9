//! What can go wrong in a request, and the page that says so.

use std::fmt::Display;

use axum::extract::rejection::{FormRejection, PathRejection, QueryRejection};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use diesel_identity_map::Scope;

use super::html;
use super::panel::Panel;

pub(crate) type Outcome<T> = Result<T, Problem>;

#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    text: String,
}

impl Problem {
    pub(crate) fn of_the_client(status: StatusCode, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { status, text }
    }

    pub(crate) fn method() -> Self {
        let text = "Nothing here can be done that way.";
        Self::of_the_client(StatusCode::METHOD_NOT_ALLOWED, text)
    }

    /// The client is not told what it is; the log is.
    pub(crate) fn of_the_server(error: impl Display) -> Self {
        eprintln!("blog: {error}");
        let text = "Something went wrong here. The log says what.".into();
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            text,
        }
    }
}

impl From<diesel::result::Error> for Problem {
    fn from(error: diesel::result::Error) -> Self {
        if error == diesel::NotFound {
            return Self::of_the_client(StatusCode::NOT_FOUND, "There is no such page.");
        }
        Self::of_the_server(error)
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::of_the_client(rejection.status(), rejection.body_text())
    }
}

impl From<FormRejection> for Problem {
    fn from(rejection: FormRejection) -> Self {
        Self::of_the_client(rejection.status(), rejection.body_text())
    }
}

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        Self::of_the_client(rejection.status(), rejection.body_text())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let scope = Scope::current();
        let panel = scope.map(|scope| Panel::of(&scope, None));
        (
            self.status,
            html::problem(self.status, &self.text, panel.as_ref()),
        )
            .into_response()
    }
}
