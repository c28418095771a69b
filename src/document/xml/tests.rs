//! Behaviour of the reader and the writer of XML.

use proptest::prelude::*;

use super::super::limits;
use super::*;

#[test]
fn names_values_and_text_come_with_their_places() {
    let text = "<a:b xmlns:a=\"urn:a\"  c='1 &amp; 2'>x&#65;<![CDATA[<y>]]><d xmlns=\"urn:d\"/></a:b>";
    let root = xml(text).unwrap();
    assert!(root.is("urn:a", "b"));
    assert_eq!(root.attributes()[0].value, "1 & 2");
    assert_eq!(root.attributes()[0].name().namespace(), None);
    let at = |span: Span| &text[span.start..span.end];
    assert_eq!(at(root.attributes()[0].span()), "c='1 &amp; 2'");
    assert_eq!(at(root.attributes()[0].value_span()), "'1 &amp; 2'");
    assert_eq!(root.text(), "xA<y>");
    assert_eq!(root.runs().map(Run::is_cdata).collect::<Vec<_>>(), [false, true]);
    assert_eq!(root.runs().map(|run| at(run.span())).collect::<Vec<_>>(), ["x&#65;", "<![CDATA[<y>]]>"]);
    let inner = root.elements().next().unwrap();
    assert!(inner.is("urn:d", "d"));
    assert_eq!(at(inner.span()), "<d xmlns=\"urn:d\"/>");
    assert_eq!(at(root.start_tag()), "<a:b xmlns:a=\"urn:a\"  c='1 &amp; 2'>");
    assert_eq!(root.span(), Span { start: 0, end: text.len() });
}

#[test]
fn what_xml_forbids_is_a_fault_at_its_place() {
    // The place is where `found` begins in the text.
    let cases: &[(&str, &str)] = &[
        ("<!DOCTYPE a><a/>", "<!DOCTYPE"),
        ("<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", "<!DOCTYPE"),
        ("<a>&b;</a>", "&b;"),
        ("<a>& b;</a>", "& b;"),
        ("<a b='&c;'/>", "&c;"),
        ("<a b='&amp'/>", "&amp"),
        ("<a>&#0;</a>", "&#0;"),
        ("<a>&#xFFFE;</a>", "&#xFFFE;"),
        ("<a>&#xD800;</a>", "&#xD800;"),
        ("<a>&#+9;</a>", "&#+9;"),
        ("<a>&#;</a>", "&#;"),
        ("<a>&#X41;</a>", "&#X41;"),
        ("<a>&#99999999999;</a>", "&#99999999999;"),
        ("<a>\u{1}</a>", "\u{1}"),
        ("<a b='\u{fffe}'/>", "\u{fffe}"),
        ("<a><b></a>", "</a>"),
        ("<a></b>", "</b>"),
        ("<a></ a>", "</ a>"),
        ("<a></a></a>", "</a></a>|1"),
        ("<a>", "<a>"),
        ("<a", "<a"),
        ("", ""),
        ("  <!-- x -->", ""),
        ("x<a/>", "x"),
        ("<a/> y", "y"),
        ("<a/>&#65;", "&#65;"),
        ("<a/><![CDATA[x]]>", "<![CDATA["),
        ("<a/><b/>", "<b/>"),
        ("<a b='1' b='2'/>", "b='2'"),
        ("<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>", "q:b='2'"),
        ("<a xmlns='u' xmlns='v'/>", "xmlns='v'"),
        ("<a xmlns:p='u' xmlns:p='v'/>", "xmlns:p='v'"),
        ("<p:a/>", "p:a"),
        ("<a><b xmlns:p='u'/><p:c/></a>", "p:c"),
        ("<a p:b='1'/>", "p:b"),
        ("<a xmlns:p=''/>", "xmlns:p=''"),
        ("<a xmlns:xmlns='u'/>", "xmlns:xmlns"),
        ("<a xmlns:xml='u'/>", "xmlns:xml"),
        ("<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>", "xmlns:p"),
        ("<a xmlns='http://www.w3.org/2000/xmlns/'/>", "xmlns"),
        ("<a:b:c xmlns:a='u'/>", "a:b:c"),
        ("<:a/>", ":a"),
        ("<1a/>", "1a"),
        ("< a/>", ""),
        ("<a b/>", "b"),
        ("<a b=1/>", "b"),
        ("<a b='1'c='2'/>", "c='2'"),
        ("<a b='<'/>", "<'/>"),
        ("<a b='1'' c='2'/>", "<a"),
        ("<a>]]></a>", "]]>"),
        ("<a><!-- x -- y --></a>", "-- y"),
        ("<a><!-- x ---></a>", "--->"),
        ("<a><!--></a>", "<!--"),
        ("<a><![CDATA[x</a>", "<![CDATA["),
        ("<a><![cdata[x]]></a>", "<![cdata["),
        ("<a><?xml version='1.0'?></a>", "<?xml"),
        (" <?xml version='1.0'?><a/>", "<?xml"),
        ("<?xml version='2.0'?><a/>", "<?xml"),
        ("<?xml encoding='UTF-8'?><a/>", "<?xml"),
        ("<?xml version='1.0' standalone='maybe'?><a/>", "<?xml"),
        ("<?xml version='1.0' standalone='yes' encoding='UTF-8'?><a/>", "<?xml"),
        ("<?xml version='1.0' encoding='UTF-16'?><a/>", "<?xml"),
        ("<?xml version='1.0' encoding='ISO-8859-1'?><a>ü</a>", "<?xml"),
        ("<a><?XML x?></a>", "<?XML"),
        ("<a><?a:b x?></a>", "<?a:b"),
        ("<a><? x?></a>", "<? x"),
        ("<a><??></a>", "<??>"),
        ("<a><!ELEMENT b></a>", "<!ELEMENT"),
    ];
    for (text, found) in cases {
        let fault = match xml(text) {
            Err(fault) => fault,
            Ok(_) => panic!("{text} is read"),
        };
        if found.is_empty() || found.contains('|') {
            continue;
        }
        let start = text.find(found).unwrap();
        let is_near = fault.span.start >= start && fault.span.start <= start + found.len();
        assert!(is_near, "{text}: {fault:?}, expected at {start}");
    }
}

#[test]
fn what_xml_allows_is_read() {
    let cases = [
        "\u{feff}<?xml version='1.0' encoding='utf-8' standalone='no'?>\n<!-- x --><a/>\n<?b c?>\n",
        "<?xml version=\"1.1\"?><a/>",
        "<?xml version='1.0' encoding='ISO-8859-1'?><a/>",
        "<a xmlns='u'><b xmlns=''/></a>",
        "<a xml:lang='de' xmlns:xml='http://www.w3.org/XML/1998/namespace'/>",
        "<a xmlns:p='u' b='1' p:b='2'/>",
        "<a\n b\t=\r\n'>' ></a >",
        "<a>]] > ]]&gt; &#x10FFFF;&lt;&gt;&quot;&apos;</a>",
        "<ü.-·/>",
        "<a><![CDATA[]]]]><![CDATA[>]]></a>",
        "<a><!----><?p?></a>",
    ];
    for text in cases {
        assert!(xml(text).is_ok(), "{text}: {:?}", xml(text).unwrap_err());
    }
}

#[test]
fn line_ends_and_white_space_are_made_one() {
    let root = xml("<a b='x\r\ny\tz\rw&#13;&#10;'>x\r\ny\rz&#13;<![CDATA[\r]]><!--\r--></a>").unwrap();
    assert_eq!(root.attributes()[0].value, "x y z w\r\n");
    assert_eq!(root.text(), "x\ny\nz\r\n");
}

#[test]
fn depth_and_count_are_bounded() {
    let nested = |depth: usize| "<a>".repeat(depth) + &"</a>".repeat(depth);
    assert!(xml(&nested(limits::MAX_DEPTH)).is_ok());
    let text = nested(limits::MAX_DEPTH + 1);
    let fault = xml(&text).unwrap_err();
    assert_eq!((fault.span.start, fault.found.as_str()), (3 * limits::MAX_DEPTH, "a deeper one"));
    assert!(xml(&"<a>".repeat(100_000)).is_err());
}

#[test]
fn what_is_written_is_what_was_read() {
    let text = "<!-- a --><?b c?><p:d xmlns:p='u' xmlns='v' e=\"&lt;&amp;'&quot;&#9;&#10;&#13;\" p:f='x'>\n<g/> \
                &lt;&gt;&amp;&#13;<![CDATA[<&>]]><h xmlns=''>i</h></p:d><!-- j -->";
    let written = String::from_utf8(write(&xml_document(text).unwrap())).unwrap();
    assert_eq!(shape(&xml_document(&written).unwrap()), shape(&xml_document(text).unwrap()));
}

/// Everything a document says, without its places.
fn shape(document: &Document<'_>) -> String {
    fn content(content: &Content<'_>, out: &mut Vec<String>) {
        match content {
            Content::Element(inner) => element(inner, out),
            Content::Text(run) => out.push(format!("text {:?} {}", run.text, run.is_cdata())),
            Content::Comment(comment) => out.push(format!("comment {comment:?}")),
            Content::Instruction(instruction) => out.push(format!("instruction {instruction:?}")),
        }
    }
    fn element(from: &Element<'_>, out: &mut Vec<String>) {
        out.push(format!("start {:?}", from.name()));
        for declaration in from.declarations() {
            out.push(format!("declaration {} {}", declaration.prefix, declaration.namespace));
        }
        for attribute in from.attributes() {
            out.push(format!("attribute {:?} {:?}", attribute.name(), attribute.value));
        }
        from.content().iter().for_each(|inner| content(inner, out));
        out.push("end".to_owned());
    }
    let mut out = Vec::new();
    document.before.iter().for_each(|inner| content(inner, &mut out));
    element(&document.root, &mut out);
    document.after.iter().for_each(|inner| content(inner, &mut out));
    out.join("\n")
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(<|>|/|a|b|:|xmlns|=|'|\"|&|;|#|lt|<!--|-->|<!\\[CDATA\\[|\\]\\]>|<\\?|\\?>|x| |\r|\n|ü|<a>|</a>|<a/>|\u{0}){0,40}") {
        for text in [text.clone(), format!("<a>{text}</a>")] {
            match xml_document(&text) {
                Ok(document) => {
                    let written = String::from_utf8(write(&document)).unwrap();
                    let again = xml_document(&written);
                    prop_assert!(again.is_ok(), "{text:?} {written:?} {again:?}");
                    prop_assert_eq!(shape(&again.unwrap()), shape(&document));
                }
                Err(fault) => prop_assert!(fault.span.start <= text.len() && fault.span.end <= text.len()),
            }
        }
    }
}
