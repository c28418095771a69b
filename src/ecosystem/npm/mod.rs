//! npm: `package-lock.json`, `npm-shrinkwrap.json`, `package.json`, and packages in `node_modules`.

pub(super) mod installed;
pub(super) mod lock;
pub(super) mod manifest;

#[cfg(test)]
mod tests;
