//! How deep in parentheses a token is, and which clause each depth is in: [`Nesting`].

/// Of the fields that are sets of depths, each bit is for one depth. What is too deep for that is in none
/// of the sets.
pub(super) struct Nesting {
    /// The depth of the statement itself: more than 0 for `(SELECT ..)`.
    outermost: u32,
    depth: u32,
    /// Depths in a condition or an ordering, where calls are trusted to write nothing.
    trusts_calls: u64,
    /// Depths in the `ON` of a join, which a comma ends.
    join_condition: u64,
    /// Depths among the names of a `WITH`, behind which columns may stand.
    with_names: u64,
}

impl Nesting {
    pub(super) fn new(outermost: u32) -> Self {
        Self {
            outermost,
            depth: outermost,
            trusts_calls: 0,
            join_condition: 0,
            with_names: 0,
        }
    }

    /// The bit of this depth; none if it is too deep for that.
    fn bit(&self) -> u64 {
        1u64.checked_shl(self.depth).unwrap_or(0)
    }

    pub(super) fn is_outermost(&self) -> bool {
        self.depth == self.outermost
    }

    pub(super) fn trusts_calls(&self) -> bool {
        self.trusts_calls & self.bit() != 0
    }

    pub(super) fn trust_calls(&mut self) {
        self.trusts_calls |= self.bit();
        self.join_condition &= !self.bit();
    }

    pub(super) fn distrust_calls(&mut self) {
        self.trusts_calls &= !self.bit();
        self.join_condition &= !self.bit();
    }

    pub(super) fn is_join_condition(&self) -> bool {
        self.join_condition & self.bit() != 0
    }

    pub(super) fn begin_join_condition(&mut self) {
        self.join_condition |= self.bit();
    }

    pub(super) fn is_among_with_names(&self) -> bool {
        self.with_names & self.bit() != 0
    }

    pub(super) fn begin_with_names(&mut self) {
        self.with_names |= self.bit();
    }

    pub(super) fn end_with_names(&mut self) {
        self.with_names &= !self.bit();
    }

    /// Goes into a parenthesis. Calls in it are trusted where calls around it are.
    pub(super) fn open(&mut self) {
        let trusts_calls = self.trusts_calls();
        self.depth += 1;
        let bit = self.bit();
        self.join_condition &= !bit;
        self.with_names &= !bit;
        self.trusts_calls &= !bit;
        if trusts_calls {
            self.trusts_calls |= bit;
        }
    }

    /// Goes out of a parenthesis; `false` if none is open.
    pub(super) fn close(&mut self) -> bool {
        match self.depth.checked_sub(1) {
            Some(depth) => {
                self.depth = depth;
                true
            }
            None => false,
        }
    }
}
