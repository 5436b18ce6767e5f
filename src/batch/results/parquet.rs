//! Parquet: a compressed table with the columns of CSV, written a group of rows at a time.

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, FloatType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use super::text::natural;
use super::{FrameResults, Heading, ResultWriter};
use crate::memory::{Bound, Each, bound};
use crate::perception::Detection;

/// Rows of a group at most.
const ROWS: usize = 128 << 10;
/// Bytes of a group at most, before it is compressed.
const GROUP_BYTES: usize = 16 << 20;
/// Values that are turned into a column's form at a time.
const BATCH: usize = 4096;
/// Bytes of a page and of a dictionary at most.
const PAGE_BYTES: usize = 256 << 10;

const SCHEMA: &str = "message detections {
    REQUIRED BYTE_ARRAY id (STRING);
    REQUIRED INT64 frame;
    REQUIRED DOUBLE time;
    REQUIRED INT32 class_id;
    REQUIRED BYTE_ARRAY class (STRING);
    REQUIRED FLOAT confidence;
    REQUIRED FLOAT x;
    REQUIRED FLOAT y;
    REQUIRED FLOAT width;
    REQUIRED FLOAT height;
    OPTIONAL INT64 track;
}";

/// Rows before they are written, and a column of them on its way.
pub(super) const ROW_GROUP: Bound = bound!(
    "batch.parquet_rows",
    "detections that become a group of rows of a Parquet file, and the column that is compressed",
    2,
    Each::Bytes(GROUP_BYTES as u64),
    "the group is written"
);

/// Numbers as they are, unrounded; time in seconds. What is told of each group at the file's end is kept until then: some
/// KiB, less than a tenth of a byte per detection.
pub(super) struct Parquet<W: Write> {
    file: SerializedFileWriter<W>,
    key: String,
    classes: Vec<ByteArray>,
    /// Detections that are in groups that were written.
    written: u64,
    rows: Vec<Row>,
    bytes: usize,
}

#[derive(Clone, Copy)]
struct Row {
    frame: u64,
    time: f64,
    detection: Detection,
    track: Option<u32>,
}

impl<W: Write + Send> Parquet<W> {
    pub(super) fn new(heading: &Heading<'_>, file: W) -> io::Result<Self> {
        let schema = Arc::new(parse_message_type(SCHEMA).map_err(said)?);
        let numbers = ["id", "confidence", "x", "y", "width", "height"];
        let properties = numbers.into_iter().fold(
            WriterProperties::builder()
                .set_compression(Compression::SNAPPY)
                // What they would add grows with the file and helps whoever looks for parts of it only.
                .set_statistics_enabled(EnabledStatistics::None)
                .set_offset_index_disabled(true)
                .set_data_page_size_limit(PAGE_BYTES)
                .set_dictionary_page_size_limit(PAGE_BYTES)
                .set_created_by("masque".to_owned()),
            |properties, column| properties.set_column_dictionary_enabled(column.into(), false),
        );
        let file = SerializedFileWriter::new(file, schema, Arc::new(properties.build())).map_err(said)?;
        let classes = heading.classes.iter().map(|class| class.clone().into_bytes().into()).collect();
        let key = heading.key.to_owned();
        Ok(Self { file, key, classes, written: 0, rows: Vec::new(), bytes: 0 })
    }

    fn write_group(&mut self) -> io::Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let Self { file, key, classes, written, rows, .. } = self;
        write_columns(file.next_row_group().map_err(said)?, rows, key, *written, classes).map_err(said)?;
        file.flush()?;
        *written += rows.len() as u64;
        rows.clear();
        self.bytes = 0;
        Ok(())
    }
}

impl<W: Write + Send> ResultWriter for Parquet<W> {
    fn add(&mut self, frame: &FrameResults<'_>) -> io::Result<()> {
        let (frame, time, found) = (frame.frame, frame.time.as_secs_f64(), frame.detections);
        for &super::Tracked { detection, track } in found {
            if self.rows.len() >= ROWS || self.bytes >= GROUP_BYTES {
                self.write_group()?;
            }
            let name = self.classes.get(usize::from(detection.class)).map_or(5, ByteArray::len);
            self.bytes += size_of::<Row>() + self.key.len() + 14 + name;
            self.rows.push(Row { frame, time, detection, track });
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.write_group()?;
        self.file.finish().map_err(said)?;
        self.file.inner_mut().flush()
    }
}

fn write_columns<W: Write + Send>(
    mut group: SerializedRowGroupWriter<'_, W>,
    rows: &[Row],
    key: &str,
    first: u64,
    classes: &[ByteArray],
) -> Result<(), ParquetError> {
    let mut number = first;
    let id = |_: &Row| {
        let mut id = format!("{key}-").into_bytes();
        natural(&mut id, number, 36);
        number += 1;
        ByteArray::from(id)
    };
    let class = |row: &Row| {
        let class = row.detection.class;
        classes.get(usize::from(class)).cloned().unwrap_or_else(|| class.to_string().into_bytes().into())
    };
    column::<ByteArrayType, W>(&mut group, rows, id)?;
    column::<Int64Type, W>(&mut group, rows, |row| row.frame.cast_signed())?;
    column::<DoubleType, W>(&mut group, rows, |row| row.time)?;
    column::<Int32Type, W>(&mut group, rows, |row| row.detection.class.into())?;
    column::<ByteArrayType, W>(&mut group, rows, class)?;
    column::<FloatType, W>(&mut group, rows, |row| row.detection.confidence)?;
    column::<FloatType, W>(&mut group, rows, |row| row.detection.bounds.x)?;
    column::<FloatType, W>(&mut group, rows, |row| row.detection.bounds.y)?;
    column::<FloatType, W>(&mut group, rows, |row| row.detection.bounds.width)?;
    column::<FloatType, W>(&mut group, rows, |row| row.detection.bounds.height)?;
    let mut tracks = next(&mut group)?;
    for rows in rows.chunks(BATCH) {
        let there: Vec<i16> = rows.iter().map(|row| row.track.is_some().into()).collect();
        let values: Vec<i64> = rows.iter().filter_map(|row| row.track).map(i64::from).collect();
        tracks.typed::<Int64Type>().write_batch(&values, Some(&there), None)?;
    }
    tracks.close()?;
    group.close()?;
    Ok(())
}

fn next<'a, W: Write + Send>(
    group: &'a mut SerializedRowGroupWriter<'_, W>,
) -> Result<SerializedColumnWriter<'a>, ParquetError> {
    group
        .next_column()?
        .ok_or_else(|| ParquetError::General("there are fewer columns than values".to_owned()))
}

fn column<T: parquet::data_type::DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    rows: &[Row],
    mut value: impl FnMut(&Row) -> T::T,
) -> Result<(), ParquetError> {
    let mut column = next(group)?;
    let mut values = Vec::with_capacity(BATCH.min(rows.len()));
    for rows in rows.chunks(BATCH) {
        values.clear();
        values.extend(rows.iter().map(&mut value));
        column.typed::<T>().write_batch(&values, None, None)?;
    }
    column.close()
}

/// What the disk said, if it did.
fn said(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(cause) => cause.downcast().map_or_else(io::Error::other, |error| *error),
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::super::ResultFormat;
    use super::super::samples::{many, written};
    use super::*;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::RowAccessor;

    #[test]
    fn rows_come_back_in_groups_of_bounded_size() {
        let frames = many();
        let bytes = written(ResultFormat::Parquet, &["a", "b", "c"], &frames);
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        let reader = SerializedFileReader::new(file).unwrap();
        let groups = reader.metadata().row_groups();
        assert_eq!(groups.iter().map(|group| group.num_rows()).sum::<i64>(), 150_000);
        assert!(groups.iter().all(|group| group.num_rows() <= ROWS as i64) && groups.len() == 2);
        let rows = reader.get_row_iter(None).unwrap();
        let all =
            frames.iter().flat_map(|(frame, time, found)| found.iter().map(move |one| (frame, time, one)));
        for (number, (row, (frame, time, found))) in rows.zip(all).enumerate() {
            let row = row.unwrap();
            let mut id = b"3f9a1c-".to_vec();
            natural(&mut id, number as u64, 36);
            assert_eq!(row.get_string(0).unwrap().as_bytes(), id);
            assert_eq!(row.get_long(1).unwrap(), *frame as i64);
            assert_eq!(row.get_double(2).unwrap(), time.as_secs_f64());
            let class = found.detection.class;
            assert_eq!(row.get_int(3).unwrap(), i32::from(class));
            assert_eq!(row.get_string(4).unwrap(), ["a", "b", "c", "3"][usize::from(class)]);
            assert_eq!(row.get_float(5).unwrap(), found.detection.confidence);
            assert_eq!(row.get_float(9).unwrap(), found.detection.bounds.height);
            assert_eq!(row.get_long(10).ok(), found.track.map(i64::from));
        }
    }

    #[test]
    fn long_names_make_smaller_groups() {
        let name = "n".repeat(1 << 20);
        let frames = many();
        let classes = [name.as_str(); 4];
        let bytes = written(ResultFormat::Parquet, &classes, &frames[..2]);
        assert!(bytes.len() > 1 << 10);
        let classes = classes.map(str::to_owned);
        let mut parquet = Parquet::new(&super::super::samples::heading(&classes), io::sink()).unwrap();
        for (number, time, found) in &frames[2..3] {
            for one in &found[..100] {
                parquet
                    .add(&super::super::samples::frame(*number, *time, std::slice::from_ref(one)))
                    .unwrap();
                assert!(parquet.rows.len() <= 17, "{}", parquet.rows.len());
            }
        }
    }

    #[test]
    fn a_file_without_detections_has_its_columns() {
        let bytes = written(ResultFormat::Parquet, &[], &[]);
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        let reader = SerializedFileReader::new(file).unwrap();
        let schema = reader.metadata().file_metadata().schema_descr();
        let names: Vec<&str> = (0..schema.num_columns()).map(|at| schema.columns()[at].name()).collect();
        assert_eq!(names, super::super::csv::COLUMNS);
    }
}
