//! Exported decision tables against a DMN engine; see `tests/`.
