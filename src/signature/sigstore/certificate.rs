//! What the certificate of a signing key says: who held the key, who vouches for that, and from what was built.

use sigstore_verify::crypto::CertificateInfo;
use x509_cert::Certificate;
use x509_cert::der::asn1::Utf8StringRef;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use crate::signature::provenance::{Certified, add};
use crate::signature::{Claim, Fault, FaultKind};
use crate::text::Text;

/// The kind of other name under which Fulcio writes a user name.
const USER_NAME: &str = "1.3.6.1.4.1.57264.1.7";

/// Reads who a certificate names. It names exactly one, or nobody can say whom it is about.
pub(super) fn identity(der: &[u8]) -> Result<String, Fault> {
    let malformed = |why: &str| Fault::new(FaultKind::Malformed, Text::trusted(why));
    let certificate = Certificate::from_der(der).map_err(|_der| malformed("the certificate is no DER"))?;
    let names = certificate.tbs_certificate.get::<SubjectAltName>();
    let names = names.map_err(|_der| malformed("the certificate's names are no DER"))?.map(|(_, names)| names.0);
    match names.unwrap_or_default().as_slice() {
        [GeneralName::Rfc822Name(address)] => Ok(address.to_string()),
        [GeneralName::UniformResourceIdentifier(uri)] => Ok(uri.to_string()),
        [GeneralName::OtherName(other)] if other.type_id.to_string() == USER_NAME => other
            .value
            .decode_as::<Utf8StringRef<'_>>()
            .map(|name| name.to_string())
            .map_err(|_der| malformed("the certificate's user name is no text")),
        names => {
            let why = if names.len() > 1 { "the certificate names several" } else { "the certificate names nobody" };
            Err(Fault::new(FaultKind::IdentityMismatch, Text::trusted(why)))
        }
    }
}

/// Whether a certificate is its own issuer: a root, which only the trusted root may name.
pub(super) fn is_root(der: &[u8]) -> bool {
    Certificate::from_der(der).is_ok_and(|certificate| {
        let names = [certificate.tbs_certificate.subject.to_der(), certificate.tbs_certificate.issuer.to_der()];
        matches!(names, [Ok(subject), Ok(issuer)] if subject == issuer)
    })
}

/// Says in a claim what a verified certificate says, and returns what is judged of it.
pub(super) fn certified(identity: String, info: &CertificateInfo, claim: &mut Claim) -> Certified {
    let now = &info.ci_claims;
    let before = &now.deprecated_github;
    let issuer = info.issuer.clone().unwrap_or_default();
    // Certificates of 2022 name the repository without its host, which the issuer vouches for.
    let is_github = issuer == "https://token.actions.githubusercontent.com";
    let repository = before.workflow_repository.as_ref().filter(|_| is_github);
    let repository = repository.map(|name| format!("https://github.com/{name}"));
    let certified = Certified {
        issuer,
        source: now.source_repository_uri.clone().or(repository),
        source_ref: now.source_repository_ref.clone().or_else(|| before.workflow_ref.clone()),
        source_digest: now.source_repository_digest.clone().or_else(|| before.workflow_sha.clone()),
        build_config: now.build_config_uri.clone(),
        runner: now.runner_environment.clone(),
        trigger: now.build_trigger.clone().or_else(|| before.workflow_trigger.clone()),
        workflow: before.workflow_name.clone(),
        identity,
    };
    let shown = [
        ("issuer", &info.issuer),
        ("source-repository", &certified.source),
        ("source-ref", &certified.source_ref),
        ("source-digest", &certified.source_digest),
        ("source-repository-id", &now.source_repository_identifier),
        ("source-owner", &now.source_repository_owner_uri),
        ("source-owner-id", &now.source_repository_owner_identifier),
        ("source-visibility", &now.source_repository_visibility_at_signing),
        ("build-signer", &now.build_signer_uri),
        ("build-signer-digest", &now.build_signer_digest),
        ("build-config", &certified.build_config),
        ("build-config-digest", &now.build_config_digest),
        ("runner-environment", &certified.runner),
        ("trigger", &certified.trigger),
        ("workflow", &certified.workflow),
        ("run", &now.run_invocation_uri),
        ("deployment-environment", &now.deployment_environment),
    ];
    add(&mut claim.details, "identity", Some(&certified.identity));
    for (name, value) in shown {
        add(&mut claim.details, name, value.as_deref());
    }
    certified
}
