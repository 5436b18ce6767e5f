//! Why a parameter cannot be set.

use super::Kind;

/// A path that leads nowhere, or a value that does not fit.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ParameterError {
    /// No parameter has this path.
    #[error(
        "there is no parameter \"{path}\"; the nearest is {nearest}, {kind}; masque parameters lists them all"
    )]
    Unknown {
        /// What was asked for.
        path: String,
        /// The path that looks most like it.
        nearest: String,
        /// What that one takes.
        kind: Kind,
    },
    /// The value is of another kind, or out of range.
    #[error("{path} is {kind}, not \"{value}\"")]
    Value {
        /// The parameter.
        path: String,
        /// What it takes.
        kind: Kind,
        /// What it was given.
        value: String,
    },
    /// There is no such texture.
    #[error("{path} is {kind}, and \"{value}\" is not there; there are {known}")]
    Texture {
        /// The parameter.
        path: String,
        /// What it takes.
        kind: Kind,
        /// What it was given.
        value: String,
        /// Names of all textures that it takes.
        known: String,
    },
}

/// The one of `known` that differs least from `wanted`; none of none.
pub fn nearest<T: AsRef<str>>(wanted: &str, known: impl IntoIterator<Item = T>) -> Option<T> {
    known.into_iter().min_by_key(|known| strsim::damerau_levenshtein(wanted, known.as_ref()))
}
