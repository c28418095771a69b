//! Reduced to what the ledger needs.
