//! What sshd does where no file says anything, by its version (`servconf.c` and `myproposal.h` of OpenSSH).

/// What holds by default, whatever the version.
const ALWAYS: [(&str, &str); 21] = [
    ("authorizedkeysfile", ".ssh/authorized_keys .ssh/authorized_keys2"),
    ("ciphers", CIPHERS),
    ("clientaliveinterval", "0"),
    ("disableforwarding", "no"),
    ("gssapiauthentication", "no"),
    ("hostbasedauthentication", "no"),
    ("ignorerhosts", "yes"),
    ("kbdinteractiveauthentication", "yes"),
    ("logingracetime", "120"),
    ("loglevel", "INFO"),
    ("macs", MACS),
    ("maxauthtries", "6"),
    ("maxsessions", "10"),
    ("passwordauthentication", "yes"),
    ("permitemptypasswords", "no"),
    ("permituserenvironment", "no"),
    ("pubkeyauthentication", "yes"),
    ("strictmodes", "yes"),
    ("usepam", "no"),
    ("x11forwarding", "no"),
    ("allowtcpforwarding", "yes"),
];

const CIPHERS: &str = "chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,\
    aes256-gcm@openssh.com";

const MACS: &str = "umac-64-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-256-etm@openssh.com,\
    hmac-sha2-512-etm@openssh.com,hmac-sha1-etm@openssh.com,umac-64@openssh.com,umac-128@openssh.com,hmac-sha2-256,\
    hmac-sha2-512,hmac-sha1";

/// The exchanges of keys, from the version on that stands in front; the last that is not newer counts.
const EXCHANGES: [((u32, u32), &str); 5] = [
    (
        (7, 0),
        "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,\
         diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,\
         diffie-hellman-group14-sha256,diffie-hellman-group14-sha1",
    ),
    (
        (8, 2),
        "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,\
         diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,\
         diffie-hellman-group14-sha256",
    ),
    (
        (9, 0),
        "sntrup761x25519-sha512@openssh.com,curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,\
         ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,\
         diffie-hellman-group18-sha512,diffie-hellman-group14-sha256",
    ),
    (
        (9, 9),
        "sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,mlkem768x25519-sha256,curve25519-sha256,\
         curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,\
         diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,\
         diffie-hellman-group14-sha256",
    ),
    (
        (10, 0),
        "mlkem768x25519-sha256,sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,curve25519-sha256,\
         curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521",
    ),
];

/// The version that a distribution ships, where its database does not tell.
const SHIPPED: [(&str, (u32, u32)); 15] = [
    ("debian10", (7, 9)),
    ("debian11", (8, 4)),
    ("debian12", (9, 2)),
    ("debian13", (10, 0)),
    ("ubuntu2004", (8, 2)),
    ("ubuntu2204", (8, 9)),
    ("ubuntu2404", (9, 6)),
    ("rhel8", (8, 0)),
    ("rhel9", (8, 7)),
    ("rhel10", (9, 9)),
    ("alpine318", (9, 3)),
    ("alpine319", (9, 6)),
    ("alpine320", (9, 7)),
    ("alpine321", (9, 9)),
    ("alpine322", (10, 0)),
];

/// Returns the value of a keyword that no file sets; `None` where the version decides and is not known.
pub(super) fn default(keyword: &str, version: Option<(u32, u32)>) -> Option<&'static str> {
    match keyword {
        // Since 7.0; no distribution that is still cared for has an older one.
        "permitrootlogin" => {
            Some(if version.is_some_and(|version| version < (7, 0)) { "yes" } else { "prohibit-password" })
        }
        "kexalgorithms" => {
            let version = version?;
            EXCHANGES.iter().rev().find(|(since, _)| *since <= version).map(|(_, list)| *list)
        }
        other => ALWAYS.iter().find(|(known, _)| *known == other).map(|(_, value)| *value),
    }
}

/// Returns the version that a distribution ships: `debian12`.
pub(super) fn shipped(distribution: &str) -> Option<(u32, u32)> {
    SHIPPED.iter().find(|(known, _)| *known == distribution).map(|(_, version)| *version)
}
