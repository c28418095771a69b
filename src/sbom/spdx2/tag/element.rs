//! An element whose tags are being read.

use std::borrow::Cow;
use std::collections::HashMap;

use super::lines::Line;
use super::table::Form;
use super::values::{checksum, code, member, range, reference, string};
use crate::document::{Member, Node, Span, Value};
use crate::text::Text;

/// An element that is being read.
#[derive(Default)]
pub(super) struct Element<'a> {
    pub(super) members: Vec<Member<'a>>,
    /// The tags that are none of it, apart, so that many of them cost no search.
    pub(super) strays: Vec<Member<'a>>,
    stray_places: HashMap<&'a str, usize>,
}

impl<'a> Element<'a> {
    pub(super) fn of(members: Vec<Member<'a>>) -> Self {
        Self { members, ..Self::default() }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Node<'a>> {
        self.members.iter().find(|member| member.key == key).map(|member| &member.value)
    }

    pub(super) fn list(&mut self, key: &str) -> Option<&mut Vec<Node<'a>>> {
        let member = self.members.iter_mut().find(|member| member.key == key)?;
        match &mut member.value.value {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// Puts a value under its member.
    ///
    /// # Errors
    /// What was expected of it.
    pub(super) fn put(&mut self, line: Line<'a>, key: &'static str, form: Form, is_2_2: bool) -> Result<(), Text> {
        let at = line.tag.span();
        let value = line.value;
        let is_new = self.get(key).is_none();
        match form {
            Form::Text | Form::Flag if !is_new => return Err(Text::trusted("the tag once in its element")),
            Form::Text => self.members.push(member(key, at, string(value))),
            Form::Flag => {
                let node = match value.text {
                    "true" => Node { span: value.span(), value: Value::Boolean(true) },
                    "false" => Node { span: value.span(), value: Value::Boolean(false) },
                    _ => string(value),
                };
                self.members.push(member(key, at, node));
            }
            Form::Item => self.push_to_list(key, at, string(value)),
            Form::Checksum => {
                let node = checksum(value).ok_or(Text::trusted("an algorithm, `:` and a digest"))?;
                self.push_to_list(key, at, node);
            }
            Form::Code if !is_new => return Err(Text::trusted("the tag once in its element")),
            Form::Code => self.members.push(member(key, at, code(value))),
            Form::Reference => {
                let node = reference(value, is_2_2).ok_or(Text::trusted("a category, a type and a locator"))?;
                self.push_to_list(key, at, node);
            }
            Form::Bytes | Form::Lines => {
                let unit = if form == Form::Bytes { "offset" } else { "lineNumber" };
                let node = range(value, unit).ok_or(Text::trusted("two numbers, the first and the last"))?;
                self.push_to_list(key, at, node);
            }
        }
        Ok(())
    }

    pub(super) fn push_to_list(&mut self, key: &'static str, at: Span, item: Node<'a>) {
        match self.members.iter_mut().find(|member| member.key == key) {
            Some(Member { value: Node { span, value: Value::Sequence(items) }, .. }) => {
                span.end = span.end.max(item.span.end);
                items.push(item);
            }
            Some(_) => {}
            None => {
                let list = Node { span: item.span, value: Value::Sequence(vec![item]) };
                self.members.push(member(key, at, list));
            }
        }
    }

    /// Puts a value under the name of its tag; of several that are strays, all.
    pub(super) fn push_item(&mut self, key: &'a str, at: Span, item: Node<'a>) {
        match self.stray_places.get(key).and_then(|at| self.strays.get_mut(*at)) {
            Some(Member { value: Node { value: Value::Sequence(items), .. }, .. }) => items.push(item),
            Some(member) => {
                let first = std::mem::replace(&mut member.value, Node { span: at, value: Value::Null });
                member.value = Node { span: first.span, value: Value::Sequence(vec![first, item]) };
            }
            None => {
                self.stray_places.insert(key, self.strays.len());
                self.strays.push(Member { key: Cow::Borrowed(key), key_span: at, value: item });
            }
        }
    }

    pub(super) fn comment(&mut self, line: Line<'a>) -> bool {
        self.put(line, "comment", Form::Text, false).is_ok()
    }

    pub(super) fn project(&mut self, line: Line<'a>, key: &'static str) -> bool {
        let node = string(line.value);
        let one = member(key, line.tag.span(), node);
        let last = self.list("artifactOfs").and_then(|list| list.last_mut());
        match last {
            Some(Node { span, value: Value::Mapping(members) }) if key != "name" => {
                span.end = one.value.span.end;
                members.push(one);
            }
            _ => {
                let span = one.span();
                self.push_to_list("artifactOfs", span, Node { span, value: Value::Mapping(vec![one]) });
            }
        }
        true
    }

    /// Names the file that the ranges of a snippet lie in.
    pub(super) fn point(&mut self) {
        let Some(file) = self.get("snippetFromFile").cloned() else { return };
        for range in self.list("ranges").into_iter().flatten() {
            let Value::Mapping(pointers) = &mut range.value else { continue };
            for pointer in pointers {
                if let Value::Mapping(members) = &mut pointer.value.value {
                    members.push(member("reference", file.span, file.clone()));
                }
            }
        }
    }

    pub(super) fn node(mut self) -> Node<'a> {
        self.members.append(&mut self.strays);
        let start = self.members.iter().map(|member| member.key_span.start).min().unwrap_or_default();
        let end = self.members.iter().map(|member| member.span().end).max().unwrap_or_default();
        Node { span: Span { start, end }, value: Value::Mapping(self.members) }
    }
}
