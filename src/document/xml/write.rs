//! XML written: a tree as it was read, and documents made anew.

use super::{Content, Document, Element};

/// Returns a document as XML that says the same: elements, attributes, text, comments and instructions.
#[must_use]
pub fn write(document: &Document<'_>) -> Vec<u8> {
    let mut writer = Writer::new();
    for content in &document.before {
        writer.content(content);
        writer.break_line();
    }
    writer.element(&document.root);
    writer.break_line();
    for content in &document.after {
        writer.content(content);
        writer.break_line();
    }
    writer.finish()
}

/// What XML is written to. Names are taken as they are; values and text are escaped.
#[derive(Debug)]
pub struct Writer {
    out: String,
    is_open: bool,
}

impl Default for Writer {
    fn default() -> Self {
        Self::new()
    }
}

impl Writer {
    /// Begins a document with its XML declaration.
    #[must_use]
    pub fn new() -> Self {
        Self { out: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(), is_open: false }
    }

    /// Begins an element.
    pub fn start(&mut self, name: &str) {
        self.close_tag();
        self.out.push('<');
        self.out.push_str(name);
        self.is_open = true;
    }

    /// Writes an attribute of the element that was just begun.
    pub fn attribute(&mut self, name: &str, value: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        for character in value.chars() {
            match character {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '"' => self.out.push_str("&quot;"),
                '\t' => self.out.push_str("&#9;"),
                '\n' => self.out.push_str("&#10;"),
                '\r' => self.out.push_str("&#13;"),
                _ => self.out.push(character),
            }
        }
        self.out.push('"');
    }

    /// Writes text.
    pub fn text(&mut self, text: &str) {
        self.close_tag();
        for character in text.chars() {
            match character {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '\r' => self.out.push_str("&#13;"),
                _ => self.out.push(character),
            }
        }
    }

    /// Ends an element.
    pub fn end(&mut self, name: &str) {
        if self.is_open {
            self.out.push_str("/>");
            self.is_open = false;
            return;
        }
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    /// Begins a new line, which is text where it stands inside the root.
    pub fn break_line(&mut self) {
        self.close_tag();
        self.out.push('\n');
    }

    /// Writes an element and all that is in it. The namespaces declared around it have to be declared here too.
    pub fn element(&mut self, element: &Element<'_>) {
        let name = qualified(element.name().prefix(), element.local());
        self.start(&name);
        for declaration in element.declarations() {
            if declaration.prefix.is_empty() {
                self.attribute("xmlns", &declaration.namespace);
            } else {
                self.attribute(&format!("xmlns:{}", declaration.prefix), &declaration.namespace);
            }
        }
        for attribute in element.attributes() {
            self.attribute(&qualified(attribute.name().prefix(), attribute.name().local()), &attribute.value);
        }
        for content in element.content() {
            self.content(content);
        }
        self.end(&name);
    }

    /// Returns what was written.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        self.close_tag();
        self.out.into_bytes()
    }

    fn content(&mut self, content: &Content<'_>) {
        match content {
            Content::Element(element) => self.element(element),
            // A carriage return can only have come from a reference, which a CDATA section cannot hold.
            Content::Text(run) if run.is_cdata() => {
                self.close_tag();
                self.out.push_str("<![CDATA[");
                self.out.push_str(&run.text);
                self.out.push_str("]]>");
            }
            Content::Text(run) => self.text(&run.text),
            Content::Comment(comment) => {
                self.close_tag();
                self.out.push_str("<!--");
                self.out.push_str(comment);
                self.out.push_str("-->");
            }
            Content::Instruction(instruction) => {
                self.close_tag();
                self.out.push_str("<?");
                self.out.push_str(instruction);
                self.out.push_str("?>");
            }
        }
    }

    fn close_tag(&mut self) {
        if self.is_open {
            self.out.push('>');
            self.is_open = false;
        }
    }
}

fn qualified(prefix: &str, local: &str) -> String {
    if prefix.is_empty() { local.to_owned() } else { format!("{prefix}:{local}") }
}
