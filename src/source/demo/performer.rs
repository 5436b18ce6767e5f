//! Puts the figure together for one moment and draws it.

use std::time::Duration;

use super::arm::{self, Arm};
use super::cast::Cast;
use super::face::{Eyes, Mouth};
use super::head::{self, COLS};
use super::light::{self, Lit, Spot};
use super::math::{V3, clamp01, v3};
use super::mesh::{Camera, Mesh};
use super::motion::Pose;
use super::raster::{Canvas, Texture, Vert};
use super::stage::{Rigid, Stage};
use super::{backdrop, smoothing, wisps};
use crate::frame::Region;

/// The animated figure at one picture size. A frame is a pure function of time, width and height.
///
/// Building one takes a noticeable part of a second (everything that does not move is prepared once); a frame then takes some
/// milliseconds on one core and allocates nothing.
pub struct Performer {
    camera: Camera,
    canvas: Canvas,
    backdrop: Vec<u32>,
    cast: Cast,
    verts: Vec<Vert>,
    points: Vec<V3>,
    edges: Vec<(u32, u32)>,
    drawn: Option<Duration>,
}

/// Projects a vertex and lights it, unless it faces away too far to be seen.
#[inline(always)]
fn vert(camera: &Camera, p: V3, n: V3, uv: (f32, f32), light: impl Fn(V3) -> Lit) -> Vert {
    let (x, y) = camera.project(p);
    let eye = camera.toward_eye(p);
    let l = if n.dot(eye) < -0.35 { Lit::default() } else { light(eye) };
    Vert { x, y, z: p.z, u: uv.0, v: uv.1, r: l.r, g: l.g, b: l.b, s: l.s }
}

/// Part numbers, stored above the region id so that outlines within one region are found too.
const fn label(region: Region, part: u8) -> u8 {
    region as u8 | part << 3
}

const FACE: u8 = label(Region::FaceSkin, 1);
const MOUTH: u8 = label(Region::FaceSkin, 9);
const EAR: u8 = label(Region::FaceSkin, 2);
const NECK: u8 = label(Region::BodySkin, 3);
const HAND: u8 = label(Region::BodySkin, 4);
const HAIR: u8 = label(Region::Hair, 5);
const KNIT: u8 = label(Region::Clothes, 6);
const SLEEVE: u8 = label(Region::Clothes, 7);
const GOLD: u8 = label(Region::Accessories, 8);

impl Performer {
    /// A performer for pictures of `width` × `height` pixels, each at least 1.
    pub fn new(width: u32, height: u32) -> Performer {
        let (width, height) = (width.max(1), height.max(1));
        let backdrop = backdrop::paint(width as usize, height as usize);
        let mut canvas = Canvas::new(width as usize, height as usize);
        canvas.color.copy_from_slice(&backdrop);
        Performer {
            camera: Camera::new(width, height),
            canvas,
            backdrop,
            cast: Cast::new(),
            verts: Vec::new(),
            points: Vec::new(),
            edges: Vec::new(),
            drawn: None,
        }
    }

    /// Draws the moment `time` into `rgba`: width × height × 4 bytes, RGBA8, sRGB-encoded, rows without padding, opaque.
    /// A buffer of another length receives as many whole rows as fit.
    pub fn render(&mut self, time: Duration, rgba: &mut [u8]) {
        self.draw(time);
        let picture: &[u8] = bytemuck::cast_slice(&self.canvas.color);
        let stride = self.canvas.width * 4;
        let n = picture.len().min(rgba.len()) / stride * stride;
        rgba[..n].copy_from_slice(&picture[..n]);
    }

    /// Writes the true region id (0..=5, see [`Region`]) of every pixel that [`Performer::render`] draws for `time` into `ids`:
    /// width × height bytes.
    pub fn regions(&mut self, time: Duration, ids: &mut [u8]) {
        self.draw(time);
        for (id, label) in ids.iter_mut().zip(&self.canvas.label) {
            *id = label & 7;
        }
    }

    fn draw(&mut self, time: Duration) {
        if self.drawn == Some(time) {
            return;
        }
        self.drawn = Some(time);
        let pose = Pose::at(time);
        let stage = Stage::new(&pose);
        self.canvas.clear(&self.backdrop);
        for index in 0..2 {
            if pose.arms[index] > 0.02 {
                self.draw_hand(&pose, &stage, index);
            }
            self.draw_sleeve(&pose, &stage, index);
        }
        self.draw_gold(&stage);
        self.draw_face(&pose, &stage);
        self.draw_ears(&stage);
        self.draw_hair(&pose, &stage);
        self.draw_knit(&stage);
        self.draw_neck(&pose, &stage);
        smoothing::soften(&mut self.canvas, &mut self.edges);
        wisps::draw(&mut self.canvas, &self.camera, &self.cast.hair.wisps, &stage, &pose, HAIR);
    }

    fn draw_face(&mut self, pose: &Pose, stage: &Stage) {
        let Performer { camera, canvas, cast, verts, .. } = self;
        let head = &cast.head;
        verts.clear();
        for i in 0..head.mesh.pos.len() {
            let p = stage.head.point(head.posed(i, pose));
            let n = stage.head.turn(head.mesh.nrm[i]);
            let open = head.mesh.open[i];
            verts.push(vert(camera, p, n, head.mesh.uv[i], |eye| {
                light::skin(Spot { n, eye, open, key: 1.0 }, head.gloss[i])
            }));
        }
        for t in &head.mesh.tris {
            canvas.triangle(
                &cast.face_paint,
                FACE,
                &verts[t[0] as usize],
                &verts[t[1] as usize],
                &verts[t[2] as usize],
            );
        }
        let eyes = Eyes::new(&cast.face_paint, pose);
        for t in &head.eye_tris {
            canvas.triangle(&eyes, FACE, &verts[t[0] as usize], &verts[t[1] as usize], &verts[t[2] as usize]);
        }
        if pose.jaw > 0.01 {
            for i in head.lips.start..head.lips.end - 1 {
                let corner = |i: usize, lower: bool| {
                    let p = head.mesh.pos[i];
                    let (up, low) = (head.posed(i, pose), head.posed(i + COLS, pose));
                    let mut v = verts[if lower { i + COLS } else { i }];
                    (v.u, v.v, v.s) = (p.x + 8.0, if lower { 1.0 } else { 0.0 }, (up - low).length());
                    v
                };
                if head::between_lips(head.mesh.pos[i]) {
                    let (a, b, c, d) =
                        (corner(i, false), corner(i + 1, false), corner(i, true), corner(i + 1, true));
                    canvas.triangle(&Mouth, MOUTH, &a, &c, &d);
                    canvas.triangle(&Mouth, MOUTH, &a, &d, &b);
                }
            }
        }
    }

    fn draw_ears(&mut self, stage: &Stage) {
        let Performer { camera, canvas, cast, verts, .. } = self;
        for mesh in &cast.ears {
            rigid_skin(camera, verts, mesh, &stage.head, &|_| 1.0);
            fill(canvas, verts, &mesh.tris, &cast.face_paint, EAR);
        }
    }

    fn draw_hair(&mut self, pose: &Pose, stage: &Stage) {
        let Performer { camera, canvas, cast, verts, .. } = self;
        let mesh = &cast.hair.mesh;
        verts.clear();
        for i in 0..mesh.pos.len() {
            let loose = cast.hair.loose[i];
            let (mut p, mut n, mut t) =
                (stage.head.point(mesh.pos[i]), stage.head.turn(mesh.nrm[i]), stage.head.turn(mesh.tan[i]));
            if loose > 0.0 {
                p = p.lerp(stage.chest.point(mesh.pos[i]), loose * 0.85);
                p.x += pose.swing * 9.0 * loose;
                n = n.lerp(stage.chest.turn(mesh.nrm[i]), loose).unit();
                t = t.lerp(stage.chest.turn(mesh.tan[i]), loose).unit();
            }
            let open = mesh.open[i];
            verts.push(vert(camera, p, n, mesh.uv[i], |eye| {
                light::hair(Spot { n, eye, open, key: if loose > 0.0 { stage.key_at(p) } else { 1.0 } }, t)
            }));
        }
        fill(canvas, verts, &mesh.tris, &cast.hair_paint, HAIR);
    }

    fn draw_knit(&mut self, stage: &Stage) {
        let Performer { camera, canvas, cast, verts, .. } = self;
        let mesh = &cast.body.knit;
        verts.clear();
        for i in 0..mesh.pos.len() {
            let p = stage.chest.point(mesh.pos[i]);
            let n = stage.chest.turn(mesh.nrm[i]);
            let open = mesh.open[i];
            verts.push(vert(camera, p, n, mesh.uv[i], |eye| {
                light::cloth(Spot { n, eye, open, key: stage.key_at(p) })
            }));
        }
        // Cloth wins over the skin it lies on, however coarse the two meshes are.
        for v in verts.iter_mut() {
            v.z += 0.25;
        }
        fill(canvas, verts, &mesh.tris, &cast.knit_paint, KNIT);
    }

    fn draw_neck(&mut self, pose: &Pose, stage: &Stage) {
        let Performer { camera, canvas, cast, verts, .. } = self;
        let mesh = &cast.body.skin;
        verts.clear();
        let swallow = 0.15 * pose.jaw;
        for i in 0..mesh.pos.len() {
            let follow = cast.body.follow[i];
            let rest = mesh.pos[i] - v3(0.0, swallow * follow, 0.0);
            let p = stage.chest.point(rest).lerp(stage.head.point(rest), follow);
            let n = stage.chest.turn(mesh.nrm[i]).lerp(stage.head.turn(mesh.nrm[i]), follow).unit();
            let open = mesh.open[i];
            verts.push(vert(camera, p, n, mesh.uv[i], |eye| {
                light::skin(Spot { n, eye, open, key: stage.key_at(p) }, 0.45)
            }));
        }
        fill(canvas, verts, &mesh.tris, &cast.skin_paint, NECK);
    }

    fn draw_gold(&mut self, stage: &Stage) {
        let Performer { camera, canvas, cast, verts, .. } = self;
        for (mesh, rigid) in [(&cast.earrings, &stage.head), (&cast.necklace, &stage.chest)] {
            verts.clear();
            for i in 0..mesh.pos.len() {
                let p = rigid.point(mesh.pos[i]);
                let (n, open) = (rigid.turn(mesh.nrm[i]), mesh.open[i]);
                verts.push(vert(camera, p, n, mesh.uv[i], |eye| {
                    light::metal(Spot { n, eye, open, key: 1.0 })
                }));
            }
            fill(canvas, verts, &mesh.tris, &cast.gold_paint, GOLD);
        }
    }

    fn draw_sleeve(&mut self, pose: &Pose, stage: &Stage, index: usize) {
        let Performer { camera, canvas, cast, verts, points, .. } = self;
        let sleeve = &cast.sleeves[index];
        let arm = Arm::at(pose, index);
        arm.sweep(sleeve, points, &cast.circle);
        verts.clear();
        for ring in 0..arm::RINGS {
            for k in 0..arm::AROUND {
                let at = |r: usize, k: usize| points[r * arm::AROUND + k % arm::AROUND];
                let along = at((ring + 1).min(arm::RINGS - 1), k) - at(ring.saturating_sub(1), k);
                let round = at(ring, k + 1) - at(ring, k + arm::AROUND - 1);
                let n = stage.chest.turn(along.cross(round).unit());
                let i = ring * arm::AROUND + k;
                let p = stage.chest.point(points[i]);
                let hollow = 0.62 + 0.30 * sleeve.bulge[i];
                let open = clamp01(0.25 + hollow);
                verts.push(vert(camera, p, n, sleeve.uv[i], |eye| {
                    light::cloth(Spot { n, eye, open, key: stage.key_at(p) })
                }));
            }
        }
        fill(canvas, verts, &sleeve.tris, &cast.knit_paint, SLEEVE);
    }

    fn draw_hand(&mut self, pose: &Pose, stage: &Stage, index: usize) {
        let Performer { camera, canvas, cast, verts, .. } = self;
        let arm = Arm::at(pose, index);
        let wrist = arm.wrist();
        let mesh = &cast.hand.mesh;
        let curl = 0.10 + 0.05 * (pose.wave[index] * 9.0).sin();
        verts.clear();
        for i in 0..mesh.pos.len() {
            let reach = cast.hand.reach[i];
            let rest = mesh.pos[i];
            let bent =
                v3(rest.x, rest.y - 0.03 * reach * reach * curl, rest.z + 0.28 * reach * reach * curl * 0.3);
            let p = stage.chest.point(wrist + arm.hand.apply(bent) * 0.93);
            let n = stage.chest.turn(arm.hand.apply(mesh.nrm[i]));
            let open = mesh.open[i];
            verts.push(vert(camera, p, n, mesh.uv[i], |eye| {
                light::skin(Spot { n, eye, open, key: 1.0 }, 0.4)
            }));
        }
        // The mirrored hand has its triangles the other way round.
        if arm.side > 0.0 {
            fill(canvas, verts, &mesh.tris, &cast.hand_paint, HAND);
        } else {
            for t in &mesh.tris {
                canvas.triangle(
                    &cast.hand_paint,
                    HAND,
                    &verts[t[0] as usize],
                    &verts[t[2] as usize],
                    &verts[t[1] as usize],
                );
            }
        }
    }
}

fn rigid_skin(camera: &Camera, verts: &mut Vec<Vert>, mesh: &Mesh, rigid: &Rigid, key: &dyn Fn(V3) -> f32) {
    verts.clear();
    for i in 0..mesh.pos.len() {
        let p = rigid.point(mesh.pos[i]);
        let (n, open) = (rigid.turn(mesh.nrm[i]), mesh.open[i]);
        verts
            .push(vert(camera, p, n, mesh.uv[i], |eye| light::skin(Spot { n, eye, open, key: key(p) }, 0.4)));
    }
}

fn fill(canvas: &mut Canvas, verts: &[Vert], tris: &[[u32; 3]], paint: &Texture, label: u8) {
    for t in tris {
        canvas.triangle(paint, label, &verts[t[0] as usize], &verts[t[1] as usize], &verts[t[2] as usize]);
    }
}
