//! The faces of one picture on the GPU, and the calls that paint them.

use bevy::math::{UVec2, Vec4};
use bevy::prelude::*;
use bevy::render::render_asset::RenderAssets;
use bevy::render::render_resource::{
    BindGroup, BindGroupEntries, Buffer, BufferInitDescriptor, BufferUsages, CommandEncoder, PipelineCache,
    RenderPassDescriptor, StorageBuffer, TextureView, TextureViewId,
};
use bevy::render::renderer::{RenderDevice, RenderQueue};
use bevy::render::texture::{FallbackImage, GpuImage};
use wgpu::{BufferDescriptor, IndexFormat};

use super::geometry::{Coat, Geometry};
use super::params::FaceParams;
use super::pipeline::FacePipelines;
use super::place::{FaceData, Placement};
use crate::compositor::bind_groups::BindGroups;
use crate::compositor::convert::Convert;
use crate::compositor::mask_upload::MaskTextures;
use crate::compositor::passes::{keep_within, over};
use crate::compositor::scene::Scene;
use crate::compositor::{Composition, Dress};
use crate::face_mesh::CanonicalFace;
use crate::look::FacePart;
use crate::memory::{Bound, Each, bound};
use crate::stats::Stats;

/// Most faces that are painted; `MAX_FACES` in the shader.
const MAX_FACES: usize = 16;

pub(in crate::compositor) const FACES: Bound = bound!(
    "compositor.faces",
    "faces that are painted, in one buffer made at the start",
    MAX_FACES,
    Each::Gpu(size_of::<FaceData>() as u64),
    "the others stay bare, `faces_not_painted`"
);

/// Buffers and bind groups, made once and kept; nothing is written while nothing is painted.
#[derive(Resource)]
pub(in crate::compositor) struct FaceLayer {
    geometry: Geometry,
    faces: Buffer,
    uvs: Buffer,
    edges: Buffer,
    indices: Buffer,
    /// Kept for reuse.
    placed: Vec<FaceData>,
    /// Faces of the picture being drawn that cannot be painted.
    left_out: usize,
    /// What faces wear in the dress, and in the one that fades.
    paints: [Paint; 2],
}

/// What faces wear in one dress.
#[derive(Default)]
struct Paint {
    params: StorageBuffer<FaceParams>,
    groups: BindGroups,
    cloths: [Option<(TextureViewId, BindGroup)>; FacePart::COUNT],
    /// Parts that the picture being drawn has.
    painted: [bool; FacePart::COUNT],
    /// Whether it has lines: mesh, contours, irises.
    lines: [bool; 3],
}

impl Paint {
    fn is_bare(&self) -> bool {
        !self.painted.contains(&true) && !self.lines.contains(&true)
    }
}

impl FromWorld for FaceLayer {
    fn from_world(world: &mut World) -> Self {
        let geometry = match CanonicalFace::builtin() {
            Ok(face) => Geometry::new(&face),
            Err(error) => {
                let reason = format!("faces are not painted: assets/face/canonical.obj: {error}");
                world.resource::<Stats>().count("face_mesh_unusable");
                world.resource::<Stats>().event(reason);
                Geometry::none()
            }
        };
        let device = world.resource::<RenderDevice>();
        let buffer = |label, contents: &[u8], usage| {
            device.create_buffer_with_data(&BufferInitDescriptor { label: Some(label), contents, usage })
        };
        let stored = BufferUsages::STORAGE;
        Self {
            faces: device.create_buffer(&BufferDescriptor {
                label: Some("masque_faces"),
                size: (MAX_FACES * size_of::<FaceData>()) as u64,
                usage: stored | BufferUsages::COPY_DST,
                mapped_at_creation: false,
            }),
            uvs: buffer("masque_face_map", bytemuck::cast_slice(&geometry.uvs), stored),
            edges: buffer("masque_face_edges", bytemuck::cast_slice(&geometry.edges), stored),
            indices: buffer(
                "masque_face_triangles",
                bytemuck::cast_slice(&geometry.indices),
                BufferUsages::INDEX,
            ),
            placed: Vec::with_capacity(MAX_FACES),
            left_out: 0,
            paints: default(),
            geometry,
        }
    }
}

impl FaceLayer {
    /// Whether the picture being drawn has faces that could be painted.
    fn has_faces(&self) -> bool {
        !self.placed.is_empty() && !self.geometry.coats.is_empty()
    }

    /// Takes over the faces that can be painted.
    fn place(&mut self, composition: &Composition, uv: Vec4) {
        let Some(parsed) = &composition.parsed else { return };
        let faces = &parsed.perception.faces;
        let placement = Placement::new(uv, composition.output_size);
        let sound = faces.iter().filter_map(|face| match &composition.motion {
            Some(motion) => FaceData::place(face.moved(motion).landmarks(), &placement),
            None => FaceData::place(face.landmarks(), &placement),
        });
        self.placed.extend(sound.take(MAX_FACES));
        self.left_out = faces.len() - self.placed.len();
    }

    /// Nothing is painted: lets go of all textures.
    fn let_go(&mut self) {
        for paint in &mut self.paints {
            paint.groups.clear();
            paint.cloths = default();
        }
    }

    /// Whether [`FaceLayer::draw`] would draw all that is wanted: nothing is, or the shaders are compiled.
    pub(in crate::compositor) fn is_ready(&self, pipelines: &FacePipelines, cache: &PipelineCache) -> bool {
        !self.has_faces() || self.paints.iter().all(Paint::is_bare) || pipelines.ready(cache).is_some()
    }

    /// Counts the faces of a picture that were left out.
    pub(in crate::compositor) fn count(&self, stats: &Stats) {
        stats.add("faces_not_painted", self.left_out as u64);
    }

    /// Records painting the faces over `part` of what is in `target`, in the dress of this `stage`: 0 the one that is worn, 1
    /// the one that fades.
    pub(in crate::compositor) fn draw(
        &self,
        encoder: &mut CommandEncoder,
        (target, part): (&TextureView, URect),
        stage: usize,
        pipelines: &FacePipelines,
        cache: &PipelineCache,
    ) {
        let Some(paint) = self.paints.get(stage).filter(|paint| self.has_faces() && !paint.is_bare()) else {
            return;
        };
        let (Some((fill, lines)), Some(group)) = (pipelines.ready(cache), paint.groups.group()) else {
            return;
        };
        let count = self.placed.len() as u32;
        let attachment = [Some(over(target))];
        let mut pass = encoder.begin_render_pass(&RenderPassDescriptor {
            label: Some("masque_faces"),
            color_attachments: &attachment,
            ..default()
        });
        keep_within(&mut pass, part);
        pass.set_bind_group(0, group, &[]);
        if paint.painted.contains(&true) {
            pass.set_pipeline(fill);
            pass.set_index_buffer(*self.indices.slice(..), IndexFormat::Uint16);
        }
        for (number, coat) in self.geometry.coats.iter().enumerate() {
            let Some((_, cloth)) = &paint.cloths[coat.part.index()] else { continue };
            if paint.painted[coat.part.index()] {
                let first = (number * MAX_FACES) as u32;
                pass.set_bind_group(1, cloth, &[]);
                pass.draw_indexed(coat.indices.clone(), 0, first..first + count);
            }
        }
        let Geometry { tessellation, contours, irises, .. } = &self.geometry;
        if paint.lines.contains(&true) {
            pass.set_pipeline(lines);
        }
        for (range, _) in [tessellation, contours, irises].into_iter().zip(paint.lines).filter(|(_, on)| *on)
        {
            pass.draw(range.start * 6..range.end * 6, 0..count);
        }
    }
}

/// Uploads faces and styles of the next picture where it has any that are painted.
pub(in crate::compositor) fn prepare_faces(
    (composition, scene): (Res<Composition>, Res<Scene>),
    pipelines: Res<FacePipelines>,
    cache: Res<PipelineCache>,
    images: Res<RenderAssets<GpuImage>>,
    fallback: Res<FallbackImage>,
    (convert, masks): (Res<Convert>, Res<MaskTextures>),
    (device, queue): (Res<RenderDevice>, Res<RenderQueue>),
    mut layer: ResMut<FaceLayer>,
) {
    let layer = &mut *layer;
    let Some(frame) = &composition.frame else { return };
    let Some(due) = scene.due() else { return };
    layer.placed.clear();
    layer.left_out = 0;
    let dresses = [Some(&due.worn), due.from.as_ref().map(|(worn, _)| worn)];
    let mut bare = true;
    for (paint, worn) in layer.paints.iter_mut().zip(dresses) {
        match worn {
            Some(worn) => paint.choose(&worn.dress, &images),
            None => *paint = Paint::default(),
        }
        bare &= paint.is_bare();
    }
    if bare || composition.output_size == UVec2::ZERO {
        layer.let_go();
        return;
    }
    let uv = composition.uv_of(frame);
    layer.place(&composition, uv);
    if !layer.has_faces() {
        layer.let_go();
        return;
    }
    queue.write_buffer(&layer.faces, 0, bytemuck::cast_slice(&layer.placed));
    let Some([picture, _]) = convert.pictures() else { return };
    let [mask, _] = &masks.views;
    let FaceLayer { geometry, faces, uvs, edges, paints, .. } = layer;
    for (paint, worn) in paints.iter_mut().zip(dresses) {
        let Some(worn) = worn.filter(|_| !paint.is_bare()) else { continue };
        let dress = &worn.dress;
        let textured = |coat: &Coat| texture(dress, &images, coat.part).is_some();
        paint.params.set(FaceParams::new((&composition, &dress.look), uv, &geometry.coats, textured));
        paint.params.write_buffer(&device, &queue);
        paint.bind_cloths(dress, &images, &fallback.d2.texture_view, |view| {
            let bindings = cache.get_bind_group_layout(&pipelines.cloth_layout);
            device.create_bind_group("masque_face_cloth", &bindings, &BindGroupEntries::single(view))
        });
        let Some(params) = paint.params.binding() else { return };
        paint.groups.fit([picture, mask], || {
            let (faces, uvs, edges) =
                (faces.as_entire_binding(), uvs.as_entire_binding(), edges.as_entire_binding());
            let (edge, tile) = (&pipelines.edge_sampler, &pipelines.tile_sampler);
            let entries = (params, faces, uvs, edges, edge, tile, picture, mask);
            let layout = cache.get_bind_group_layout(&pipelines.layout);
            device.create_bind_group("masque_face", &layout, &BindGroupEntries::sequential(entries))
        });
    }
}

/// The texture of `part`, where it is there.
fn texture<'a>(dress: &Dress, images: &'a RenderAssets<GpuImage>, part: FacePart) -> Option<&'a TextureView> {
    let handle = dress.face_textures[part.index()].as_ref();
    handle.and_then(|handle| images.get(handle)).map(|image| &image.texture_view)
}

impl Paint {
    /// What `dress` paints.
    fn choose(&mut self, dress: &Dress, images: &RenderAssets<GpuImage>) {
        let look = &dress.look;
        // A texture that is not there yet leaves the part bare rather than white.
        self.painted = FacePart::ALL.map(|part| {
            let there = || look.face_part(part).texture.is_none() || texture(dress, images, part).is_some();
            look.paints(part) && there()
        });
        let mesh = &look.face_mesh;
        let any_line = mesh.opacity > 0.0;
        self.lines = [mesh.tessellation, mesh.contours, mesh.irises].map(|on| on && any_line);
    }

    /// Binds the textures of what is painted; `bind` makes a group of one.
    fn bind_cloths(
        &mut self,
        dress: &Dress,
        images: &RenderAssets<GpuImage>,
        blank: &TextureView,
        bind: impl Fn(&TextureView) -> BindGroup,
    ) {
        for part in FacePart::ALL {
            let slot = &mut self.cloths[part.index()];
            if !self.painted[part.index()] {
                *slot = None;
                continue;
            }
            let view = texture(dress, images, part).unwrap_or(blank);
            if slot.as_ref().is_none_or(|(id, _)| *id != view.id()) {
                *slot = Some((view.id(), bind(view)));
            }
        }
    }
}
