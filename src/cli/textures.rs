//! `--textures` and `--texture-budget`: the user's own textures, and how many bytes of them stay on the GPU.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use super::UsageError;
use crate::look::{TextureBudget, TextureLibrary, find_textures};
use crate::stats::Stats;

/// Options of every command that dresses people.
#[derive(Args, Debug)]
pub(super) struct TextureArgs {
    /// A folder of PNG, JPEG or WebP files, or one file: textures by the name of the file; may be repeated
    #[arg(long = "textures", value_name = "FOLDER")]
    folders: Vec<PathBuf>,
    /// Bytes of textures that stay on the GPU without being worn, for example 256MiB
    #[arg(long = "texture-budget", value_name = "SIZE", default_value = "256MiB")]
    budget: ByteSize,
}

impl TextureArgs {
    /// The program's textures and the user's own; what a person should know about them goes to stderr.
    ///
    /// # Errors
    /// A folder that cannot be read, or a single file that is no picture.
    pub(super) fn library(&self, stats: &Stats) -> Result<TextureLibrary, UsageError> {
        let mut library = TextureLibrary::default();
        for folder in &self.folders {
            let found = find_textures(folder).map_err(|error| UsageError(error.to_string()))?;
            for line in library.add(found, stats) {
                eprintln!("masque: {line}");
            }
        }
        Ok(library)
    }

    pub(super) fn budget(&self) -> TextureBudget {
        TextureBudget(self.budget.0)
    }
}

/// `256MiB` on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ByteSize(u64);

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
