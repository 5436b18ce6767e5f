//! Errors as one sentence.

use std::error::Error;

/// An error with the reasons behind it: `cannot do this: because of that`. A reason that the sentence
/// before already tells is not told again.
pub fn describe(error: &dyn Error) -> String {
    let mut sentence = error.to_string();
    let mut reason = error.source();
    while let Some(error) = reason {
        let text = error.to_string();
        if !sentence.contains(&text) {
            sentence.push_str(": ");
            sentence.push_str(&text);
        }
        reason = error.source();
    }
    sentence
}
