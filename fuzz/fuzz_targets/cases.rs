//! Cases as JSON.

#![cfg_attr(fuzzing, no_main)]

fuzz::target!(cases);
