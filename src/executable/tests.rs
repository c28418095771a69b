//! Where the parts of programs lie.

use std::io::Cursor;

use proptest::prelude::*;

use super::made::{ADDRESS, Shape, USUAL, elf, fat, macho, pe};
use super::{Executable, bytes};

const NAME: &str = ".wanted";

fn read(file: &[u8]) -> Vec<Executable> {
    Executable::read(&mut Cursor::new(file)).unwrap()
}

fn samples() -> Vec<Vec<u8>> {
    let shapes = [(32, false), (32, true), (64, false), (64, true)];
    let mut samples: Vec<Vec<u8>> = shapes
        .map(|(bits, is_big_endian)| elf(Shape { bits, is_big_endian }, &[(".a", b"aaa"), (NAME, b"found")], true))
        .to_vec();
    samples.extend([pe(NAME, b"found"), macho(NAME, b"found"), fat(&[macho(NAME, b"found"), macho(NAME, b"found")])]);
    samples
}

#[test]
fn parts_are_found_in_every_format() {
    for (which, file) in samples().iter().enumerate() {
        let programs = read(file);
        assert_eq!(programs.len(), if which == 6 { 2 } else { 1 }, "{which}");
        for program in programs {
            let section = program.section(NAME.as_bytes()).unwrap();
            assert_eq!(bytes(&mut Cursor::new(file), section.offset, section.size).unwrap(), b"found", "{which}");
            let (offset, left) = program.at(section.address + 1).unwrap();
            assert_eq!((offset, left >= 4), (section.offset + 1, true), "{which}");
            assert!(program.data().is_some(), "{which}");
            assert_eq!(program.at(ADDRESS - 1), None);
            assert_eq!(program.at(u64::MAX), None);
        }
    }
}

#[test]
fn a_program_without_a_table_of_sections_has_segments() {
    let program = read(&elf(USUAL, &[(NAME, b"found")], false)).swap_remove(0);
    assert_eq!((program.sections.len(), program.segments.len()), (0, 1));
}

#[test]
fn what_is_no_program_has_no_parts() {
    for none in [
        &b""[..],
        b"\x7fEL",
        b"\x7fELF",
        b"MZ",
        b"\xcf\xfa\xed\xfe",
        b"#!/bin/sh",
        b"\xca\xfe\xba\xbe\0\0\0\x34\0\0\0\0\0\0\0\0",
    ] {
        assert_eq!(read(none), []);
    }
}

#[test]
fn tables_of_any_claimed_length_take_no_memory() {
    let mut file = elf(USUAL, &[(NAME, b"found")], true);
    // No count in the header means that the first section holds it.
    file[60..62].fill(0);
    let table = usize::try_from(u64::from_le_bytes(file[40..48].try_into().unwrap())).unwrap();
    file[table + 32..table + 40].fill(0xff);
    assert_eq!(read(&file).swap_remove(0).sections, []);
    let mut file = macho(NAME, b"found");
    file[20..24].fill(0xff);
    assert_eq!(read(&file), []);
}

proptest! {
    #[test]
    fn damage_is_survived(which in 0_usize..7, at in any::<prop::sample::Index>(), with in any::<[u8; 4]>()) {
        let mut file = samples().swap_remove(which);
        let at = at.index(file.len().min(512) - 4);
        file[at..at + 4].copy_from_slice(&with);
        let _programs = read(&file);
        file.truncate(at);
        let _programs = read(&file);
    }
}
