//! The manager's writes on a connection that several futures share: [`PendingWrites`].

use crate::map::Invalidation;

/// The writes that were sent and are not answered yet.
#[derive(Default)]
pub(super) struct PendingWrites {
    count: u64,
    pending: Vec<PendingWrite>,
}

struct PendingWrite {
    id: PendingWriteId,
    invalidation: Invalidation,
    /// Another write to the same rows was in flight at the same time, and nobody knows which was later.
    overlapped: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PendingWriteId(u64);

impl PendingWrites {
    /// Begins a write. `overlapped` says whether a statement of the program's is in flight that writes to
    /// the same rows.
    pub(super) fn begin(
        &mut self,
        invalidation: Invalidation,
        mut overlapped: bool,
    ) -> PendingWriteId {
        for other in &mut self.pending {
            let theirs = &other.invalidation;
            if invalidation.overlaps(theirs) || theirs.overlaps(&invalidation) {
                other.overlapped = true;
                overlapped = true;
            }
        }
        self.count += 1;
        let id = PendingWriteId(self.count);
        self.pending.push(PendingWrite {
            id,
            invalidation,
            overlapped,
        });
        id
    }

    /// Notes that the program, or a routine, writes what is invalidated, meanwhile.
    pub(super) fn overlap(&mut self, invalidation: &Invalidation) {
        for pending in &mut self.pending {
            pending.overlapped |= pending.invalidation.overlaps(invalidation);
        }
    }

    pub(super) fn is_any(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Ends a write, and says whether no other overlapped it.
    pub(super) fn end(&mut self, id: PendingWriteId) -> bool {
        let at = self.pending.iter().position(|pending| pending.id == id);
        at.is_some_and(|at| !self.pending.swap_remove(at).overlapped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_to_the_same_rows_overlap() {
        let mut writes = PendingWrites::default();
        let one = writes.begin(Invalidation::everything(), false);
        assert!(writes.end(one), "alone");
        let one = writes.begin(Invalidation::everything(), false);
        let other = writes.begin(Invalidation::everything(), false);
        assert!(!writes.end(one));
        assert!(!writes.end(other));
        assert!(!writes.end(other), "a write ends once");
    }

    #[test]
    fn a_statement_of_the_program_overlaps() {
        let mut writes = PendingWrites::default();
        let one = writes.begin(Invalidation::everything(), false);
        writes.overlap(&Invalidation::everything());
        assert!(!writes.end(one));
    }
}
