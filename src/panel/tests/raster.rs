//! Draws egui's triangles on the CPU: textured, premultiplied, blended in the sRGB encoding, as egui's own
//! renderers do. What it draws depends on nothing but the triangles.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use bevy_egui::egui::epaint::{ClippedPrimitive, ImageDelta, Mesh, Primitive, Vertex};
use bevy_egui::egui::{self, ColorImage, ImageData, Pos2, Rect, TextureId, TextureOptions, TexturesDelta};
use egui_kittest::TestRenderer;
use image::{Rgba, RgbaImage};

/// The textures that egui has handed out.
#[derive(Clone, Default)]
pub(super) struct Textures(Rc<RefCell<HashMap<TextureId, (ColorImage, TextureOptions)>>>);

impl TestRenderer for Textures {
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        let mut textures = self.0.borrow_mut();
        for (id, deltas) in std::mem::take(&mut delta.set) {
            for ImageDelta { image: ImageData::Color(image), options, pos } in deltas {
                match pos {
                    None => {
                        textures.insert(id, ((*image).clone(), options));
                    }
                    Some([left, top]) => {
                        let whole = &mut textures.get_mut(&id).expect("a texture to change").0;
                        for (y, row) in image.pixels.chunks_exact(image.width()).enumerate() {
                            let at = (top + y) * whole.width() + left;
                            whole.pixels[at..at + row.len()].copy_from_slice(row);
                        }
                    }
                }
            }
        }
        for id in std::mem::take(&mut delta.free) {
            textures.remove(&id);
        }
    }
}

impl Textures {
    /// Draws `primitives` over black, `scale` pixels per point.
    pub(super) fn draw(&self, primitives: &[ClippedPrimitive], size: [u32; 2], scale: f32) -> RgbaImage {
        let mut picture = RgbaImage::from_pixel(size[0], size[1], Rgba([0, 0, 0, 255]));
        let textures = self.0.borrow();
        for ClippedPrimitive { clip_rect, primitive } in primitives {
            let Primitive::Mesh(mesh) = primitive else { continue };
            let Some((texture, options)) = textures.get(&mesh.texture_id) else { continue };
            let clip = clip(*clip_rect, scale, size);
            let linear = options.magnification == egui::TextureFilter::Linear;
            draw_mesh(&mut picture, mesh, scale, clip, &|uv| sample(texture, uv, linear));
        }
        picture
    }
}

/// Left, top, right and bottom in pixels.
fn clip(rect: Rect, scale: f32, [width, height]: [u32; 2]) -> [u32; 4] {
    let pixel = |at: f32, most: u32| ((at * scale).round().max(0.0) as u32).min(most);
    [pixel(rect.min.x, width), pixel(rect.min.y, height), pixel(rect.max.x, width), pixel(rect.max.y, height)]
}

fn draw_mesh(
    picture: &mut RgbaImage,
    mesh: &Mesh,
    scale: f32,
    clip: [u32; 4],
    texture: &dyn Fn(Pos2) -> [f32; 4],
) {
    for triangle in mesh.indices.chunks_exact(3) {
        let corners = [0, 1, 2].map(|n| mesh.vertices[triangle[n] as usize]);
        draw_triangle(picture, corners, scale, clip, texture);
    }
}

fn draw_triangle(
    picture: &mut RgbaImage,
    mut corners: [Vertex; 3],
    scale: f32,
    [left, top, right, bottom]: [u32; 4],
    texture: &dyn Fn(Pos2) -> [f32; 4],
) {
    let edge = |a: Pos2, b: Pos2, p: Pos2| (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x);
    for corner in &mut corners {
        corner.pos = (corner.pos.to_vec2() * scale).to_pos2();
    }
    let mut area = edge(corners[0].pos, corners[1].pos, corners[2].pos);
    if area < 0.0 {
        corners.swap(1, 2);
        area = -area;
    }
    if area == 0.0 || !area.is_finite() {
        return;
    }
    let [a, b, c] = corners;
    let least = a.pos.min(b.pos).min(c.pos);
    let most = a.pos.max(b.pos).max(c.pos);
    // Pixels on a shared edge belong to one of its triangles: to the one that it is a top or left edge of.
    let owns = |from: Pos2, to: Pos2| to.y < from.y || (to.y == from.y && to.x > from.x);
    let inside = |weight: f32, owned: bool| weight > 0.0 || (weight == 0.0 && owned);
    let first = |at: f32, low: u32| (at - 0.5).ceil().max(low as f32) as u32;
    let end = |at: f32, high: u32| ((at + 0.5).floor().max(0.0) as u32).min(high);
    for y in first(least.y, top)..end(most.y, bottom) {
        for x in first(least.x, left)..end(most.x, right) {
            let center = Pos2::new(x as f32 + 0.5, y as f32 + 0.5);
            let weights =
                [edge(b.pos, c.pos, center), edge(c.pos, a.pos, center), edge(a.pos, b.pos, center)];
            let owned = [owns(b.pos, c.pos), owns(c.pos, a.pos), owns(a.pos, b.pos)];
            if !(0..3).all(|n| inside(weights[n], owned[n])) {
                continue;
            }
            let weights = weights.map(|weight| weight / area);
            let mix = |of: &dyn Fn(&Vertex) -> f32| (0..3).map(|n| weights[n] * of(&corners[n])).sum::<f32>();
            let texel = texture(Pos2::new(mix(&|corner| corner.uv.x), mix(&|corner| corner.uv.y)));
            let color: [f32; 4] =
                std::array::from_fn(|n| mix(&|corner| f32::from(corner.color[n])) / 255.0 * texel[n]);
            let below = picture.get_pixel_mut(x, y);
            for n in 0..3 {
                let mixed = color[n] * 255.0 + f32::from(below[n]) * (1.0 - color[3]);
                below[n] = mixed.round().clamp(0.0, 255.0) as u8;
            }
        }
    }
}

/// The texture at `uv`, clamped at its edges, each channel 0–1.
fn sample(texture: &ColorImage, uv: Pos2, linear: bool) -> [f32; 4] {
    let [width, height] = texture.size;
    let texel = |x: f32, y: f32| {
        let x = (x.max(0.0) as usize).min(width - 1);
        let y = (y.max(0.0) as usize).min(height - 1);
        texture.pixels[y * width + x].to_array().map(|channel| f32::from(channel) / 255.0)
    };
    let (x, y) = (uv.x * width as f32, uv.y * height as f32);
    if !linear {
        return texel(x, y);
    }
    let (x, y) = (x - 0.5, y - 0.5);
    let (right, down) = (x - x.floor(), y - y.floor());
    let (x, y) = (x.floor(), y.floor());
    let corners = [
        (texel(x, y), (1.0 - right) * (1.0 - down)),
        (texel(x + 1.0, y), right * (1.0 - down)),
        (texel(x, y + 1.0), (1.0 - right) * down),
        (texel(x + 1.0, y + 1.0), right * down),
    ];
    std::array::from_fn(|n| corners.iter().map(|(texel, weight)| texel[n] * weight).sum())
}

#[test]
fn a_rectangle_covers_its_pixels_once_and_blends() {
    let context = egui::Context::default();
    let mut textures = Textures::default();
    let mut output = context.run_ui(egui::RawInput::default(), |ui| {
        let rect = Rect::from_min_max(Pos2::new(2.0, 2.0), Pos2::new(6.0, 5.0));
        let half = egui::Color32::from_rgba_unmultiplied(255, 255, 255, 128);
        let mut mesh = Mesh::default();
        mesh.add_colored_rect(rect, half);
        ui.painter().add(mesh);
    });
    textures.handle_delta(&mut output.textures_delta);
    let picture = textures.draw(&context.tessellate(output.shapes, 1.0), [8, 8], 1.0);
    for (x, y, pixel) in picture.enumerate_pixels() {
        let inside = (2..6).contains(&x) && (2..5).contains(&y);
        assert_eq!(pixel[0], if inside { 128 } else { 0 }, "{x}, {y}");
    }
}
