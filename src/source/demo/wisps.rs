//! Loose hairs, one pixel wide, blended over the finished picture where nothing is in front of them.

use super::hair::Wisp;
use super::light::{self, Spot};
use super::mesh::Camera;
use super::motion::Pose;
use super::raster::Canvas;
use super::stage::Stage;

/// How much of what lies behind a strand it hides.
const OPACITY: f32 = 0.42;

pub(super) fn draw(
    canvas: &mut Canvas,
    camera: &Camera,
    wisps: &[Wisp],
    stage: &Stage,
    pose: &Pose,
    label: u8,
) {
    let weight = OPACITY * (camera.scale() / 12.6).clamp(0.3, 1.3);
    for wisp in wisps {
        let n = stage.head.turn(wisp.normal);
        let mut before: Option<(f32, f32, f32)> = None;
        for (i, rest) in wisp.points.iter().enumerate() {
            let mut p = stage.head.point(*rest);
            p.x += pose.swing * 0.6 * i as f32 * 0.2;
            let (x, y) = camera.project(p);
            if let Some(from) = before {
                let d = (*rest - wisp.points[i - 1]).unit();
                let spot = Spot { n, eye: camera.toward_eye(p), open: 0.9, key: 1.0 };
                let l = light::hair(spot, stage.head.turn(d));
                let k = wisp.shade * 255.0;
                let c = [
                    (0.36 * l.r + 0.5 * l.s) * k,
                    (0.24 * l.g + 0.45 * l.s) * k,
                    (0.16 * l.b + 0.4 * l.s) * k,
                ];
                let fade = 1.0 - (i as f32 - 1.0) / 5.5;
                line(canvas, from, (x, y, p.z), c, weight * fade, label);
            }
            before = Some((x, y, p.z));
        }
    }
}

/// An antialiased line that is hidden by what is nearer.
fn line(canvas: &mut Canvas, a: (f32, f32, f32), b: (f32, f32, f32), c: [f32; 3], weight: f32, label: u8) {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let steep = dy.abs() > dx.abs();
    let steps = (dx.abs().max(dy.abs()).ceil() as i32).clamp(1, 400);
    let inv = 1.0 / steps as f32;
    for s in 0..steps {
        let t = s as f32 * inv;
        let (x, y, z) = (a.0 + dx * t - 0.5, a.1 + dy * t - 0.5, a.2 + (b.2 - a.2) * t);
        let (fx, fy) = (floor(x), floor(y));
        let f = if steep { x - fx } else { y - fy };
        dot(canvas, fx as i32, fy as i32, z, c, weight * (1.0 - f), label);
        if steep {
            dot(canvas, fx as i32 + 1, fy as i32, z, c, weight * f, label);
        } else {
            dot(canvas, fx as i32, fy as i32 + 1, z, c, weight * f, label);
        }
    }
}

/// Without the call into the maths library.
#[inline(always)]
fn floor(x: f32) -> f32 {
    let whole = x as i32;
    (whole - i32::from(x < whole as f32)) as f32
}

#[inline(always)]
fn dot(canvas: &mut Canvas, x: i32, y: i32, z: f32, c: [f32; 3], k: f32, label: u8) {
    if x < 0 || y < 0 || x >= canvas.width as i32 || y >= canvas.height as i32 {
        return;
    }
    let i = y as usize * canvas.width + x as usize;
    if canvas.depth[i] > z + 1.2 {
        return;
    }
    let old = canvas.color[i];
    let q = (k * 256.0) as i32;
    let over = |shift: u32, to: f32| {
        let from = (old >> shift & 255) as i32;
        ((from + ((((to.min(255.0) as i32) - from) * q) >> 8)) as u32) << shift
    };
    canvas.color[i] = over(0, c[0]) | over(8, c[1]) | over(16, c[2]) | 0xff00_0000;
    // A strand that hides most of what is behind it counts as hair.
    if k > 0.5 {
        canvas.label[i] = label;
    }
    let span = &mut canvas.span[y as usize];
    span.0 = span.0.min(x as u32);
    span.1 = span.1.max(x as u32);
}
