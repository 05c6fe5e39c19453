//! Any bytes as the record of a case.

#![cfg_attr(fuzzing, no_main)]

fuzz::target!(records);
