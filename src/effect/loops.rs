//! Makes loops end: those that cannot are refused, those that may run long share a budget.

use std::collections::HashMap;

use super::code::{Edit, With};
use super::error::Fault;
use super::lexer::Tokens;
use super::scan::is_changed;

/// Turns of all loops of a function together, each time that it is called; then they stop.
const BUDGET: i64 = 4096;
/// At the beginning of a function with loops.
const BEGIN: &str = " var masque_turns = 4096;";
/// At the beginning of a loop.
const TURN: &str = " masque_turns -= 1; if masque_turns < 0 { break; }";

/// What an open brace belongs to.
enum Block {
    /// A function's body; whether its beginning was edited.
    Function {
        body: usize,
        guarded: bool,
    },
    Loop(Loop),
    Switch,
    Other,
}

struct Loop {
    /// Its first token.
    at: usize,
    /// Nothing in its head ends it.
    endless: bool,
    /// Something in it leaves it.
    left: bool,
    /// How often it and the counted ones around it turn, where that is known.
    turns: Option<i64>,
}

/// What is to be put in so that all loops end.
///
/// # Errors
/// A loop without an end.
pub(super) fn guards(tokens: &Tokens<'_>) -> Result<Vec<Edit>, Fault> {
    let constants = constants(tokens);
    let mut edits = Vec::new();
    let mut blocks: Vec<Block> = Vec::new();
    let mut next: Option<Block> = None;
    for at in 0..tokens.len() {
        match tokens.text(at) {
            "fn" => next = Some(Block::Function { body: 0, guarded: false }),
            "switch" => next = Some(Block::Switch),
            "loop" => next = Some(Block::Loop(Loop { at, endless: true, left: false, turns: None })),
            "while" => {
                let endless = is_true(tokens, at + 1, "{");
                next = Some(Block::Loop(Loop { at, endless, left: false, turns: None }));
            }
            "for" => next = Some(Block::Loop(head(tokens, at, &constants))),
            "{" => {
                let mut block = next.take().unwrap_or(Block::Other);
                match &mut block {
                    Block::Function { body, .. } => *body = at,
                    Block::Loop(inner) => begin(tokens, at, inner, &mut blocks, &mut edits),
                    Block::Switch | Block::Other => {}
                }
                blocks.push(block);
            }
            "break" if tokens.text(at + 1) == "if" => {
                if let Some(inner) = blocks.iter_mut().rev().find_map(as_loop) {
                    inner.left = true;
                }
            }
            "break" => {
                let place =
                    blocks.iter_mut().rev().find(|block| matches!(block, Block::Loop(_) | Block::Switch));
                if let Some(Block::Loop(inner)) = place {
                    inner.left = true;
                }
            }
            "return" => blocks.iter_mut().filter_map(as_loop).for_each(|inner| inner.left = true),
            "}" => {
                if let Some(Block::Loop(inner)) = blocks.pop()
                    && inner.endless
                    && !inner.left
                {
                    let message =
                        "this loop never ends: it needs a break, a return or a condition that changes";
                    return Err(Fault::new(tokens.start(inner.at), message));
                }
            }
            _ => {}
        }
    }
    Ok(edits)
}

fn as_loop(block: &mut Block) -> Option<&mut Loop> {
    match block {
        Block::Loop(inner) => Some(inner),
        _ => None,
    }
}

/// Guards the loop whose body begins at the token `at`, unless it is counted.
fn begin(tokens: &Tokens<'_>, at: usize, inner: &mut Loop, blocks: &mut [Block], edits: &mut Vec<Edit>) {
    let around = blocks.iter_mut().rev().find_map(as_loop).and_then(|outer| outer.turns).unwrap_or(1);
    inner.turns = inner.turns.and_then(|turns| turns.checked_mul(around)).filter(|turns| *turns <= BUDGET);
    if inner.turns.is_some() {
        return;
    }
    for block in blocks {
        if let Block::Function { body, guarded } = block
            && !std::mem::replace(guarded, true)
        {
            edits.push(Edit { at: tokens.range(*body).end, with: With::Text(BEGIN) });
        }
    }
    edits.push(Edit { at: tokens.range(at).end, with: With::Text(TURN) });
}

/// Whether from the token `at` to `end` nothing is asked that could be false.
fn is_true(tokens: &Tokens<'_>, at: usize, end: &str) -> bool {
    let words: Vec<_> =
        (at..tokens.len()).map(|at| tokens.text(at)).take_while(|word| *word != end).collect();
    words.iter().all(|word| matches!(*word, "true" | "(" | ")"))
}

/// The loop whose `for` is the token `at`.
fn head(tokens: &Tokens<'_>, at: usize, constants: &HashMap<&str, i64>) -> Loop {
    let mut depth = 0_usize;
    let mut parts = vec![at + 2];
    let mut end = at + 1;
    while end < tokens.len() {
        match tokens.text(end) {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            ";" if depth == 1 => parts.push(end + 1),
            _ => {}
        }
        if depth == 0 {
            break;
        }
        end += 1;
    }
    let [start, condition, step] = parts[..] else {
        // naga will say what is wrong with it.
        return Loop { at, endless: false, left: true, turns: None };
    };
    let endless = is_true(tokens, condition, ";");
    Loop { at, endless, left: false, turns: turns(tokens, [start, condition, step, end], constants) }
}

/// How often the loop turns, if its head counts up in whole numbers that are known and nothing else changes what
/// is counted: `for (var i = 0; i < 8; i++)`.
fn turns(
    tokens: &Tokens<'_>,
    [start, condition, step, end]: [usize; 4],
    constants: &HashMap<&str, i64>,
) -> Option<i64> {
    let text = |at: usize| tokens.text(at);
    (text(start) == "var").then_some(())?;
    let name = text(start + 1);
    let mut from = start + 2;
    if text(from) == ":" {
        matches!(text(from + 1), "i32" | "u32").then_some(())?;
        from += 2;
    }
    (text(from) == "=").then_some(())?;
    let (first, behind) = number(tokens, from + 1, constants)?;
    (behind + 1 == condition && text(condition) == name).then_some(())?;
    let including = match text(condition + 1) {
        "<" => 0,
        "<=" => 1,
        _ => return None,
    };
    let (last, behind) = number(tokens, condition + 2, constants)?;
    (behind + 1 == step && text(step) == name).then_some(())?;
    let (by, behind) = match text(step + 1) {
        "++" => (1, step + 2),
        "+=" => number(tokens, step + 2, constants)?,
        _ => return None,
    };
    (behind == end && by > 0).then_some(())?;
    let mut depth = 0_usize;
    for at in end + 1..tokens.len() {
        match text(at) {
            "{" => depth += 1,
            "}" if depth <= 1 => break,
            "}" => depth -= 1,
            word if word == name && tokens.before(at) != "." && is_changed(tokens, at) => return None,
            _ => {}
        }
    }
    // No number here has more than 33 bits.
    let turns = (last - first + including).max(0);
    Some((turns + by - 1) / by).filter(|turns| *turns <= BUDGET)
}

/// The whole number or constant at the token `at`, and the token behind it.
fn number(tokens: &Tokens<'_>, at: usize, constants: &HashMap<&str, i64>) -> Option<(i64, usize)> {
    if tokens.text(at) == "-" {
        let (number, behind) = number(tokens, at + 1, constants)?;
        return Some((-number, behind));
    }
    let text = tokens.text(at);
    let plain = text.strip_suffix(['i', 'u']).unwrap_or(text);
    let literal = || plain.parse::<u32>().ok().map(i64::from);
    let value = constants.get(text).copied().or_else(literal)?;
    Some((value, at + 1))
}

/// The constants of the file that are whole numbers and whose names mean nothing else in any function.
fn constants<'a>(tokens: &Tokens<'a>) -> HashMap<&'a str, i64> {
    let mut found = HashMap::new();
    for at in 0..tokens.len() {
        if tokens.text(at) != "const" || !tokens.is_name(at + 1) {
            continue;
        }
        let name = tokens.text(at + 1);
        let from = if tokens.text(at + 2) == ":" { at + 4 } else { at + 2 };
        let value = (tokens.text(from) == "=").then(|| number(tokens, from + 1, &found)).flatten();
        if let Some((value, behind)) = value
            && tokens.text(behind) == ";"
        {
            found.insert(name, value);
        }
    }
    let declared =
        |at: usize| matches!(tokens.before(at), "const" | "let" | "var") || tokens.text(at + 1) == ":";
    let mut times: HashMap<&str, usize> = HashMap::new();
    for at in (0..tokens.len()).filter(|at| declared(*at)) {
        *times.entry(tokens.text(at)).or_default() += 1;
    }
    found.retain(|name, _| times.get(name) == Some(&1));
    found
}

#[cfg(test)]
mod tests {
    use super::super::code::Written;
    use super::super::lexer::tokens;
    use super::*;

    fn guarded(source: &str) -> Result<String, Fault> {
        let mut edits = guards(&tokens(source, 0)?)?;
        edits.sort_by_key(|edit| edit.at);
        Ok(Written::new(source, 0, &edits, "").code)
    }

    #[test]
    fn loops_that_count_to_a_known_number_are_left_alone() {
        for counted in [
            "for (var i = 0; i < 8; i++) { x += f32(i); }",
            "for (var i: i32 = -4; i <= 4; i += 2) { if i == 3 { continue; } }",
            "for (var i = 0u; i < N; i++) { }",
            "for (var y = 0; y < 64; y++) { for (var x = 0; x < 64; x++) { } }",
        ] {
            let source = format!("const N: u32 = 16u; fn a() {{ {counted} }}");
            assert_eq!(guarded(&source).as_ref(), Ok(&source));
        }
    }

    #[test]
    fn all_others_share_a_budget() {
        for open in [
            "for (var i = 0; i < n; i++) @{ }",
            "for (var i = 0; i < 5000; i++) @{ }",
            "for (var i = 0; i < 8; i++) @{ i = 0; }",
            "for (var i = 0; i < 8; i++) @{ change(&i); }",
            "for (var i = 0; i < 8; i += 0) @{ }",
            "for (var i = 8u; i >= 0u; i--) @{ }",
            "for (var i = 0.0; i < 1.0; i += 0.1) @{ }",
            "for (var i = 0; i < M; i++) @{ let M = 4; }",
            "while x < 3.0 @{ }",
            "loop @{ break; }",
            "loop @{ if x > 1.0 { return; } continuing { x += 1.0; } }",
            "loop @{ x += 1.0; continuing { break if x > 4.0; } }",
            "for (var i = 0; i < 8; i++) { while x < 1.0 @{ } }",
            "for (var y = 0; y < 65; y++) { for (var x = 0; x < 64; x++) @{ } }",
        ] {
            let source = format!("const M = 4; fn a() {{ var x = 0.0; {} }}", open.replace('@', ""));
            let wanted = open.replace("@{", &format!("{{{TURN}"));
            let wanted = format!("const M = 4; fn a() {{{BEGIN} var x = 0.0; {wanted} }}");
            assert_eq!(guarded(&source), Ok(wanted), "{open}");
        }
        let two = "fn a() { loop { break; } while b() { } } fn c() { while b() { } } fn d() { }";
        assert_eq!(guarded(two).expect("ends").matches(BEGIN).count(), 2);
    }

    #[test]
    fn loops_without_an_end_are_refused_where_they_stand() {
        for endless in [
            "loop { x += 1.0; }",
            "while true { }",
            "while (true) { x = 1.0; }",
            "for (;;) { }",
            "for (var i = 0; ; i++) { }",
            "loop { switch y { default: { break; } } }",
            "loop { loop { break; } }",
            "loop { for (var i = 0; i < 3; i++) { break; } continuing { } }",
        ] {
            let source = format!("fn a() {{\n {endless} }}");
            let fault = guarded(&source).expect_err(endless);
            assert_eq!(fault.at, source.find(endless).expect("there"), "{endless}");
        }
    }
}
