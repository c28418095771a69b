//! Rules about hosts.

mod account_uid0;
mod apparmor_runtime;
mod cpu_vulnerability;
mod device_node;
mod file_unowned;
mod filecap_dangerous;
mod filecap_unexpected;
mod firewall_absent;
mod kernel_taint;
mod listener_unexpected;
mod live;
mod lockdown;
mod log_gap;
mod module_loaded;
mod package_modified;
mod packet_socket;
mod process_executable;
mod process_maps;
mod process_name;
mod process_traced;
mod promiscuous_interface;
mod question;
mod runner_not_ephemeral;
mod runner_secret_exposed;
mod security_unit_failed;
mod selinux_runtime;
mod setid;
mod setid_modified;
mod setid_unexpected;
mod setid_unpackaged;
mod setid_writable;
mod sysctl_drift;
mod sysctl_value;
mod time_unsynchronised;
mod unseen;
mod walk_incomplete;
mod world_writable;

pub use question::Question;

use super::Rule;

/// The domain of these rules.
pub const DOMAIN: &str = "host";

/// The rules that only a running system can answer for.
const LIVE: &[&str] = &[
    "host/apparmor-runtime",
    "host/cpu-vulnerability",
    "host/firewall-absent",
    "host/kernel-taint",
    "host/listener-unexpected",
    "host/lockdown",
    "host/log-gap",
    "host/module-loaded",
    "host/packet-socket",
    "host/process-executable",
    "host/process-maps",
    "host/process-name",
    "host/process-traced",
    "host/promiscuous-interface",
    "host/runner-not-ephemeral",
    "host/runner-secret-exposed",
    "host/security-unit-failed",
    "host/selinux-runtime",
    "host/sysctl-drift",
    "host/sysctl-value",
    "host/time-unsynchronised",
];

/// Whether only a running system can answer for a rule.
#[must_use]
pub fn is_live(id: &str) -> bool {
    LIVE.contains(&id)
}

/// The rules of this domain, in the order of their ids.
pub(super) static RULES: &[&Rule] = &[
    &account_uid0::RULE,
    &apparmor_runtime::RULE,
    &cpu_vulnerability::RULE,
    &device_node::RULE,
    &file_unowned::RULE,
    &filecap_dangerous::RULE,
    &filecap_unexpected::RULE,
    &firewall_absent::RULE,
    &kernel_taint::RULE,
    &listener_unexpected::RULE,
    &lockdown::RULE,
    &log_gap::RULE,
    &module_loaded::RULE,
    &package_modified::RULE,
    &packet_socket::RULE,
    &process_executable::RULE,
    &process_maps::RULE,
    &process_name::RULE,
    &process_traced::RULE,
    &promiscuous_interface::RULE,
    &runner_not_ephemeral::RULE,
    &runner_secret_exposed::RULE,
    &security_unit_failed::RULE,
    &selinux_runtime::RULE,
    &setid_modified::RULE,
    &setid_unexpected::RULE,
    &setid_unpackaged::RULE,
    &setid_writable::RULE,
    &sysctl_drift::RULE,
    &sysctl_value::RULE,
    &time_unsynchronised::RULE,
    &walk_incomplete::RULE,
    &world_writable::RULE,
];
