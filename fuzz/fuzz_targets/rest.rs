//! Any bytes as resources of Partner Center's REST interface.

#![cfg_attr(fuzzing, no_main)]

fuzz::target!(rest);
