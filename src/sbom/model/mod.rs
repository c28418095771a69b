//! What an SBOM says, whatever format it is written in.
//!
//! Every format is read into this model and written from it; a document that stays in its own format never passes
//! through it. What a format says beyond the model is counted by [`Fields`] when it is read, and what it cannot hold
//! by its writer, so that a conversion tells what it loses.

mod fields;
mod hash;
mod license;
mod loss;

use std::borrow::Cow;

pub use fields::{Fields, Unread, words};
pub use hash::{ALGORITHMS, Hash, HashAlgorithm, Spelling};
pub use license::{License, LicenseText};
pub use loss::{Loss, Losses};

use crate::component::purl_type;
use crate::document::Span;

/// A text of the document, or of what it is made from.
pub type Words<'a> = Cow<'a, str>;

/// Something that a document may state, or say that it does not know, or that there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Stated<T> {
    /// Nothing is said.
    #[default]
    Absent,
    /// It is said to be unknown: `NOASSERTION`, `cdx:cisa:unknown-information`.
    Unknown,
    /// It is known and not told: `cdx:cisa:withheld-information`.
    Withheld,
    /// It is said that there is none: `NONE`.
    None,
    /// It is stated.
    Value(T),
}

impl<T> Stated<T> {
    /// Returns what is stated.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Unknown | Self::Withheld | Self::None => None,
        }
    }
}

impl<T> From<Option<T>> for Stated<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Value)
    }
}

/// What a document says.
#[derive(Clone, Debug, Default)]
pub struct Bom<'a> {
    /// Its own identifier: the serial number, the document namespace, the id of the `SpdxDocument`.
    pub id: Option<Words<'a>>,
    /// Its name (SPDX).
    pub name: Option<Words<'a>>,
    /// Which edition of the document it is (CycloneDX `version`).
    pub edition: Option<u64>,
    /// When its data was put together, as it writes it.
    pub created: Option<Words<'a>>,
    /// Who made its data: people and organisations.
    pub authors: Vec<Party<'a>>,
    /// What made its data.
    pub tools: Vec<Tool<'a>>,
    /// Who supplied what the document is about, where that is said of the document (CycloneDX `metadata.supplier`).
    pub supplier: Option<Party<'a>>,
    /// When in the life of the product it was made: CycloneDX phases (`build`), SPDX types (`analyzed`), or a name.
    pub lifecycles: Vec<Words<'a>>,
    /// What is remarked of it or of its making.
    pub comment: Option<Words<'a>>,
    /// The licence of its data.
    pub data_license: Option<Words<'a>>,
    /// The version of the licence list it was made with.
    pub license_list_version: Option<Words<'a>>,
    /// Whether it bears a signature in itself.
    pub is_signed: bool,
    /// How many vulnerabilities it tells of.
    pub vulnerabilities: usize,
    /// Every component, nested ones included, each once; files that stand as elements of their own are components of the
    /// kind `file`.
    pub components: Vec<Component<'a>>,
    /// The components it is about, as places in the list: `metadata.component`, what the document describes.
    pub roots: Vec<usize>,
    /// How they relate.
    pub relations: Vec<Relation<'a>>,
    /// How much of the truth is told.
    pub completeness: Vec<Completeness>,
    /// Licences that the document itself explains (`LicenseRef-…`).
    pub license_texts: Vec<LicenseText<'a>>,
    /// References of the document as a whole.
    pub references: Vec<Reference<'a>>,
    /// Names and values of the document as a whole.
    pub properties: Vec<(Words<'a>, Words<'a>)>,
}

/// One piece of software, or whatever else a document lists.
#[derive(Clone, Debug, Default)]
pub struct Component<'a> {
    /// Its identifier within the document: `bom-ref`, `SPDXID`, `spdxId`. Empty where it has none.
    pub id: Words<'a>,
    /// What it is, in CycloneDX's words (`library`, `application`, `file`, `operating-system` …), `library` where the
    /// format does not say.
    pub kind: Words<'a>,
    /// Whether the document says of what kind it is.
    pub is_kind_stated: bool,
    /// Its group or namespace, where that is apart from the name (CycloneDX).
    pub group: Option<Words<'a>>,
    /// Its name.
    pub name: Words<'a>,
    /// Its version.
    pub version: Stated<Words<'a>>,
    /// Its package URLs.
    pub purls: Vec<Words<'a>>,
    /// Its CPE names, of either form.
    pub cpes: Vec<Words<'a>>,
    /// Its other identifiers: kind (`swid`, `swhid`, `gitoid`, a type of SPDX) and value.
    pub identifiers: Vec<(Words<'a>, Words<'a>)>,
    /// Who distributes it.
    pub supplier: Stated<Party<'a>>,
    /// Who made it (CycloneDX `manufacturer`, SPDX `originator`).
    pub producer: Stated<Party<'a>>,
    /// Who wrote it (CycloneDX `authors` and `author`).
    pub authors: Vec<Party<'a>>,
    /// Who published it (CycloneDX).
    pub publisher: Option<Words<'a>>,
    /// Digests of it.
    pub hashes: Vec<Hash<'a>>,
    /// The licences its makers state. One without a word on who says so counts as declared.
    pub declared: Stated<Vec<License<'a>>>,
    /// The licences that whoever made the document found to hold.
    pub concluded: Stated<Vec<License<'a>>>,
    /// Its copyright notice.
    pub copyright: Stated<Words<'a>>,
    /// What it is, in prose.
    pub description: Option<Words<'a>>,
    /// A remark on it.
    pub comment: Option<Words<'a>>,
    /// Whether what contains it needs it.
    pub scope: Option<ComponentScope>,
    /// Where it can be had (SPDX `downloadLocation`).
    pub download: Stated<Words<'a>>,
    /// The name of its file (SPDX `packageFileName`).
    pub file_name: Option<Words<'a>>,
    /// Whether it stands outside of what is delivered (CycloneDX 1.7 `isExternal`).
    pub is_external: bool,
    /// References to more of it.
    pub references: Vec<Reference<'a>>,
    /// Where it was found.
    pub places: Vec<FoundAt<'a>>,
    /// Names and values.
    pub properties: Vec<(Words<'a>, Words<'a>)>,
    /// Where it stands in the text.
    pub span: Span,
}

impl<'a> Component<'a> {
    /// Returns the name, its group before it where that is apart.
    #[must_use]
    pub fn full_name(&self) -> String {
        match &self.group {
            Some(group) => format!("{group}/{}", self.name),
            None => self.name.to_string(),
        }
    }

    /// Returns the licences that are declared, else those that were concluded.
    #[must_use]
    pub fn licenses(&self) -> Option<&[License<'a>]> {
        self.declared.value().or(self.concluded.value()).map(Vec::as_slice)
    }

    /// Returns the type of its first purl.
    #[must_use]
    pub fn purl_type(&self) -> Option<&str> {
        purl_type(self.purls.first()?)
    }
}

/// Whether a component is needed (CycloneDX `scope`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ComponentScope {
    /// It is needed to run.
    Required,
    /// It may be missing.
    Optional,
    /// It is no part of what is delivered.
    Excluded,
}

impl ComponentScope {
    /// Returns the word of CycloneDX.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Optional => "optional",
            Self::Excluded => "excluded",
        }
    }

    /// Returns the scope of a word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        [Self::Required, Self::Optional, Self::Excluded].into_iter().find(|scope| scope.word() == word)
    }
}

/// A person or an organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Party<'a> {
    /// Which of the two, where that is said.
    pub kind: PartyKind,
    /// The name.
    pub name: Option<Words<'a>>,
    /// Addresses for mail.
    pub emails: Vec<Words<'a>>,
    /// Addresses on the web.
    pub urls: Vec<Words<'a>>,
}

/// What a party is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum PartyKind {
    /// It is not said.
    #[default]
    Unstated,
    /// A person.
    Person,
    /// An organisation.
    Organization,
    /// A program in place of either (SPDX 3 `SoftwareAgent`).
    Software,
}

/// A tool that made the document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tool<'a> {
    /// Who makes it.
    pub vendor: Option<Words<'a>>,
    /// Its name.
    pub name: Words<'a>,
    /// Its version.
    pub version: Option<Words<'a>>,
}

/// A reference to more of a component or document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reference<'a> {
    /// What it leads to, in CycloneDX's words (`website`, `vcs`, `distribution` …), `other` where it has none.
    pub kind: Words<'a>,
    /// The word of the format, where CycloneDX has none.
    pub other_kind: Option<Words<'a>>,
    /// The address or locator.
    pub url: Words<'a>,
    /// A remark.
    pub comment: Option<Words<'a>>,
    /// Digests of what it leads to.
    pub hashes: Vec<Hash<'a>>,
}

/// Where a component was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundAt<'a> {
    /// The file.
    pub path: Words<'a>,
    /// The line, from one.
    pub line: Option<u64>,
}

/// How two components relate: `from` does to `to` what `kind` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relation<'a> {
    /// Who.
    pub from: End<'a>,
    /// What.
    pub kind: RelationKind<'a>,
    /// To whom.
    pub to: End<'a>,
    /// For what part of the life of `from`, where that is said.
    pub scope: RelationScope,
    /// A remark.
    pub comment: Option<Words<'a>>,
}

/// One end of a relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End<'a> {
    /// A component, as a place in the list.
    Component(usize),
    /// The document itself.
    Document,
    /// It is said that there is none.
    None,
    /// It is said to be unknown.
    Unknown,
    /// Something that the document does not hold, by its identifier.
    Elsewhere(Words<'a>),
}

/// What one component does to another. Inverse forms of a format (`DEPENDENCY_OF`) are turned round when read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RelationKind<'a> {
    /// It needs it.
    DependsOn,
    /// It holds it: nesting, `CONTAINS`.
    Contains,
    /// It provides what the other specifies (CycloneDX `provides`).
    Provides,
    /// Another of SPDX's, in the words of SPDX 2 (`GENERATED_FROM`).
    Other(Words<'a>),
}

impl RelationKind<'_> {
    /// Returns the word of SPDX 2, or one of the same make.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::DependsOn => "DEPENDS_ON",
            Self::Contains => "CONTAINS",
            Self::Provides => "PROVIDES",
            Self::Other(word) => word,
        }
    }
}

/// For what part of its life something is needed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RelationScope {
    /// It is not said.
    #[default]
    Unstated,
    /// To run.
    Runtime,
    /// To run, where it is there.
    Optional,
    /// To run, brought by others.
    Provided,
    /// To build.
    Build,
    /// To develop.
    Development,
    /// To test.
    Test,
}

/// How much a document tells of what a component holds or needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completeness {
    /// The component; `None` is the document as a whole.
    pub of: Option<usize>,
    /// Of what.
    pub what: Facet,
    /// How much of it.
    pub aggregate: Aggregate,
}

/// What completeness is said of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Facet {
    /// What it holds.
    Contents,
    /// What it needs.
    Dependencies,
}

/// How much is told (CycloneDX `aggregate`, SPDX 3 `RelationshipCompleteness`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aggregate {
    /// All of it.
    Complete,
    /// Not all of it.
    Incomplete,
    /// It is said not to be known.
    Unknown,
    /// Nothing is said (`not_specified`).
    Unstated,
}
