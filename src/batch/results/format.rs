//! Which formats there are.

use std::io::{self, Write};

use super::coco::Coco;
use super::csv::Csv;
use super::jsonl::JsonLines;
use super::parquet::Parquet;
use super::{Heading, ResultWriter};

/// Form of a file of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResultFormat {
    /// A detection a line, whole pixels, at most 150 bytes each.
    JsonLines,
    /// A table as text, tenths of pixels.
    Csv,
    /// What COCO's tools read, hundredths of pixels.
    Coco,
    /// A compressed table, exact numbers.
    Parquet,
}

impl ResultFormat {
    /// Every format, as listed in help.
    pub const ALL: [Self; 4] = [Self::JsonLines, Self::Csv, Self::Coco, Self::Parquet];

    /// What a person types.
    pub const fn name(self) -> &'static str {
        match self {
            Self::JsonLines => "jsonl",
            Self::Csv => "csv",
            Self::Coco => "coco",
            Self::Parquet => "parquet",
        }
    }

    /// The format that is called so.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Ending of its files, without the point.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::JsonLines => "jsonl",
            Self::Csv => "csv",
            Self::Coco => "coco.json",
            Self::Parquet => "parquet",
        }
    }
}

/// Begins a file of results. What is added is in `file` when [`ResultWriter::add`] returns, except for Parquet, which
/// is written in groups of rows; so `file` needs no buffer of its own. The same calls make the same bytes, always.
///
/// # Errors
/// What the disk says.
pub fn writer<W: Write + Send + 'static>(
    format: ResultFormat,
    heading: &Heading<'_>,
    file: W,
) -> io::Result<Box<dyn ResultWriter>> {
    Ok(match format {
        ResultFormat::JsonLines => Box::new(JsonLines::new(heading, file)),
        ResultFormat::Csv => Box::new(Csv::new(heading, file)),
        ResultFormat::Coco => Box::new(Coco::new(heading, file)),
        ResultFormat::Parquet => Box::new(Parquet::new(heading, file)?),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::samples::{found, heading, many, written};
    use super::*;

    #[test]
    fn the_same_detections_are_the_same_bytes() {
        let frames = many();
        for format in ResultFormat::ALL {
            let bytes = written(format, &["a", "b", "c", "d"], &frames);
            assert!(bytes == written(format, &["a", "b", "c", "d"], &frames), "{}", format.name());
            assert!(bytes.len() > 1_000_000, "{}: {}", format.name(), bytes.len());
            assert_eq!(ResultFormat::named(format.name()), Some(format));
        }
    }

    /// A disk that is full after some bytes.
    struct Full(usize);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            match bytes.len().min(self.0) {
                0 if !bytes.is_empty() => Err(io::ErrorKind::StorageFull.into()),
                room => {
                    self.0 -= room;
                    Ok(room)
                }
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_full_disk_is_said_by_every_format() {
        let classes = ["a".to_owned()];
        let detections = vec![found(0, 0.5, [1.0; 4], None); 5000];
        for format in ResultFormat::ALL {
            let outcome = writer(format, &heading(&classes), Full(1000)).and_then(|mut results| {
                results.add(&super::super::samples::frame(0, Duration::ZERO, &detections))?;
                results.finish()
            });
            let kind = outcome.expect_err(format.name()).kind();
            assert_eq!(kind, io::ErrorKind::StorageFull, "{}", format.name());
        }
    }
}
