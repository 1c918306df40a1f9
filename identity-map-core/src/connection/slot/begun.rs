//! The manager's writes on a connection that several futures share: [`Writes`].

use crate::connection::touched::Touched;

/// Those that are under way.
#[derive(Default)]
pub(super) struct Writes {
    count: u64,
    open: Vec<Open>,
}

struct Open {
    begun: Begun,
    touched: Touched,
    /// Another write to the same rows was under way at the same time: nobody knows which was later.
    met: bool,
}

/// One of them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Begun(u64);

impl Writes {
    /// Begins one; `met` says that it meets a statement of the program's.
    pub(super) fn begin(&mut self, touched: Touched, mut met: bool) -> Begun {
        for other in &mut self.open {
            if touched.meets(&other.touched) || other.touched.meets(&touched) {
                other.met = true;
                met = true;
            }
        }
        self.count += 1;
        let begun = Begun(self.count);
        self.open.push(Open {
            begun,
            touched,
            met,
        });
        begun
    }

    /// The program writes meanwhile.
    pub(super) fn meet(&mut self, touched: &Touched) {
        for open in &mut self.open {
            open.met |= open.touched.meets(touched);
        }
    }

    /// Ends one, and says whether it met no other.
    pub(super) fn end(&mut self, begun: Begun) -> bool {
        let at = self.open.iter().position(|open| open.begun == begun);
        at.is_some_and(|at| !self.open.swap_remove(at).met)
    }
}
