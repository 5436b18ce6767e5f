//! `masque detect`: the real program on real clips, killed, interrupted, and fed what is no video.

mod inputs;
mod kills;
mod memory;
mod shards;
mod stages;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Output;

use masque::batch::Manifest;

use crate::program::masque;

/// A job in a folder of its own.
pub struct Job {
    folder: tempfile::TempDir,
}

impl Job {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn out(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// `masque detect` of `inputs` to the folder `out`.
    pub fn command(&self, out: &str, inputs: &[PathBuf], options: &[&str]) -> std::process::Command {
        let mut command = masque(self.folder());
        command.arg("detect").args(inputs).args(["--out", out]).args(options);
        command
    }

    pub fn run(&self, out: &str, inputs: &[PathBuf], options: &[&str]) -> Output {
        self.command(out, inputs, options).output().unwrap()
    }

    /// The same, which has to go well.
    pub fn done(&self, out: &str, inputs: &[PathBuf], options: &[&str]) -> Manifest {
        let output = self.run(out, inputs, options);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        self.manifest(out)
    }

    pub fn manifest(&self, out: &str) -> Manifest {
        Manifest::read(&self.out(out).join("manifest.json")).unwrap()
    }

    /// The bytes of all results, by name.
    pub fn results(&self, out: &str) -> BTreeMap<String, Vec<u8>> {
        let mut results = BTreeMap::new();
        for entry in std::fs::read_dir(self.out(out)).unwrap().map(Result::unwrap) {
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.path().is_file() && !name.starts_with("manifest") {
                results.insert(name, std::fs::read(entry.path()).unwrap());
            }
        }
        results
    }

    /// A file that ffmpeg makes of `words`.
    pub fn made(&self, name: &str, words: &str) -> PathBuf {
        let path = self.folder().join(name);
        let output = std::process::Command::new("ffmpeg")
            .args(["-hide_banner", "-loglevel", "error", "-y"])
            .args(words.split_whitespace())
            .arg(&path)
            .output()
            .unwrap();
        assert!(output.status.success(), "{name}: {}", text(&output.stderr));
        path
    }
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
