//! Real clips and pictures, where this machine has them.

use std::path::{Path, PathBuf};

/// The file `name` of the shared media; none, and a line that says so, where it is not there.
pub fn media(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/media").join(name);
    if !path.exists() {
        println!("skipped: {name} is not on this machine");
        return None;
    }
    Some(path)
}
