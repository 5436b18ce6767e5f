//! From WGSL to pipelines. A device that refuses says why, and nothing else happens.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bevy::render::render_resource::{
    PipelineLayout, RawFragmentState, RawRenderPipelineDescriptor, RawVertexState, RenderPipeline,
    ShaderModule, ShaderModuleDescriptor, ShaderSource, TextureFormat,
};
use bevy::render::renderer::RenderDevice;
use naga::valid::{Capabilities, ValidationFlags, Validator};

use super::layouts::Layouts;
use super::plan::{Plan, TargetPlan, WHOLE_STACK};
use super::structure::{Key, Structure};
use super::{interface, source, stacks};
use crate::compositor::outline::OUTLINE;
use crate::compositor::passes::targets;
use crate::compositor::tiles::LISTS;

/// Why there is no program.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum ProgramError {
    /// What naga finds.
    #[error("{0}")]
    Refused(String),
    /// Something in the compiler broke.
    #[error("the compiler crashed")]
    Crashed,
    /// No thread to compile on.
    #[error("no thread could be started to compile it: {0}")]
    NoThread(String),
}

/// The pipelines of one module.
#[derive(Debug)]
pub(in crate::compositor) struct Program {
    structure: Structure,
    /// Shows the frame as it is.
    pub(in crate::compositor) bare: RenderPipeline,
    /// One per list of tiles; none where nothing is dressed.
    pub(in crate::compositor) tiles: Option<Vec<RenderPipeline>>,
    /// One per target of effects, in the order of the plan.
    pub(in crate::compositor) targets: Vec<RenderPipeline>,
    /// The effects over the whole picture.
    pub(in crate::compositor) whole_stack: Option<RenderPipeline>,
    plan: Plan,
}

impl Program {
    /// Compiles what `key` needs on the calling thread.
    pub(super) fn make(device: &RenderDevice, layouts: &Layouts, key: &Key) -> Result<Self, ProgramError> {
        let made = catch_unwind(AssertUnwindSafe(|| Self::record(device, layouts, key)));
        made.unwrap_or(Err(ProgramError::Crashed))
    }

    /// The device sees nothing that it would refuse: errors could not be told apart there. Error scopes belong to
    /// all threads together as long as wgpu is built without its feature `std`, and Bevy's own would be mixed
    /// up with ours.
    fn record(device: &RenderDevice, layouts: &Layouts, key: &Key) -> Result<Self, ProgramError> {
        let plan = Plan::new(&key.structure, layouts.effects.as_ref().map(|_| layouts.slots), layouts.handed);
        let wgsl = source::write(key, &plan);
        validate(&wgsl)?;
        let module = device.create_and_validate_shader_module(ShaderModuleDescriptor {
            label: Some("masque_dress"),
            source: ShaderSource::Wgsl(wgsl.into()),
        });
        let pipeline = |layout: &PipelineLayout, vertex: &str, fragment: &str, formats: &[TextureFormat]| {
            pipeline(device, &module, layout, (vertex, fragment), formats)
        };
        let bare = pipeline(&layouts.whole, source::WHOLE, source::BARE, &[COLOR]);
        let structure = &key.structure;
        let with_effects = layouts.with_effects.as_ref().filter(|_| !plan.layers.is_empty());
        let layout = with_effects.unwrap_or(&layouts.tiles);
        let tiles = (!structure.is_bare()).then(|| {
            let both = [COLOR, OUTLINE];
            let formats = if structure.is_calm() { &both[..] } else { &both[..1] };
            let tiles = |list: usize| {
                let (vertex, fragment) = source::tile(list, &plan);
                pipeline(layout, &vertex, &fragment, formats)
            };
            (0..LISTS).map(tiles).collect()
        });
        let target = |(index, target): (usize, &TargetPlan)| {
            let fragment = stacks::draw(index);
            pipeline(layout, &interface::vertex(&fragment), &fragment, &[target.format()])
        };
        let targets = plan.targets.iter().enumerate().map(target).collect();
        let whole_stack = plan
            .has_stack(WHOLE_STACK)
            .then(|| pipeline(layout, &interface::vertex(stacks::WHOLE), stacks::WHOLE, &[COLOR]));
        Ok(Self { structure: structure.clone(), bare, tiles, targets, whole_stack, plan })
    }

    /// Whether it needs to know which region is where.
    pub(in crate::compositor) fn needs_mattes(&self) -> bool {
        self.tiles.is_some() || self.whole_stack.is_some()
    }

    /// Where its effects are.
    pub(in crate::compositor) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What it was made for.
    pub(in crate::compositor) fn structure(&self) -> &Structure {
        &self.structure
    }
}

fn validate(wgsl: &str) -> Result<(), ProgramError> {
    let module = naga::front::wgsl::parse_str(wgsl)
        .map_err(|error| ProgramError::Refused(error.emit_to_string(wgsl)))?;
    let mut validator = Validator::new(ValidationFlags::all(), Capabilities::empty());
    validator.validate(&module).map_err(|error| ProgramError::Refused(error.emit_to_string(wgsl)))?;
    Ok(())
}

/// What is composed: sRGB-encoded bytes, written as such.
const COLOR: TextureFormat = TextureFormat::Rgba8Unorm;

fn pipeline(
    device: &RenderDevice,
    module: &ShaderModule,
    layout: &PipelineLayout,
    (vertex, fragment): (&str, &str),
    formats: &[TextureFormat],
) -> RenderPipeline {
    device.create_render_pipeline(&RawRenderPipelineDescriptor {
        label: Some(fragment),
        layout: Some(layout),
        vertex: RawVertexState {
            module,
            entry_point: Some(vertex),
            compilation_options: Default::default(),
            buffers: &[],
        },
        fragment: Some(RawFragmentState {
            module,
            entry_point: Some(fragment),
            compilation_options: Default::default(),
            targets: &targets(formats),
        }),
        primitive: Default::default(),
        depth_stencil: None,
        multisample: Default::default(),
        multiview_mask: None,
        cache: None,
    })
}
