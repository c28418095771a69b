//! Maven and its kin: archives of Java.

mod archive;
mod identity;
pub(super) mod jar;
mod properties;
#[cfg(test)]
mod tests;
