//! Any bytes as a rulebook in JSON.

#![cfg_attr(fuzzing, no_main)]

fuzz::target!(rulebook);
