//! Behaviour of the interpreter on small schemas and single values.

use super::*;
use crate::document::xml::xml;

fn schema(inside: &str) -> Result<Schema, Fault> {
    Schema::read(&[&format!(
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns:t='urn:t' targetNamespace='urn:t' \
         elementFormDefault='qualified'>{inside}</xs:schema>"
    )])
}

#[test]
fn constructs_that_are_not_known_are_refused() {
    let inside_element =
        |inside: &str| format!("<xs:element name='a'><xs:complexType>{inside}</xs:complexType></xs:element>");
    let cases = [
        "<xs:group name='g'/>".to_owned(),
        "<xs:element name='a' type='xs:duration'/>".to_owned(),
        "<xs:element name='a' type='t:missing'/>".to_owned(),
        "<xs:element name='a' type='xs:string' nillable='true'/>".to_owned(),
        "<xs:element name='a' type='xs:string' fixed='x'/>".to_owned(),
        "<xs:element name='a' type='xs:string'><xs:key name='k'><xs:selector xpath='.//*'/><xs:field xpath='@b'/></xs:key></xs:element>".to_owned(),
        "<xs:element name='a' type='xs:string'><xs:unique name='k'><xs:selector xpath='b'/><xs:field xpath='@b'/></xs:unique></xs:element>".to_owned(),
        inside_element("<xs:all/>"),
        inside_element("<xs:sequence><xs:element name='b' type='xs:string' maxOccurs='3'/></xs:sequence>"),
        inside_element("<xs:sequence><xs:any namespace='##local' processContents='lax'/></xs:sequence>"),
        inside_element("<xs:sequence><xs:any namespace='##any' processContents='skip'/></xs:sequence>"),
        inside_element("<xs:sequence><xs:element name='b' type='xs:string' minOccurs='0'/><xs:element name='b' type='xs:string'/></xs:sequence>"),
        inside_element("<xs:attribute name='b' type='xs:string' use='prohibited'/>"),
        inside_element("<xs:attribute name='b' type='xs:string' fixed='x'/>"),
        inside_element("<xs:complexContent/>"),
        "<xs:simpleType name='s'><xs:list itemType='xs:string'/></xs:simpleType>".to_owned(),
        "<xs:simpleType name='s'><xs:restriction base='xs:string'><xs:length value='1'/></xs:restriction></xs:simpleType>".to_owned(),
        "<xs:simpleType name='s'><xs:restriction base='xs:string'><xs:pattern value='\\p{L}'/></xs:restriction></xs:simpleType>".to_owned(),
        "<xs:notation name='n'/>".to_owned(),
    ];
    for case in &cases {
        assert!(schema(case).is_err(), "{case}");
    }
    assert!(Schema::read(&["<a/>"]).is_err());
    assert!(
        Schema::read(&["<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:t'/>"]).is_err()
    );
}

#[test]
fn values_are_held_to_their_types() {
    let cases: &[(Builtin, &[&str], &[&str])] = &[
        (Builtin::String, &["", " a\n"], &[]),
        (Builtin::Boolean, &["true", " 0 ", "1", "false"], &["", "TRUE", "yes", "2"]),
        (Builtin::Decimal, &["1", "-1.50", "+.5", "5.", "0"], &["", ".", "1e3", "1,5", "NaN", "--1"]),
        (Builtin::Integer, &["-0", "+7", "99999999999999999999999999"], &["", "1.0", "a", "+"]),
        (Builtin::NonNegativeInteger, &["0", "-0", "5"], &["-1", "1.5"]),
        (Builtin::PositiveInteger, &["1", "+2"], &["0", "-1"]),
        (
            Builtin::Date,
            &["2024-02-29", "2024-01-31Z", "-0001-01-01", "12024-01-01+14:00"],
            &[
                "2023-02-29",
                "1900-02-29",
                "2024-13-01",
                "2024-1-1",
                "0000-01-01",
                "02024-01-01",
                "2024-01-01+14:01",
                "2024-01-01T00:00:00",
            ],
        ),
        (
            Builtin::DateTime,
            &["2024-01-31T23:59:59Z", "2024-01-31T24:00:00", "2000-02-29T00:00:00.123-05:30"],
            &[
                "2024-01-31",
                "2024-01-31T24:00:01",
                "2024-01-31T23:60:00",
                "2024-01-31T23:59:60",
                "2024-01-31 23:59:59",
                "2024-04-31T00:00:00",
                "",
            ],
        ),
        (
            Builtin::AnyUri,
            &[
                "",
                "a",
                "http://example.org/a?b#c",
                "pkg:npm/%40a/b@1",
                "//h:1/",
                "?q",
                "#f",
                "http://[::1]/",
                "ü ö",
                "a/b:c",
                "urn:",
            ],
            &["%", "a%zz", ":", "1a:b", "http://[", "#a#b", "http://h:p/", "[a]"],
        ),
    ];
    for (builtin, good, bad) in cases {
        for text in *good {
            assert!(builtin.holds(&builtin.normalized(text)), "{builtin:?} {text:?}");
        }
        for text in *bad {
            assert!(!builtin.holds(&builtin.normalized(text)), "{builtin:?} {text:?}");
        }
    }
}

#[test]
fn numbers_of_any_length_compare() {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let cases = [
        ("1", "1.0", Equal),
        ("-0", "0", Equal),
        ("007", "7", Equal),
        ("10", "9", Greater),
        ("-10", "-9", Less),
        ("0.5", "0.49", Greater),
        ("-1", "1", Less),
        ("100000000000000000000000000001", "100000000000000000000000000000", Greater),
    ];
    for (one, other, order) in cases {
        assert_eq!(builtin::compare(one, other), Some(order), "{one} {other}");
    }
    assert_eq!(builtin::compare("a", "1"), None);
}

#[test]
fn content_models_take_what_they_allow() {
    let text = "<xs:element name='r'><xs:complexType><xs:sequence minOccurs='0' maxOccurs='unbounded'>\
                <xs:choice><xs:element name='a' type='xs:string'/><xs:element name='b' type='xs:string' maxOccurs='unbounded'/></xs:choice>\
                <xs:element name='c' type='xs:string' minOccurs='0'/>\
                <xs:any namespace='##other' processContents='lax' minOccurs='0'/>\
                </xs:sequence></xs:complexType></xs:element>";
    let schema = schema(text).unwrap();
    let cases = [
        ("", true),
        ("<a/>", true),
        ("<a/><c/><b/><b/><c/><x xmlns='u'/><a/>", true),
        ("<c/>", false),
        ("<a/><c/><c/>", false),
        ("<a/><x xmlns=''/>", false),
        ("<a/><d/>", false),
        ("<a><a/></a>", false),
        ("<a y='1'/>", false),
    ];
    for (inside, is_valid) in cases {
        let text = format!("<r xmlns='urn:t'>{inside}</r>");
        let judgement = schema.judge(&xml(&text).unwrap());
        assert_eq!(judgement.is_valid(), is_valid, "{inside}: {:?}", judgement.violations);
    }
}
