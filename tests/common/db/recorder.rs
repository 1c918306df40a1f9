use diesel::connection::{Instrumentation, InstrumentationEvent};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Notes the text of every statement that a connection starts, `BEGIN` and `COMMIT` included.
///
/// Clones share their notes: give one to the connection, keep one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorder(Arc<Mutex<Vec<String>>>);

impl Recorder {
    /// How many statements started since the last [`take`](Self::take).
    pub(crate) fn count(&self) -> usize {
        self.statements().len()
    }

    /// The statements since the last call, with their binds as Diesel prints them.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.statements())
    }

    fn statements(&self) -> MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Instrumentation for Recorder {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            self.statements().push(query.to_string());
        }
    }
}
