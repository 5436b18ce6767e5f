//! What an effect's code tells about how it is drawn best. In doubt the answer is the one that is always right.

use std::collections::HashMap;
use std::ops::Range;

use super::plan::{PEOPLE, WHOLE_STACK};
use crate::effect::Effect;

/// All regions, and people.
const ALL: u8 = (1 << NAMES.len()) - 1;
/// What the names of an effect begin with here.
const PREFIX: &str = "x_";
/// Turns that a loop is taken for.
const TURNS: usize = 8;
/// More looks than any effect needs.
const MOST: usize = 1 << 20;

/// How an effect looks at what lies below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Looks {
    /// Only where it draws: what is there is known already.
    InPlace,
    /// About so often for each pixel, anywhere.
    Elsewhere(usize),
}

/// How `effect` looks at what lies below it.
pub(super) fn looks(effect: &Effect) -> Looks {
    let code = Code::new(&effect.code(PREFIX));
    if code.is_in_place() { Looks::InPlace } else { Looks::Elsewhere(code.weight("x_effect", 0)) }
}

/// Names of regions in effects, in the order of the bits.
pub(super) const NAMES: [&str; 7] =
    ["BACKGROUND", "HAIR", "BODY_SKIN", "FACE_SKIN", "CLOTHES", "ACCESSORIES", "PEOPLE"];

/// Which edges an effect asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Edges {
    /// One bit for each region.
    pub(super) regions: u8,
    /// Inputs whose values say of which region.
    pub(super) inputs: Vec<usize>,
}

/// Which edges `effect` asks for, in the stack of a region or in the one over the whole picture.
pub(super) fn edges(effect: &Effect, stack: usize) -> Edges {
    let mut edges = Edges::default();
    if !effect.uses().edge_distance {
        return edges;
    }
    let own = 1 << if stack == WHOLE_STACK { PEOPLE } else { stack };
    let code = Code::new(&effect.code(PREFIX));
    for (at, word) in code.words.iter().enumerate() {
        edges.regions |= match word.as_str() {
            "x_edge_distance" => own,
            "edge_distance_of" => match code.word(at + 2) {
                "x_REGION" => own,
                name if code.word(at + 3) == "," => {
                    let key = name.strip_prefix(PREFIX).unwrap_or_default();
                    let input = effect.inputs().iter().position(|input| input.field.key == key);
                    edges.inputs.extend(input);
                    match NAMES.iter().position(|known| *known == name) {
                        Some(bit) => 1 << bit,
                        None if input.is_some() => 0,
                        None => ALL,
                    }
                }
                // Which one is known only when it is drawn.
                _ => ALL,
            },
            _ => 0,
        };
    }
    edges
}

/// Code as names, numbers and single signs, without comments.
struct Code {
    words: Vec<String>,
    /// The body of each function.
    functions: HashMap<String, Range<usize>>,
}

impl Code {
    fn new(code: &str) -> Self {
        let words = words(code);
        let mut functions = HashMap::new();
        for at in (0..words.len()).filter(|at| words[*at] == "fn") {
            let Some(name) = words.get(at + 1) else { continue };
            let Some(open) = (at..words.len()).find(|at| words[*at] == "{") else { continue };
            functions.insert(name.clone(), open..block_end(&words, open));
        }
        Self { words, functions }
    }

    fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", String::as_str)
    }

    /// Whether `below` is only called with the place that `effect` draws.
    fn is_in_place(&self) -> bool {
        let Some(body) = self.functions.get("x_effect") else { return false };
        let Some(head) = (0..body.start).rev().find(|at| self.word(*at) == "fn") else { return false };
        let place_is_uv = self.word(head + 3) == "uv";
        let is_hidden = (0..self.words.len())
            .any(|at| matches!(self.word(at), "let" | "var") && self.word(at + 1) == "uv");
        let calls = (0..self.words.len()).filter(|at| self.word(*at) == "x_below");
        place_is_uv
            && !is_hidden
            && calls.into_iter().all(|at| {
                body.contains(&at)
                    && [self.word(at + 1), self.word(at + 2), self.word(at + 3)] == ["(", "uv", ")"]
            })
    }

    /// How often `function` looks at what lies below, by its calls and loops; `depth` calls from the entry.
    fn weight(&self, function: &str, depth: usize) -> usize {
        // Functions cannot call themselves, but a file that does is not what is to be found out here.
        let Some(body) = self.functions.get(function).filter(|_| depth < 16) else { return 0 };
        let mut weight: usize = 0;
        let mut loops: Vec<usize> = Vec::new();
        for at in body.clone() {
            loops.retain(|end| *end > at);
            match self.word(at) {
                "for" | "while" | "loop" => {
                    if let Some(open) = (at..body.end).find(|at| self.word(*at) == "{") {
                        loops.push(block_end(&self.words, open));
                    }
                }
                name if self.word(at + 1) == "(" => {
                    let once = if name == "x_below" { 1 } else { self.weight(name, depth + 1) };
                    let turns = TURNS.saturating_pow(loops.len() as u32);
                    weight = weight.saturating_add(once.saturating_mul(turns)).min(MOST);
                }
                _ => {}
            }
        }
        weight
    }
}

/// Where the block that opens at `open` ends.
fn block_end(words: &[String], open: usize) -> usize {
    let mut depth = 0;
    for (at, word) in words.iter().enumerate().skip(open) {
        match word.as_str() {
            "{" => depth += 1,
            "}" if depth == 1 => return at,
            "}" => depth -= 1,
            _ => {}
        }
    }
    words.len()
}

fn words(code: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let is_name = |c: char| c.is_alphanumeric() || c == '_';
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            comment(rest)
        } else if is_name(first) {
            let length = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
            words.push(rest[..length].to_owned());
            length
        } else {
            if !first.is_whitespace() {
                words.push(first.to_string());
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    words
}

/// Bytes of the comment that `text` begins with; comments may hold comments.
fn comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effect(code: &str) -> Effect {
        Effect::parse("read", &format!("/*{{}}*/\n{code}")).expect("an effect")
    }

    fn drawn(body: &str) -> Effect {
        effect(&format!("fn effect(uv: vec2<f32>) -> vec4<f32> {{ {body}\n}}"))
    }

    #[test]
    fn what_looks_elsewhere_is_told_from_what_does_not() {
        assert_eq!(looks(&drawn("let c = below( uv ); return c; // below(vec2(0.0))\n")), Looks::InPlace);
        assert_eq!(looks(&drawn("return vec4(1.0);")), Looks::InPlace);
        assert_eq!(looks(&drawn("return below(uv * 2.0);")), Looks::Elsewhere(1));
        assert_eq!(looks(&drawn("{ let uv = vec2(0.5); return below(uv); }")), Looks::Elsewhere(1));
        let help = "fn help(uv: vec2<f32>) -> vec4<f32> { return below(uv) + below(uv + 0.1); }\n";
        let code = format!("{help}fn effect(uv: vec2<f32>) -> vec4<f32> {{ return help(uv) + help(-uv); }}");
        assert_eq!(looks(&effect(&code)), Looks::Elsewhere(4));
        let looped = "var c = below(uv); for (var i = 0; i < 3; i++) { c += below(uv * f32(i)); } return c;";
        assert_eq!(looks(&drawn(looped)), Looks::Elsewhere(9));
    }

    #[test]
    fn only_edges_that_are_asked_for_are_made() {
        let asked = |body: &str, stack| edges(&drawn(body), stack).regions;
        assert_eq!(asked("return below(uv);", 1), 0);
        assert_eq!(asked("return vec4(edge_distance(uv));", 1), 0b10);
        assert_eq!(asked("return vec4(edge_distance(uv));", WHOLE_STACK), 1 << PEOPLE);
        assert_eq!(asked("return vec4(edge_distance_of( FACE_SKIN, uv));", 1), 0b1000);
        assert_eq!(asked("return vec4(edge_distance_of(REGION, uv));", 4), 0b10000);
        assert_eq!(asked("return vec4(edge_distance_of(HAIR + 1, uv));", 4), 0x7f);
        assert_eq!(asked("var i = 1; return vec4(edge_distance_of(i, uv));", 4), 0x7f);
        let chosen = r#"/*{ "INPUTS": [{ "NAME": "size", "TYPE": "float" },
            { "NAME": "who", "TYPE": "long", "VALUES": [-1, 1], "LABELS": ["People", "Hair"] }] }*/
            fn effect(uv: vec2<f32>) -> vec4<f32> { return vec4(edge_distance_of(who, uv) * size); }"#;
        let chosen = Effect::parse("chosen", chosen).expect("an effect");
        assert_eq!(edges(&chosen, 1), Edges { regions: 0, inputs: vec![1] });
    }
}
