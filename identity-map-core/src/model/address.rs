//! Where an object is: [`Address`].

/// Where an object is, by four bytes of its pointer. Two objects share an address only if they are a
/// multiple of 32 GiB apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Address(u32);

impl Address {
    #[inline]
    pub(crate) fn of<M: ?Sized>(object: *const M) -> Self {
        #[allow(clippy::cast_possible_truncation)] // that is the four bytes
        Self((object.cast::<()>().addr() >> 3) as u32)
    }
}
