//! Makefiles and Dockerfiles: variables set for a whole build, and those set for one command.

use super::assignment::{Value, assignments};
use super::{Files, Format};

pub(super) static FORMAT: Format = Format {
    id: "makefile",
    files: Files::Named(&["Containerfile", "Dockerfile", "GNUmakefile", "Makefile", "makefile"]),
    summary: "Makefile and Dockerfile",
    collect: |text| Ok(assignments(text, Value::Line)),
};
