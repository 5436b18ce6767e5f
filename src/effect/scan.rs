//! What a file declares, and what it must not hold. Whether it is WGSL at all is for naga to say.

use super::error::Fault;
use super::lexer::Tokens;
use super::names;

/// Most names that a file declares outside of its functions: naga follows what needs what one call deeper each.
const MOST_DECLARATIONS: usize = 512;
/// Most signs that may be calculated with between two commas: naga and drivers go one call deeper for each.
const MOST_SIGNS: usize = 512;
/// Most brackets in brackets.
const DEEPEST: usize = 64;
/// Most `else if` in a row.
const MOST_ELSE_IF: usize = 64;
/// Most words and signs of a file.
const MOST_TOKENS: usize = 200_000;

/// A name that is declared outside of functions and structs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Declaration<'a> {
    pub name: &'a str,
    /// Which token it is.
    pub at: usize,
    /// Whether it is a function.
    pub is_function: bool,
}

/// Everything that the file declares outside of functions.
///
/// # Errors
/// What only a host may declare, a name that is taken, two declarations of one name, `effect` that is missing.
pub(super) fn declarations<'a>(tokens: &Tokens<'a>, given: &[&str]) -> Result<Vec<Declaration<'a>>, Fault> {
    let mut found: Vec<Declaration<'_>> = Vec::new();
    let mut depth = 0_usize;
    for at in 0..tokens.len() {
        let word = tokens.text(at);
        match word {
            "{" => depth += 1,
            "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > 0 {
            continue;
        }
        let name = match word {
            "fn" | "struct" | "const" | "alias" => at + 1,
            "var" => variable(tokens, at)?,
            "override" => {
                return Err(Fault::new(
                    tokens.start(at),
                    "there are no overrides in an effect: use an input",
                ));
            }
            "enable" | "requires" | "diagnostic" if tokens.before(at) != "@" => {
                return Err(Fault::new(tokens.start(at), format!("{word} does not stand in an effect")));
            }
            _ => continue,
        };
        if !tokens.is_name(name) {
            // naga says it better.
            continue;
        }
        let declaration = Declaration { name: tokens.text(name), at: name, is_function: word == "fn" };
        let fault = |message: String| Err(Fault::new(tokens.start(name), message));
        if given.contains(&declaration.name) {
            return fault(format!("\"{}\" is an input or a target already", declaration.name));
        }
        if names::is_given(declaration.name) {
            return fault(format!(
                "every effect can use \"{}\" already; call yours otherwise",
                declaration.name
            ));
        }
        if found.iter().any(|known| known.name == declaration.name) {
            return fault(format!("\"{}\" is declared twice", declaration.name));
        }
        if found.len() == MOST_DECLARATIONS {
            return fault(format!(
                "an effect declares at most {MOST_DECLARATIONS} names outside of functions"
            ));
        }
        found.push(declaration);
    }
    if !found.iter().any(|known| known.is_function && known.name == "effect") {
        let message =
            "the function effect is missing: fn effect(uv: vec2<f32>) -> vec4<f32> { return below(uv); }";
        return Err(Fault::new(tokens.source.len(), message));
    }
    Ok(found)
}

/// The token of the variable's name whose `var` is the token `at`.
fn variable(tokens: &Tokens<'_>, at: usize) -> Result<usize, Fault> {
    if tokens.text(at + 1) == "<" && tokens.text(at + 2) == "private" && tokens.text(at + 3) == ">" {
        return Ok(at + 4);
    }
    let message =
        "outside of functions there is only var<private>: textures and buffers are the host's, use inputs";
    Err(Fault::new(tokens.start(at), message))
}

/// Refuses what harms the host, or takes its checks too long. `values` are the names that the host sets.
///
/// # Errors
/// Where it stands and what to use instead.
pub(super) fn refuse(tokens: &Tokens<'_>, values: &[&str]) -> Result<(), Fault> {
    let fault = |at: usize, message: String| Err(Fault::new(tokens.start(at), message));
    if tokens.len() > MOST_TOKENS {
        return fault(MOST_TOKENS, format!("an effect has at most {MOST_TOKENS} words and signs"));
    }
    let locals = locals(tokens, values);
    let mut complexity = Complexity::default();
    for at in 0..tokens.len() {
        let word = tokens.text(at);
        if let Some(message) = complexity.step(tokens, at) {
            return fault(at, message);
        }
        if tokens.before(at) == "@" {
            if matches!(word, "group" | "binding") {
                return fault(at, "textures and buffers are the host's: use inputs and targets".into());
            }
            if matches!(word, "vertex" | "fragment" | "compute" | "workgroup_size") {
                return fault(at, "an effect has no entry point: the host calls effect".into());
            }
        }
        if !tokens.is_name(at) || tokens.before(at) == "." {
            continue;
        }
        if word.starts_with(names::HOST_PREFIX) {
            return fault(at, format!("names that begin with {} are Masque's own", names::HOST_PREFIX));
        }
        if word == "discard" {
            return fault(
                at,
                "discard would leave a hole: return vec4(0.0), and the camera's picture is seen".into(),
            );
        }
        if word.starts_with("texture")
            && tokens.text(at + 1) == "("
            && word[7..].starts_with(char::is_uppercase)
        {
            let message =
                format!("{word} has nothing to read: call below(uv), camera(uv), a target or an image");
            return fault(at, message);
        }
        if ["dpdx", "dpdy", "fwidth"].iter().any(|known| word.starts_with(known))
            && tokens.text(at + 1) == "("
        {
            return fault(at, format!("{word} is not known here: a pixel is 1.0 / RENDERSIZE wide in uv"));
        }
        if values.contains(&word) && !locals.contains(&word) && is_changed(tokens, at) {
            return fault(at, format!("\"{word}\" is set by the host: keep your own in a var"));
        }
    }
    Ok(())
}

/// Those of `values` that the file uses for something of its own in some function, too.
fn locals<'a>(tokens: &Tokens<'_>, values: &[&'a str]) -> Vec<&'a str> {
    let declares =
        |at: usize| matches!(tokens.before(at), "let" | "var" | "const") || tokens.text(at + 1) == ":";
    let declared = |name: &str| (0..tokens.len()).any(|at| tokens.text(at) == name && declares(at));
    values.iter().copied().filter(|name| declared(name)).collect()
}

/// Whether the variable that is the token `at` gets another value there, or may get one.
pub(super) fn is_changed(tokens: &Tokens<'_>, at: usize) -> bool {
    if tokens.before(at) == "&" && (at < 2 || !is_operand(tokens, at - 2)) {
        return true;
    }
    let mut next = at + 1;
    // A component of it: `color.r = 1.0`.
    while tokens.text(next) == "." {
        next += 2;
    }
    let signs = ["=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", "++", "--"];
    let shifted =
        [">", ">", "="].iter().enumerate().all(|(offset, sign)| tokens.text(next + offset) == *sign);
    signs.contains(&tokens.text(next)) || shifted
}

/// Whether the token `at` ends something that can be calculated with.
fn is_operand(tokens: &Tokens<'_>, at: usize) -> bool {
    let text = tokens.text(at);
    matches!(text, ")" | "]") || text.starts_with(|c: char| c == '_' || c.is_alphanumeric())
}

/// How deep an expression or a block is.
#[derive(Default)]
struct Complexity {
    /// Signs before each open bracket.
    open: Vec<usize>,
    signs: usize,
    else_if: usize,
}

impl Complexity {
    /// Goes on to the token `at`; gives what is too much.
    fn step(&mut self, tokens: &Tokens<'_>, at: usize) -> Option<String> {
        match tokens.text(at) {
            "(" | "[" | "{" => {
                self.open.push(self.signs);
                if self.open.len() > DEEPEST {
                    return Some(format!("this is nested more than {DEEPEST} deep"));
                }
                if tokens.text(at) == "{" {
                    self.signs = 0;
                }
            }
            ")" | "]" => drop(self.open.pop()),
            "}" => self.signs = self.open.pop().unwrap_or_default(),
            "," => self.signs = self.open.last().copied().unwrap_or_default(),
            ";" => self.signs = 0,
            "if" if tokens.before(at) == "else" => self.else_if += 1,
            "if" => self.else_if = 0,
            "fn" => *self = Self::default(),
            text if !tokens.is_name(at) && text.starts_with(|c: char| "+-*/%&|^<>=!~.".contains(c)) => {
                self.signs += 1;
            }
            _ => {}
        }
        if self.signs > MOST_SIGNS {
            return Some(format!("more than {MOST_SIGNS} signs in one expression: take it apart"));
        }
        (self.else_if > MOST_ELSE_IF)
            .then(|| format!("more than {MOST_ELSE_IF} else if in a row: use switch"))
    }
}
