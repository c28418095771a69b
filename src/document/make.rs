//! Trees that are made to be written: members one after the other, those without a value left out.

use std::borrow::Cow;

use super::{Member, Node, Span, Value};

/// An object that is being made.
#[derive(Debug, Default)]
pub struct Object<'a>(Vec<Member<'a>>);

impl<'a> Object<'a> {
    /// Returns an object without members.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a member.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl Into<Node<'a>>) -> Self {
        self.push(key, value);
        self
    }

    /// Adds a member where there is a value.
    #[must_use]
    pub fn with_some(self, key: &'static str, value: Option<impl Into<Node<'a>>>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    /// Adds a list where it has items.
    #[must_use]
    pub fn with_list(self, key: &'static str, items: Vec<Node<'a>>) -> Self {
        if items.is_empty() { self } else { self.with(key, items) }
    }

    /// Adds a member.
    pub fn push(&mut self, key: &'static str, value: impl Into<Node<'a>>) {
        self.0.push(Member { key: Cow::Borrowed(key), key_span: Span::default(), value: value.into() });
    }

    /// Whether it has no member.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a> Node<'a> {
    /// Returns the value under a key, to change it; of several the first.
    #[must_use]
    pub fn member_mut(&mut self, key: &str) -> Option<&mut Self> {
        let Value::Mapping(members) = &mut self.value else { return None };
        members.iter_mut().find(|member| member.key == key).map(|member| &mut member.value)
    }

    /// Returns the list under a key, to change it.
    #[must_use]
    pub fn items_mut(&mut self, key: &str) -> Option<&mut Vec<Self>> {
        match &mut self.member_mut(key)?.value {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// Puts a value under a key: in place of the one that is there, else behind all others.
    pub fn set(&mut self, key: &'static str, value: Self) {
        let Value::Mapping(members) = &mut self.value else { return };
        match members.iter_mut().find(|member| member.key == key) {
            Some(member) => member.value = value,
            None => members.push(Member { key: Cow::Borrowed(key), key_span: Span::default(), value }),
        }
    }

    /// Takes the value under a key out.
    pub fn take(&mut self, key: &str) -> Option<Self> {
        let Value::Mapping(members) = &mut self.value else { return None };
        let at = members.iter().position(|member| member.key == key)?;
        Some(members.remove(at).value)
    }
}

impl Node<'_> {
    /// Returns the tree with texts of its own, so that it can outlive what it was read from.
    #[must_use]
    pub fn into_owned(self) -> Node<'static> {
        let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        let value = match self.value {
            Value::Null => Value::Null,
            Value::Boolean(truth) => Value::Boolean(truth),
            Value::Number(text) => Value::Number(own(text)),
            Value::String(text) => Value::String(own(text)),
            Value::Datetime(text) => Value::Datetime(own(text)),
            Value::Sequence(items) => Value::Sequence(items.into_iter().map(Node::into_owned).collect()),
            Value::Mapping(members) => Value::Mapping(
                members
                    .into_iter()
                    .map(|member| Member {
                        key: own(member.key),
                        key_span: member.key_span,
                        value: member.value.into_owned(),
                    })
                    .collect(),
            ),
        };
        Node { span: self.span, value }
    }
}

impl<'a> From<Value<'a>> for Node<'a> {
    fn from(value: Value<'a>) -> Self {
        Self { span: Span::default(), value }
    }
}

impl<'a> From<Object<'a>> for Node<'a> {
    fn from(object: Object<'a>) -> Self {
        Value::Mapping(object.0).into()
    }
}

impl<'a> From<&'a str> for Node<'a> {
    fn from(text: &'a str) -> Self {
        Value::String(Cow::Borrowed(text)).into()
    }
}

impl<'a> From<&'a Cow<'_, str>> for Node<'a> {
    fn from(text: &'a Cow<'_, str>) -> Self {
        Value::String(Cow::Borrowed(text)).into()
    }
}

impl<'a> From<Cow<'a, str>> for Node<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Value::String(text).into()
    }
}

impl From<String> for Node<'_> {
    fn from(text: String) -> Self {
        Value::String(Cow::Owned(text)).into()
    }
}

impl From<bool> for Node<'_> {
    fn from(truth: bool) -> Self {
        Value::Boolean(truth).into()
    }
}

impl From<u64> for Node<'_> {
    fn from(number: u64) -> Self {
        Value::Number(Cow::Owned(number.to_string())).into()
    }
}

impl<'a> From<Vec<Self>> for Node<'a> {
    fn from(items: Vec<Self>) -> Self {
        Value::Sequence(items).into()
    }
}
