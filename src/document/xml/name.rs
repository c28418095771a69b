//! Names with their prefixes and namespaces, each kept once.

use std::collections::HashMap;
use std::sync::Arc;

use super::{XML_NAMESPACE, XMLNS_NAMESPACE};

/// The name of an element or attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name<'a> {
    prefix: &'a str,
    local: &'a str,
    namespace: Option<Arc<str>>,
}

impl<'a> Name<'a> {
    /// Returns the prefix; empty where there is none.
    #[must_use]
    pub fn prefix(&self) -> &'a str {
        self.prefix
    }

    /// Returns the name without its prefix.
    #[must_use]
    pub fn local(&self) -> &'a str {
        self.local
    }

    /// Returns the namespace, `None` where the name is in none.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }
}

/// The number of a namespace in [`Names`].
pub(super) type Number = usize;

/// The namespaces and names met so far, and which prefixes stand for which namespace at this place.
pub(super) struct Names<'a> {
    namespaces: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, Number>,
    bound: HashMap<&'a str, Vec<Number>>,
    names: HashMap<(&'a str, &'a str, Option<Number>), Arc<Name<'a>>>,
}

impl<'a> Names<'a> {
    pub(super) fn new() -> Self {
        let mut names =
            Self { namespaces: Vec::new(), numbers: HashMap::new(), bound: HashMap::new(), names: HashMap::new() };
        names.bind("xml", XML_NAMESPACE);
        names.bind("xmlns", XMLNS_NAMESPACE);
        names
    }

    /// Binds a prefix to a namespace until it is [released](Self::release), and returns the namespace.
    pub(super) fn bind(&mut self, prefix: &'a str, namespace: &str) -> Arc<str> {
        let number = match self.numbers.get(namespace) {
            Some(number) => *number,
            None => {
                let number = self.namespaces.len();
                let kept: Arc<str> = Arc::from(namespace);
                self.namespaces.push(Arc::clone(&kept));
                self.numbers.insert(kept, number);
                number
            }
        };
        self.bound.entry(prefix).or_default().push(number);
        self.namespaces.get(number).cloned().unwrap_or_else(|| Arc::from(namespace))
    }

    /// Forgets the last binding of a prefix.
    pub(super) fn release(&mut self, prefix: &str) {
        if let Some(numbers) = self.bound.get_mut(prefix) {
            numbers.pop();
        }
    }

    /// Returns a name, whose namespace is the one that its prefix stands for here; `None` where the prefix is not
    /// declared. A name without a prefix is in the `default` namespace or in none.
    pub(super) fn name(&mut self, prefix: &'a str, local: &'a str, default: Default) -> Option<Arc<Name<'a>>> {
        let number = match (prefix, default) {
            ("", Default::None) => None,
            _ => self.bound.get(prefix).and_then(|numbers| numbers.last()).copied(),
        };
        let namespace = number.and_then(|number| self.namespaces.get(number)).filter(|namespace| !namespace.is_empty());
        if namespace.is_none() && !prefix.is_empty() {
            return None;
        }
        let namespace = namespace.cloned();
        let key = (prefix, local, namespace.as_ref().and(number));
        let name = self.names.entry(key).or_insert_with(|| Arc::new(Name { prefix, local, namespace }));
        Some(Arc::clone(name))
    }
}

/// Whether a name without a prefix is in the namespace declared for those.
#[derive(Clone, Copy)]
pub(super) enum Default {
    /// It is, as names of elements are.
    Declared,
    /// It is not, as names of attributes are not.
    None,
}
