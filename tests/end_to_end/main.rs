//! The binary run on real trees, by user story.

mod rules;
mod support;
