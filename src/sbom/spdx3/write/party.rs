//! Parties as agents, each once.

use super::{Writer, element};
use crate::document::{Node, Object};
use crate::sbom::model::{Party, PartyKind};

impl<'n> Writer<'n> {
    /// Returns the identifier of the agent that a party is, and adds it where it is new.
    pub(super) fn party(&mut self, party: &'n Party<'n>) -> String {
        if let Some(id) = self.agent_ids.get(party) {
            return id.clone();
        }
        let id = self.iris.of_element("", "agent");
        let class = match party.kind {
            PartyKind::Unstated => "Agent",
            PartyKind::Person => "Person",
            PartyKind::Organization => "Organization",
            PartyKind::Software => "SoftwareAgent",
        };
        let emails = party.emails.iter().map(|email| identifier("email", &**email, None));
        let urls = party.urls.iter().map(|url| identifier("urlScheme", &**url, None));
        let node = element(class, id.clone())
            .with_some("name", party.name.as_ref())
            .with_list("externalIdentifier", emails.chain(urls).collect());
        self.agents.push(node.into());
        self.agent_ids.insert(party, id.clone());
        id
    }
}

/// Returns an external identifier.
pub(super) fn identifier<'n>(kind: &'static str, value: &'n str, comment: Option<&'n str>) -> Node<'n> {
    Object::new()
        .with("type", "ExternalIdentifier")
        .with_some("comment", comment)
        .with("externalIdentifierType", kind)
        .with("identifier", value)
        .into()
}
