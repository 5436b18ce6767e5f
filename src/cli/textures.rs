//! `--textures` and `--texture-budget`: the user's own textures, and how many bytes of them stay on the GPU.

use std::path::PathBuf;

use clap::Args;

use super::UsageError;
use super::bytes::ByteSize;
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
