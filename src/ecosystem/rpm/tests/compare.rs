//! Databases of this machine, printed for comparison with what rpm says of them.

#![expect(clippy::print_stdout, reason = "what is compared is printed")]

use super::{read_with, record_of};

/// Prints what is read of `PORTCULLIS_DATABASE`, in the format of the id in `PORTCULLIS_FORMAT`, in the columns of
/// `rpm -qa --qf '%{DBINSTANCE}\t%{NAME}\t%{EPOCH}\t…'`; to be run by hand.
#[test]
#[ignore = "prints a database that is named in the environment"]
fn print_a_database() {
    let (Ok(file), Ok(id)) = (std::env::var("PORTCULLIS_DATABASE"), std::env::var("PORTCULLIS_FORMAT")) else { return };
    let log = std::fs::read(format!("{file}-wal")).unwrap_or_default();
    let bytes = std::fs::read(&file).unwrap();
    let started = std::time::Instant::now();
    let read = read_with(record_of(&id).unwrap(), &bytes, &[("-wal", &log)]);
    eprintln!("{} packages in {:?}", read.packages.len(), started.elapsed());
    for package in &read.packages {
        let at = match package.installed.files.as_ref().unwrap() {
            crate::component::FileList::Within { at, .. } => *at,
            crate::component::FileList::Own { .. } => 0,
        };
        let installed = &package.installed;
        let or_none = |text: &Option<Box<str>>| text.clone().unwrap_or_else(|| "(none)".into());
        let source = installed.built_from.as_ref().map_or("(none)", |source| &source.name);
        println!(
            "{at}\t{}\t{}\t{}\t{source}\t{}\t{}\t{}\t{}\t{}",
            package.name,
            package.version.as_deref().unwrap_or_default(),
            or_none(&installed.architecture),
            or_none(&package.license),
            or_none(&installed.vendor),
            or_none(&installed.maintainer),
            package.provides.join(" "),
            package.needs.iter().map(|names| names.join("|")).collect::<Vec<_>>().join(" "),
        );
    }
    for said in read.said() {
        println!("GAP {said}");
    }
}
