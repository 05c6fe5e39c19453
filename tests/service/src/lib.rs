#![doc = include_str!("../../../docs/in-a-service.md")]
