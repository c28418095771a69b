//! What profiles make of documents of SPDX 2 and 3.
