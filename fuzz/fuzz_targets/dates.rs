//! Any text as days and instants, and what they mean for a term.

#![cfg_attr(fuzzing, no_main)]

fuzz::target!(dates);
