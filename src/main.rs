//! The command line of Masque.

use std::process::ExitCode;

fn main() -> ExitCode {
    masque::cli::main()
}
