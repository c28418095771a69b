//! Agents as parties.

use super::Reader;
use crate::document::Node;
use crate::sbom::model::{Party, PartyKind};
use crate::sbom::spdx3::graph::Element;

impl<'n> Reader<'n> {
    /// Returns the agent that a value names, `None` where the document does not hold it.
    pub(super) fn party(&self, agent: &'n Node<'n>) -> Option<Party<'n>> {
        self.graph.resolve(agent).map(|agent| self.agent(&agent))
    }

    pub(super) fn agent(&self, agent: &Element<'n>) -> Party<'n> {
        let fields = self.fields(agent);
        let mut party = Party {
            kind: match &*agent.class {
                "Person" => PartyKind::Person,
                "Organization" => PartyKind::Organization,
                "SoftwareAgent" => PartyKind::Software,
                _ => PartyKind::Unstated,
            },
            name: fields.text("name"),
            ..Party::default()
        };
        for identifier in self.identifier_fields(&fields) {
            let kind = identifier.text("externalIdentifierType").unwrap_or_default();
            match (&*kind, identifier.text("identifier")) {
                ("email", Some(email)) => party.emails.push(email),
                ("urlScheme", Some(url)) => party.urls.push(url),
                // As BSI TR-03183-2, section 8, has it.
                ("other", Some(url)) if url.contains("://") => party.urls.push(url),
                _ => {}
            }
        }
        party
    }
}
