//! Reads the ledger.
