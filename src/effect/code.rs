//! Makes the code of a file ready to stand in one shader with others: names are prefixed, loops are guarded.

use std::collections::HashSet;
use std::ops::Range;

use super::lexer::{Kind, Token};

/// A piece of the result that takes the place of `range` in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit {
    pub range: Range<usize>,
    pub with: With,
}

/// What takes the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum With {
    /// The prefix, before a name.
    Prefix,
    /// Text that guards a loop.
    Text(String),
}

/// Where names of `renamed` stand as names: not members, not attributes.
pub(super) fn prefixed(source: &str, tokens: &[Token], renamed: &HashSet<String>) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut members = Members::default();
    for (at, token) in tokens.iter().enumerate() {
        let text = token.text(source);
        let near = |offset: usize| tokens.get(offset).map_or("", |token| token.text(source));
        let before = at.checked_sub(1).map_or("", near);
        let is_member = members.step(text, near(at + 1));
        let address_space = before == "<" && at.checked_sub(2).map_or("", near) == "var";
        if token.kind == Kind::Name
            && !is_member
            && !address_space
            && !matches!(before, "." | "@")
            && renamed.contains(text)
        {
            edits.push(Edit { range: token.range.start..token.range.start, with: With::Prefix });
        }
    }
    edits
}

/// Follows whether a name is declared as the member of a struct.
#[derive(Default)]
struct Members {
    announced: bool,
    depth: usize,
}

impl Members {
    /// Goes on to the token `text`; true where it is such a name.
    fn step(&mut self, text: &str, next: &str) -> bool {
        match text {
            "struct" => self.announced = true,
            "{" if self.announced => {
                self.announced = false;
                self.depth = 1;
            }
            "}" => self.depth = 0,
            _ => return self.depth > 0 && next == ":",
        }
        false
    }
}

/// `source` from `start` on with `edits`, which are in order, and what it was before each piece: pairs of a byte
/// of the result and a byte of the source, both growing.
pub(super) fn apply(
    source: &str,
    start: usize,
    edits: &[Edit],
    prefix: &str,
) -> (String, Vec<(usize, usize)>) {
    // Lines keep their numbers: what is left out before `start` leaves its line breaks.
    let mut result: String = source[..start].chars().filter(|c| *c == '\n').collect();
    let mut origins = vec![(0, 0), (result.len(), start)];
    let mut at = start;
    for edit in edits {
        result.push_str(&source[at..edit.range.start]);
        origins.push((result.len(), edit.range.start));
        match &edit.with {
            With::Prefix => result.push_str(prefix),
            With::Text(text) => result.push_str(text),
        }
        at = edit.range.end;
        origins.push((result.len(), at));
    }
    result.push_str(&source[at..]);
    (result, origins)
}

#[cfg(test)]
mod tests {
    use super::super::lexer::tokens;
    use super::*;

    fn renamed(source: &str, names: &[&str]) -> String {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        let tokens = tokens(source, 0).expect("tokens");
        apply(source, 0, &prefixed(source, &tokens, &names), "e3_").0
    }

    #[test]
    fn names_are_prefixed_and_members_are_not() {
        let source = "struct Dot { size: f32, @align(16) tint: vec4<f32> } // size\n\
             fn effect(uv: vec2<f32>) -> vec4<f32> { var d = Dot(size, tint); d.size = size; return d . tint; }";
        let wanted = "struct e3_Dot { size: f32, @align(16) tint: vec4<f32> } // size\n\
             fn e3_effect(uv: vec2<f32>) -> vec4<f32> { var d = e3_Dot(e3_size, e3_tint); d.size = e3_size; \
             return d . tint; }";
        assert_eq!(renamed(source, &["Dot", "size", "tint", "effect", "align"]), wanted);
    }

    #[test]
    fn a_local_that_hides_a_name_keeps_hiding_it() {
        let source = "fn a() { let amount = amount * 2.0; b(amount); }";
        assert_eq!(
            renamed(source, &["amount", "a"]),
            "fn e3_a() { let e3_amount = e3_amount * 2.0; b(e3_amount); }"
        );
        assert_eq!(renamed("var<private> private: i32;", &["private"]), "var<private> e3_private: i32;");
    }
}
