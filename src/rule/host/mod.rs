//! Rules about hosts.

mod account_duplicate;
mod account_empty_password;
mod account_nis;
mod account_system_shell;
mod account_uid0;
mod account_unshadowed;
mod account_weak_hash;
mod apparmor_boot;
mod apparmor_profile_mode;
mod apparmor_runtime;
mod audit_rule;
mod authority;
mod authorized_key_option;
mod authorized_key_unknown;
mod boot;
mod bootloader_password;
mod ca_bundle;
mod ca_unpackaged;
mod ca_weak;
mod cpu_vulnerability;
mod credential_file;
mod cron_suspicious;
mod cron_writable;
mod databases;
mod device_node;
mod distribution;
mod file_acl;
mod file_immutable;
mod file_permission;
mod file_unowned;
mod filecap_dangerous;
mod filecap_unexpected;
mod firewall_absent;
mod hardening;
mod interface;
mod kernel_cmdline;
mod kernel_config;
mod kernel_taint;
mod ld_preload;
mod listener_unexpected;
mod live;
mod lockdown;
mod log_gap;
mod logging_setting;
mod login_umask;
mod module_loadable;
mod module_loaded;
mod mount_live;
mod mount_option;
mod package_modified;
mod package_source_unknown;
mod package_source_unsigned;
mod packet_socket;
mod pam_setting;
mod path_directory;
mod process_executable;
mod process_maps;
mod process_name;
mod process_traced;
mod promiscuous_interface;
mod question;
mod root_equivalent_group;
mod runner_not_ephemeral;
mod runner_secret_exposed;
mod running;
mod running_kernel;
mod security_unit_failed;
mod selinux_boot;
mod selinux_enforcing;
mod selinux_permissive_domain;
mod selinux_policy;
mod selinux_runtime;
mod selinux_words;
mod setid;
mod setid_modified;
mod setid_unexpected;
mod setid_unpackaged;
mod setid_writable;
mod source_list;
mod sshd_match;
mod sshd_setting;
mod startup_script;
mod sudo_nopasswd;
mod sudo_setting;
mod sysctl_drift;
mod sysctl_persisted;
mod sysctl_value;
mod time_unsynchronised;
mod unit_command_overridden;
mod unit_drop_in_masked;
mod unit_forbidden;
mod unit_required;
mod unit_sandbox;
mod unit_unpackaged;
mod unit_writable;
mod unreadable;
mod unseen;
mod walk_incomplete;
mod world_writable;

pub use question::Question;

use super::Rule;
use crate::finding::Level;

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

/// Returns the level of a rule that cannot be determined, where that is another than its own: of a kernel setting that no
/// file makes the kernel's default decides, which only a running system tells.
pub(super) fn undetermined(id: &str) -> Option<Level> {
    (id == sysctl_persisted::RULE.id).then_some(Level::Warn)
}

/// The rules of this domain, in the order of their ids.
pub(super) static RULES: &[&Rule] = &[
    &account_duplicate::RULE,
    &account_empty_password::RULE,
    &account_nis::RULE,
    &account_system_shell::RULE,
    &account_uid0::RULE,
    &account_unshadowed::RULE,
    &account_weak_hash::RULE,
    &apparmor_boot::RULE,
    &apparmor_profile_mode::RULE,
    &apparmor_runtime::RULE,
    &audit_rule::RULE,
    &authorized_key_option::RULE,
    &authorized_key_unknown::RULE,
    &bootloader_password::RULE,
    &ca_bundle::RULE,
    &ca_unpackaged::RULE,
    &ca_weak::RULE,
    &cpu_vulnerability::RULE,
    &credential_file::RULE,
    &cron_suspicious::RULE,
    &cron_writable::RULE,
    &device_node::RULE,
    &file_acl::RULE,
    &file_immutable::RULE,
    &file_permission::RULE,
    &file_unowned::RULE,
    &filecap_dangerous::RULE,
    &filecap_unexpected::RULE,
    &firewall_absent::RULE,
    &kernel_cmdline::RULE,
    &kernel_config::RULE,
    &kernel_taint::RULE,
    &ld_preload::RULE,
    &listener_unexpected::RULE,
    &lockdown::RULE,
    &log_gap::RULE,
    &logging_setting::RULE,
    &login_umask::RULE,
    &module_loadable::RULE,
    &module_loaded::RULE,
    &mount_option::RULE,
    &package_modified::RULE,
    &package_source_unknown::RULE,
    &package_source_unsigned::RULE,
    &packet_socket::RULE,
    &pam_setting::RULE,
    &path_directory::RULE,
    &process_executable::RULE,
    &process_maps::RULE,
    &process_name::RULE,
    &process_traced::RULE,
    &promiscuous_interface::RULE,
    &root_equivalent_group::RULE,
    &runner_not_ephemeral::RULE,
    &runner_secret_exposed::RULE,
    &security_unit_failed::RULE,
    &selinux_boot::RULE,
    &selinux_enforcing::RULE,
    &selinux_permissive_domain::RULE,
    &selinux_policy::RULE,
    &selinux_runtime::RULE,
    &setid_modified::RULE,
    &setid_unexpected::RULE,
    &setid_unpackaged::RULE,
    &setid_writable::RULE,
    &sshd_match::RULE,
    &sshd_setting::RULE,
    &startup_script::RULE,
    &sudo_nopasswd::RULE,
    &sudo_setting::RULE,
    &sysctl_drift::RULE,
    &sysctl_persisted::RULE,
    &sysctl_value::RULE,
    &time_unsynchronised::RULE,
    &unit_command_overridden::RULE,
    &unit_drop_in_masked::RULE,
    &unit_forbidden::RULE,
    &unit_required::RULE,
    &unit_sandbox::RULE,
    &unit_unpackaged::RULE,
    &unit_writable::RULE,
    &walk_incomplete::RULE,
    &world_writable::RULE,
];
