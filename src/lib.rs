//! portcullis is one gate for the software supply chain.
//!
//! It reads what is really there (a directory, a git revision, what is staged), compares it with what was there
//! before, judges it by one policy, and says exactly why and what to do. The binary is a thin face over this
//! library: everything it does, a caller can do without printing, exiting or reading the environment.
//!
//! ```
//! use portcullis::evidence::collect;
//! use portcullis::tree::{Directory, Wants};
//!
//! let tree = Directory::open(std::path::Path::new(env!("CARGO_MANIFEST_DIR")))?;
//! let wants = Wants::new(portcullis::ecosystem::names(), &["tests/**".to_owned()])?;
//! let evidence = collect(&tree, &wants)?;
//! let pinned: usize = evidence.inventories.iter().map(|inventory| inventory.components.len()).sum();
//! assert!(pinned > 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod archive;
pub mod artifact;
pub mod changes;
pub mod cli;
pub mod component;
pub mod diff;
pub mod document;
pub mod ecosystem;
pub mod evidence;
pub mod executable;
pub mod fact;
pub mod finding;
pub mod gate;
pub mod generate;
pub mod host;
mod parallel;
pub mod policy;
#[cfg(feature = "signatures")]
pub mod release;
pub mod report;
pub mod rule;
pub mod sbom;
#[cfg(feature = "signatures")]
pub mod signature;
pub mod text;
pub mod tree;
pub mod validate;
pub mod variable;
#[cfg(feature = "signatures")]
pub mod verify;
pub mod workflow;
