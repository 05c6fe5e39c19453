//! Days, instants, and the dates of a term.

#![cfg_attr(fuzzing, no_main)]

fuzz::target!(dates);
