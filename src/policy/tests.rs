//! Behaviour of policies.
