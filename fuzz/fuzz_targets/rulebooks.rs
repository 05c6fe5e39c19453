//! Rulebooks as TOML and JSON.

#![cfg_attr(fuzzing, no_main)]

fuzz::target!(rulebooks);
