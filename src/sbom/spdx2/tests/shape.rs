//! The forms of members, held against the schemas.

use serde_json::Value;

use crate::sbom::spdx2::shape::{Shape, shape};

#[test]
fn members_have_the_form_that_the_schemas_say() {
    for text in [
        include_str!("../../schema/spdx/spdx-2.2.schema.json"),
        include_str!("../../schema/spdx/spdx-2.3.1.schema.json"),
    ] {
        let schema: Value = serde_json::from_str(text).unwrap();
        let mut open = vec![&schema];
        let mut count = 0;
        while let Some(node) = open.pop() {
            for (key, member) in node.get("properties").and_then(Value::as_object).into_iter().flatten() {
                let expected = match member.get("type").and_then(Value::as_str) {
                    Some("array") => Shape::List,
                    Some("boolean") => Shape::Truth,
                    Some("integer") => Shape::Number,
                    _ => Shape::Plain,
                };
                assert_eq!(shape(key), expected, "{key}");
                count += 1;
                open.push(member);
            }
            open.extend(node.get("items"));
        }
        assert!(count > 80, "{count}");
    }
}
