//! G3: after a write through the same connection, by whatever means, no load gives an old row.

mod cascades;
mod other_maps;
mod setup;
mod untouched;
mod writes;
