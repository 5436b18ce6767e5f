//! Parquet as `masque detect` writes it; columns are known by their names and may be more, and in another order.

use std::fs::File;

use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use parquet::schema::types::Type;

use super::table::{COLUMNS, Row};
use super::{Failure, Frames};
use crate::batch::evaluate::detections::Intake;

/// The input is called `name`; `classes` are asked where a class is written as its number.
pub(super) fn read(
    file: File,
    name: &str,
    classes: &[String],
    intake: &mut Intake<'_>,
) -> Result<(), Failure> {
    let mut frames = Frames::new(name);
    intake.lists_no_images();
    let file = SerializedFileReader::new(file).map_err(malformed)?;
    let schema = file.metadata().file_metadata().schema();
    let column = |name: &&str| {
        let found = schema.get_fields().iter().find(|field| field.name() == *name);
        found.cloned().ok_or_else(|| Failure::Malformed(format!("there is no column \"{name}\"")))
    };
    let columns = COLUMNS.iter().map(column).collect::<Result<Vec<_>, _>>()?;
    let wanted = Type::group_type_builder(schema.name()).with_fields(columns).build().map_err(malformed)?;
    for (row, number) in file.get_row_iter(Some(wanted)).map_err(malformed)?.zip(1_u64..) {
        let row = row.map_err(malformed)?;
        let at = |column: &str| {
            Failure::Malformed(format!("row {number}: {column} is missing or of another type"))
        };
        let (mut frame, mut class, mut numbers) = (None, None, [None; 5]);
        for (name, field) in row.get_column_iter() {
            match COLUMNS.iter().position(|column| column == name) {
                Some(0) => frame = whole(field),
                Some(1) => class = text(field),
                Some(place) => numbers[place - 2] = real(field),
                None => {}
            }
        }
        let mut found = [0.0; 5];
        for ((to, number), column) in found.iter_mut().zip(numbers).zip(&COLUMNS[2..]) {
            *to = number.filter(|number: &f64| number.is_finite()).ok_or_else(|| at(column))?;
        }
        let frame = frame.ok_or_else(|| at(COLUMNS[0]))?;
        let class = class.ok_or_else(|| at(COLUMNS[1]))?;
        Row { frame, class, numbers: found }.put_to(&mut frames, classes, intake)?;
    }
    Ok(())
}

fn malformed(error: ParquetError) -> Failure {
    Failure::Malformed(error.to_string())
}

fn whole(field: &Field) -> Option<u64> {
    match field {
        Field::Int(number) => u64::try_from(*number).ok(),
        Field::Long(number) => u64::try_from(*number).ok(),
        Field::UInt(number) => Some(u64::from(*number)),
        Field::ULong(number) => Some(*number),
        _ => None,
    }
}

fn real(field: &Field) -> Option<f64> {
    match field {
        Field::Float(number) => Some(f64::from(*number)),
        Field::Double(number) => Some(*number),
        _ => whole(field).map(|number| number as f64),
    }
}

fn text(field: &Field) -> Option<&str> {
    match field {
        Field::Str(text) => Some(text),
        _ => None,
    }
}
