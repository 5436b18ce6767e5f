//! Makes the code of a file ready to stand in one shader with others: names are prefixed, loops are guarded.

use std::collections::HashSet;

use super::lexer::Tokens;

/// Something that is put in before the byte `at` of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edit {
    pub at: usize,
    pub with: With,
}

/// What is put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum With {
    /// The prefix, before a name.
    Prefix,
    /// What guards a loop.
    Text(&'static str),
}

/// Where names of `renamed` stand as names: not members, not attributes.
pub(super) fn prefixed(tokens: &Tokens<'_>, renamed: &HashSet<String>) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut members = Members::default();
    for at in 0..tokens.len() {
        let text = tokens.text(at);
        let before = tokens.before(at);
        let is_member = members.step(text, tokens.text(at + 1));
        let address_space = before == "<" && at > 1 && tokens.text(at - 2) == "var";
        if tokens.is_name(at)
            && !is_member
            && !address_space
            && !matches!(before, "." | "@")
            && renamed.contains(text)
        {
            edits.push(Edit { at: tokens.start(at), with: With::Prefix });
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

/// A file's code as it stands in a shader, and where its parts come from.
pub(super) struct Written {
    pub code: String,
    /// From which byte of the code on it is that of the source from which byte on; both grow.
    origins: Vec<(usize, usize)>,
}

impl Written {
    /// `source` from the byte `start` on with `edits`, which are in order. Lines keep their numbers.
    pub(super) fn new(source: &str, start: usize, edits: &[Edit], prefix: &str) -> Self {
        let mut code: String = source[..start].chars().filter(|c| *c == '\n').collect();
        let mut origins = vec![(code.len(), start)];
        let mut from = start;
        for edit in edits {
            code.push_str(&source[from..edit.at]);
            match &edit.with {
                With::Prefix => code.push_str(prefix),
                With::Text(text) => code.push_str(text),
            }
            from = edit.at;
            origins.push((code.len(), from));
        }
        code.push_str(&source[from..]);
        Self { code, origins }
    }

    /// The byte of the source that the byte `at` of the code was made of.
    pub(super) fn origin(&self, at: usize) -> usize {
        let next = self.origins.partition_point(|(code, _)| *code <= at);
        let (code, source) = self.origins[next.saturating_sub(1)];
        let limit = self.origins.get(next).map_or(usize::MAX, |(_, source)| *source);
        // What was put in comes from the place where it was put in.
        (source + at.saturating_sub(code)).min(limit)
    }
}

#[cfg(test)]
mod tests {
    use super::super::lexer::tokens;
    use super::*;

    fn renamed(source: &str, names: &[&str]) -> String {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        let tokens = tokens(source, 0).expect("tokens");
        Written::new(source, 0, &prefixed(&tokens, &names), "e3_").code
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

    #[test]
    fn every_byte_of_the_code_has_its_origin() {
        let source = "/*{}*/\nfn a() { a(); b(); }";
        let tokens = tokens(source, 6).expect("tokens");
        let written = Written::new(source, 6, &prefixed(&tokens, &["a".to_owned()].into()), "e3_");
        assert_eq!(written.code, "\nfn e3_a() { e3_a(); b(); }");
        for (word, nth) in [("a()", 0), ("a()", 1), ("b()", 0), ("; }", 0), ("fn", 0)] {
            let find = |text: &str| text.match_indices(word).nth(nth).expect(word).0;
            assert_eq!(written.origin(find(&written.code)), find(source), "{word}");
        }
        assert_eq!(
            written.origin(written.code.find("e3_").expect("a prefix")),
            source.find("a()").expect("a")
        );
    }
}
