//! npm: `package-lock.json`, `npm-shrinkwrap.json` and `package.json`.

pub(super) mod lock;
pub(super) mod manifest;

#[cfg(test)]
mod tests;
