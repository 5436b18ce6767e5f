//! How the values of effects come to the pixels: read once per vertex, handed on flat.
//!
//! A software renderer reads a storage buffer component by component for every pixel: at 720p one number costs a
//! quarter of a textured quad. What is handed on from the vertices costs next to nothing. Devices hand on fifteen
//! vectors at least; the rest is read where it is needed.

use std::fmt::Write;

use super::plan::{LayerPlan, Plan};
use crate::parameters::Kind;

/// Vectors that the corners of tiles hand on at most: there are thousands of corners, and each reads them all.
const MOST_OF_TILES: usize = 12;
/// What every entry point takes from the vertices: the place, the clock and the sizes; and what of the pixels' own
/// counts like it.
pub(super) const SHARED: usize = 3 + 1;

/// The values of one instance of an effect, packed into vectors.
pub(super) struct Packed {
    /// Names of the vectors, and where they are in the buffer.
    vectors: Vec<(String, [String; 4])>,
    /// Opacity, then the value of each input; none for images.
    pub(super) opacity: String,
    pub(super) inputs: Vec<Option<String>>,
}

impl Packed {
    pub(super) fn new(layer: &LayerPlan, prefix: &str) -> Self {
        let mut packed = Self { vectors: Vec::new(), opacity: String::new(), inputs: Vec::new() };
        let mut free = 4;
        packed.opacity = packed.take(prefix, &mut free, layer.first_value, &["x"]);
        for (index, input) in layer.effect.inputs().iter().enumerate() {
            let at = layer.first_value + 1 + index;
            let components: &[&str] = match input.field.kind {
                Kind::Texture(_) => &[],
                Kind::Color(_) => &["x", "y", "z"],
                Kind::Point(_) => &["x", "y"],
                _ => &["x"],
            };
            let place = (!components.is_empty()).then(|| packed.take(prefix, &mut free, at, components));
            packed.inputs.push(place);
        }
        packed
    }

    /// Puts the `components` of value `at` where there is room for all of them.
    fn take(&mut self, prefix: &str, free: &mut usize, at: usize, components: &[&str]) -> String {
        if *free + components.len() > 4 {
            let name = format!("{prefix}masque_values{}", self.vectors.len());
            self.vectors.push((name, std::array::from_fn(|_| "0.0".to_owned())));
            *free = 0;
        }
        let Some((name, vector)) = self.vectors.last_mut() else { return String::new() };
        let mut place = format!("{name}.");
        for component in components {
            vector[*free] = format!("effect_values[{at}].{component}");
            place.push_str(["x", "y", "z", "w"][*free]);
            *free += 1;
        }
        place
    }

    /// Declares the vectors.
    pub(super) fn declare(&self, wgsl: &mut String) {
        for (name, _) in &self.vectors {
            let _ = writeln!(wgsl, "var<private> {name}: vec4<f32>;");
        }
    }
}

/// An entry point of fragments, and the vertices that it goes with.
pub(super) struct Interface {
    fragment: String,
    /// Prefix of each instance in the order in which they are loaded, with its vectors.
    instances: Vec<(String, Packed)>,
    /// Most vectors that the device hands on.
    most: usize,
}

/// Where the vertices of an entry point are.
pub(super) enum Corners {
    /// Those of the tiles in one list.
    Tiles(usize),
    /// Those of the whole target.
    Whole,
}

impl Interface {
    /// For `fragment`, which draws the instances of `layers` with these prefixes.
    pub(super) fn new<'a>(
        fragment: String,
        plan: &Plan,
        instances: impl IntoIterator<Item = (&'a LayerPlan, String)>,
    ) -> Self {
        let pack = |(layer, prefix): (&LayerPlan, String)| {
            let packed = Packed::new(layer, &prefix);
            (prefix, packed)
        };
        Self { fragment, instances: instances.into_iter().map(pack).collect(), most: plan.handed }
    }

    /// For the layers of some stacks.
    pub(super) fn of_stacks(fragment: String, plan: &Plan, stacks: impl IntoIterator<Item = usize>) -> Self {
        let layers = stacks.into_iter().flat_map(|stack| plan.stack(stack));
        Self::new(fragment, plan, layers.map(|(_, layer)| (layer, layer.prefix())))
    }

    /// Type of what the entry point takes.
    pub(super) fn taken(&self) -> String {
        format!("In_{}", self.fragment)
    }

    /// Statement that takes it in, with the name `in`.
    pub(super) fn take(&self) -> String {
        format!("    take_{}(in);\n", self.fragment)
    }

    /// Writes what is handed on, who hands it on (`vertex`) and who takes it in.
    pub(super) fn write(&self, wgsl: &mut String, corners: &Corners) {
        let all: Vec<_> = self.instances.iter().flat_map(|(_, packed)| &packed.vectors).collect();
        let most = match corners {
            Corners::Tiles(_) => self.most.min(MOST_OF_TILES),
            Corners::Whole => self.most,
        };
        let (handed, read) = all.split_at(all.len().min(most));
        let taken = self.taken();
        let _ = write!(
            wgsl,
            "
struct {taken} {{
    @builtin(position) position: vec4<f32>,
    @location(0) uv: vec2<f32>,
    @location(1) @interpolate(flat) clock: vec4<f32>,
    @location(2) @interpolate(flat) sizes: vec4<f32>,
"
        );
        for index in 0..handed.len() {
            let _ = writeln!(wgsl, "    @location({}) @interpolate(flat) v{index}: vec4<f32>,", index + 3);
        }
        let (parameters, place) = match corners {
            Corners::Tiles(list) => (
                "@builtin(vertex_index) corner: u32, @builtin(instance_index) instance: u32",
                format!("tile_corner({list}u, instance, corner)"),
            ),
            Corners::Whole => ("@builtin(vertex_index) corner: u32", "whole_corner(corner)".to_owned()),
        };
        let vertex = vertex(&self.fragment);
        let _ = write!(
            wgsl,
            "}}

@vertex
fn {vertex}({parameters}) -> {taken} {{
    let place = {place};
    return {taken}(
        place.position,
        place.uv,
        effect_values[0],
        effect_values[1],
"
        );
        for (_, vector) in handed {
            let _ = writeln!(wgsl, "        vec4({}),", vector.join(", "));
        }
        let _ = write!(
            wgsl,
            "    );
}}

fn take_{}(in: {taken}) {{
    load_shared(in.clock, in.sizes);
",
            self.fragment
        );
        for (index, (name, _)) in handed.iter().enumerate() {
            let _ = writeln!(wgsl, "    {name} = in.v{index};");
        }
        for (name, vector) in read {
            let _ = writeln!(wgsl, "    {name} = vec4({});", vector.join(", "));
        }
        for (prefix, _) in &self.instances {
            let _ = writeln!(wgsl, "    load_{prefix}();");
        }
        wgsl.push_str("}\n");
    }
}

/// Vertex entry that goes with a fragment entry that draws effects.
pub(super) fn vertex(fragment: &str) -> String {
    format!("corner_of_{fragment}")
}
