//! An effect: a file that was read and found good.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::check::{PREFIX, check};
use super::code::{Edit, Written, prefixed};
use super::error::{EffectError, Fault};
use super::header::{self, Header, Input, Pass};
use super::lexer::{Tokens, first_comment, tokens};
use super::{loops, names, scan};
use crate::parameters::{Field, Float, Kind, Switch, Unit};

/// Most bytes of an effect's file.
pub(super) const LONGEST: usize = 1024 * 1024;

/// What an effect asks of its host beyond what lies below it; what is not asked for need not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Uses {
    /// `edge_distance` or `edge_distance_of`.
    pub edge_distance: bool,
    /// `motion`.
    pub motion: bool,
    /// `face` or `FACES`.
    pub faces: bool,
    /// `region_mask` or `mask_of`.
    pub masks: bool,
    /// `camera`.
    pub camera: bool,
    /// `TIME`, `TIMEDELTA` or `FRAMEINDEX`: it moves by itself.
    pub time: bool,
}

/// An effect. See the rules for authors in `docs/effects.md`. Two are equal when their names and sources are.
#[derive(Debug, Clone)]
pub struct Effect {
    name: String,
    header: Header,
    /// Of a layer that wears it: the layer's own, then the inputs'.
    fields: Vec<Field>,
    source: String,
    /// Byte of the source behind the header.
    start: usize,
    edits: Vec<Edit>,
    uses: Uses,
    version: u64,
}

impl PartialEq for Effect {
    fn eq(&self, other: &Self) -> bool {
        self.version == other.version
    }
}

/// What every layer has besides the inputs of its effect.
static LAYER_FIELDS: [Field; 2] = [
    Field {
        key: Cow::Borrowed("on"),
        kind: Kind::Switch(Switch { default: true }),
        name: None,
        raw_doc: Cow::Borrowed("Whether it is drawn."),
    },
    Field {
        key: Cow::Borrowed("opacity"),
        kind: Kind::Float(Float { default: 1.0, min: 0.0, max: 1.0, unit: Unit::Share }),
        name: None,
        raw_doc: Cow::Borrowed("How much of it is seen over what is below."),
    },
];

impl Effect {
    /// Reads and checks `source`, a file called `name` without `.wgsl`.
    ///
    /// # Errors
    /// Line, column and what is wrong, in the author's file.
    pub fn parse(name: &str, source: &str) -> Result<Self, EffectError> {
        Self::parse_file(name, &format!("{name}.wgsl"), source)
    }

    /// The same; errors call the file `file`.
    pub(super) fn parse_file(name: &str, file: &str, source: &str) -> Result<Self, EffectError> {
        Self::read(name, source).map_err(|fault| fault.within(file, source))
    }

    fn read(name: &str, source: &str) -> Result<Self, Fault> {
        if source.len() > LONGEST {
            return Err(Fault::new(
                0,
                format!("{} bytes are no effect; it has at most {LONGEST}", source.len()),
            ));
        }
        if source.trim().is_empty() {
            return Err(Fault::new(0, "the file is empty"));
        }
        let comment = first_comment(source).ok_or_else(|| {
            Fault::new(0, "an effect begins with a comment that holds a JSON object, /*{ \"INPUTS\": [] }*/")
        })?;
        let header = header::read(&source[comment.clone()])
            .map_err(|fault| Fault::new(fault.at + comment.start, fault.message))?;
        let start = comment.end + 2;
        let tokens = tokens(source, start)?;
        let inputs = header.inputs.iter().map(|input| &*input.field.key);
        let targets = header.passes.iter().filter_map(|pass| pass.target.as_deref());
        let given: Vec<&str> = inputs.chain(targets).collect();
        scan::refuse(&tokens, &[names::VALUES, &given].concat())?;
        let declared = scan::declarations(&tokens, &given)?;
        let own = names::OWN.iter().chain(&given).copied();
        let renamed = own.chain(declared.iter().map(|declared| declared.name)).map(str::to_owned).collect();
        // A guard stands right behind its brace, before the prefix of a name that follows: the order is kept.
        let mut edits = loops::guards(&tokens)?;
        edits.extend(prefixed(&tokens, &renamed));
        edits.sort_by_key(|edit| edit.at);
        let effect = declared.iter().find(|declared| declared.name == "effect");
        let effect = effect.map_or(start, |declared| tokens.start(declared.at));
        check(&header, &Written::new(source, start, &edits, PREFIX), effect)?;
        let mut hasher = DefaultHasher::new();
        (name, source).hash(&mut hasher);
        Ok(Self {
            name: name.to_owned(),
            fields: LAYER_FIELDS
                .iter()
                .cloned()
                .chain(header.inputs.iter().map(|input| input.field.clone()))
                .collect(),
            header,
            start,
            edits,
            uses: uses(&tokens),
            version: hasher.finish(),
            source: source.to_owned(),
        })
    }

    /// Its name in looks: the file's without `.wgsl`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it does, for people.
    pub fn description(&self) -> &str {
        &self.header.description
    }

    /// Who made it.
    pub fn credit(&self) -> &str {
        &self.header.credit
    }

    /// What it is sorted under.
    pub fn categories(&self) -> &[String] {
        &self.header.categories
    }

    /// Its controls, in the order of the file.
    pub fn inputs(&self) -> &[Input] {
        &self.header.inputs
    }

    /// What can be set of every layer, whatever it wears: `on` and `opacity`.
    pub fn layer_fields() -> &'static [Field] {
        &LAYER_FIELDS
    }

    /// What can be set of a layer that wears it: `on`, `opacity`, and the inputs in the order of the file.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Its drawings, in order; never none, and only the last one has no target.
    pub fn passes(&self) -> &[Pass] {
        &self.header.passes
    }

    /// What it asks of its host.
    pub fn uses(&self) -> Uses {
        self.uses
    }

    /// Another number for another name or source.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The WGSL of one instance in one pass: every top-level name of the file, its inputs and targets, and `below`,
    /// `region_mask`, `edge_distance`, `PASSINDEX` and `REGION` begin with `prefix`; loops end. What the file does
    /// not declare is to be declared around it.
    pub fn code(&self, prefix: &str) -> String {
        Written::new(&self.source, self.start, &self.edits, prefix).code
    }
}

fn uses(tokens: &Tokens<'_>) -> Uses {
    let mut uses = Uses::default();
    for at in (0..tokens.len()).filter(|at| tokens.is_name(*at) && tokens.before(*at) != ".") {
        match tokens.text(at) {
            "edge_distance" | "edge_distance_of" => uses.edge_distance = true,
            "motion" => uses.motion = true,
            "face" | "FACES" => uses.faces = true,
            "region_mask" | "mask_of" => uses.masks = true,
            "camera" => uses.camera = true,
            "TIME" | "TIMEDELTA" | "FRAMEINDEX" => uses.time = true,
            _ => {}
        }
    }
    uses
}
