//! The JSON Schemas against a validator; see `tests/`.
