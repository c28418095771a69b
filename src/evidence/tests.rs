//! A snapshot written and read back is the same evidence, whatever stands in it.

use proptest::collection::{btree_map, btree_set, vec};
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::component::{
    Algorithm, Capability, Component, Digest, FileList, GitReference, InstallScript, Installed, InstalledKind,
    InstalledState, ListedDigest, LockedRequirement, OperatingSystem, Place, Project, Relation, RemoteUrl, Requirement,
    Scope, Script, SettingKind, Source, SourcePackage,
};
use crate::document::Position;
use crate::fact::{FactKind, GapReason, Spot};
use crate::sbom::{Complaint, Complaints, Lack, Lacking, ListedPackage, Listing, Offender, Shortfall, Stated};
use crate::variable::Check;
use crate::workflow::{Image, ImageReference, Job, Reference, Step, Target, Use, WorkflowKind};

/// Text as a hostile tree would have it.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z0-9@/._-]{0,12}",
        Just("https://user:pw\n@host.example/\u{202e}?token=1".to_owned()),
        Just("\\x1b\\u{7} \u{1b}[31m ::error".to_owned()),
    ]
}

fn boxed() -> impl Strategy<Value = Box<str>> {
    word().prop_map(Into::into)
}

fn text() -> impl Strategy<Value = Text> {
    prop_oneof![word().prop_map(|word| Text::of(&word)), vec(any::<u8>(), 0..12).prop_map(|bytes| Text::of(&*bytes))]
}

fn path() -> impl Strategy<Value = TreePath> {
    let part = prop_oneof![
        vec(any::<u8>().prop_filter("a slash parts", |byte| *byte != b'/'), 1..6),
        select(vec![b"Cargo.lock".to_vec(), b"\xff".to_vec(), b"a b".to_vec(), b"\\x41".to_vec()]),
    ];
    vec(part, 0..4).prop_filter_map("dots", |parts| TreePath::new(&parts.join(&b'/')))
}

fn spot() -> impl Strategy<Value = Spot> {
    (1..=u32::MAX, 1..=u32::MAX, any::<u32>())
        .prop_map(|(line, column, width)| Spot { position: Position { line, column }, width })
}

fn location() -> impl Strategy<Value = Location> {
    (path(), of(spot())).prop_map(|(path, spot)| match spot {
        Some(spot) => Location { path, position: Some(spot.position), width: spot.width },
        None => Location::file(path),
    })
}

fn url() -> impl Strategy<Value = RemoteUrl> {
    word().prop_map(|word| RemoteUrl::new(&word))
}

fn reference() -> impl Strategy<Value = GitReference> {
    prop_oneof![
        boxed().prop_map(GitReference::Commit),
        boxed().prop_map(GitReference::Tag),
        boxed().prop_map(GitReference::Branch),
        boxed().prop_map(GitReference::Named),
        Just(GitReference::Default),
        Just(GitReference::Unstated),
    ]
}

fn source() -> impl Strategy<Value = Source> {
    prop_oneof![
        of(url()).prop_map(|registry| Source::Registry { registry }),
        url().prop_map(|url| Source::Archive { url }),
        (url(), reference(), of(boxed())).prop_map(|(repository, reference, commit)| Source::Git {
            repository,
            reference,
            commit
        }),
        boxed().prop_map(|path| Source::Path { path }),
        Just(Source::Member),
        Just(Source::Bundled),
    ]
}

fn scope() -> impl Strategy<Value = Scope> {
    select(&[Scope::Runtime, Scope::Optional, Scope::Peer, Scope::Build, Scope::Dev, Scope::Unknown][..])
}

fn digest() -> impl Strategy<Value = Digest> {
    let algorithm = select(
        &[Algorithm::Md5, Algorithm::Sha1, Algorithm::Sha256, Algorithm::H1, Algorithm::Sha384, Algorithm::Sha512][..],
    );
    (algorithm, of(boxed()), "[0-9a-f]{0,8}", any::<bool>()).prop_map(|(algorithm, artifact, hex, base64)| Digest {
        algorithm,
        artifact,
        hex: hex.into(),
        base64,
    })
}

fn installed() -> BoxedStrategy<Installed> {
    let kind = select(&[InstalledKind::Library, InstalledKind::Application][..]);
    let state = prop_oneof![Just(InstalledState::Whole), boxed().prop_map(InstalledState::OnDisk)];
    let built_from = (boxed(), of(boxed())).prop_map(|(name, version)| SourcePackage { name, version });
    let files = prop_oneof![
        path().prop_map(|path| FileList::Own { path }),
        (path(), any::<u64>()).prop_map(|(path, at)| FileList::Within { path, at }),
    ];
    (kind, state, of(boxed()), of(built_from), of(boxed()), of(boxed()), of(files))
        .prop_map(|(kind, state, architecture, built_from, maintainer, vendor, files)| Installed {
            kind,
            state,
            architecture,
            built_from,
            maintainer,
            vendor,
            files,
        })
        .boxed()
}

fn system() -> BoxedStrategy<OperatingSystem> {
    let texts = (of(boxed()), of(boxed()), of(boxed()), of(boxed()), of(boxed()), of(boxed()));
    (boxed(), vec(boxed(), 0..2), texts, location())
        .prop_map(|(id, like, (version, codename, build, name, cpe, home), place)| OperatingSystem {
            id,
            like,
            version,
            codename,
            build,
            name,
            cpe,
            home,
            place,
        })
        .boxed()
}

fn component(count: u32) -> BoxedStrategy<Component> {
    let kinds = (
        scope(),
        select(&[Relation::Member, Relation::Direct, Relation::Transitive, Relation::Unknown][..]),
        select(&[InstallScript::Runs, InstallScript::None, InstallScript::Unrecorded][..]),
    );
    let names = (
        (boxed(), of(boxed()), of(path())),
        boxed(),
        of(boxed()),
        source(),
        of(url()),
        vec(digest(), 0..3),
        of(boxed()),
    );
    let downloads = vec(boxed().prop_map(|text| Place::of(&text)), 0..2);
    let places = (vec(location(), 0..3), vec(location(), 0..2), downloads, of(installed().prop_map(Box::new)));
    (names, kinds, vec(0..count, 0..3), places, (of(spot()), of(spot()), of(spot())))
        .prop_map(
            |(
                names,
                (scope, relation, install_script),
                needs,
                (places, unverified, downloads, installed),
                (version_at, digest_at, source_at),
            )| {
                let ((purl, instead_of, digests_in), name, version, source, resolved, digests, license) = names;
                Component {
                    purl,
                    name,
                    instead_of,
                    version,
                    source,
                    resolved,
                    downloads,
                    digests,
                    scope,
                    relation,
                    install_script,
                    license,
                    needs,
                    places,
                    unverified,
                    version_at,
                    digest_at,
                    digests_in,
                    source_at,
                    installed,
                }
            },
        )
        .boxed()
}

fn locked(count: u32) -> impl Strategy<Value = LockedRequirement> {
    (boxed(), of(boxed()), scope(), of(0..count)).prop_map(|(name, specifier, scope, component)| LockedRequirement {
        name,
        specifier,
        scope,
        component,
    })
}

fn project(count: u32) -> impl Strategy<Value = Project> {
    let requirements = vec(locked(count), 0..3);
    (of(path()), of(boxed()), of(boxed()), of(0..count), requirements, location()).prop_map(
        |(folder, name, version, component, requirements, place)| Project {
            folder,
            name,
            version,
            component,
            requirements,
            place,
        },
    )
}

fn inventory() -> impl Strategy<Value = Inventory> {
    const COUNT: u32 = 2;
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let capability = (flags, any::<bool>()).prop_map(|(flags, exact_requirements)| Capability {
        transitive: flags.0,
        digests: flags.1,
        install_scripts: flags.2,
        scope: flags.3,
        licenses: flags.4,
        edges: flags.5,
        exact_requirements,
    });
    let components = vec(component(COUNT), usize::try_from(COUNT).unwrap());
    let rest =
        (vec(project(COUNT), 0..2), btree_map(boxed(), 0..COUNT, 0..3), vec(locked(COUNT), 0..2), vec(boxed(), 0..3));
    (path(), boxed(), (boxed(), of(boxed())), capability, components, rest).prop_map(
        |(path, format, (ecosystem, manifest), capability, components, (projects, answers, renamed, overridden))| {
            Inventory {
                path,
                format,
                ecosystem,
                manifest,
                capability,
                components,
                projects,
                answers,
                renamed,
                overridden,
            }
        },
    )
}

fn requirement() -> impl Strategy<Value = Requirement> {
    (boxed(), boxed(), of(boxed()), scope(), source(), any::<bool>(), location()).prop_map(
        |(name, package, specifier, scope, source, inherited, place)| Requirement {
            name,
            package,
            specifier,
            scope,
            source,
            inherited,
            place,
        },
    )
}

fn manifest() -> impl Strategy<Value = Manifest> {
    let repository = of(boxed()).prop_map(|url| url.map(|url| RemoteUrl::new(&url)));
    let names = (path(), boxed(), boxed(), of(boxed()), of(boxed()), of(boxed()), repository);
    let requirements = (vec(requirement(), 0..2), vec(requirement(), 0..2), vec(requirement(), 0..2));
    let script = (boxed(), boxed(), location()).prop_map(|(name, command, place)| Script { name, command, place });
    let flags = (any::<bool>(), any::<bool>());
    let rest = (vec(boxed(), 0..2), vec(boxed(), 0..2), flags, vec(script, 0..2), location(), of(path()));
    (names, requirements, rest).prop_map(
        |(
            (path, ecosystem, format, name, version, license, repository),
            (requirements, inheritable, replacements),
            rest,
        )| {
            let (members, excluded_members, (workspace_root, is_partial), install_scripts, place, repeats) = rest;
            Manifest {
                path,
                ecosystem,
                format,
                name,
                version,
                license,
                repository,
                requirements,
                is_partial,
                inheritable,
                replacements,
                members,
                excluded_members,
                workspace_root,
                repeats,
                install_scripts,
                place,
            }
        },
    )
}

fn setting() -> impl Strategy<Value = Setting> {
    let kind = prop_oneof![
        (url(), boxed()).prop_map(|(url, option)| SettingKind::Index { url, option }),
        (url(), boxed()).prop_map(|(url, option)| SettingKind::FurtherIndex { url, option }),
        (text(), boxed()).prop_map(|(option, what)| SettingKind::Unchecked { option, what }),
        boxed().prop_map(|option| SettingKind::Checked { option }),
    ];
    (boxed(), kind, location()).prop_map(|(ecosystem, kind, place)| Setting { ecosystem, kind, place })
}

fn gap() -> impl Strategy<Value = Gap> {
    let kind = select(
        &[
            FactKind::Component,
            FactKind::Requirement,
            FactKind::Link,
            FactKind::Policy,
            FactKind::Workflow,
            FactKind::Variable,
            FactKind::Sbom,
        ][..],
    );
    let reason = select(
        &[
            GapReason::Absent,
            GapReason::Unreadable,
            GapReason::Denied,
            GapReason::TooLarge,
            GapReason::NotRegular,
            GapReason::Misdirected,
            GapReason::Malformed,
            GapReason::UnknownVersion,
            GapReason::Contradictory,
            GapReason::Dangling,
        ][..],
    );
    (kind, location(), reason, text(), text(), of(boxed())).prop_map(
        |(kind, location, reason, expected, found, contents)| Gap { kind, location, reason, expected, found, contents },
    )
}

fn image_reference() -> impl Strategy<Value = ImageReference> {
    prop_oneof![
        (boxed(), of(boxed()), of(boxed())).prop_map(|(name, tag, digest)| ImageReference::Named { name, tag, digest }),
        boxed().prop_map(|text| ImageReference::Expression { text }),
    ]
}

fn used() -> impl Strategy<Value = Use> {
    let reference = prop_oneof![boxed().prop_map(Reference::Commit), boxed().prop_map(Reference::Named)];
    let target = prop_oneof![
        boxed().prop_map(|path| Target::Local { path }),
        image_reference().prop_map(|reference| Target::Image { reference }),
        (boxed(), boxed(), of(boxed()), reference).prop_map(|(owner, name, path, reference)| Target::Repository {
            owner,
            name,
            path,
            reference
        }),
    ];
    (boxed(), location(), target).prop_map(|(text, place, target)| Use { text, place, target })
}

fn workflow() -> impl Strategy<Value = Workflow> {
    let image =
        (boxed(), location(), image_reference()).prop_map(|(role, place, reference)| Image { role, place, reference });
    let step = (of(boxed()), location(), of(used())).prop_map(|(id, place, uses)| Step { id, place, uses });
    let job = (boxed(), location(), of(used()), vec(image, 0..2), vec(step, 0..2))
        .prop_map(|(id, place, calls, images, steps)| Job { id, place, calls, images, steps });
    let kind = select(&[WorkflowKind::GithubWorkflow, WorkflowKind::GithubAction][..]);
    (path(), kind, vec(job, 0..2)).prop_map(|(path, kind, jobs)| Workflow { path, kind, jobs })
}

fn sbom() -> impl Strategy<Value = SbomFile> {
    let complaint = || {
        (spot(), text(), text(), text(), of(text())).prop_map(|(at, pointer, expected, found, source)| Complaint {
            at,
            pointer,
            expected,
            found,
            source,
        })
    };
    let complaints =
        || (vec(complaint(), 0..2), any::<u32>()).prop_map(|(told, left_out)| Complaints { told, left_out });
    let offender = || (text(), text(), spot()).prop_map(|(label, told, at)| Offender { label, told, at });
    let short = || {
        (any::<u32>(), any::<u32>(), vec(offender(), 0..2)).prop_map(|(count, of, first)| Shortfall {
            count,
            of,
            first,
        })
    };
    let package = (boxed(), boxed(), of(boxed()), vec(digest(), 0..2), any::<bool>(), spot()).prop_map(
        |(kind, key, version, digests, is_root, at)| ListedPackage { kind, key, version, digests, is_root, at },
    );
    let listing = (any::<u32>(), vec(package, 0..2), short(), short())
        .prop_map(|(components, packages, admitted, unreached)| Listing { components, packages, admitted, unreached });
    let lack = (boxed(), text(), text(), any::<bool>(), any::<bool>(), short()).prop_map(
        |(element, meaning, hint, is_must, of_components, short)| Lack {
            element,
            meaning,
            hint,
            is_must,
            of_components,
            short,
        },
    );
    let profile = (boxed(), vec(lack, 0..2)).prop_map(|(profile, lacks)| Lacking { profile, lacks });
    let stated = (boxed(), boxed()).prop_map(|(format, version)| Stated { format, version });
    (path(), of(stated), of(listing), complaints(), complaints(), vec(profile, 0..2)).prop_map(
        |(path, stated, listing, violations, inconsistencies, profiles)| SbomFile {
            path,
            stated,
            listing,
            violations,
            inconsistencies,
            profiles,
        },
    )
}

fn evidence() -> impl Strategy<Value = Evidence> {
    let leads = select(&[Leads::Inside, Leads::Nowhere, Leads::Outside, Leads::GitFolder, Leads::Circle][..]);
    let link = (location(), text(), leads).prop_map(|(location, target, leads)| Link { location, target, leads });
    let role = select(&[Role::Lock, Role::Digests, Role::Workspace][..]);
    let lock = (path(), boxed(), role).prop_map(|(path, ecosystem, role)| LockFile { path, ecosystem, role });
    let listed = (boxed(), boxed(), digest(), spot());
    let listed = listed.prop_map(|(name, version, digest, at)| ListedDigest { name, version, digest, at });
    let list = (path(), boxed(), vec(listed, 0..3))
        .prop_map(|(path, ecosystem, entries)| DigestList::new(path, &ecosystem, entries));
    let submodule = (path(), boxed()).prop_map(|(path, commit)| Submodule { path, commit });
    let census = (any::<u64>(), btree_set(path(), 0..3), btree_set(path(), 0..3))
        .prop_map(|(files, skipped_folders, excluded_files)| Census { files, skipped_folders, excluded_files });
    let check = select(&[Check::Encryption, Check::Publication][..]);
    let disabled = (location(), boxed(), text(), boxed(), check, of(text())).prop_map(
        |(place, variable, value, ecosystem, check, only_for)| DisabledCheck {
            place,
            variable,
            value,
            ecosystem,
            check,
            only_for,
        },
    );
    let said = (vec(setting(), 0..2), vec(workflow(), 0..2), vec(disabled, 0..2), vec(sbom(), 0..2));
    let kernel =
        (text(), location(), of(any::<u64>())).prop_map(|(release, place, modules)| Kernel { release, place, modules });
    let root = (of(system()), vec(kernel, 0..2), vec(text(), 0..2));
    let said = (said.boxed(), root.boxed());
    let files = (vec(inventory(), 0..2), vec(manifest(), 0..2), said, vec(lock, 0..2), vec(list, 0..2));
    (files, vec(link, 0..2), vec(submodule, 0..2), vec(gap(), 0..3), census).prop_map(
        |(files, links, submodules, gaps, census)| {
            let (inventories, manifests, (said, root), lock_files, digest_lists) = files;
            let (settings, workflows, disabled_checks, sboms) = said;
            let (system, kernels, assumptions) = root;
            Evidence {
                inventories,
                manifests,
                digest_lists,
                settings,
                workflows,
                lock_files,
                disabled_checks,
                sboms,
                system,
                kernels,
                assumptions,
                host: None,
                links,
                submodules,
                gaps,
                census,
            }
        },
    )
}

proptest! {
    #[test]
    fn a_snapshot_read_back_is_the_same_evidence(evidence in evidence()) {
        let written = write_snapshot(&evidence).unwrap();
        let read = read_snapshot(&written).unwrap();
        prop_assert_eq!(&read, &evidence);
        prop_assert_eq!(write_snapshot(&read).unwrap(), written);
    }

    #[test]
    fn a_snapshot_with_one_byte_changed_is_read_or_refused(
        evidence in evidence(), at in any::<prop::sample::Index>(), byte in any::<char>(),
    ) {
        let written = write_snapshot(&evidence).unwrap();
        let mut characters: Vec<char> = written.chars().collect();
        let at = at.index(characters.len());
        characters[at] = byte;
        drop(read_snapshot(&characters.into_iter().collect::<String>()));
    }
}
