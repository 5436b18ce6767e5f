//! WGSL as tokens: enough to know names from comments, numbers and signs. Source: W3C, WebGPU Shading Language,
//! section 3.

use std::ops::Range;

use super::error::Fault;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A name or a keyword.
    Name,
    /// A number.
    Number,
    /// Anything else: one sign, or several that belong together as `+=`.
    Sign,
}

/// A token and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Token {
    kind: Kind,
    range: Range<usize>,
}

/// All tokens of a source. What is asked for beyond them is empty.
#[derive(Debug)]
pub(super) struct Tokens<'a> {
    pub source: &'a str,
    list: Vec<Token>,
}

impl<'a> Tokens<'a> {
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn text(&self, at: usize) -> &'a str {
        self.list.get(at).map_or("", |token| self.source.get(token.range.clone()).unwrap_or_default())
    }

    /// The text of the token before.
    pub(super) fn before(&self, at: usize) -> &'a str {
        at.checked_sub(1).map_or("", |at| self.text(at))
    }

    pub(super) fn is_name(&self, at: usize) -> bool {
        self.list.get(at).is_some_and(|token| token.kind == Kind::Name)
    }

    /// Where it stands in the source.
    pub(super) fn range(&self, at: usize) -> Range<usize> {
        self.list.get(at).map_or(self.source.len()..self.source.len(), |token| token.range.clone())
    }

    /// Where it begins in the source.
    pub(super) fn start(&self, at: usize) -> usize {
        self.range(at).start
    }
}

/// Signs of more than one character, the longest first. `>>` and `>=` are left apart, since they may close
/// templates; `<<` and `<=` can do no harm.
const LONG_SIGNS: &[&str] = &[
    "<<=", "->", "++", "--", "&&", "||", "==", "!=", "<=", "<<", "+=", "-=", "*=", "/=", "%=", "&=", "|=",
    "^=",
];

/// The first comment of `source`, without its signs, where nothing but blanks stands before it.
pub(super) fn first_comment(source: &str) -> Option<Range<usize>> {
    let start =
        source.len() - source.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}').len();
    source[start..].starts_with("/*").then_some(())?;
    let end = end_of_comment(source.as_bytes(), start)?;
    Some(start + 2..end - 2)
}

/// All tokens of `source` from the byte `start` on; comments are left out.
///
/// # Errors
/// A comment without an end, or a character that WGSL does not know.
pub(super) fn tokens(source: &str, start: usize) -> Result<Tokens<'_>, Fault> {
    let bytes = source.as_bytes();
    let mut tokens = Vec::new();
    let mut at = start;
    while let Some(byte) = bytes.get(at).copied() {
        let rest = source.get(at..).unwrap_or_default();
        let from = at;
        let first = rest.chars().next().unwrap_or(' ');
        if first.is_whitespace() || first == '\u{feff}' {
            at += first.len_utf8();
            continue;
        }
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
            continue;
        }
        if rest.starts_with("/*") {
            at = end_of_comment(bytes, at)
                .ok_or_else(|| Fault::new(from, "this comment has no end: */ is missing"))?;
            continue;
        }
        let digit_next = bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        let kind = if first == '_' || first.is_alphabetic() {
            at += length(rest, |c| c == '_' || c.is_alphanumeric());
            Kind::Name
        } else if byte.is_ascii_digit() || (byte == b'.' && digit_next) {
            at += number(rest);
            Kind::Number
        } else if let Some(sign) = LONG_SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            at += sign.len();
            Kind::Sign
        } else if first.is_ascii_punctuation() && !matches!(first, '"' | '\'' | '`' | '#' | '$' | '\\' | '?')
        {
            at += 1;
            Kind::Sign
        } else {
            return Err(Fault::new(at, format!("{first:?} means nothing in WGSL")));
        };
        tokens.push(Token { kind, range: from..at });
    }
    Ok(Tokens { source, list: tokens })
}

fn length(text: &str, mut part: impl FnMut(char) -> bool) -> usize {
    text.find(|c| !part(c)).unwrap_or(text.len())
}

/// Bytes of the number at the beginning of `text`, its suffix included.
fn number(text: &str) -> usize {
    let hexadecimal = text.starts_with("0x") || text.starts_with("0X");
    let mut before = ' ';
    length(text, |c| {
        let exponent = if hexadecimal { matches!(before, 'p' | 'P') } else { matches!(before, 'e' | 'E') };
        let more = c.is_ascii_alphanumeric() || c == '.' || (exponent && matches!(c, '+' | '-'));
        // Two dots are no number, and a dot before a name is a member's.
        before = c;
        more
    })
}

/// The byte behind the block comment that begins at `start`; comments may stand in comments.
fn end_of_comment(bytes: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = start;
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"/*" => depth += 1,
            b"*/" => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<&str> {
        let tokens = tokens(source, 0).expect("tokens");
        (0..tokens.len()).map(|at| tokens.text(at)).collect()
    }

    #[test]
    fn names_numbers_signs_and_comments_are_told_apart() {
        assert_eq!(texts("a.b+=1.0e-3f; // c\nd"), ["a", ".", "b", "+=", "1.0e-3f", ";", "d"]);
        assert_eq!(texts("/* a /* b */ c */ d-.5 /**/ e"), ["d", "-", ".5", "e"]);
        assert_eq!(texts("0x1Fu 0x1p-2 1u-2"), ["0x1Fu", "0x1p-2", "1u", "-", "2"]);
        assert_eq!(
            texts("vec2<vec2<f32>>(höhe)"),
            ["vec2", "<", "vec2", "<", "f32", ">", ">", "(", "höhe", ")"]
        );
        assert_eq!(texts("//"), Vec::<&str>::new());
    }

    #[test]
    fn what_is_no_wgsl_is_refused_where_it_stands() {
        assert_eq!(tokens("a \" b", 0).expect_err("a quote").at, 2);
        let open = tokens("a /* b /* c */", 0).expect_err("no end");
        assert_eq!(open.at, 2);
        assert!(open.message.contains("*/"), "{}", open.message);
        assert!(tokens("a \u{0}", 0).is_err());
    }

    #[test]
    fn the_first_comment_is_found_before_all_else() {
        let source = "\u{feff}\n /*{ /* x */ }*/ fn";
        let range = first_comment(source).expect("a comment");
        assert_eq!(&source[range], "{ /* x */ }");
        for none in ["fn a() {} /*{}*/", "", "/*", "/*/", "// x\n/*{}*/"] {
            assert_eq!(first_comment(none), None, "{none}");
        }
    }
}
