//! A document judged by a schema, in one pass.

use std::borrow::Cow;
use std::collections::HashSet;

use super::XSD_NAMESPACE;
use super::{
    Allowed, Complex, Declaration, INSTANCE_NAMESPACE, Judgement, MAX_VIOLATIONS, Model, Schema, Term, Type, Violation,
};
use crate::document::Span;
use crate::document::limits::MAX_QUOTED;
use crate::document::xml::{Content, Element};
use crate::text::Text;

/// How many elements a message names of those that may stand at a place.
const NAMED_ELEMENTS: usize = 24;

pub(super) fn judge(schema: &Schema, root: &Element<'_>) -> Judgement {
    let mut judge = Judge { schema, above: Vec::new(), unique: Vec::new(), judgement: Judgement::default() };
    let declaration = schema.element(root.local()).filter(|_| root.namespace() == Some(schema.target()));
    match declaration {
        Some(declaration) => judge.element(root, declaration),
        None => {
            let known: Vec<String> = schema.elements.keys().map(|name| format!("`{name}`")).collect();
            judge.above.push(root);
            let expected = crate::text!("an element {} in `{}`", known.join(" or "), schema.target());
            judge.violation(root.start_tag(), "", expected, crate::text!("`{}`", root.local()));
        }
    }
    // What is missing at the end of an element is told at its start.
    judge.judgement.violations.sort_by_key(|violation| violation.span.start);
    judge.judgement
}

struct Judge<'s, 'e, 't> {
    schema: &'s Schema,
    /// The elements around the one that is judged, and itself.
    above: Vec<&'e Element<'t>>,
    /// Attributes that are unique inside an element above, with their values so far.
    unique: Vec<Unique<'s, 'e>>,
    judgement: Judgement,
}

struct Unique<'s, 'e> {
    name: &'s str,
    /// How many elements are above those it is asked of.
    depth: usize,
    seen: HashSet<Cow<'e, str>>,
}

impl<'s, 'e, 't> Judge<'s, 'e, 't> {
    fn element(&mut self, element: &'e Element<'t>, declaration: &'s Declaration) {
        if self.judgement.is_cut {
            return;
        }
        self.above.push(element);
        let kind = self.stated_type(element, declaration.kind);
        let before = self.unique.len();
        let depth = self.above.len();
        self.unique.extend(declaration.unique.iter().map(|name| Unique { name, depth, seen: HashSet::new() }));
        self.content(element, kind, declaration.default.as_deref());
        self.unique.truncate(before);
        self.above.pop();
    }

    /// Judges attributes and content of an element by its type.
    fn content(&mut self, element: &'e Element<'t>, kind: Type, default: Option<&str>) {
        match kind {
            Type::Any => self.inside(element),
            Type::Simple(number) => {
                self.attributes(element, None);
                self.simple(element, number, default);
            }
            Type::Complex(number) => {
                let complex = self.schema.complex(number);
                self.attributes(element, complex);
                match complex.map(|complex| &complex.content) {
                    None => self.violation(
                        element.start_tag(),
                        "",
                        Text::trusted("a type that is known"),
                        Text::trusted("none"),
                    ),
                    Some(Allowed::Nothing) => self.nothing(element),
                    Some(Allowed::Text(number)) => self.simple(element, *number, default),
                    Some(Allowed::Elements { model, is_mixed }) => self.elements(element, model, *is_mixed),
                }
            }
        }
    }

    /// Judges an element that nothing declares by what it has inside (lax processing).
    fn undeclared(&mut self, element: &'e Element<'t>) {
        if self.judgement.is_cut {
            return;
        }
        let declaration = self.schema.element(element.local());
        if let Some(declaration) = declaration.filter(|_| element.namespace() == Some(self.schema.target())) {
            self.element(element, declaration);
            return;
        }
        self.above.push(element);
        if element.attribute(Some(INSTANCE_NAMESPACE), "type").is_some() {
            let kind = self.stated_type(element, Type::Any);
            self.content(element, kind, None);
        } else {
            self.inside(element);
        }
        self.above.pop();
    }

    /// Judges what is inside an element that may hold anything.
    fn inside(&mut self, element: &'e Element<'t>) {
        self.unique(element, None);
        for child in element.elements() {
            self.undeclared(child);
        }
    }

    /// Returns the type that an element states by `xsi:type` where it may, and refuses `xsi:nil`: no element of these
    /// schemas is nillable.
    fn stated_type(&mut self, element: &'e Element<'t>, declared: Type) -> Type {
        if let Some(nil) = element.attribute(Some(INSTANCE_NAMESPACE), "nil") {
            self.violation(nil.span(), "/@xsi:nil", Text::trusted("no `xsi:nil`"), Text::trusted("one"));
        }
        let Some(stated) = element.attribute(Some(INSTANCE_NAMESPACE), "type") else { return declared };
        let value = stated.value.trim_matches([' ', '\t', '\n', '\r']);
        let (prefix, local) = value.split_once(':').unwrap_or(("", value));
        let declaration = self
            .above
            .iter()
            .rev()
            .find_map(|above| above.declarations().iter().find(|declaration| declaration.prefix == prefix));
        let namespace = declaration.map_or("", |declaration| &declaration.namespace);
        match self.schema.named.get(&(namespace.to_owned(), local.to_owned())) {
            Some(kind) if self.schema.narrows(*kind, declared) => *kind,
            _ => {
                let expected = Text::trusted("the type that is declared, or one that narrows it");
                self.violation(stated.span(), "/@xsi:type", expected, quoted(value));
                declared
            }
        }
    }

    fn attributes(&mut self, element: &'e Element<'t>, complex: Option<&'s Complex>) {
        for attribute in element.attributes() {
            let (namespace, local) = (attribute.name().namespace(), attribute.name().local());
            let is_instruction = namespace == Some(INSTANCE_NAMESPACE)
                && matches!(local, "type" | "nil" | "schemaLocation" | "noNamespaceSchemaLocation");
            if is_instruction {
                continue;
            }
            let uses = complex.map_or(&[][..], |complex| complex.attributes.as_slice());
            let declared = uses.iter().find(|declared| namespace.is_none() && declared.name == local);
            if let Some(declared) = declared {
                if let Err(expected) = self.schema.text(declared.kind, &attribute.value) {
                    let path = format!("/@{local}");
                    self.violation(attribute.span(), &path, expected, quoted(&attribute.value));
                }
                continue;
            }
            let others = complex.and_then(|complex| complex.other_attributes);
            if !others.is_some_and(|others| others.allows(namespace, self.schema.target())) {
                let known: Vec<&str> = uses.iter().map(|declared| declared.name.as_str()).collect();
                let expected = match known.as_slice() {
                    [] => Text::trusted("no attributes"),
                    known => crate::text!("only the attributes `{}`", known.join("`, `")),
                };
                self.violation(attribute.span(), &format!("/@{local}"), expected, quoted(local));
            }
        }
        for declared in complex.into_iter().flat_map(|complex| &complex.attributes) {
            if declared.is_required && element.attribute(None, &declared.name).is_none() {
                let expected = crate::text!("an attribute `{}`", declared.name);
                self.violation(element.start_tag(), &format!("/@{}", declared.name), expected, Text::trusted("none"));
            }
        }
        self.unique(element, complex);
    }

    /// Holds the attributes of an element to what is unique inside the elements above.
    fn unique(&mut self, element: &'e Element<'t>, complex: Option<&'s Complex>) {
        let depth = self.above.len();
        let mut repeated = Vec::new();
        for unique in &mut self.unique {
            let Some(attribute) = element.attribute(None, unique.name).filter(|_| depth > unique.depth) else {
                continue;
            };
            let mut uses = complex.into_iter().flat_map(|complex| &complex.attributes);
            let declared = uses.find(|declared| declared.name == unique.name);
            let builtin = declared.and_then(|declared| self.schema.primitive(declared.kind));
            let value =
                builtin.map_or(Cow::Borrowed(attribute.value.as_ref()), |builtin| builtin.normalized(&attribute.value));
            if !unique.seen.insert(value) {
                repeated.push((attribute, unique.name));
            }
        }
        for (attribute, name) in repeated {
            let expected = crate::text!("each `{}` once in the document", name);
            let found = crate::text!("`{}` a second time", attribute.value).shortened(MAX_QUOTED);
            self.violation(attribute.span(), &format!("/@{name}"), expected, found);
        }
    }

    fn nothing(&mut self, element: &'e Element<'t>) {
        for content in element.content() {
            match content {
                Content::Element(inner) => {
                    self.unexpected(inner, Text::trusted("nothing inside"));
                }
                Content::Text(run) if !run.text.is_empty() => {
                    self.violation(run.span(), "", Text::trusted("nothing inside"), Text::trusted("text"));
                }
                Content::Text(_) | Content::Comment(_) | Content::Instruction(_) => {}
            }
        }
    }

    fn simple(&mut self, element: &'e Element<'t>, number: usize, default: Option<&str>) {
        for inner in element.elements() {
            self.unexpected(inner, Text::trusted("text only"));
        }
        let text = element.text();
        if text.is_empty() && default.is_some() {
            return;
        }
        if let Err(expected) = self.schema.text(number, &text) {
            let start = element.runs().next().map_or(element.start_tag(), |run| run.span());
            let end = element.runs().last().map_or(start.end, |run| run.span().end);
            self.violation(Span { start: start.start, end }, "", expected, quoted(&text));
        }
    }

    fn elements(&mut self, element: &'e Element<'t>, model: &'s Model, is_mixed: bool) {
        let target = self.schema.target();
        let mut state = None;
        for content in element.content() {
            let child = match content {
                Content::Element(child) => child.as_ref(),
                Content::Text(run) => {
                    if !is_mixed && !run.is_space() {
                        self.violation(run.span(), "", Text::trusted("elements only"), quoted(run.text.trim()));
                    }
                    continue;
                }
                Content::Comment(_) | Content::Instruction(_) => continue,
            };
            if self.judgement.is_cut {
                return;
            }
            let (namespace, local) = (child.namespace(), child.local());
            let mut place = model.next(state, namespace, local, target);
            if place.is_none() {
                self.unexpected(child, names(model, state));
                // What follows is judged as if the child were allowed where it stands.
                place = model.anywhere(namespace, local, target);
            }
            let Some(place) = place else { continue };
            state = Some(place);
            match model.positions.get(place).map(|position| &position.term) {
                Some(Term::Element(declaration)) => self.element(child, declaration),
                Some(Term::Any(_)) => self.undeclared(child),
                None => {}
            }
        }
        if !model.may_end(state) {
            self.violation(element.start_tag(), "", names(model, state), Text::trusted("the end of the element"));
        }
    }

    /// Tells of an element that may not stand where it does.
    fn unexpected(&mut self, child: &'e Element<'t>, expected: Text) {
        let found = match child.namespace() {
            Some(namespace) if namespace == self.schema.target() => crate::text!("`{}`", child.local()),
            Some(namespace) => crate::text!("`{}` of `{}`", child.local(), namespace),
            None => crate::text!("`{}` of no namespace", child.local()),
        };
        self.above.push(child);
        self.violation(child.start_tag(), "", expected, found.shortened(MAX_QUOTED));
        self.above.pop();
    }

    fn violation(&mut self, span: Span, below: &str, expected: Text, found: Text) {
        if self.judgement.violations.len() >= MAX_VIOLATIONS {
            self.judgement.is_cut = true;
            return;
        }
        let path = crate::text!("{}{}", self.path(), below);
        self.judgement.violations.push(Violation { span, path, expected, found });
    }

    /// Returns the path of the element that is judged: a number where siblings have the same name.
    fn path(&self) -> String {
        let mut path = String::new();
        let mut parent: Option<&Element<'_>> = None;
        for element in &self.above {
            path.push('/');
            path.push_str(element.local());
            let namesakes = parent
                .into_iter()
                .flat_map(Element::elements)
                .filter(|sibling| sibling.local() == element.local() && sibling.namespace() == element.namespace());
            let (mut place, mut count) = (0, 0);
            for sibling in namesakes {
                count += 1;
                if std::ptr::eq(sibling, *element) {
                    place = count;
                }
                if count > 1 && place > 0 {
                    break;
                }
            }
            if count > 1 {
                path.push_str(&format!("[{place}]"));
            }
            parent = Some(element);
        }
        path
    }
}

impl Schema {
    /// Whether values of `kind` are values of `declared` by derivation.
    fn narrows(&self, kind: Type, declared: Type) -> bool {
        if kind == declared || declared == Type::Any {
            return true;
        }
        let (Type::Simple(mut number), Type::Simple(declared)) = (kind, declared) else { return false };
        loop {
            if number == declared {
                return true;
            }
            let base = match self.simple(number) {
                Some(super::Simple::Narrowed { base, .. }) => Some(*base),
                Some(super::Simple::Builtin(builtin)) => builtin.base().and_then(|base| self.builtin(base)),
                Some(super::Simple::Union(_)) | None => None,
            };
            match base {
                Some(base) => number = base,
                None => return false,
            }
        }
    }

    fn builtin(&self, builtin: super::Builtin) -> Option<usize> {
        let (name, _) = super::Builtin::ALL.into_iter().find(|(_, known)| *known == builtin)?;
        match self.named.get(&(XSD_NAMESPACE.to_owned(), name.to_owned()))? {
            Type::Simple(number) => Some(*number),
            Type::Complex(_) | Type::Any => None,
        }
    }
}

fn names(model: &Model, state: Option<usize>) -> Text {
    let mut names = model.expected(state);
    let more = names.len().saturating_sub(NAMED_ELEMENTS);
    names.truncate(NAMED_ELEMENTS);
    let ends = if model.may_end(state) { ", or the end of the element" } else { "" };
    match (names.as_slice(), more) {
        ([], _) => Text::trusted("the end of the element"),
        (names, 0) => crate::text!("`{}`{}", names.join("`, `"), ends),
        (names, more) => crate::text!("`{}` and {} more{}", names.join("`, `"), more, ends),
    }
}

fn quoted(text: &str) -> Text {
    crate::text!("`{}`", text).shortened(MAX_QUOTED)
}
