//! `--detect`: things in the live picture.

use std::path::PathBuf;

use clap::Args;

use crate::perception::{DetectorOptions, MOST_ZONES, ObjectOptions, Zone};

/// Options of every command that may detect beside dressing people.
#[derive(Args, Debug, Default)]
pub(super) struct ObjectArgs {
    /// Detect and follow things, too: with the best detector there is, or =MODEL, a detector's name or an .onnx file
    #[arg(
        long,
        value_name = "MODEL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = ""
    )]
    detect: Option<String>,
    /// Only these classes, by name or number, with commas between
    #[arg(long, value_name = "CLASSES", value_delimiter = ',', requires = "detect")]
    detect_classes: Vec<String>,
    /// How sure a detection must be, 0 to 1; what is less sure is shown only while it is followed
    #[arg(long, value_name = "CONFIDENCE", default_value_t = 0.25, requires = "detect")]
    detect_conf: f32,
    /// Names of the model's classes, one per line
    #[arg(long, value_name = "FILE", requires = "detect")]
    detect_names: Option<PathBuf>,
    /// Count what stands in a part of the picture: a name and the corners from 0 to 1, as "door=0.1,0.5 0.4,0.5 0.4,1";
    /// may be repeated
    #[arg(long = "zone", value_name = "ZONE", requires = "detect")]
    zones: Vec<Zone>,
}

impl ObjectArgs {
    /// What is asked for; none without `--detect`.
    pub(super) fn options(self) -> Option<ObjectOptions> {
        let model = self.detect?;
        if self.zones.len() > MOST_ZONES {
            eprintln!("masque: only the first {MOST_ZONES} zones count");
        }
        Some(ObjectOptions {
            model: Some(model).filter(|model| !model.is_empty()),
            detector: DetectorOptions {
                confidence: self.detect_conf,
                classes: self.detect_classes,
                classes_file: self.detect_names,
                ..DetectorOptions::default()
            },
            zones: self.zones,
            ..ObjectOptions::default()
        })
    }
}
