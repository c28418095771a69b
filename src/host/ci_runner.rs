//! Credentials that lie in files: what a job, or a user, left for whoever comes next. Their kind is kept, never their value.

use serde::{Deserialize, Serialize};

use super::Family;
use super::command::assignment;
use super::configuration::open;
use super::files::Asked;
use super::home_folders::homes;
use super::line::lines;
use super::reading::Reading;
use crate::text::Text;
use crate::tree::{EntryKind, TreePath};

/// The family of credentials.
pub(super) static FAMILY: Family = Family {
    id: "ci-runner",
    summary: "credentials in home folders, in work folders of runners, and keys that others may read",
    reads: &[
        "home/*/.*",
        "home/*/.*/*",
        "home/*/.config/*/*",
        "root/.*",
        "root/.*/*",
        "root/.config/*/*",
        "etc/*.pem",
        "etc/*.key",
        "etc/*/*.pem",
        "etc/*/*.key",
        "etc/*/*/*.pem",
        "etc/*/*/*.key",
        "etc/*/*/*/*.key",
        "var/run/secrets/*/*/token",
        "run/secrets/*/*/token",
    ],
};

/// How many folders below `/etc` are looked at.
const MAX_FOLDERS: usize = 20_000;

/// How deep below `/etc` keys are looked for.
const MAX_DEPTH: usize = 8;

/// How many credentials and keys are told.
const MAX_TOLD: usize = 20_000;

/// What is known of credentials.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CiRunner {
    /// Credentials in files.
    pub credentials: Vec<Credential>,
    /// Private keys that others than their owner may read.
    pub keys: Vec<PrivateKey>,
}

/// A credential in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// The file.
    pub path: TreePath,
    /// Where it stands, links followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub real: Option<TreePath>,
    /// What kind of secret it holds.
    pub kind: Text,
    /// Whether a cluster put it there for a service account.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_service_account: bool,
    /// The line, from one, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<super::line::Place>,
}

/// A private key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrivateKey {
    /// The file.
    pub path: TreePath,
    /// Where it stands, links followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub real: Option<TreePath>,
    /// Whether a passphrase guards it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_encrypted: bool,
}

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `machine HOST login USER password WORD` (`netrc(5)`).
    Netrc,
    /// A URL with a password a line (`git-credential-store(1)`).
    Urls,
    /// The logins of registries, as docker and podman write them.
    Docker,
    /// `key = value`, `key: value` or `"key": "value"`, with one of the keys that hold secrets.
    Keys(&'static [&'static str]),
    /// `<key>value</key>`.
    Elements(&'static [&'static str]),
    /// `extraheader` of git, and passwords in URLs of remotes.
    Git,
    /// Anything at all.
    Whole,
}

/// Files of home folders that hold credentials: what they hold, and how they are read.
const FILES: [(&str, &str, Format); 37] = [
    (".netrc", "a password for machines", Format::Netrc),
    ("_netrc", "a password for machines", Format::Netrc),
    (".git-credentials", "a password for git", Format::Urls),
    (".config/git/credentials", "a password for git", Format::Urls),
    (".docker/config.json", "a login of a container registry", Format::Docker),
    (".dockercfg", "a login of a container registry", Format::Docker),
    (".config/containers/auth.json", "a login of a container registry", Format::Docker),
    (".npmrc", "a token of npm", Format::Keys(&["_authToken", "_auth", "_password"])),
    (".yarnrc.yml", "a token of npm", Format::Keys(&["npmAuthToken", "npmAuthIdent"])),
    (".pypirc", "a password for a Python index", Format::Keys(&["password"])),
    (".config/pip/pip.conf", "a password for a Python index", Format::Urls),
    (".pip/pip.conf", "a password for a Python index", Format::Urls),
    (".cargo/credentials.toml", "a token of cargo", Format::Keys(&["token", "secret-key"])),
    (".cargo/credentials", "a token of cargo", Format::Keys(&["token", "secret-key"])),
    (".gem/credentials", "a key of RubyGems", Format::Keys(&[":rubygems_api_key", "rubygems_api_key"])),
    (".composer/auth.json", "a token of Composer", Format::Keys(&["password", "github.com", "gitlab.com"])),
    (".config/composer/auth.json", "a token of Composer", Format::Keys(&["password", "github.com", "gitlab.com"])),
    (".m2/settings.xml", "a password of Maven", Format::Elements(&["password", "passphrase"])),
    (
        ".gradle/gradle.properties",
        "a password of Gradle",
        Format::Keys(&["signing.password", "password", "ossrhPassword"]),
    ),
    (".nuget/NuGet/NuGet.Config", "a password of NuGet", Format::Keys(&["ClearTextPassword"])),
    (".aws/credentials", "an access key of AWS", Format::Keys(&["aws_secret_access_key", "aws_session_token"])),
    (
        ".config/gcloud/application_default_credentials.json",
        "a credential of Google Cloud",
        Format::Keys(&["refresh_token", "private_key"]),
    ),
    (".config/gcloud/credentials.db", "a credential of Google Cloud", Format::Whole),
    (".config/gcloud/access_tokens.db", "a token of Google Cloud", Format::Whole),
    (".azure/msal_token_cache.json", "a token of Azure", Format::Keys(&["secret"])),
    (".azure/accessTokens.json", "a token of Azure", Format::Keys(&["accessToken", "refreshToken"])),
    (".azure/service_principal_entries.json", "a secret of Azure", Format::Keys(&["client_secret"])),
    (".kube/config", "a credential of a cluster", Format::Keys(&["token", "client-key-data", "password"])),
    (".config/gh/hosts.yml", "a token of GitHub", Format::Keys(&["oauth_token"])),
    (".config/hub", "a token of GitHub", Format::Keys(&["oauth_token"])),
    (".config/glab-cli/config.yml", "a token of GitLab", Format::Keys(&["token"])),
    (".terraform.d/credentials.tfrc.json", "a token of Terraform", Format::Keys(&["token"])),
    (".terraformrc", "a token of Terraform", Format::Keys(&["token"])),
    (".vault-token", "a token of Vault", Format::Whole),
    (".config/helm/registry/config.json", "a login of a chart registry", Format::Docker),
    (".pgpass", "a password of PostgreSQL", Format::Whole),
    (".my.cnf", "a password of MySQL", Format::Keys(&["password"])),
];

/// Files elsewhere, by patterns of paths.
const ELSEWHERE: [(&str, &str, Format); 17] = [
    (".docker/config.json", "a login of a container registry", Format::Docker),
    ("kaniko/.docker/config.json", "a login of a container registry", Format::Docker),
    ("etc/npmrc", "a token of npm", Format::Keys(&["_authToken", "_auth", "_password"])),
    ("usr/local/etc/npmrc", "a token of npm", Format::Keys(&["_authToken", "_auth", "_password"])),
    ("etc/pip.conf", "a password for a Python index", Format::Urls),
    ("etc/kubernetes/admin.conf", "a credential of a cluster", Format::Keys(&["token", "client-key-data", "password"])),
    ("home/*/actions-runner/_work/*/*/.git/config", "a token in a checkout", Format::Git),
    // In parts, for written as one it looks like a path of some machine, of which none stands in the sources.
    (concat!("home/*/", "work", "/*/*/.git/config"), "a token in a checkout", Format::Git),
    ("home/*/_work/*/*/.git/config", "a token in a checkout", Format::Git),
    ("opt/actions-runner/_work/*/*/.git/config", "a token in a checkout", Format::Git),
    ("opt/*/_work/*/*/.git/config", "a token in a checkout", Format::Git),
    ("srv/*/_work/*/*/.git/config", "a token in a checkout", Format::Git),
    ("actions-runner/_work/*/*/.git/config", "a token in a checkout", Format::Git),
    ("builds/*/*/.git/config", "a token in a checkout", Format::Git),
    ("github/workspace/.git/config", "a token in a checkout", Format::Git),
    ("home/gitlab-runner/builds/*/*/*/*/.git/config", "a token in a checkout", Format::Git),
    ("var/lib/jenkins/workspace/*/.git/config", "a token in a checkout", Format::Git),
];

/// Where clusters put the tokens of service accounts. Links of the cluster lead to the token of the day.
const TOKENS: [&str; 2] =
    ["var/run/secrets/kubernetes.io/serviceaccount/token", "run/secrets/kubernetes.io/serviceaccount/token"];

impl CiRunner {
    pub(super) fn collect(reading: &Reading<'_>) -> Self {
        let mut out = Self::default();
        for home in homes(reading) {
            // One listing tells for every file whether it is worth opening; a home that is closed is one gap.
            let Ok(entries) = reading.list(&home.path) else { continue };
            for (name, kind, format) in FILES {
                let first = name.split('/').next().unwrap_or(name);
                if entries.iter().any(|entry| entry.path.file_name() == first.as_bytes())
                    && let Some(path) = home.path.join(name.as_bytes())
                {
                    out.take(reading, &path, kind, format);
                }
            }
        }
        for (pattern, kind, format) in ELSEWHERE {
            for path in matching(reading, pattern) {
                out.take(reading, &path, kind, format);
            }
        }
        for path in TOKENS.iter().filter_map(|path| TreePath::new(path.as_bytes())) {
            out.take(reading, &path, "a token of a service account", Format::Whole);
            if let Some(last) = out.credentials.last_mut().filter(|last| last.path == path) {
                last.is_service_account = true;
            }
        }
        out.keys(reading);
        out.credentials.sort_by(|a, b| a.path.cmp(&b.path));
        out.credentials.dedup_by(|a, b| a.real.is_some() && a.real == b.real);
        out
    }

    fn take(&mut self, reading: &Reading<'_>, path: &TreePath, kind: &str, format: Format) {
        let Some(file) = open(reading, path) else { return };
        let Some(line) = secret(&file.bytes, format) else { return };
        if self.credentials.len() < MAX_TOLD {
            let real = reading.ask(path, Asked::State);
            let place = (line > 0).then(|| file.at(line));
            let kind = Text::of(kind);
            self.credentials.push(Credential { path: path.clone(), real, kind, is_service_account: false, place });
        }
    }

    /// Looks below `/etc` for private keys that others may read.
    fn keys(&mut self, reading: &Reading<'_>) {
        let mut ahead: Vec<(TreePath, usize)> = TreePath::new(b"etc").map(|path| (path, 0)).into_iter().collect();
        let mut seen = 0;
        while let Some((folder, depth)) = ahead.pop() {
            seen += 1;
            if seen > MAX_FOLDERS {
                break;
            }
            for entry in reading.list_some(&folder, is_of_key).unwrap_or_default() {
                match entry.kind {
                    EntryKind::Folder if depth < MAX_DEPTH => ahead.push((entry.path, depth + 1)),
                    EntryKind::File if is_of_key(entry.path.file_name()) => {
                        // A key of root's that a group may read, but not write, is as it should be.
                        let is_open = entry.mode.is_some_and(|mode| mode & 0o7137 != 0);
                        if is_open {
                            self.key(reading, &entry.path);
                        }
                    }
                    _ => {}
                }
            }
        }
        self.keys.sort_by(|a, b| a.path.cmp(&b.path));
    }

    fn key(&mut self, reading: &Reading<'_>, path: &TreePath) {
        let Ok(Some(file)) = reading.read_at(path) else { return };
        if let Some(is_encrypted) = private_key(&file.bytes)
            && self.keys.len() < MAX_TOLD
        {
            let real = reading.ask(path, Asked::State);
            self.keys.push(PrivateKey { path: path.clone(), real, is_encrypted });
        }
    }
}

/// Whether a file is named as those of keys are.
fn is_of_key(name: &[u8]) -> bool {
    name.ends_with(b".key") || name.ends_with(b".pem")
}

/// Returns the paths that a pattern means. Only folders are entered for a `*`, no links: what else stands there was not
/// asked for.
fn matching(reading: &Reading<'_>, pattern: &str) -> Vec<TreePath> {
    let mut found = vec![TreePath::root()];
    let mut parts = pattern.split('/').peekable();
    while let Some(part) = parts.next() {
        let is_last = parts.peek().is_none();
        let mut next = Vec::new();
        for folder in &found {
            if part == "*" {
                let entries = reading.list(folder).unwrap_or_default();
                let folders = entries.into_iter().filter(|entry| entry.kind == EntryKind::Folder);
                next.extend(folders.take(MAX_FOLDERS.saturating_sub(next.len())).map(|entry| entry.path));
            } else if let Ok(Some(entry)) = reading.look(&folder.child(part.as_bytes())) {
                let is_folder =
                    || matches!(reading.real(&entry.path), Ok(Some(real)) if real.kind == EntryKind::Folder);
                // The file itself is opened, whatever it is, so that what cannot be read is told.
                if (is_last && entry.kind != EntryKind::Folder) || (!is_last && is_folder()) {
                    next.push(entry.path);
                }
            }
        }
        found = next;
    }
    found
}

/// Whether a file holds a private key, and then whether a passphrase guards it.
#[must_use]
pub fn private_key(bytes: &[u8]) -> Option<bool> {
    let begins = |line: &[u8]| line.starts_with(b"-----BEGIN ") && line.ends_with(b"PRIVATE KEY-----");
    let mut all = lines(bytes).map(|line| line.trimmed());
    let first = all.find(|line| begins(line))?;
    let is_encrypted = crate::text::find(first, b"ENCRYPTED").is_some()
        || all.next().is_some_and(|line| line.starts_with(b"Proc-Type:") && line.ends_with(b"ENCRYPTED"));
    Some(is_encrypted)
}

/// Returns the line, from one, on which a file holds a secret, 0 where it has no lines; `None` where it holds none, or only
/// what stands for one.
#[must_use]
pub fn secret(bytes: &[u8], format: Format) -> Option<u32> {
    match format {
        Format::Whole => (!bytes.trim_ascii().is_empty()).then_some(0),
        Format::Docker => docker(bytes),
        Format::Netrc => netrc(bytes),
        Format::Urls => line_of(bytes, has_password),
        Format::Git => line_of(bytes, |line| {
            let (key, value) = line.split_once('=').unwrap_or_default();
            let is_header = key.trim().eq_ignore_ascii_case("extraheader");
            let authorises = value.trim_start_matches([' ', '"']).to_ascii_lowercase().starts_with("authorization:");
            (is_header && authorises) || has_password(line)
        }),
        Format::Keys(keys) => line_of(bytes, |line| has_key(line, keys)),
        Format::Elements(names) => line_of(bytes, |line| {
            names.iter().any(|name| {
                let behind = line.split_once(&format!("<{name}>")).map(|(_, behind)| behind);
                behind.is_some_and(|behind| is_secret(behind.split('<').next().unwrap_or(behind)))
            })
        }),
    }
}

fn line_of(bytes: &[u8], holds: impl Fn(&str) -> bool) -> Option<u32> {
    lines(bytes).find_map(|line| {
        let text = line.text();
        let text = text.trim();
        (!text.starts_with(['#', ';']) && holds(text)).then_some(line.number)
    })
}

fn has_key(line: &str, keys: &[&str]) -> bool {
    // Several members may stand on one line of JSON.
    let parts = line.split(['{', '}']).flat_map(|part| part.split(", ")).flat_map(|part| part.split(",\""));
    let holds = |part: &str| {
        // A key may itself hold a colon: `//registry.example/:_authToken=…`, `:rubygems_api_key: …`.
        let bare = |text: &str| text.trim().trim_matches(['"', '\'', ',', '-', ' ']).to_owned();
        let named = |key: &str, value: &str| {
            let key = bare(key);
            let last = key.rsplit("/:").next().unwrap_or(&key);
            keys.iter().any(|known| last == *known || key == *known) && is_secret(&bare(value))
        };
        let by_equals = part.split_once('=').is_some_and(|(key, value)| named(key, value));
        let by_colon = part.split_once(": ").or_else(|| part.split_once("\":"));
        by_equals || by_colon.is_some_and(|(key, value)| named(key, value))
    };
    parts.into_iter().any(holds)
}

/// Whether a word is a secret, rather than empty or what stands for one.
fn is_secret(word: &str) -> bool {
    let word = word.trim().trim_matches(['"', '\'']);
    let lower = word.to_ascii_lowercase();
    let stands_for_one = word.starts_with('$')
        || word.starts_with('<')
        || word.starts_with('%')
        || word.starts_with("{{")
        || (word.starts_with("__") && word.ends_with("__"))
        || word.chars().all(|character| matches!(character, '*' | 'x' | 'X' | '.' | '-'))
        || ["changeme", "password", "secret", "token", "null", "none", "redacted", "example", "placeholder"]
            .contains(&&*lower)
        || lower.starts_with("your")
        || lower.contains("placeholder");
    !word.is_empty() && !stands_for_one
}

/// Whether a line holds a URL with a password.
fn has_password(line: &str) -> bool {
    line.match_indices("://").any(|(at, mark)| {
        let behind = line.get(at + mark.len()..).unwrap_or_default();
        let authority = behind.split(['/', '?', '#', ' ', '"', '\'']).next().unwrap_or_default();
        let user = authority.rsplit_once('@').map(|(user, _)| user);
        user.and_then(|user| user.split_once(':')).is_some_and(|(_, password)| is_secret(password))
    })
}

fn netrc(bytes: &[u8]) -> Option<u32> {
    let mut is_password = false;
    for line in lines(bytes) {
        let text = line.text();
        for word in text.split_ascii_whitespace() {
            if std::mem::take(&mut is_password) && is_secret(word) {
                return Some(line.number);
            }
            if word.starts_with('#') {
                break;
            }
            is_password = word == "password" || assignment(word).is_some_and(|(name, _)| name == "password");
        }
    }
    None
}

/// Reads the logins of registries. Helpers alone hold no secret.
fn docker(bytes: &[u8]) -> Option<u32> {
    let config: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    // `.dockercfg` has the registries at its top.
    let registries = config.get("auths").unwrap_or(&config).as_object()?;
    let holds = |login: &serde_json::Value| {
        ["auth", "identitytoken", "password", "registrytoken"]
            .iter()
            .any(|key| login.get(key).and_then(serde_json::Value::as_str).is_some_and(is_secret))
    };
    registries.values().any(holds).then_some(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_from_what_stands_for_them() {
        let check = |text: &str, format: Format, expected: Option<u32>| {
            assert_eq!(secret(text.as_bytes(), format), expected, "{text:?}");
        };
        let npm = Format::Keys(&["_authToken", "_auth", "_password"]);
        check("//registry.example/:_authToken=npm_abc123\n", npm, Some(1));
        check("//registry.example/:_authToken=${NPM_TOKEN}\n", npm, None);
        check("registry=https://registry.example/\n", npm, None);
        check("machine host.example login a password s3cr3t\n", Format::Netrc, Some(1));
        check("machine host.example\n  login a\n  password s3cr3t\n", Format::Netrc, Some(3));
        check("# password s3cr3t\nmachine host.example login a\n", Format::Netrc, None);
        check("https://a:s3cr3t@host.example\n", Format::Urls, Some(1));
        check("https://a@host.example/x:y@z\n", Format::Urls, None);
        check("{\"auths\": {\"r.example\": {\"auth\": \"YTpi\"}}}", Format::Docker, Some(0));
        check("{\"auths\": {\"r.example\": {}}, \"credHelpers\": {\"r.example\": \"pass\"}}", Format::Docker, None);
        check("{\"credsStore\": \"pass\"}", Format::Docker, None);
        check("[registry]\ntoken = \"abc\"\n", Format::Keys(&["token"]), Some(2));
        check("[registry]\ntoken = \"\"\n", Format::Keys(&["token"]), None);
        check("{\"a\": 1, \"refresh_token\": \"1//abc\"}", Format::Keys(&["refresh_token"]), Some(1));
        check("{\"refresh_token\":\"1//abc\",\"b\":2}", Format::Keys(&["refresh_token"]), Some(1));
        check("- name: a\n  user:\n    token: abc\n", Format::Keys(&["token"]), Some(3));
        check("    tokenFile: /x\n", Format::Keys(&["token"]), None);
        check("[http \"https://host.example/\"]\n\textraheader = AUTHORIZATION: basic abc\n", Format::Git, Some(2));
        check("[http]\n\textraheader = X-Trace: 1\n", Format::Git, None);
        check("<password>abc</password>", Format::Elements(&["password"]), Some(1));
        check("<password>${env.P}</password>", Format::Elements(&["password"]), None);
        check(" \n", Format::Whole, None);
        check("abc", Format::Whole, Some(0));
    }

    #[test]
    fn private_keys_are_told_from_certificates() {
        let check = |text: &str, expected: Option<bool>| assert_eq!(private_key(text.as_bytes()), expected, "{text:?}");
        check("-----BEGIN CERTIFICATE-----\nTUlJ\n", None);
        check("-----BEGIN PRIVATE KEY-----\nTUlJ\n", Some(false));
        check("# a\n-----BEGIN EC PRIVATE KEY-----\nTUlJ\n", Some(false));
        check("-----BEGIN ENCRYPTED PRIVATE KEY-----\nTUlJ\n", Some(true));
        check("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n", Some(true));
    }
}
