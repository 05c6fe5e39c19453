//! Any bytes as CSV of the portfolio's.

#![cfg_attr(fuzzing, no_main)]

fuzz::target!(csv);
