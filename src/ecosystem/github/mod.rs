//! GitHub Actions: workflows and actions.
//!
//! The grammar is that of GitHub's documentation, "Workflow syntax for GitHub Actions" and "Metadata syntax for GitHub
//! Actions". Only what says what is run is read; what is not understood there is a gap, and the rest is still read.

pub(super) mod action;
pub(super) mod workflow;

use crate::component::{Capability, Component, InstallScript, InventoryBuilder, Relation, Scope, Source};
use crate::document::{self, Fault, Member, Node, Value};
use crate::ecosystem::{Facts, File, Unread};
use crate::fact::{FactKind, Location};
use crate::text;
use crate::text::Text;
use crate::workflow::{Image, ImageReference, Job, Reference, Step, Target, Use, Workflow, WorkflowKind};

#[cfg(test)]
mod tests;

/// The type of the purls of actions.
const ECOSYSTEM: &str = "githubactions";

const CAPABILITY: Capability = Capability {
    transitive: false,
    digests: false,
    // Nothing is installed.
    install_scripts: true,
    scope: true,
    licenses: false,
    edges: false,
    exact_requirements: false,
};

/// Reads a file whose jobs `jobs` finds in its document.
fn read(
    file: &File<'_>,
    facts: &mut Facts,
    (format, kind): (&str, WorkflowKind),
    jobs: impl FnOnce(&mut Reader<'_, '_>, &Node<'_>) -> Result<Vec<Job>, Fault>,
) -> Result<(), Unread> {
    let root = document(file)?;
    let mut reader = Reader { file, facts, builder: InventoryBuilder::default() };
    let jobs = root.map(|root| jobs(&mut reader, &root)).transpose()?.unwrap_or_default();
    let (builder, path) = (reader.builder, file.path.clone());
    facts.inventories.push(builder.finish(path.clone(), format, ECOSYSTEM, CAPABILITY));
    facts.workflows.push(Workflow { path, kind, jobs });
    Ok(())
}

/// Reads the one document of a file; `None` where nothing stands in it but comments, so that nothing is run.
fn document<'a>(file: &File<'a>) -> Result<Option<Node<'a>>, Unread> {
    let mut documents = document::yaml_with_aliases(file.text)?.into_iter();
    let first = documents.next();
    match documents.next() {
        None => Ok(first),
        Some(second) => {
            Err(Fault::new(second.span, Text::trusted("one document"), Text::trusted("a second one")).into())
        }
    }
}

/// Reads jobs and steps into facts.
struct Reader<'f, 'a> {
    file: &'f File<'a>,
    facts: &'f mut Facts,
    builder: InventoryBuilder,
}

impl Reader<'_, '_> {
    fn at(&self, node: &Node<'_>) -> Location {
        self.file.places.at(node.span)
    }

    /// Notes what cannot be known of an entry; it stays the same gap as long as the entry does.
    fn gap(&mut self, fault: Fault, entry: document::Span) {
        let gap = self.file.gap_of_entry(FactKind::Workflow, fault.into(), entry);
        self.facts.gaps.push(gap);
    }

    fn noted<T>(&mut self, outcome: Result<T, Fault>, entry: document::Span) -> Option<T> {
        outcome.map_err(|fault| self.gap(fault, entry)).ok()
    }

    /// Reads the list under `steps`.
    fn steps(&mut self, node: &Node<'_>) -> Vec<Step> {
        let Some(items) = self.noted(node.items("`steps`"), node.span) else { return Vec::new() };
        items.iter().filter_map(|item| self.step(item)).collect()
    }

    fn step(&mut self, node: &Node<'_>) -> Option<Step> {
        let fields = node.members("a step").and_then(|_| {
            let id = node.get("id").map(|id| id.scalar("`id`")).transpose()?;
            let uses = node.get("uses").map(|uses| uses.string("`uses`").map(|text| (text, uses))).transpose()?;
            Ok((id, uses))
        });
        let (id, uses) = self.noted(fields, node.span)?;
        let uses = uses.and_then(|(text, at)| {
            let used = self.used(text, at, Place::Step);
            self.noted(used, node.span)
        });
        Some(Step { id: id.map(Into::into), place: self.at(node), uses })
    }

    /// Reads what stands behind `uses`, and counts what lies in another repository as a component.
    fn used(&mut self, text: &str, node: &Node<'_>, place: Place) -> Result<Use, Fault> {
        let target = target(text, place).ok_or_else(|| {
            let expected = match place {
                Place::Step => "an action such as `owner/name@commit`, `./folder` or `docker://image`",
                Place::Job => "a workflow such as `owner/name/.github/workflows/file.yml@commit` or `./file.yml`",
            };
            Fault::new(node.span, Text::trusted(expected), text!("`{}`", text))
        })?;
        if let Target::Repository { owner, name, reference, .. } = &target {
            let component = Component {
                scope: Scope::Build,
                relation: Relation::Direct,
                install_script: InstallScript::None,
                version_at: Some(self.file.places.spot(node.span)),
                ..Component::new(
                    ECOSYSTEM,
                    &format!("{owner}/{name}"),
                    Some(reference.as_str()),
                    Source::Registry { registry: None },
                    self.at(node),
                )
            };
            self.builder.add(component, node.span)?;
        }
        Ok(Use { text: text.into(), place: self.at(node), target })
    }

    /// Reads an image, by its name alone or as a table with `image`: none where it is empty, which runs none, and
    /// several where it is a value of the job's matrix.
    fn images(&mut self, role: &str, node: &Node<'_>, matrix: Option<&Node<'_>>) -> Vec<Image> {
        let named = match &node.value {
            Value::Mapping(_) => node.get("image"),
            _ => Some(node),
        };
        let Some(node) = named.filter(|node| node.value != Value::Null) else { return Vec::new() };
        let Some(text) = self.noted(node.scalar("an image"), node.span) else { return Vec::new() };
        let values = matrix.and_then(|matrix| matrix_values(text, matrix)).unwrap_or_else(|| vec![(text, node)]);
        let of = |(text, node): (&str, &Node<'_>)| Image {
            role: role.into(),
            place: self.at(node),
            reference: ImageReference::new(text.strip_prefix("docker://").unwrap_or(text)),
        };
        values.into_iter().filter(|(text, _)| !text.is_empty()).map(of).collect()
    }
}

/// Returns the values that `${{ matrix.KEY }}` stands for, `None` where `text` is something else, or the matrix does not
/// hold all of them as plain text.
fn matrix_values<'n>(text: &str, matrix: &'n Node<'_>) -> Option<Vec<(&'n str, &'n Node<'n>)>> {
    let key = text.strip_prefix("${{")?.strip_suffix("}}")?.trim().strip_prefix("matrix.")?;
    let listed = match matrix.get(key) {
        Some(values) => values.items("").ok()?,
        None => &[],
    };
    let included = match matrix.get("include") {
        Some(entries) => entries.items("").ok()?,
        None => &[],
    };
    let nodes = listed.iter().chain(included.iter().filter_map(|entry| entry.get(key)));
    let values: Vec<_> = nodes.map(|node| node.scalar("").ok().map(|text| (text, node))).collect::<Option<_>>()?;
    let is_plain = !values.is_empty() && values.iter().all(|(text, _)| !text.contains("${{"));
    is_plain.then_some(values)
}

/// Where `uses` stands.
#[derive(Clone, Copy)]
enum Place {
    Step,
    Job,
}

/// Reads what a step or a job uses, `None` where it is nothing that can be used.
fn target(text: &str, place: Place) -> Option<Target> {
    if let Some(image) = text.strip_prefix("docker://") {
        return (matches!(place, Place::Step) && !image.is_empty())
            .then(|| Target::Image { reference: ImageReference::new(image) });
    }
    if text.starts_with("./") || text.starts_with(".\\") {
        return Some(Target::Local { path: text.into() });
    }
    let (repository, reference) = text.split_once('@')?;
    let mut parts = repository.splitn(3, '/');
    let (owner, name, path) = (parts.next()?, parts.next()?, parts.next());
    let is_word = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
    };
    if !is_word(owner) || !is_word(name) || reference.is_empty() || text.contains(char::is_whitespace) {
        return None;
    }
    // A workflow is always a file.
    if matches!(place, Place::Job) && path.is_none_or(str::is_empty) {
        return None;
    }
    Some(Target::Repository {
        owner: owner.into(),
        name: name.into(),
        path: path.filter(|path| !path.is_empty()).map(Into::into),
        reference: Reference::new(reference),
    })
}

/// Returns the members of a table that has to be there.
fn required<'n, 'a>(node: &'n Node<'a>, key: &str, what: &str) -> Result<&'n [Member<'a>], Fault> {
    match node.get(key) {
        Some(table) => table.members(&format!("`{key}`")),
        None => Err(Fault::new(node.span, text!("{} with `{}`", what, key), Text::trusted("one without"))),
    }
}
