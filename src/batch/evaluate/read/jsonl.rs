//! JSON Lines as `masque detect` writes them.

use std::borrow::Cow;
use std::fmt;
use std::io::BufRead;

use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

use super::lines::each_line;
use super::{Failure, Frames};
use crate::batch::evaluate::detections::Intake;

#[derive(Deserialize)]
struct Line<'a> {
    frame: u64,
    #[serde(borrow)]
    class: Class<'a>,
    conf: f64,
    #[serde(rename = "box")]
    bounds: [f64; 4],
}

/// The input is called `name`; `classes` are asked where a class is written as its number.
pub(super) fn read(
    file: impl BufRead,
    name: &str,
    classes: &[String],
    intake: &mut Intake<'_>,
) -> Result<(), Failure> {
    let mut frames = Frames::new(name);
    intake.lists_no_images();
    each_line(
        file,
        |_| false,
        |text, number| {
            let line: Line<'_> = serde_json::from_slice(text)
                .map_err(|error| Failure::Malformed(format!("line {number}: {error}")))?;
            intake.tally.detections += 1;
            let image = frames.image(line.frame, intake);
            let class = match &line.class {
                Class::Name(name) => intake.class(name),
                Class::Number(number) => classes.get(*number).and_then(|name| intake.class(name)),
            };
            let is_taken = intake.take(image, class, || line.class.name(classes), line.conf, line.bounds);
            if is_taken { Ok(()) } else { Err(Failure::TooMany) }
        },
    )
}

enum Class<'a> {
    Name(Cow<'a, str>),
    Number(usize),
}

impl Class<'_> {
    fn name(&self, classes: &[String]) -> String {
        match self {
            Self::Name(name) => name.clone().into_owned(),
            Self::Number(number) => {
                classes.get(*number).cloned().unwrap_or_else(|| format!("class {number}"))
            }
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Class<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ClassVisitor)
    }
}

struct ClassVisitor;

impl<'de> Visitor<'de> for ClassVisitor {
    type Value = Class<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a class's name or number")
    }

    fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Class<'de>, E> {
        Ok(Class::Name(name.into()))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Class<'de>, E> {
        Ok(Class::Name(name.to_owned().into()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Class<'de>, E> {
        Ok(Class::Number(number as usize))
    }
}
