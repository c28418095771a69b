//! Ruby: installed gems.

pub(super) mod installed;
mod ruby;

#[cfg(test)]
mod tests;
