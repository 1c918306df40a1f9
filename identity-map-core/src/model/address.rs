//! Where an object is: its [`Address`].

/// Where an object is, by four bytes of its pointer. Two objects share an address only if they are a
/// multiple of 32 GiB apart.
/// (A plain number, since slices of plain numbers are compared by many at once.)
pub(crate) type Address = u32;

/// The address of an object.
#[inline]
pub(crate) fn address_of<M: ?Sized>(object: *const M) -> Address {
    #[allow(clippy::cast_possible_truncation)] // that is the four bytes
    let address = (object.cast::<()>().addr() >> 3) as u32;
    address
}
