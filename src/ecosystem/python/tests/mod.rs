//! What the readers of Python make of their files.

mod shared;
