//! Changes as devices send them.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| satchel_tests::fuzzing::ingestion(bytes));
