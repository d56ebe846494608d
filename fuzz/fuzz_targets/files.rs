//! Files somebody wants imported.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| satchel_tests::fuzzing::files(bytes));
