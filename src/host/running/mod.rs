//! What only a running system knows: values of the kernel, processes, sockets. One file a family.
//!
//! It is asked for where the host that is read is this machine, and never for a root filesystem.

mod process_files;
mod processes;
mod sockets;
mod source;

pub mod ci_runner;
pub mod kernel;
pub mod logging;
pub mod mac;
pub mod mounts;
pub mod network;
pub mod process;
pub mod state;
pub mod sysctl;
pub mod time;

use serde::{Deserialize, Serialize};

use super::reading::Inspection;
use crate::parallel;
pub use process_files::{Status, regions, status, unit_of};
pub use processes::Pids;
pub use sockets::{PacketSocket as PacketLine, Protocol, Socket, packet_sockets, sockets};
pub use source::{Known, Running as Source};

/// Registers the families: each is a module with an `ID`, by which `--skip` leaves it out, and a type of evidence with
/// `collect`. An id may be that of a family of files: both are left out together.
macro_rules! running {
    ($($module:ident: $facts:ident),* $(,)?) => {
        /// What is known of a running system.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Running {
            $(
                #[doc = concat!("What the running system tells of `", stringify!($module), "`.")]
                #[serde(default)]
                pub $module: $module::$facts,
            )*
        }

        /// The ids of the families, in order.
        pub static IDS: &[&str] = &[$($module::ID),*];

        impl Running {
            /// Returns what there is to do to collect it, by the ids of families.
            pub(super) fn work<'a>(
                &'a mut self,
                inspection: &'a Inspection<'_>,
                source: &'a Source<'_>,
            ) -> Vec<(&'static str, parallel::Work<'a>)> {
                let mut out: Vec<(&'static str, parallel::Work<'a>)> = Vec::new();
                $(
                    if !inspection.wants().skip.contains($module::ID) {
                        let facts = &mut self.$module;
                        out.push(($module::ID, Box::new(|| {
                            *facts = $module::$facts::collect(&inspection.running($module::ID), source);
                        })));
                    }
                )*
                out
            }
        }
    };
}

running! {
    ci_runner: CiRunner,
    kernel: Kernel,
    logging: Logging,
    mac: Mac,
    mounts: Mounts,
    network: Network,
    process: Programs,
    state: Units,
    sysctl: Values,
    time: Time,
}
