//! Lines of a text file, one after the other in the same buffer.

use std::io::{BufRead, Read};

use super::Failure;

/// Bytes of a line at most.
const LONGEST: u64 = 1 << 20;

/// Calls `each` with every line that is not empty, without its end, and its number from 1. A line goes on where
/// `goes_on` says so.
pub(super) fn each_line(
    mut file: impl BufRead,
    goes_on: impl Fn(&[u8]) -> bool,
    mut each: impl FnMut(&[u8], u64) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let (mut line, mut number) = (Vec::new(), 0);
    loop {
        line.clear();
        let first = number + 1;
        loop {
            let room = LONGEST - line.len() as u64;
            let read = file.by_ref().take(room).read_until(b'\n', &mut line).map_err(Failure::Io)?;
            number += 1;
            if line.len() as u64 >= LONGEST {
                return Err(Failure::Malformed(format!("line {first} has more than {LONGEST} bytes")));
            }
            if read == 0 || !goes_on(&line) {
                break;
            }
        }
        if line.is_empty() {
            return Ok(());
        }
        let text = line.trim_ascii_end();
        if !text.is_empty() {
            each(text, first)?;
        }
    }
}
