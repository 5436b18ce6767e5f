//! Which names a look's file may have: the same on every system, so that a folder can be carried from one to another.

use std::path::{Path, PathBuf};

use super::LookOrderError;

/// Bytes; leaves room for the extension and a number.
const LONGEST: usize = 100;

/// The file of a look called `name` in `folder`.
///
/// # Errors
/// [`LookOrderError::Name`] says what is wrong with the name.
pub(super) fn file_of(folder: &Path, name: &str) -> Result<PathBuf, LookOrderError> {
    let refused = |reason| Err(LookOrderError::Name { name: name.to_owned(), reason });
    if name.is_empty() {
        return refused("it is empty");
    }
    if name.len() > LONGEST {
        return refused("it is longer than 100 letters");
    }
    if name.chars().any(|letter| letter.is_control() || r#"/\:*?"<>|"#.contains(letter)) {
        return refused(r#"a file's name has none of / \ : * ? " < > |"#);
    }
    if name.starts_with('.') || name.ends_with('.') || name.trim() != name {
        return refused("it begins or ends with a dot or a space");
    }
    let stem = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let port = |prefix| stem.strip_prefix(prefix).is_some_and(|rest: &str| rest.len() == 1 && rest != "0");
    if ["con", "prn", "aux", "nul"].contains(&stem.as_str()) || port("com") || port("lpt") {
        return refused("some systems keep it for a device");
    }
    Ok(folder.join(format!("{name}.toml")))
}

/// The first of "NAME", "NAME 2", "NAME 3" … that `is_free`.
pub(super) fn first_free(name: &str, is_free: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|number| format!("{name} {number}"));
    std::iter::once(name.to_owned()).chain(numbered).find(|name| is_free(name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_in_the_folder_and_are_files_everywhere() {
        let folder = Path::new("/looks");
        for good in ["Moss and gold", "größer", "v2.1", "console", "日本", "com"] {
            assert_eq!(file_of(folder, good).expect(good), folder.join(format!("{good}.toml")));
        }
        let long = "a".repeat(101);
        for bad in ["", "..", "../x", "a/b", "a\\b", "c:x", ".trash", "x.", " x", "x\n", "NUL", "com1", &long]
        {
            let error = file_of(folder, bad).expect_err(bad).to_string();
            assert!(error.contains("is no name for a look"), "{error}");
        }
    }

    #[test]
    fn a_free_name_is_numbered() {
        let taken = ["a", "a 2"];
        assert_eq!(first_free("a", |name| !taken.contains(&name)), "a 3");
        assert_eq!(first_free("b", |name| !taken.contains(&name)), "b");
    }
}
