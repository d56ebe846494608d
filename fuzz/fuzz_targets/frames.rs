//! Bodies of requests and answers.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| satchel_tests::fuzzing::frames(bytes));
