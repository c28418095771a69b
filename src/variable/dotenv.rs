//! Files of assignments: `.env`, `.envrc`, and the `go.env` that `GOENV` names.

use super::Format;
use super::assignment::{Value, assignments};

pub(super) static FORMAT: Format = Format {
    id: "dotenv",
    names: &[".env", ".env.*", ".envrc", "go.env"],
    summary: ".env, .envrc and go.env",
    collect: |text| Ok(assignments(text, Value::Line)),
};
