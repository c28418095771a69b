//! Documents as the validator of JSON schemas sees them: without a copy.

use std::borrow::Cow;

use jsonschema::JsonType;
use jsonschema::json::{Array, Json, JsonNumber, Node as JsonNode, NodeIdentity, Object};
use serde_json::Value as Json_;

use crate::document::{Member, Node, Value};

/// The tree of a document, which a schema judges.
pub(super) struct Tree;

/// A name that is looked at as if it were a value.
#[derive(Default)]
pub(super) struct Name(Option<Node<'static>>);

impl Json for Tree {
    type Node<'a> = &'a Node<'a>;
    type PreparedKey = Box<str>;
    type StringBuffer = Name;

    fn prepare_key(key: &str) -> Box<str> {
        key.into()
    }

    fn with_string_node<T>(buffer: &mut Name, string: &str, f: impl FnOnce(Self::Node<'_>) -> T) -> T {
        let value = Value::String(Cow::Owned(string.to_owned()));
        f(buffer.0.insert(Node { span: crate::document::Span::default(), value }))
    }
}

/// A number as the validator wants it.
pub(super) struct Number(serde_json::Number);

impl JsonNumber for Number {
    fn as_u64(&self) -> Option<u64> {
        self.0.as_u64()
    }

    fn as_i64(&self) -> Option<i64> {
        self.0.as_i64()
    }

    fn as_f64(&self) -> Option<f64> {
        self.0.as_f64()
    }

    fn as_str(&self) -> Cow<'_, str> {
        Cow::Owned(self.0.to_string())
    }

    fn to_number(&self) -> Cow<'_, serde_json::Number> {
        Cow::Borrowed(&self.0)
    }
}

/// Returns the number that is written so; one beyond what a double holds is the largest there is.
fn number(written: &str) -> serde_json::Number {
    serde_json::from_str(written).unwrap_or_else(|_out_of_range| u64::MAX.into())
}

impl<'a> JsonNode<'a, Tree> for &'a Node<'a> {
    type Object = &'a [Member<'a>];
    type Array = &'a [Node<'a>];
    type Number = Number;

    fn as_object(&self) -> Option<&'a [Member<'a>]> {
        match &self.value {
            Value::Mapping(members) => Some(members),
            _ => None,
        }
    }

    fn as_array(&self) -> Option<&'a [Node<'a>]> {
        match &self.value {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        match &self.value {
            Value::String(text) | Value::Datetime(text) => Some(Cow::Borrowed(text)),
            _ => None,
        }
    }

    fn as_number(&self) -> Option<Number> {
        match &self.value {
            Value::Number(written) => Some(Number(number(written))),
            _ => None,
        }
    }

    fn as_boolean(&self) -> Option<bool> {
        match &self.value {
            Value::Boolean(truth) => Some(*truth),
            _ => None,
        }
    }

    fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    fn json_type(&self) -> JsonType {
        match &self.value {
            Value::Null => JsonType::Null,
            Value::Boolean(_) => JsonType::Boolean,
            Value::Number(_) => JsonType::Number,
            Value::String(_) | Value::Datetime(_) => JsonType::String,
            Value::Sequence(_) => JsonType::Array,
            Value::Mapping(_) => JsonType::Object,
        }
    }

    fn to_value(&self) -> Cow<'a, Json_> {
        Cow::Owned(match &self.value {
            Value::Null => Json_::Null,
            Value::Boolean(truth) => Json_::Bool(*truth),
            Value::Number(written) => Json_::Number(number(written)),
            Value::String(text) | Value::Datetime(text) => Json_::String(text.to_string()),
            Value::Sequence(items) => Json_::Array(items.iter().map(|item| item.to_value().into_owned()).collect()),
            Value::Mapping(members) => Json_::Object(
                members
                    .iter()
                    .map(|member| (member.key.to_string(), (&member.value).to_value().into_owned()))
                    .collect(),
            ),
        })
    }

    fn identity(&self) -> Option<NodeIdentity> {
        Some(NodeIdentity::new(std::ptr::from_ref::<Node<'_>>(self).addr()))
    }
}

impl<'a> Object<'a, Tree> for &'a [Member<'a>] {
    type Node = &'a Node<'a>;
    type MemberName = &'a str;
    type MembersIter = Members<'a>;

    fn len(&self) -> usize {
        <[Member<'a>]>::len(self)
    }

    fn get(&self, key: &Box<str>) -> Option<&'a Node<'a>> {
        self.iter().find(|member| *member.key == **key).map(|member| &member.value)
    }

    fn members(&self) -> Members<'a> {
        Members(self.iter())
    }
}

/// The members of an object, one after the other.
pub(super) struct Members<'a>(std::slice::Iter<'a, Member<'a>>);

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, &'a Node<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|member| (&*member.key, &member.value))
    }
}

impl<'a> Array<'a, Tree> for &'a [Node<'a>] {
    type Node = &'a Node<'a>;
    type ElementsIter = std::slice::Iter<'a, Node<'a>>;

    fn len(&self) -> usize {
        <[Node<'a>]>::len(self)
    }

    fn elements(&self) -> std::slice::Iter<'a, Node<'a>> {
        self.iter()
    }
}
