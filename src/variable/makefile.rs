//! Makefiles and Dockerfiles: variables set for a whole build, and those set for one command.

use super::Format;
use super::assignment::{Value, assignments};

pub(super) static FORMAT: Format = Format {
    id: "makefile",
    names: &[
        "*.Dockerfile",
        "*.mk",
        "Containerfile",
        "Containerfile.*",
        "Dockerfile",
        "Dockerfile.*",
        "GNUmakefile",
        "Makefile",
        "makefile",
    ],
    summary: "Makefile and Dockerfile",
    collect: |text| Ok(assignments(text, Value::Line)),
};
