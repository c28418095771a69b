//! The parts that `quick-xml` tells apart, put together into a tree and held to what XML demands of them.

use std::borrow::Cow;
use std::collections::HashSet;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::super::{Fault, Span, limits, too_deep};
use super::name::{Default, Names};
use super::tag::{self, Written};
use super::{Attribute, CDATA, Content, Declaration, Document, Element, Run, characters};
use super::{XML_NAMESPACE, XMLNS_NAMESPACE};
use crate::text::Text;

pub(super) fn document(text: &str) -> Result<Document<'_>, Fault> {
    if text.len() >= usize::try_from(CDATA).unwrap_or(usize::MAX) {
        let expected = Text::trusted("a text of less than two gibibytes");
        return Err(Fault::new(Span::default(), expected, Text::trusted("a longer one")));
    }
    if let Some(fault) = characters::forbidden(text) {
        return Err(fault);
    }
    // A byte order mark is no part of the document.
    let base = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let body = text.split_at_checked(base).map_or(text, |(_, body)| body);
    let mut reader = Reader::from_str(body);
    reader.config_mut().check_comments = true;
    let mut builder = Builder::new(text);
    loop {
        let start = base + offset(reader.buffer_position());
        let event = reader.read_event().map_err(|error| {
            let at = base + offset(reader.error_position());
            Fault::new(Span { start: at, end: at }, Text::trusted("XML"), Text::of(&error.to_string()))
        })?;
        let span = Span { start, end: base + offset(reader.buffer_position()) };
        if matches!(event, Event::Eof) {
            return builder.finish(span);
        }
        builder.take(&event, span, start == base)?;
    }
}

fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

fn short(offset: usize) -> u32 {
    // The text is shorter than two gibibytes.
    u32::try_from(offset).unwrap_or(u32::MAX)
}

/// An element whose end tag was not met yet.
struct Open<'a> {
    element: Element<'a>,
    content: Vec<Content<'a>>,
}

struct Builder<'a> {
    text: &'a str,
    names: Names<'a>,
    open: Vec<Open<'a>>,
    before: Vec<Content<'a>>,
    root: Option<Element<'a>>,
    after: Vec<Content<'a>>,
    /// Text and references since the last other part.
    run: Option<Run<'a>>,
    count: usize,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            names: Names::new(),
            open: Vec::new(),
            before: Vec::new(),
            root: None,
            after: Vec::new(),
            run: None,
            count: 0,
        }
    }

    fn take(&mut self, event: &Event<'_>, span: Span, is_first: bool) -> Result<(), Fault> {
        let written = self.text.get(span.start..span.end).unwrap_or_default();
        if !matches!(event, Event::Text(_) | Event::GeneralRef(_)) {
            self.end_run(span)?;
        }
        match event {
            Event::Start(_) => self.start(inside(written, "<", ">"), span),
            Event::Empty(_) => {
                self.start(inside(written, "<", "/>"), span)?;
                self.end(span)
            }
            Event::End(_) => self.end(span),
            Event::Text(_) => {
                if let Some(at) = written.find("]]>") {
                    let span = Span { start: span.start + at, end: span.start + at + 3 };
                    return Err(Fault::new(span, Text::trusted("`]]&gt;`"), Text::trusted("`]]>` in text")));
                }
                self.extend(characters::lines(written), span);
                Ok(())
            }
            Event::GeneralRef(_) => {
                let character = characters::reference(written, span.start)?;
                if self.open.is_empty() {
                    return Err(outside(span));
                }
                self.extend(Cow::Owned(String::from(character)), span);
                Ok(())
            }
            Event::CData(_) => {
                if self.open.is_empty() {
                    return Err(outside(span));
                }
                let text = characters::lines(inside(written, "<![CDATA[", "]]>"));
                let end_and_mark = short(span.end) | CDATA;
                self.push(Content::Text(Run { text, start: short(span.start), end_and_mark }), span)
            }
            Event::Comment(_) => self.push(Content::Comment(characters::lines(inside(written, "<!--", "-->"))), span),
            Event::PI(_) => {
                let instruction = inside(written, "<?", "?>");
                let target = instruction.split([' ', '\t', '\n', '\r']).next().unwrap_or_default();
                if !characters::is_name(target) || target.eq_ignore_ascii_case("xml") {
                    let expected = Text::trusted("the name of an instruction that is not `xml`");
                    return Err(Fault::new(span, expected, crate::text!("`{}`", target)));
                }
                self.push(Content::Instruction(characters::lines(instruction)), span)
            }
            Event::Decl(_) if is_first => declaration(self.text, inside(written, "<?", "?>"), span),
            Event::Decl(_) => {
                let expected = Text::trusted("an XML declaration before all else");
                Err(Fault::new(span, expected, Text::trusted("one behind something")))
            }
            Event::DocType(_) => {
                let expected = Text::trusted("no document type declaration");
                Err(Fault::new(span, expected, Text::trusted("`<!DOCTYPE`")))
            }
            Event::Eof => Ok(()),
        }
    }

    fn start(&mut self, written: &'a str, span: Span) -> Result<(), Fault> {
        if self.open.is_empty() && self.root.is_some() {
            return Err(Fault::new(span, Text::trusted("one root element"), Text::trusted("a second one")));
        }
        if self.open.len() >= limits::MAX_DEPTH {
            return Err(too_deep(span, limits::MAX_DEPTH));
        }
        let offset = span.start + 1;
        let (prefix, local, written) = tag::start(written, offset)?;
        self.count(1 + written.len(), span)?;
        let mut declarations = Vec::new();
        for attribute in &written {
            if let Some(prefix) = declared(attribute)? {
                let namespace = self.names.bind(prefix, &attribute.value);
                declarations.push(Declaration { prefix, namespace });
            }
        }
        let undeclared = |prefix: &str, start: usize| {
            let span = Span { start, end: start + prefix.len() };
            Fault::new(span, Text::trusted("a prefix that is declared"), crate::text!("`{}`", prefix))
        };
        let name = self.names.name(prefix, local, Default::Declared).ok_or_else(|| undeclared(prefix, offset))?;
        let mut attributes = Vec::with_capacity(written.len() - declarations.len());
        let total = written.len();
        let mut spans = Vec::new();
        for attribute in written {
            let is_declaration = declared(&attribute)?.is_some();
            if is_declaration {
                spans.push((attribute.prefix, attribute.local, attribute.span));
                continue;
            }
            let name = self
                .names
                .name(attribute.prefix, attribute.local, Default::None)
                .ok_or_else(|| undeclared(attribute.prefix, attribute.span.start))?;
            attributes.push(Attribute {
                name,
                value: attribute.value,
                start: short(attribute.span.start),
                value_start: short(attribute.value_start),
                end: short(attribute.span.end),
            });
        }
        if total > 1 {
            unrepeated(&attributes, &spans)?;
        }
        let element = Element {
            name,
            declarations: declarations.into_boxed_slice(),
            attributes: attributes.into_boxed_slice(),
            content: Box::default(),
            start: short(span.start),
            tag_end: short(span.end),
            end: short(span.end),
        };
        self.open.push(Open { element, content: Vec::new() });
        Ok(())
    }

    fn end(&mut self, span: Span) -> Result<(), Fault> {
        let Some(Open { mut element, content }) = self.open.pop() else {
            return Err(Fault::new(span, Text::trusted("a start tag"), Text::trusted("an end tag without one")));
        };
        element.content = content.into_boxed_slice();
        element.end = short(span.end);
        for declaration in &element.declarations {
            self.names.release(declaration.prefix);
        }
        match self.open.last_mut() {
            Some(parent) => parent.content.push(Content::Element(Box::new(element))),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn extend(&mut self, text: Cow<'a, str>, span: Span) {
        match &mut self.run {
            Some(run) => {
                run.text.to_mut().push_str(&text);
                run.end_and_mark = short(span.end);
            }
            None => self.run = Some(Run { text, start: short(span.start), end_and_mark: short(span.end) }),
        }
    }

    /// Puts the text that was gathered in its place.
    fn end_run(&mut self, behind: Span) -> Result<(), Fault> {
        let Some(mut run) = self.run.take() else { return Ok(()) };
        if let Cow::Owned(text) = &mut run.text {
            text.shrink_to_fit();
        }
        if !self.open.is_empty() {
            return self.push(Content::Text(run), behind);
        }
        if run.is_space() {
            return Ok(());
        }
        let start = run.span().start + run.text.bytes().take_while(|byte| characters::is_space(*byte)).count();
        Err(outside(Span { start, end: run.span().end.max(start) }))
    }

    fn push(&mut self, content: Content<'a>, span: Span) -> Result<(), Fault> {
        self.count(1, span)?;
        match self.open.last_mut() {
            Some(open) => open.content.push(content),
            None if self.root.is_none() => self.before.push(content),
            None => self.after.push(content),
        }
        Ok(())
    }

    fn count(&mut self, more: usize, span: Span) -> Result<(), Fault> {
        self.count += more;
        if self.count <= limits::MAX_XML_NODES {
            return Ok(());
        }
        let expected = crate::text!("at most {} elements, attributes and texts", limits::MAX_XML_NODES);
        Err(Fault::new(span, expected, Text::trusted("more")))
    }

    fn finish(mut self, span: Span) -> Result<Document<'a>, Fault> {
        self.end_run(span)?;
        if let Some(open) = self.open.last() {
            let expected = crate::text!("the end of `{}`", open.element.local());
            return Err(Fault::new(open.element.start_tag(), expected, Text::trusted("the end of the file")));
        }
        match self.root {
            Some(root) => Ok(Document { before: self.before, root, after: self.after }),
            None => Err(Fault::new(span, Text::trusted("a root element"), Text::trusted("the end of the file"))),
        }
    }
}

fn inside<'a>(written: &'a str, opening: &str, closing: &str) -> &'a str {
    written.strip_prefix(opening).and_then(|rest| rest.strip_suffix(closing)).unwrap_or_default()
}

fn outside(span: Span) -> Fault {
    Fault::new(span, Text::trusted("text inside the root element only"), Text::trusted("text outside of it"))
}

/// Returns the prefix that an attribute declares, empty for names without one; `None` where it declares none.
fn declared<'a>(attribute: &Written<'a>) -> Result<Option<&'a str>, Fault> {
    let prefix = match (attribute.prefix, attribute.local) {
        ("", "xmlns") => "",
        ("xmlns", prefix) => prefix,
        _ => return Ok(None),
    };
    let namespace = attribute.value.as_ref();
    let is_allowed = match prefix {
        "xml" => namespace == XML_NAMESPACE,
        "xmlns" => false,
        _ => namespace != XML_NAMESPACE && namespace != XMLNS_NAMESPACE && (prefix.is_empty() || !namespace.is_empty()),
    };
    if is_allowed {
        return Ok(Some(prefix));
    }
    let found = crate::text!("`{}` for the prefix `{}`", namespace, prefix);
    Err(Fault::new(attribute.span, Text::trusted("a namespace that the prefix may stand for"), found))
}

/// Refuses an attribute that stands twice, be it under two prefixes of one namespace.
fn unrepeated(attributes: &[Attribute<'_>], declarations: &[(&str, &str, Span)]) -> Result<(), Fault> {
    let mut seen = HashSet::new();
    for (prefix, local, span) in declarations {
        if !seen.insert((Some(*prefix), *local)) {
            return Err(repeated(*span, local));
        }
    }
    let same = |one: &Attribute<'_>, other: &Attribute<'_>| {
        one.name.local() == other.name.local() && one.name.namespace() == other.name.namespace()
    };
    let second = if attributes.len() <= 8 {
        let mut before = attributes.iter().enumerate();
        before.find(|(place, attribute)| attributes.iter().take(*place).any(|other| same(other, attribute)))
    } else {
        let mut seen = HashSet::with_capacity(attributes.len());
        attributes
            .iter()
            .enumerate()
            .find(|(_, attribute)| !seen.insert((attribute.name.namespace(), attribute.name.local())))
    };
    second.map_or(Ok(()), |(_, attribute)| Err(repeated(attribute.span(), attribute.name.local())))
}

fn repeated(span: Span, name: &str) -> Fault {
    Fault::new(span, Text::trusted("each attribute once"), crate::text!("`{}` a second time", name))
}

/// Holds an XML declaration to its form, and to an encoding that is read here.
fn declaration(text: &str, written: &str, span: Span) -> Result<(), Fault> {
    let fault = |expected: &str, found: &str| Err(Fault::new(span, Text::trusted(expected), Text::of(found)));
    let (_, _, attributes) = tag::start(written, span.start + 2)?;
    let mut rest = attributes.iter().peekable();
    let mut next = |name: &str| rest.next_if(|found| found.prefix.is_empty() && found.local == name);
    let is_version = |value: &str| {
        value
            .strip_prefix("1.")
            .is_some_and(|minor| !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit()))
    };
    match next("version") {
        Some(version) if is_version(&version.value) => {}
        Some(version) => return fault("XML of version 1.0", &version.value),
        None => return fault("a version in the XML declaration", "none"),
    }
    if let Some(encoding) = next("encoding") {
        let name = encoding.value.to_ascii_lowercase();
        let extends_ascii = ["iso-8859-", "windows-125", "latin"].iter().any(|start| name.starts_with(start));
        let is_read =
            matches!(name.as_str(), "utf-8" | "utf8" | "us-ascii" | "ascii") || (extends_ascii && text.is_ascii());
        if !is_read {
            return fault("text in UTF-8", &encoding.value);
        }
    }
    if let Some(standalone) = next("standalone")
        && !matches!(standalone.value.as_ref(), "yes" | "no")
    {
        return fault("`yes` or `no` for standalone", &standalone.value);
    }
    match rest.next() {
        None => Ok(()),
        Some(other) => fault("version, encoding and standalone in the XML declaration, in this order", other.local),
    }
}
