//! What the statements of `sudoers(5)` say, as far as grants go.

use super::token::{Statement, Token, statements};

/// What a statement says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saying {
    /// Another file, or the files of a folder.
    Include {
        /// Which.
        path: String,
        /// Whether it is a folder.
        is_folder: bool,
    },
    /// Settings.
    Defaults {
        /// For whom: `:alice`, `@host`, `>root`, `!/bin/x`; empty for everybody.
        scope: String,
        /// The settings.
        settings: Vec<Default>,
    },
    /// A name for several.
    Alias {
        /// `User_Alias`, `Runas_Alias`, `Host_Alias` or `Cmnd_Alias`.
        kind: String,
        /// The name.
        name: String,
        /// Those.
        members: Vec<Member>,
    },
    /// A grant.
    Grant {
        /// To whom.
        users: Vec<Member>,
        /// On which machines.
        hosts: Vec<Member>,
        /// As whom; empty for root.
        run_as: Vec<Member>,
        /// Whether a group is chosen only.
        is_group_only: bool,
        /// What.
        command: Member,
        /// Whether without a password.
        no_password: bool,
    },
}

/// A setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Default {
    /// Its name.
    pub name: String,
    /// The value, where it has one.
    pub value: Option<String>,
    /// Whether it is switched off.
    pub is_off: bool,
}

/// One of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// As it is written.
    pub text: String,
    /// Whether it is left out.
    pub is_not: bool,
}

/// Reads a file: what it says with the line of each, and the lines that say nothing that can be understood.
#[must_use]
pub fn read(bytes: &[u8]) -> (Vec<(u32, Saying)>, Vec<u32>) {
    let text = String::from_utf8_lossy(bytes);
    let mut sayings = Vec::new();
    let mut broken = Vec::new();
    for Statement { line, tokens } in statements(&text) {
        let before = sayings.len();
        let mut add = |saying| sayings.push((line, saying));
        if (Cursor { rest: &tokens }).saying(&mut add).is_none() {
            broken.push(line);
            // What was understood of a grant counts all the same.
            if sayings.len() == before {
                continue;
            }
        }
    }
    (sayings, broken)
}

const ALIASES: [&str; 5] = ["User_Alias", "Runas_Alias", "Host_Alias", "Cmnd_Alias", "Cmd_Alias"];

/// Words in front of a command that change how it is run; each has a `NO` before it for the contrary.
const TAGS: [&str; 9] =
    ["PASSWD", "EXEC", "SETENV", "LOG_INPUT", "LOG_OUTPUT", "MAIL", "FOLLOW", "INTERCEPT", "LOG_SUBCMDS"];

/// Options in front of a command.
const OPTIONS: [&str; 10] =
    ["ROLE", "TYPE", "PRIVS", "LIMITPRIVS", "TIMEOUT", "NOTBEFORE", "NOTAFTER", "CWD", "CHROOT", "APPARMOR_PROFILE"];

struct Cursor<'a> {
    rest: &'a [Token],
}

impl<'a> Cursor<'a> {
    fn take(&mut self, sign: &Token) -> Option<()> {
        let (first, rest) = self.rest.split_first()?;
        (first == sign).then(|| self.rest = rest)
    }

    fn word(&mut self) -> Option<&'a str> {
        let (first, rest) = self.rest.split_first()?;
        let Token::Word(word) = first else { return None };
        self.rest = rest;
        Some(word)
    }

    fn saying(&mut self, add: &mut dyn FnMut(Saying)) -> Option<()> {
        let first = match self.rest.first()? {
            Token::Word(word) => word.as_str(),
            _ => "",
        };
        match first {
            "@include" | "@includedir" => {
                let is_folder = first == "@includedir";
                self.word()?;
                let words: Vec<String> = self.rest.iter().map(sign).collect();
                add(Saying::Include { path: words.concat(), is_folder });
                Some(())
            }
            kind if ALIASES.contains(&kind) => {
                self.word()?;
                self.aliases(kind, add)
            }
            defaults
                if defaults
                    .strip_prefix("Defaults")
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(['@', '>', '!'])) =>
            {
                let scope = self.word()?.strip_prefix("Defaults")?;
                self.defaults(scope, add)
            }
            _ => self.grant(add),
        }
    }

    fn aliases(&mut self, kind: &str, add: &mut dyn FnMut(Saying)) -> Option<()> {
        loop {
            let name = self.word()?.to_owned();
            self.take(&Token::Equals)?;
            let members = if kind.starts_with("Cm") { self.commands()? } else { self.members()? };
            let kind = if kind.starts_with("Cm") { "Cmnd_Alias" } else { kind };
            add(Saying::Alias { kind: kind.to_owned(), name, members });
            if self.rest.is_empty() {
                return Some(());
            }
            self.take(&Token::Colon)?;
        }
    }

    fn defaults(&mut self, scope: &str, add: &mut dyn FnMut(Saying)) -> Option<()> {
        let mut scope = scope.to_owned();
        if self.take(&Token::Colon).is_some() {
            scope.push(':');
            scope.push_str(if self.take(&Token::Not).is_some() { "!" } else { "" });
            scope.push_str(self.word()?);
        }
        while !scope.is_empty() && self.take(&Token::Comma).is_some() {
            scope.push(',');
            scope.push_str(if self.take(&Token::Not).is_some() { "!" } else { "" });
            scope.push_str(self.word()?);
        }
        let mut settings = Vec::new();
        for part in self.rest.split(|token| *token == Token::Comma).filter(|part| !part.is_empty()) {
            let off = part.iter().take_while(|token| **token == Token::Not).count();
            let part = part.get(off..)?;
            let (name, value) = match part.iter().position(|token| *token == Token::Equals) {
                Some(at) => {
                    let (name, value) = part.split_at_checked(at)?;
                    // The colons of search paths are no signs here.
                    let value: Vec<String> = value.iter().skip(1).map(sign).collect();
                    (name, Some(value.concat()))
                }
                None => (part, None),
            };
            let Token::Word(name) = name.first()? else { return None };
            let name = name.trim_end_matches(['+', '-']).to_owned();
            settings.push(Default { name, value, is_off: off % 2 == 1 });
        }
        add(Saying::Defaults { scope, settings });
        Some(())
    }

    fn members(&mut self) -> Option<Vec<Member>> {
        let mut members = Vec::new();
        loop {
            let is_not = self.nots();
            members.push(Member { text: self.word()?.to_owned(), is_not });
            if self.take(&Token::Comma).is_none() {
                return Some(members);
            }
        }
    }

    /// Whether an odd number of `!` stands here.
    fn nots(&mut self) -> bool {
        let mut is_not = false;
        while self.take(&Token::Not).is_some() {
            is_not = !is_not;
        }
        is_not
    }

    fn commands(&mut self) -> Option<Vec<Member>> {
        let mut members = Vec::new();
        loop {
            members.push(self.command()?);
            if self.take(&Token::Comma).is_none() {
                return Some(members);
            }
        }
    }

    /// A command with its arguments; the digests in front of it are passed over.
    fn command(&mut self) -> Option<Member> {
        while let [Token::Word(word), Token::Colon, Token::Word(_), rest @ ..] = self.rest {
            if !["sha224", "sha256", "sha384", "sha512"].contains(&word.as_str()) {
                break;
            }
            self.rest = match rest {
                [Token::Comma, further @ ..] => further,
                other => other,
            };
        }
        let is_not = self.nots();
        let mut text = self.word()?.to_owned();
        loop {
            let more = match self.rest.first() {
                Some(Token::Word(word)) => word.as_str(),
                // Parentheses and exclamation marks of arguments.
                Some(Token::Open) => "(",
                Some(Token::Close) => ")",
                Some(Token::Not) => "!",
                _ => return Some(Member { text, is_not }),
            };
            text.push(' ');
            text.push_str(more);
            self.rest = self.rest.get(1..).unwrap_or_default();
        }
    }

    fn grant(&mut self, add: &mut dyn FnMut(Saying)) -> Option<()> {
        let users = self.members()?;
        loop {
            let hosts = self.members()?;
            self.take(&Token::Equals)?;
            let (mut run_as, mut is_group_only, mut no_password) = (Vec::new(), false, false);
            loop {
                if self.take(&Token::Open).is_some() {
                    (run_as, is_group_only) = self.run_as()?;
                }
                self.tags(&mut no_password);
                let command = self.command()?;
                let (users, hosts, run_as) = (users.clone(), hosts.clone(), run_as.clone());
                add(Saying::Grant { users, hosts, run_as, is_group_only, command, no_password });
                if self.take(&Token::Comma).is_none() {
                    break;
                }
            }
            if self.rest.is_empty() {
                return Some(());
            }
            self.take(&Token::Colon)?;
        }
    }

    fn run_as(&mut self) -> Option<(Vec<Member>, bool)> {
        let is_empty = matches!(self.rest.first(), Some(Token::Colon | Token::Close));
        let users = if is_empty { Vec::new() } else { self.members()? };
        let has_group = self.take(&Token::Colon).is_some();
        if has_group && self.rest.first() != Some(&Token::Close) {
            self.members()?;
        }
        self.take(&Token::Close)?;
        // `()` is root; `(:group)` is whoever asks.
        Some((users, is_empty))
    }

    fn tags(&mut self, no_password: &mut bool) {
        loop {
            match self.rest {
                [Token::Word(word), Token::Colon, rest @ ..]
                    if TAGS.contains(&word.strip_prefix("NO").unwrap_or(word)) =>
                {
                    match word.as_str() {
                        "NOPASSWD" => *no_password = true,
                        "PASSWD" => *no_password = false,
                        _ => {}
                    }
                    self.rest = rest;
                }
                [Token::Word(word), Token::Equals, Token::Word(_), rest @ ..] if OPTIONS.contains(&word.as_str()) => {
                    self.rest = rest;
                }
                _ => return,
            }
        }
    }
}

fn sign(token: &Token) -> String {
    match token {
        Token::Word(word) => word.clone(),
        Token::Comma => ",".to_owned(),
        Token::Equals => "=".to_owned(),
        Token::Colon => ":".to_owned(),
        Token::Open => "(".to_owned(),
        Token::Close => ")".to_owned(),
        Token::Not => "!".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(saying: &Saying) -> String {
        let list = |members: &[Member]| {
            let one = |member: &Member| format!("{}{}", if member.is_not { "!" } else { "" }, member.text);
            members.iter().map(one).collect::<Vec<_>>().join("|")
        };
        match saying {
            Saying::Include { path, is_folder } => format!("include {path} {is_folder}"),
            Saying::Defaults { scope, settings } => {
                let one = |it: &Default| format!("{}{}={:?}", if it.is_off { "!" } else { "" }, it.name, it.value);
                format!("defaults{scope} {}", settings.iter().map(one).collect::<Vec<_>>().join(" "))
            }
            Saying::Alias { kind, name, members } => format!("{kind} {name} {}", list(members)),
            Saying::Grant { users, hosts, run_as, command, no_password, .. } => format!(
                "{} {} ({}) {}{}",
                list(users),
                list(hosts),
                list(run_as),
                if *no_password { "NOPASSWD " } else { "" },
                list(std::slice::from_ref(command)),
            ),
        }
    }

    #[test]
    fn statements_are_read_as_sudo_reads_them() {
        let check = |text: &str, expected: &[&str]| {
            let (sayings, broken) = read(text.as_bytes());
            let mut found: Vec<String> = sayings.iter().map(|(_, saying)| shown(saying)).collect();
            found.extend(broken.iter().map(|line| format!("broken {line}")));
            assert_eq!(found, expected, "{text:?}");
        };
        check("alice ALL=(ALL) NOPASSWD:ALL", &["alice ALL (ALL) NOPASSWD ALL"]);
        check("alice ALL=(ALL:ALL) ALL", &["alice ALL (ALL) ALL"]);
        check(
            "%wheel,bob ALL = NOPASSWD: /bin/a x, /bin/b, PASSWD: /bin/c",
            &["%wheel|bob ALL () NOPASSWD /bin/a x", "%wheel|bob ALL () NOPASSWD /bin/b", "%wheel|bob ALL () /bin/c"],
        );
        check("bob web = /bin/a : db = NOPASSWD: /bin/b", &["bob web () /bin/a", "bob db () NOPASSWD /bin/b"]);
        check("bob ALL=\\\n  NOPASSWD: /bin/a", &["bob ALL () NOPASSWD /bin/a"]);
        check("# bob ALL=NOPASSWD: ALL\n", &[]);
        check("bob ALL=/bin/a # NOPASSWD: ALL", &["bob ALL () /bin/a"]);
        check("#1000 ALL=NOPASSWD: ALL", &["#1000 ALL () NOPASSWD ALL"]);
        check("%#50 ALL=ALL", &["%#50 ALL () ALL"]);
        check("bob ALL=/bin/echo NOPASSWD\\: ALL", &["bob ALL () /bin/echo NOPASSWD: ALL"]);
        check("bob ALL=ALL, !/bin/su", &["bob ALL () ALL", "bob ALL () !/bin/su"]);
        check("\"%domain users\" ALL=NOPASSWD: ALL", &["%domain users ALL () NOPASSWD ALL"]);
        check("bob ALL=SETENV: NOPASSWD: CWD=/x /bin/a", &["bob ALL () NOPASSWD /bin/a"]);
        check("bob ALL=NOPASSWD: sha256:abc /bin/a", &["bob ALL () NOPASSWD /bin/a"]);
        check("User_Alias A = x, y : B = z", &["User_Alias A x|y", "User_Alias B z"]);
        check("Cmnd_Alias C = /bin/a -x, /bin/b", &["Cmnd_Alias C /bin/a -x|/bin/b"]);
        check("Defaults !authenticate", &["defaults !authenticate=None"]);
        check("Defaults:bob,eve !authenticate, use_pty", &["defaults:bob,eve !authenticate=None use_pty=None"]);
        check("Defaults secure_path = /sbin:/bin", &["defaults secure_path=Some(\"/sbin:/bin\")"]);
        check("Defaults\tlogfile=\"/var/log/sudo.log\"", &["defaults logfile=Some(\"/var/log/sudo.log\")"]);
        check("@includedir /etc/sudoers.d\n#include x", &["include /etc/sudoers.d true", "include x false"]);
        check("#includedirs /etc/x", &[]);
        check("bob ALL", &["broken 1"]);
        check("\n\nbob", &["broken 3"]);
    }
}
