//! JSON of any layout.

#![cfg_attr(fuzzing, no_main)]

fuzz::target!(json);
