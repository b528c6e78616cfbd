#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tokenspec_fuzz::configuration(bytes));
