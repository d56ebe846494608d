//! The `satchel-server` binary.

fn main() -> std::process::ExitCode {
    satchel_server::cli::main()
}
