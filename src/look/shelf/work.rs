//! What an order does on the disk.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::folder::find_looks;
use super::name::{file_of, first_free};
use super::{LookLibrary, LookOrder, LookOrderError, LookOrigin, WornLook, is_shipped};
use crate::folders::{write_atomically, write_new};
use crate::look::file::read_text;
use crate::look::save::{edit_look, with_name};
use crate::look::shipped::shipped_text;
use crate::look::watch::LookWriter;
use crate::look::{Look, LookError, TextureLibrary};

/// Where deleted and replaced looks are kept, among the user's looks.
const TRASH: &str = ".trash";

/// An order, and all that it needs to know.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) order: LookOrder,
    pub(super) library: LookLibrary,
    pub(super) look: Look,
    pub(super) worn: WornLook,
    /// Of the file that is watched.
    pub(super) writer: Option<LookWriter>,
    pub(super) textures: TextureLibrary,
}

/// What was done.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) said: String,
    /// The user's looks now.
    pub(super) own: BTreeMap<String, PathBuf>,
    pub(super) worn: Worn,
}

/// What became of the look that is worn.
#[derive(Debug)]
pub(super) enum Worn {
    /// Nothing.
    Stays,
    /// It stands here now.
    Kept { path: PathBuf, text: String, kept: Box<Look> },
    /// Its file is gone.
    Deleted,
}

type Done = Result<(String, Worn), LookOrderError>;

impl Job {
    pub(super) fn run(mut self) -> Result<Outcome, LookOrderError> {
        let (said, worn) = match self.order.clone() {
            LookOrder::Save => self.save(),
            LookOrder::SaveAs { name, replace } => self.save_as(&name, replace),
            LookOrder::Duplicate { name, copy } => self.duplicate(&name, copy),
            LookOrder::Rename { name, to } => self.rename(&name, &to),
            LookOrder::Delete { name } => self.delete(&name),
        }?;
        let own = self.library.folder().and_then(|folder| find_looks(folder).ok()).unwrap_or_default();
        Ok(Outcome { said, own, worn })
    }

    fn save(&mut self) -> Done {
        match self.worn.origin.clone() {
            LookOrigin::Made => Err(LookOrderError::NoName),
            LookOrigin::Shipped(name) => self.write_as(&name, false),
            LookOrigin::File(path) => {
                let writer = self.writer.as_ref().filter(|writer| writer.path() == path);
                let text = match writer {
                    Some(writer) => writer.save(&self.look, &self.textures)?,
                    None => crate::look::save::save_look(&self.look, &path, &self.textures)?,
                };
                Ok((format!("look saved as {}", path.display()), self.keeps(path, text)))
            }
        }
    }

    fn save_as(&mut self, name: &str, replace: bool) -> Done {
        self.look.name = name.to_owned();
        self.write_as(name, replace)
    }

    /// Writes what is worn into the user's folder, comments of where it came from included.
    fn write_as(&mut self, name: &str, replace: bool) -> Done {
        let path = file_of(self.folder()?, name)?;
        let before = match &self.worn.origin {
            LookOrigin::Made => String::new(),
            LookOrigin::Shipped(name) => shipped_text(name).unwrap_or_default().to_owned(),
            // A file that is away or broken does not keep what is worn from being saved.
            LookOrigin::File(path) => read_text(path).unwrap_or_default(),
        };
        let edited = edit_look(&before, &self.look, &path, &self.textures);
        let text = edited.or_else(|_| edit_look("", &self.look, &path, &self.textures))?;
        let mut said = format!("look saved as {}", path.display());
        if replace && path.exists() {
            let kept = self.trash(name, &path)?;
            said.push_str(&format!("; what stood there is {}", kept.display()));
        }
        create(name, &path, &text)?;
        Ok((said, self.keeps(path, text)))
    }

    fn keeps(&self, path: PathBuf, text: String) -> Worn {
        Worn::Kept { path, text, kept: Box::new(self.look.clone()) }
    }

    fn duplicate(&self, name: &str, copy: Option<String>) -> Done {
        let folder = self.folder()?;
        let text = match self.library.file(name) {
            Some(path) => read_text(path)?,
            None if is_shipped(name) => shipped_text(name).unwrap_or_default().to_owned(),
            None => return Err(self.missing(name)),
        };
        let free = |name: &str| !folder.join(format!("{name}.toml")).exists() && !is_shipped(name);
        let copy = copy.unwrap_or_else(|| first_free(&format!("{name} copy"), free));
        let path = file_of(folder, &copy)?;
        create(&copy, &path, &with_name(&text, &copy))?;
        Ok((format!("look {name} copied to {}", path.display()), Worn::Stays))
    }

    fn rename(&self, name: &str, to: &str) -> Done {
        let old = self.own(name)?;
        let new = file_of(self.folder()?, to)?;
        let text = with_name(&read_text(old)?, to);
        if is_same_file(old, &new) {
            // Another case of the same letters, where the system makes no difference.
            let failed = |source| LookError::Write { path: new.clone(), source };
            write_atomically(old, 0o644, |file| file.write_all(text.as_bytes())).map_err(failed)?;
            fs::rename(old, &new).map_err(failed)?;
        } else {
            create(to, &new, &text)?;
            fs::remove_file(old).map_err(|error| LookOrderError::Both {
                path: old.to_owned(),
                to: new.clone(),
                reason: error.to_string(),
            })?;
        }
        let said = format!("look {name} is called {to}");
        match (&self.worn.origin, self.worn.kept.clone()) {
            (LookOrigin::File(worn), Some(mut kept)) if is_same_path(worn, old) => {
                to.clone_into(&mut kept.name);
                Ok((said, Worn::Kept { path: new, text, kept: Box::new(kept) }))
            }
            _ => Ok((said, Worn::Stays)),
        }
    }

    fn delete(&self, name: &str) -> Done {
        let path = self.own(name)?;
        let kept = self.trash(name, path)?;
        let was_worn = matches!(&self.worn.origin, LookOrigin::File(worn) if is_same_path(worn, path));
        let worn = if was_worn { Worn::Deleted } else { Worn::Stays };
        Ok((format!("look {name} deleted; it is kept as {}", kept.display()), worn))
    }

    /// Moves `path` to where it is out of the way, and says where that is.
    fn trash(&self, name: &str, path: &Path) -> Result<PathBuf, LookOrderError> {
        let trash = self.folder()?.join(TRASH);
        let moved = |to: &Path| {
            let to = to.to_owned();
            move |source| LookOrderError::Move { path: path.to_owned(), to, source }
        };
        fs::create_dir_all(&trash).map_err(moved(&trash))?;
        let mut name = name.to_owned();
        loop {
            name = first_free(&name, |name| !trash.join(format!("{name}.toml")).exists());
            let to = trash.join(format!("{name}.toml"));
            // Taken first, so that nothing that is there is overwritten.
            match OpenOptions::new().write(true).create_new(true).open(&to) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
                other => drop(other.map_err(moved(&to))?),
            }
            return match fs::rename(path, &to) {
                Ok(()) => Ok(to),
                Err(error) => {
                    // The look is where it was; what was taken for it is empty.
                    let _ = fs::remove_file(&to);
                    Err(moved(&to)(error))
                }
            };
        }
    }

    fn folder(&self) -> Result<&Path, LookOrderError> {
        self.library.folder().ok_or(LookOrderError::NoFolder)
    }

    /// The file of the user's look `name`.
    fn own(&self, name: &str) -> Result<&Path, LookOrderError> {
        match self.library.file(name) {
            Some(path) => Ok(path),
            None if is_shipped(name) => Err(LookOrderError::Shipped { name: name.to_owned() }),
            None => Err(self.missing(name)),
        }
    }

    fn missing(&self, name: &str) -> LookOrderError {
        let folder = self.library.folder().unwrap_or(Path::new("")).to_owned();
        LookOrderError::Missing { name: name.to_owned(), folder }
    }
}

/// Writes a file that is not there yet.
fn create(name: &str, path: &Path, text: &str) -> Result<(), LookOrderError> {
    write_new(path, 0o644, |file| file.write_all(text.as_bytes())).map_err(|source| match source.kind() {
        ErrorKind::AlreadyExists => LookOrderError::Exists { name: name.to_owned(), path: path.to_owned() },
        _ => LookError::Write { path: path.to_owned(), source }.into(),
    })
}

fn is_same_file(a: &Path, b: &Path) -> bool {
    a.canonicalize().is_ok_and(|a| b.canonicalize().is_ok_and(|b| a == b))
}

/// Whether both name one file, which need not be there any more.
fn is_same_path(a: &Path, b: &Path) -> bool {
    let full = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    full(a) == full(b)
}

#[cfg(test)]
mod tests;
