//! Where a value stands in the text of a JSON object.

/// One step into a JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step<'a> {
    /// The value of this key; of a key that is not there, the object.
    Key(&'a str),
    /// The key itself.
    Name(&'a str),
    /// The element at this place.
    At(usize),
}

/// The byte of `json`, which must be valid, at which the value begins that `path` leads to. A path that leads
/// nowhere ends at the last value that is there.
pub(super) fn locate(json: &str, path: &[Step<'_>]) -> usize {
    let mut scan = Scan { bytes: json.as_bytes(), at: 0 };
    scan.blanks();
    for step in path {
        let start = scan.at;
        if !scan.enter(step) {
            return start;
        }
    }
    scan.at
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or_default()
    }

    fn blanks(&mut self) {
        while self.peek().is_ascii_whitespace() {
            self.at += 1;
        }
    }

    /// Goes one step in; false where there is nothing.
    fn enter(&mut self, step: &Step<'_>) -> bool {
        let opening = if matches!(step, Step::At(_)) { b'[' } else { b'{' };
        if self.peek() != opening {
            return false;
        }
        self.at += 1;
        let mut index = 0;
        loop {
            self.blanks();
            if matches!(self.peek(), 0 | b']' | b'}') {
                return false;
            }
            let start = self.at;
            let found = match step {
                Step::At(wanted) => index == *wanted,
                Step::Key(wanted) | Step::Name(wanted) => {
                    self.skip();
                    let key = self.bytes.get(start..self.at).unwrap_or_default();
                    self.blanks();
                    // The colon.
                    self.at += 1;
                    self.blanks();
                    serde_json::from_slice::<String>(key).is_ok_and(|key| key == *wanted)
                }
            };
            if found {
                if matches!(step, Step::Name(_)) {
                    self.at = start;
                }
                return true;
            }
            self.skip();
            self.blanks();
            if self.peek() == b',' {
                self.at += 1;
            }
            index += 1;
        }
    }

    /// Goes behind the value that begins here.
    fn skip(&mut self) {
        let mut depth = 0_usize;
        loop {
            match self.peek() {
                0 => return,
                b'"' => self.string(),
                b'[' | b'{' => {
                    depth += 1;
                    self.at += 1;
                }
                b']' | b'}' => {
                    depth = depth.saturating_sub(1);
                    self.at += 1;
                }
                b',' | b':' => self.at += 1,
                byte if byte.is_ascii_whitespace() => self.at += 1,
                _ => {
                    while !matches!(self.peek(), 0 | b',' | b']' | b'}') && !self.peek().is_ascii_whitespace()
                    {
                        self.at += 1;
                    }
                }
            }
            if depth == 0 {
                return;
            }
        }
    }

    fn string(&mut self) {
        self.at += 1;
        while !matches!(self.peek(), 0 | b'"') {
            self.at += if self.peek() == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_its_value() {
        let json = r#" { "a": [1, {"b\"": "]", "c" : -2.5e3}], "d": {} } "#;
        let at = |path: &[Step<'_>]| &json[locate(json, path)..];
        assert!(at(&[Step::Key("a"), Step::At(1), Step::Key("c")]).starts_with("-2.5e3"));
        assert!(at(&[Step::Key("a"), Step::At(1), Step::Key("b\"")]).starts_with("\"]\""));
        assert!(at(&[Step::Key("a"), Step::At(1), Step::Name("c")]).starts_with("\"c\" :"));
        assert!(at(&[Step::Key("d")]).starts_with("{} }"));
        assert!(at(&[Step::Key("a"), Step::At(1), Step::Key("none")]).starts_with("{\"b"));
        assert!(at(&[]).starts_with("{ \"a\""));
    }
}
