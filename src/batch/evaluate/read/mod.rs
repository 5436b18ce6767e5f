//! Detections from files: what `masque detect` writes, and lists of results in COCO's form.

mod coco;
mod csv;
mod folder;
mod jsonl;
mod lines;
mod parquet;
mod table;

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use super::detections::{Detections, Intake, MOST_DETECTIONS};
use super::error::EvaluateError;
use super::names::Named;
use super::truth::Truth;

/// Reads detections from files and folders, and puts them to the images and classes of `truth` by their names.
///
/// Of a folder, every input's results are read once: from COCO JSON where that is there, because it lists images without
/// detections, too, else from Parquet, else from JSON Lines, else from CSV.
///
/// # Errors
/// [`EvaluateError`] when a file cannot be read or is damaged, when there is more than is held, and when nothing can be
/// compared.
pub fn read_detections(paths: &[PathBuf], truth: &Truth) -> Result<Detections, EvaluateError> {
    let mut intake = Intake::new(truth);
    for path in paths {
        if path.is_dir() {
            folder::read(path, &mut intake)?;
        } else {
            file(path, form_of(path).ok_or_else(|| EvaluateError::UnknownForm(path.clone()))?, &mut intake)?;
        }
    }
    let detections = intake.finish();
    let tally = &detections.tally;
    if tally.detections > 0 && tally.compared == 0 {
        let reason = if tally.other_images > 0 {
            format!(
                "images have other names: the detections say {}, the truth says {}",
                tally.other_image.as_deref().unwrap_or("numbers that the truth lacks"),
                truth.names.name(0)
            )
        } else {
            let own = tally.other_class_names.keys().next().map_or("nothing", String::as_str);
            format!("classes have other names: the detections say {own}, the truth says {}", truth.classes[0])
        };
        return Err(EvaluateError::NothingMatches { detections: tally.detections, reason });
    }
    Ok(detections)
}

/// Forms that are read, the best first: COCO JSON lists images without detections, too, Parquet has exact numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    Coco,
    Parquet,
    JsonLines,
    Csv,
}

/// The form that a file's name says.
fn form_of(path: &Path) -> Option<Form> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "json" => Some(Form::Coco),
        "jsonl" | "ndjson" => Some(Form::JsonLines),
        "csv" => Some(Form::Csv),
        "parquet" => Some(Form::Parquet),
        _ => None,
    }
}

fn file(path: &Path, form: Form, intake: &mut Intake<'_>) -> Result<(), EvaluateError> {
    let unreadable = |cause| EvaluateError::Unreadable { path: path.to_owned(), cause };
    let file = File::open(path).map_err(unreadable)?;
    let buffered = |file| BufReader::with_capacity(256 << 10, file);
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let classes = || folder::classes_beside(path);
    let (form, outcome) = match form {
        Form::Coco => ("COCO JSON", coco::read(buffered(file), intake)),
        Form::JsonLines => ("JSON Lines", jsonl::read(buffered(file), &name, &classes(), intake)),
        Form::Csv => ("CSV", csv::read(buffered(file), &name, &classes(), intake)),
        Form::Parquet => ("Parquet", parquet::read(file, &name, &classes(), intake)),
    };
    *intake.tally.files.entry(form).or_default() += 1;
    outcome.map_err(|failure| match failure {
        Failure::Io(cause) => unreadable(cause),
        Failure::Malformed(reason) => {
            EvaluateError::Malformed { path: path.to_owned(), expected: "file of detections", reason }
        }
        Failure::TooMany => {
            EvaluateError::TooMany { path: path.to_owned(), most: MOST_DETECTIONS, what: "detections" }
        }
    })
}

/// Why a file was not read to its end.
enum Failure {
    Io(io::Error),
    Malformed(String),
    TooMany,
}

/// The image of a frame: `NAME_000123`, or `NAME` itself where that is the truth's and the frame is its only one.
struct Frames<'n> {
    name: &'n str,
    last: Option<(u64, Named)>,
}

impl<'n> Frames<'n> {
    fn new(name: &'n str) -> Self {
        Self { name, last: None }
    }

    fn image(&mut self, frame: u64, intake: &mut Intake<'_>) -> Named {
        if let Some((last, image)) = self.last
            && last == frame
        {
            return image;
        }
        let still = if frame == 0 { intake.truth.names.find(self.name) } else { Named::Nothing };
        let image = match still {
            Named::Nothing => intake.image(&format!("{}_{frame:06}", self.name)),
            still => still,
        };
        self.last = Some((frame, image));
        image
    }
}
