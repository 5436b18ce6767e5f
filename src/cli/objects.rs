//! `--detect`: things in the live picture.

use std::path::PathBuf;

use clap::Args;

use super::UsageError;
use crate::perception::{DetectorOptions, MOST_ZONES, ObjectOptions, Zone};

/// Options of every command that may detect beside dressing people.
#[derive(Args, Debug, Default)]
pub(super) struct ObjectArgs {
    /// Detect and follow things, too: with the best detector there is, or =MODEL, a detector's name or an .onnx file.
    /// One more network for each frame that is perceived (11 ms of a core with the best there is), fewer where time is short
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
    /// Count what stands in a part of the picture: a name and the corners from 0 to 1 of the source's picture as it is
    /// seen, in a mirror mirrored, as "door=0.1,0.5 0.4,0.5 0.4,1"; may be repeated, up to eight times
    #[arg(long = "zone", value_name = "ZONE", requires = "detect")]
    zones: Vec<Zone>,
}

impl ObjectArgs {
    /// What is asked for; none without `--detect`.
    ///
    /// # Errors
    /// [`UsageError`] for a confidence that is none, too many zones, and two of one name.
    pub(super) fn options(self) -> Result<Option<ObjectOptions>, UsageError> {
        let Some(model) = self.detect else { return Ok(None) };
        if !(0.0..=1.0).contains(&self.detect_conf) {
            let given = self.detect_conf;
            return Err(UsageError(format!("--detect-conf is {given}; type a number from 0 to 1, as 0.25")));
        }
        if self.zones.len() > MOST_ZONES {
            let count = self.zones.len();
            return Err(UsageError(format!("there are {count} --zone; leave out all but {MOST_ZONES}")));
        }
        for (place, zone) in self.zones.iter().enumerate() {
            if self.zones[..place].iter().any(|other| other.name == zone.name) {
                let name = &zone.name;
                return Err(UsageError(format!(
                    "two --zone are called {name}; call the second one {name}-2, so that each is counted"
                )));
            }
        }
        Ok(Some(ObjectOptions {
            model: Some(model).filter(|model| !model.is_empty()),
            detector: DetectorOptions {
                confidence: self.detect_conf,
                classes: self.detect_classes,
                classes_file: self.detect_names,
                ..DetectorOptions::default()
            },
            zones: self.zones,
            ..ObjectOptions::default()
        }))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        objects: ObjectArgs,
    }

    fn options(words: &[&str]) -> Result<Option<ObjectOptions>, String> {
        let line = Line::try_parse_from(["masque"].iter().chain(words)).expect("a command line");
        line.objects.options().map_err(|error| error.to_string())
    }

    #[test]
    fn what_cannot_be_counted_or_met_is_refused_with_the_name_of_its_option() {
        let zones: Vec<String> = (0..9).map(|n| format!("--zone=z{n}=0,0 1,0 1,1")).collect();
        let zones: Vec<&str> = std::iter::once("--detect").chain(zones.iter().map(String::as_str)).collect();
        assert_eq!(options(&zones[..9]).unwrap().unwrap().zones.len(), 8);
        let twice = ["--detect", "--zone=door=0,0 1,0 1,1", "--zone=door=0,0 1,1 0,1"];
        for (words, told) in [
            (&zones[..], ["9 --zone", "8"]),
            (&twice, ["--zone", "door-2"]),
            (&["--detect", "--detect-conf=5"], ["--detect-conf is 5", "0.25"]),
            (&["--detect", "--detect-conf=-0.1"], ["--detect-conf is -0.1", "0.25"]),
            (&["--detect", "--detect-conf=NaN"], ["--detect-conf is NaN", "0.25"]),
        ] {
            let error = options(words).unwrap_err();
            assert!(told.iter().all(|told| error.contains(told)), "{words:?}: {error}");
        }
        assert!(options(&[]).unwrap().is_none());
        assert!(options(&["--detect"]).unwrap().is_some_and(|options| options.model.is_none()));
    }
}
