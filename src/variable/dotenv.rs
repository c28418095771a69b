//! Files of assignments: `.env`, `.envrc`, and the `go.env` that `GOENV` names.

use super::assignment::{Value, assignments};
use super::{Files, Format};

pub(super) static FORMAT: Format = Format {
    id: "dotenv",
    files: Files::Named(&[".env", ".envrc", "go.env"]),
    summary: ".env, .envrc and go.env",
    collect: |text| Ok(assignments(text, Value::Line)),
};
