//! `256MiB` on the command line.

use std::str::FromStr;

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ByteSize(pub(super) u64);

impl FromStr for ByteSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let explain = || format!("\"{text}\" is no size; type a whole number and a unit, for example 256MiB");
        let digits = text.len() - text.trim_start_matches(|digit: char| digit.is_ascii_digit()).len();
        let (number, unit) = text.split_at(digits);
        let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
            "b" => 1,
            "kb" => 1000,
            "kib" => 1 << 10,
            "mb" => 1_000_000,
            "mib" => 1 << 20,
            "gb" => 1_000_000_000,
            "gib" => 1 << 30,
            _ => return Err(explain()),
        };
        let number: u64 = number.parse().map_err(|_| explain())?;
        number.checked_mul(factor).map(Self).ok_or_else(explain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units_and_errors_say_what_to_type() {
        for (text, bytes) in [("256MiB", 268_435_456), ("1 GB", 1_000_000_000), ("0b", 0), ("64kib", 65_536)]
        {
            assert_eq!(text.parse(), Ok(ByteSize(bytes)), "{text}");
        }
        for wrong in ["", "256", "MiB", "-1MiB", "1.5GiB", "99999999999999GiB"] {
            let error = wrong.parse::<ByteSize>().expect_err(wrong);
            assert!(error.contains("256MiB"), "{error}");
        }
    }
}
