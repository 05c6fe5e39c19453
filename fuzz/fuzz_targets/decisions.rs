//! Records of decisions as JSON.

#![cfg_attr(fuzzing, no_main)]

fuzz::target!(decisions);
