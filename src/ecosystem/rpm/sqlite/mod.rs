//! `rpmdb.sqlite`: the database of rpm since 4.16, a file of SQLite 3.
//!
//! One table is read, `Packages` with a number and a header; the indexes beside it can be made from it. What stands in the
//! write-ahead log comes first, as it does for SQLite itself. After <https://www.sqlite.org/fileformat2.html>.

mod log;
mod pager;
mod row;
mod tree;

use self::pager::Pager;
use self::row::{Row, Value};
use self::tree::Found;
use super::disk::Disk;
use super::files::Files;
use super::package::{Gathered, Headers};
use super::{CAPABILITY, ECOSYSTEM, MAX_HEADER_BYTES};
use crate::ecosystem::installed::{Damage, FileLists, Lists, Opened, Packages, Reader, Record, Stands};
use crate::fact::GapReason;
use crate::text;
use crate::text::Text;

pub(in crate::ecosystem) static RECORD: Record = Record {
    id: "rpm-sqlite",
    ecosystem: ECOSYSTEM,
    stands: Stands::At(&[
        "usr/lib/sysimage/rpm/rpmdb.sqlite",
        "usr/share/rpm/rpmdb.sqlite",
        "var/lib/rpm/rpmdb.sqlite",
    ]),
    capability: CAPABILITY,
    summary: "rpm's SQLite database",
    read: Reader::Random(read),
    resolve: None,
    gives_way_to: &[],
    files: FileLists::Random(files),
};

/// The table of headers.
const TABLE: &str = "Packages";

/// The page at which the table of tables begins.
const SCHEMA: u32 = 1;

/// How large a row of the table of tables may be.
const MAX_SCHEMA_BYTES: u32 = 1 << 20;

/// How many bytes of a row stand in front of its header, at most.
const ROW_HEAD: u32 = 64;

fn read(opened: &mut Opened<'_>, out: &mut Packages) -> Result<(), Damage> {
    let mut packages = Gathered::new(opened.path, out);
    let read = headers(opened, &mut packages);
    packages.finish();
    read
}

fn files(opened: &mut Opened<'_>, out: &mut Lists<'_>) -> Result<(), Damage> {
    let path = opened.path;
    headers(opened, &mut Files::new(path, out))
}

fn headers(opened: &mut Opened<'_>, packages: &mut dyn Headers) -> Result<(), Damage> {
    // A journal whose first byte was not cleared belongs to a change that was cut off: part of it may be in the file.
    if let Some(journal) = (opened.beside)("-journal")?
        && journal.first().is_some_and(|byte| *byte != 0)
    {
        return Err(Damage {
            reason: GapReason::Contradictory,
            expected: Text::trusted("a database without a change that was cut off"),
            found: text!("a rollback journal of {} bytes beside it", journal.len()),
        });
    }
    let log = (opened.beside)("-wal")?;
    let mut pager = Pager::open(Disk::new(opened.contents, opened.size), log)?;
    read_into(&mut pager, packages)
}

fn read_into(pager: &mut Pager<'_>, packages: &mut dyn Headers) -> Result<(), Damage> {
    let root = root_of(pager, packages)?;
    tree::walk(pager, root, MAX_HEADER_BYTES + ROW_HEAD, &mut |found| match found {
        Found::Row(key, payload) => match header_of(key, payload) {
            Ok((number, header)) => packages.add(number, header),
            Err(damage) => {
                packages.lose(damage);
                Ok(())
            }
        },
        Found::Lost(damage) => {
            packages.lose(damage);
            Ok(())
        }
    })
}

/// Returns the page at which the table of headers begins.
fn root_of(pager: &mut Pager<'_>, packages: &mut dyn Headers) -> Result<u32, Damage> {
    let encoding = pager.encoding();
    let mut root = None;
    tree::walk(pager, SCHEMA, MAX_SCHEMA_BYTES, &mut |found| {
        let damage = match found {
            Found::Row(_, payload) => match Row::parse(payload) {
                Ok(row) => {
                    let is = |at: usize, word: &str| match row.value(at) {
                        Value::Text(text) => encoding.read(text).eq_ignore_ascii_case(word),
                        _ => false,
                    };
                    if is(0, "table") && is(1, TABLE) {
                        root = root.or(Some(match row.value(3) {
                            Value::Integer(number) => u32::try_from(number).unwrap_or_default(),
                            _ => 0,
                        }));
                    }
                    return Ok(());
                }
                Err(damage) => damage,
            },
            Found::Lost(damage) => damage,
        };
        packages.lose(damage);
        Ok(())
    })?;
    root.ok_or_else(|| {
        Damage::malformed(text!("a table `{}`", Text::trusted(TABLE)), Text::trusted("none of that name"))
    })
}

/// Returns the header that a row holds, and its number.
fn header_of(key: i64, payload: &[u8]) -> Result<(u64, &[u8]), Damage> {
    let row = Row::parse(payload)?;
    // A number that is the key of its row is not written a second time.
    let number = if let Value::Integer(number) = row.value(0) { number } else { key };
    match (u64::try_from(number), row.value(1)) {
        (Ok(number), Value::Blob(header)) => Ok((number, header)),
        _ => Err(Damage::malformed(
            text!("a row of table `{}`, a number and a header", Text::trusted(TABLE)),
            text!("row {} with other values", number),
        )),
    }
}
