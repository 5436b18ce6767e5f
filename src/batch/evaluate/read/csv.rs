//! CSV as `masque detect` writes it; columns are known by their names and may be more, and in another order.

use std::borrow::Cow;
use std::io::BufRead;
use std::str::FromStr;

use super::lines::each_line;
use super::table::{COLUMNS, Row};
use super::{Failure, Frames};
use crate::batch::evaluate::detections::Intake;

/// The input is called `name`; `classes` are asked where a class is written as its number.
pub(super) fn read(
    file: impl BufRead,
    name: &str,
    classes: &[String],
    intake: &mut Intake<'_>,
) -> Result<(), Failure> {
    let mut frames = Frames::new(name);
    intake.lists_no_images();
    let mut columns: Option<[usize; COLUMNS.len()]> = None;
    // A line with an odd number of quotes ends inside of a field.
    let goes_on = |line: &[u8]| line.iter().filter(|&&byte| byte == b'"').count() % 2 == 1;
    each_line(file, goes_on, |text, number| {
        let at = |what: &str| Failure::Malformed(format!("line {number}: {what}"));
        let text = std::str::from_utf8(text).map_err(|_| at("it is not UTF-8"))?;
        let fields = fields(text);
        let Some(columns) = columns else {
            let place = |name: &&str| fields.iter().position(|field| field.trim() == *name);
            let mut places = [0; COLUMNS.len()];
            for (to, name) in places.iter_mut().zip(&COLUMNS) {
                *to = place(name).ok_or_else(|| at(&format!("there is no column \"{name}\"")))?;
            }
            columns = Some(places);
            return Ok(());
        };
        let field = |which: usize| -> Result<&str, Failure> {
            let missing = || at(&format!("there is no {}", COLUMNS[which]));
            fields.get(columns[which]).map(AsRef::as_ref).ok_or_else(missing)
        };
        let number = |which: usize| -> Result<f64, Failure> {
            let value = f64::from_str(field(which)?.trim()).ok().filter(|value| value.is_finite());
            value.ok_or_else(|| at(&format!("{} is no number", COLUMNS[which])))
        };
        let frame = field(0)?.trim().parse().map_err(|_| at("frame is no whole number"))?;
        let numbers = [number(2)?, number(3)?, number(4)?, number(5)?, number(6)?];
        Row { frame, class: field(1)?, numbers }.put_to(&mut frames, classes, intake)
    })
}

/// The fields of a line (RFC 4180).
fn fields(line: &str) -> Vec<Cow<'_, str>> {
    let mut fields = Vec::with_capacity(12);
    let mut rest = line;
    loop {
        let Some(quoted) = rest.strip_prefix('"') else {
            match rest.split_once(',') {
                Some((field, behind)) => {
                    fields.push(field.into());
                    rest = behind;
                    continue;
                }
                None => {
                    fields.push(rest.into());
                    return fields;
                }
            }
        };
        let (mut field, mut open) = (String::new(), quoted);
        loop {
            let (inside, behind) = open.split_once('"').unwrap_or((open, ""));
            field.push_str(inside);
            match behind.strip_prefix('"') {
                Some(more) => {
                    field.push('"');
                    open = more;
                }
                None => {
                    open = behind;
                    break;
                }
            }
        }
        fields.push(field.into());
        match open.strip_prefix(',') {
            Some(behind) => rest = behind,
            None => return fields,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fields;

    #[test]
    fn quoted_fields_may_hold_anything() {
        assert_eq!(fields("a,b,,d"), ["a", "b", "", "d"]);
        assert_eq!(fields("a,\"cup, \"\"glass\"\"\",3,"), ["a", "cup, \"glass\"", "3", ""]);
        assert_eq!(fields("\"two\nlines\""), ["two\nlines"]);
    }
}
