//! A policy file and all it extends, read and laid over one another.

use sha2::{Digest as _, Sha256};

use super::error::nearest;
use super::section::{Cursor, SECTIONS};
use super::{BUILTIN, Catalogue, Origin, Policy, PolicyError, Setting, Sourced, Sources, Value, catalogue};
use crate::document::{self, Lines, Node};
use crate::text;
use crate::text::{Text, hex};
use crate::tree::{EntryKind, ReadFault, Tree, TreePath};

/// The file a policy is read from, at the root of the inspected repository.
pub const POLICY_FILE: &str = "portcullis.toml";

/// The largest policy file that is read.
pub const MAX_POLICY_BYTES: u64 = 4 << 20;

/// How many policies may be laid over one another, one that is named twice counted twice.
const MAX_POLICIES: usize = 32;

/// What stands for a file where no file sets a value.
pub const DEFAULT_ORIGIN: &str = "default";

/// The prefix of the names of built-in policies.
pub const BUILTIN_PREFIX: &str = "builtin:";

/// Where the files of a policy are read from.
pub trait PolicyFiles {
    /// Reads one file, `None` where there is none.
    ///
    /// # Errors
    /// What stands there instead of a file that can be read.
    fn read(&self, path: &TreePath) -> Result<Option<Vec<u8>>, NotRead>;
}

/// What stands in the place of a policy file that can be read.
pub struct NotRead {
    /// What was found there.
    pub found: Text,
    /// What the user can do about it.
    pub hint: Option<&'static str>,
}

impl From<Text> for NotRead {
    fn from(found: Text) -> Self {
        Self { found, hint: None }
    }
}

impl From<ReadFault> for NotRead {
    fn from(fault: ReadFault) -> Self {
        Self { found: Text::of(&fault), hint: fault.hint() }
    }
}

/// The policy files of a tree.
pub struct TreeFiles<'a>(pub &'a dyn Tree);

impl PolicyFiles for TreeFiles<'_> {
    fn read(&self, path: &TreePath) -> Result<Option<Vec<u8>>, NotRead> {
        read_unlinked(self.0, path, MAX_POLICY_BYTES)
    }
}

/// Reads a file of a tree to which no link leads, `None` where there is none.
///
/// # Errors
/// What stands there instead of a file that can be read.
pub fn read_unlinked(tree: &dyn Tree, path: &TreePath, max_bytes: u64) -> Result<Option<Vec<u8>>, NotRead> {
    let Some(entry) = tree.entry(path).map_err(|error| NotRead::from(error.fault()))? else { return Ok(None) };
    match &entry.kind {
        EntryKind::File => tree.read(&entry, max_bytes).map(Some).map_err(NotRead::from),
        // A link of a pull request could lead to a file of the machine.
        EntryKind::Link(target) => Err(text!("a link to `{}`, which is not followed", **target).into()),
        EntryKind::Folder => Err(Text::trusted("a folder").into()),
        EntryKind::Submodule(_) => Err(Text::trusted("a submodule").into()),
        EntryKind::Other(what) => Err(Text::trusted(*what).into()),
    }
}

/// Reads policies.
pub struct Loader<'a> {
    /// The rules a policy may name.
    pub catalogue: Catalogue<'a>,
    /// Where files are read; a built-in policy needs none.
    pub files: Option<&'a dyn PolicyFiles>,
    /// What the report says of where the policy was read.
    pub origin: &'static str,
    /// How messages and reports name the file, where the user named it otherwise than by its path in `files`.
    pub shown: Option<Text>,
}

impl Loader<'_> {
    /// Reads a built-in policy, named with or without `builtin:`.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn builtin(&self, name: &str) -> Result<Policy, PolicyError> {
        let mut reading = Reading::new(self);
        reading.builtin(name.strip_prefix(BUILTIN_PREFIX).unwrap_or(name), None)?;
        Ok(reading.finish(crate::text!("builtin:{}", name.strip_prefix(BUILTIN_PREFIX).unwrap_or(name)), "builtin"))
    }

    /// Reads the policy in a file, `None` where there is no such file.
    ///
    /// # Errors
    /// When it, or one it extends, cannot be read or understood.
    pub fn file(&self, path: &TreePath) -> Result<Option<Policy>, PolicyError> {
        let mut reading = Reading::new(self);
        let shown = self.shown.clone().unwrap_or_else(|| Text::of(path));
        let error = |NotRead { found, hint }: NotRead| PolicyError {
            file: shown.clone(),
            position: None,
            message: text!("expected a readable policy file, found {}", found),
            hint: hint.map(Text::trusted),
        };
        match reading.file_at(path).map_err(error)? {
            None => Ok(None),
            Some(bytes) => {
                reading.text(path, &shown, &bytes)?;
                Ok(Some(reading.finish(shown, self.origin)))
            }
        }
    }
}

/// One policy on its way from files to values.
struct Reading<'a> {
    loader: &'a Loader<'a>,
    policy: Policy,
    /// The files that are being read, one through the other.
    open: Vec<Text>,
    /// What was read, for the digest.
    files: Vec<(Text, Vec<u8>)>,
}

impl<'a> Reading<'a> {
    fn new(loader: &'a Loader<'a>) -> Self {
        let rules = loader.catalogue.rules.iter().map(|rule| (rule.id.to_owned(), default_setting(rule))).collect();
        let policy = Policy {
            name: Text::default(),
            digest: String::new(),
            origin: loader.origin,
            rules,
            exclude: Vec::new(),
            sources: Sources::default(),
            signers: Vec::new(),
            host: super::host::HostPolicy::default(),
            custom: Vec::new(),
            waivers: Vec::new(),
            extends: Vec::new(),
        };
        Self { loader, policy, open: Vec::new(), files: Vec::new() }
    }

    /// Reads a file, `None` where there is none; what stands there instead is the error.
    fn file_at(&self, path: &TreePath) -> Result<Option<Vec<u8>>, NotRead> {
        let Some(files) = self.loader.files else { return Ok(None) };
        // Reports and digests tell built-in policies from files by the name.
        if path.as_bytes().starts_with(BUILTIN_PREFIX.as_bytes()) || path.as_bytes() == DEFAULT_ORIGIN.as_bytes() {
            return Err(Text::trusted("a name that a built-in policy bears").into());
        }
        files.read(path)
    }

    fn builtin(&mut self, name: &str, at: Option<(&Cursor<'_>, &Node<'_>)>) -> Result<(), PolicyError> {
        let Some(builtin) = BUILTIN.iter().find(|builtin| builtin.name == name) else {
            let names: Vec<String> =
                BUILTIN.iter().map(|builtin| format!("{BUILTIN_PREFIX}{}", builtin.name)).collect();
            let named = format!("{BUILTIN_PREFIX}{name}");
            let message = text!("expected a built-in policy, found `{}`", named);
            let hint = nearest(&named, names.iter().map(String::as_str));
            return Err(match at {
                Some((cursor, node)) => PolicyError { hint, ..cursor.error(node.span, message) },
                None => {
                    let message = Text::trusted("expected a built-in policy, found none of that name");
                    PolicyError { file: text!("{}", named), position: None, message, hint }
                }
            });
        };
        let name = text!("builtin:{}", builtin.name);
        self.document(&name, None, builtin.text)
    }

    fn text(&mut self, path: &TreePath, shown: &Text, bytes: &[u8]) -> Result<(), PolicyError> {
        self.files.push((Text::of(path), bytes.to_vec()));
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let (valid, rest) = bytes.split_at_checked(error.valid_up_to()).unwrap_or_default();
            let found = Text::of(rest.get(..1).unwrap_or_default());
            let before = String::from_utf8_lossy(valid);
            PolicyError {
                file: shown.clone(),
                position: Some(Lines::new(&before).position(before.len())),
                message: text!("expected UTF-8 text, found the byte `{}`", found),
                hint: None,
            }
        })?;
        self.document(shown, Some(path), text.strip_prefix('\u{feff}').unwrap_or(text))
    }

    fn document(&mut self, name: &Text, path: Option<&TreePath>, text: &str) -> Result<(), PolicyError> {
        if path.is_none() {
            self.files.push((name.clone(), text.as_bytes().to_vec()));
        }
        let lines = Lines::new(text);
        let root = document::toml(text).map_err(|fault| PolicyError {
            file: name.clone(),
            position: Some(lines.position(fault.span.start)),
            message: text!("expected {}, found {}", fault.expected, fault.found),
            hint: None,
        })?;
        let opened = path.map_or_else(|| name.clone(), Text::of);
        self.open.push(opened.clone());
        let again = self.files.iter().filter(|(known, _)| *known == opened).count() > 1;
        let cursor = Cursor { file: name.clone(), lines: &lines, catalogue: self.loader.catalogue, again };
        if let Some(extends) = root.get("extends") {
            for item in cursor.try_items(extends, "`extends`")? {
                self.extend(&cursor, path, item)?;
            }
        }
        for member in cursor.try_members(&root, "the policy")? {
            let mut known = SECTIONS.iter().map(|section| section.key).chain(["extends"]);
            if !known.clone().any(|key| key == member.key) {
                return Err(cursor.unknown_key(member, "the policy", &mut known));
            }
        }
        // In the order of the registry, whatever the file's: waivers may name custom rules.
        for section in SECTIONS {
            if let Some(node) = root.get(section.key) {
                (section.read)(&cursor, node, &mut self.policy)?;
            }
        }
        self.open.pop();
        self.policy.extends.push(name.clone());
        Ok(())
    }

    fn extend(&mut self, cursor: &Cursor<'_>, path: Option<&TreePath>, item: &Node<'_>) -> Result<(), PolicyError> {
        let target = cursor.try_string(item, "each of `extends`")?;
        // Of two that name each of two, two levels below there are four: hostile files would never end.
        if self.files.len() >= MAX_POLICIES {
            return Err(cursor.error(item.span, text!("expected at most {} policies in all, found more", MAX_POLICIES)));
        }
        if let Some(name) = target.strip_prefix(BUILTIN_PREFIX) {
            return self.builtin(name, Some((cursor, item)));
        }
        let folder = path.and_then(TreePath::parent).unwrap_or_default();
        let Some(at) = path.and(folder.join(target.as_bytes())) else {
            return Err(cursor.error(item.span, text!("expected a file inside the repository, found `{}`", target)));
        };
        let name = Text::of(&at);
        if self.open.contains(&name) {
            return Err(cursor.error(item.span, text!("expected policies that end, found `{}` extending itself", name)));
        }
        let error = |NotRead { found, hint }: NotRead| PolicyError {
            hint: hint.map(Text::trusted),
            ..cursor.error(item.span, text!("expected a policy file at `{}`, found {}", name, found))
        };
        match self.file_at(&at).map_err(error)? {
            Some(bytes) => self.text(&at, &name, &bytes),
            None => {
                let hint = BUILTIN
                    .iter()
                    .find(|builtin| builtin.name == target)
                    .map(|builtin| text!("did you mean `{}{}`?", BUILTIN_PREFIX, builtin.name));
                Err(PolicyError { hint, ..error(Text::trusted("nothing").into()) })
            }
        }
    }

    fn finish(mut self, name: Text, origin: &'static str) -> Policy {
        self.policy.digest = digest(&self.files);
        self.policy.name = name;
        self.policy.origin = origin;
        self.policy
    }
}

/// Returns the digest of a policy's files: of a single file (beside built-in ones, which come with the
/// program) the digest of its bytes, as `sha256sum` prints it.
fn digest(files: &[(Text, Vec<u8>)]) -> String {
    let own: Vec<_> = files.iter().filter(|(name, _)| !name.as_str().starts_with(BUILTIN_PREFIX)).collect();
    let mut hash = Sha256::new();
    match (own.as_slice(), files) {
        ([(_, bytes)], _) | ([], [(_, bytes), ..]) => hash.update(bytes),
        (own, _) => {
            for (name, bytes) in own {
                hash.update((name.as_str().len() as u64).to_be_bytes());
                hash.update(name.as_str());
                hash.update((bytes.len() as u64).to_be_bytes());
                hash.update(bytes);
            }
        }
    }
    format!("sha256:{}", hex(&hash.finalize()))
}

fn default_setting(rule: &catalogue::RuleInfo) -> Setting {
    let origin = Origin::whole(Text::trusted(DEFAULT_ORIGIN));
    let parameters = rule
        .parameters()
        .map(|parameter| {
            let value = match parameter.kind {
                catalogue::ParameterKind::Allowed => Value::Patterns(Vec::new()),
                catalogue::ParameterKind::AtLeast(number) => Value::Number(number),
            };
            (parameter.name, Sourced { value, origin: origin.clone() })
        })
        .collect();
    let undetermined = rule.undetermined.map(|value| Sourced { value, origin: origin.clone() });
    Setting { level: Sourced { value: rule.level, origin }, undetermined, parameters }
}
