//! Objects made to fit their classes: a value that came from another document and that the class does not allow is taken
//! out, and counted.

use crate::document::{Node, Value};
use crate::sbom::model::Losses;
use crate::sbom::schema;

/// How often an object is looked at: what was hidden by one value may show behind it.
const MAX_ROUNDS: usize = 8;

/// Takes out of an object, and of those inside it, what their classes do not allow.
pub(super) fn fit(node: &mut Node<'_>, losses: &mut Losses) {
    match &mut node.value {
        Value::Sequence(items) => items.iter_mut().for_each(|item| fit(item, losses)),
        Value::Mapping(members) => {
            members.iter_mut().for_each(|member| fit(&mut member.value, losses));
            own(node, losses);
        }
        Value::Null | Value::Boolean(_) | Value::Number(_) | Value::String(_) | Value::Datetime(_) => {}
    }
}

fn own(object: &mut Node<'_>, losses: &mut Losses) {
    let class = object.get("type").and_then(|class| class.string("").ok()).map(str::to_owned);
    let Some(class) = class.filter(|class| schema::spdx3().is_known(class)) else { return };
    for _ in 0..MAX_ROUNDS {
        let violations = schema::spdx3().judge(&class, object, "");
        let amiss = violations.iter().filter_map(|violation| violation.pointer.as_str().split('/').nth(1));
        let amiss: Vec<String> = amiss.filter(|member| *member != "type").map(str::to_owned).collect();
        let Value::Mapping(members) = &mut object.value else { return };
        let before = members.len();
        members.retain(|member| !amiss.iter().any(|name| *name == *member.key));
        if members.len() == before {
            return;
        }
        amiss.iter().for_each(|member| losses.note(&format!("{class}.{member}")));
    }
}
