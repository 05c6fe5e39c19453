//! The engine against the reference.

#![cfg_attr(fuzzing, no_main)]

fuzz::target!(engine);
