//! `--effects`: the user's own effects.

use std::path::PathBuf;

use clap::Args;

use super::UsageError;
use crate::effect::{EffectFolders, EffectLibrary};
use crate::stats::Stats;

/// Options of every command that wears a look.
#[derive(Args, Debug)]
pub(super) struct EffectArgs {
    /// A folder of .wgsl files: effects by the name of the file, read anew when they are edited; may be repeated
    #[arg(long = "effects", value_name = "FOLDER")]
    effect_folders: Vec<PathBuf>,
}

impl EffectArgs {
    /// The program's effects and the user's own, and the folders to be watched; files that are no effects are told
    /// on stderr.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub(super) fn library(&self, stats: &Stats) -> Result<(EffectLibrary, EffectFolders), UsageError> {
        let mut folders =
            EffectFolders::open(&self.effect_folders).map_err(|error| UsageError(error.to_string()))?;
        let mut library = EffectLibrary::default();
        let left_out = folders.read_into(&mut library);
        if left_out > 0 {
            stats.add("effects_skipped", left_out as u64);
            eprintln!("masque: {left_out} effects are left out, because there is no room for more");
        }
        for trouble in library.troubles() {
            eprintln!("masque: {trouble}");
        }
        Ok((library, folders))
    }
}
