//! Tables of any layout and encoding.

#![cfg_attr(fuzzing, no_main)]

fuzz::target!(tables);
