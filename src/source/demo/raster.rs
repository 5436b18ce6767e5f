//! A small scan-line rasteriser: depth-tested triangles whose attributes are interpolated in fixed point.
//!
//! Everything per pixel is integer arithmetic and one table look-up, so that it stays cheap in the dev profile and gives the same
//! bits on every machine.

/// A vertex on the screen: pixels, depth (cm, larger is nearer), texel position, light as display-encoded factors
/// (1.0 keeps the texel) and highlight strength.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Vert {
    pub x: f32,
    pub y: f32,
    pub z: f32,
    pub u: f32,
    pub v: f32,
    pub r: f32,
    pub g: f32,
    pub b: f32,
    pub s: f32,
}

/// What a fragment looks like. `u`, `v` are texels and `r`, `g`, `b`, `s` factors, all with 16 fractional bits.
pub(super) trait Paint {
    fn pixel(&self, f: &Fragment) -> u32;
}

/// Interpolated attributes at one pixel, 16 fractional bits each.
#[derive(Clone, Copy)]
pub(super) struct Fragment {
    pub u: i32,
    pub v: i32,
    pub r: i32,
    pub g: i32,
    pub b: i32,
    pub s: i32,
}

/// Picture, depth and part labels of the frame being drawn.
pub(super) struct Canvas {
    pub width: usize,
    pub height: usize,
    /// Packed RGBA8, red in the lowest byte.
    pub color: Vec<u32>,
    pub depth: Vec<f32>,
    /// Region id in the low three bits, part number above.
    pub label: Vec<u8>,
    /// Smallest and largest column touched in each row since the last clear (empty when low > high).
    pub span: Vec<(u32, u32)>,
}

pub(super) const FAR: f32 = -1.0e9;

impl Canvas {
    pub fn new(width: usize, height: usize) -> Canvas {
        let n = width * height;
        Canvas {
            width,
            height,
            color: vec![0; n],
            depth: vec![FAR; n],
            label: vec![0; n],
            span: vec![(u32::MAX, 0); height],
        }
    }

    /// Starts a frame: the backdrop everywhere the last frame drew, no depth, no labels.
    pub fn clear(&mut self, backdrop: &[u32]) {
        for (y, span) in self.span.iter_mut().enumerate() {
            if span.0 <= span.1 {
                let range = y * self.width + span.0 as usize..y * self.width + span.1 as usize + 1;
                self.color[range.clone()].copy_from_slice(&backdrop[range.clone()]);
                self.depth[range.clone()].fill(FAR);
                self.label[range].fill(0);
            }
            *span = (u32::MAX, 0);
        }
    }

    /// Draws the front side of a triangle (counter-clockwise with y up).
    #[inline(always)]
    pub fn triangle<P: Paint>(&mut self, paint: &P, label: u8, a: &Vert, b: &Vert, c: &Vert) {
        let (abx, aby, acx, acy) = (b.x - a.x, b.y - a.y, c.x - a.x, c.y - a.y);
        let area = abx * acy - acx * aby;
        if area >= -1e-3 {
            return;
        }
        let (x_low, x_high) = (a.x.min(b.x).min(c.x), a.x.max(b.x).max(c.x));
        if first_centre(x_low) >= first_centre(x_high) || x_high < 0.0 {
            return;
        }
        let (mut top, mut mid, mut low) = (a, b, c);
        if mid.y < top.y {
            std::mem::swap(&mut top, &mut mid);
        }
        if low.y < top.y {
            std::mem::swap(&mut top, &mut low);
        }
        if low.y < mid.y {
            std::mem::swap(&mut mid, &mut low);
        }
        let y0 = first_centre(top.y).max(0);
        let y1 = first_centre(low.y).min(self.height as i32);
        if y0 >= y1 {
            return;
        }
        let inv = 1.0 / area;
        let step_x = |p: f32, q: f32, r: f32| ((q - p) * acy - (r - p) * aby) * inv;
        let step_y = |p: f32, q: f32, r: f32| ((r - p) * abx - (q - p) * acx) * inv;
        let (zx, zy) = (step_x(a.z, b.z, c.z), step_y(a.z, b.z, c.z));
        let (ux, uy) = (step_x(a.u, b.u, c.u), step_y(a.u, b.u, c.u));
        let (vx, vy) = (step_x(a.v, b.v, c.v), step_y(a.v, b.v, c.v));
        let (rx, ry) = (step_x(a.r, b.r, c.r), step_y(a.r, b.r, c.r));
        let (gx, gy) = (step_x(a.g, b.g, c.g), step_y(a.g, b.g, c.g));
        let (bx, by) = (step_x(a.b, b.b, c.b), step_y(a.b, b.b, c.b));
        let (sx, sy) = (step_x(a.s, b.s, c.s), step_y(a.s, b.s, c.s));
        // Attributes are stepped as whole numbers from the pixel nearest to `a`.
        let (ax, ay) = (a.x as i32, a.y as i32);
        let (ox, oy) = (ax as f32 + 0.5 - a.x, ay as f32 + 0.5 - a.y);
        let base = |p: f32, gx: f32, gy: f32| fixed(p + gx * ox + gy * oy);
        let start = Fragment {
            u: base(a.u, ux, uy),
            v: base(a.v, vx, vy),
            r: base(a.r, rx, ry),
            g: base(a.g, gx, gy),
            b: base(a.b, bx, by),
            s: base(a.s, sx, sy),
        };
        let step =
            Fragment { u: fixed(ux), v: fixed(vx), r: fixed(rx), g: fixed(gx), b: fixed(bx), s: fixed(sx) };
        let down =
            Fragment { u: fixed(uy), v: fixed(vy), r: fixed(ry), g: fixed(gy), b: fixed(by), s: fixed(sy) };

        let long = slope(top, low);
        let upper = slope(top, mid);
        let lower = slope(mid, low);
        let w = self.width as i32;
        for iy in y0..y1 {
            let yc = iy as f32 + 0.5;
            let xa = top.x + (yc - top.y) * long;
            let xb = if yc < mid.y { top.x + (yc - top.y) * upper } else { mid.x + (yc - mid.y) * lower };
            let (xl, xr) = if xa < xb { (xa, xb) } else { (xb, xa) };
            let ix0 = first_centre(xl).max(0) as usize;
            let ix1 = first_centre(xr).clamp(0, w) as usize;
            if ix0 >= ix1 {
                continue;
            }
            let (dx, dy) = (ix0 as f32 + 0.5 - a.x, yc - a.y);
            let mut z = a.z + zx * dx + zy * dy;
            let (nx, ny) = (ix0 as i32 - ax, iy - ay);
            let at = |p: i32, gx: i32, gy: i32| {
                p.wrapping_add(gx.wrapping_mul(nx)).wrapping_add(gy.wrapping_mul(ny))
            };
            let mut f = Fragment {
                u: at(start.u, step.u, down.u),
                v: at(start.v, step.v, down.v),
                r: at(start.r, step.r, down.r),
                g: at(start.g, step.g, down.g),
                b: at(start.b, step.b, down.b),
                s: at(start.s, step.s, down.s),
            };
            let row = iy as usize * self.width;
            let span = &mut self.span[iy as usize];
            span.0 = span.0.min(ix0 as u32);
            span.1 = span.1.max(ix1 as u32 - 1);
            let depth = &mut self.depth[row + ix0..row + ix1];
            let color = &mut self.color[row + ix0..row + ix1];
            let labels = &mut self.label[row + ix0..row + ix1];
            let mut i = 0;
            while i < depth.len() && i < color.len() && i < labels.len() {
                if z > depth[i] {
                    depth[i] = z;
                    color[i] = paint.pixel(&f);
                    labels[i] = label;
                }
                z += zx;
                f.u = f.u.wrapping_add(step.u);
                f.v = f.v.wrapping_add(step.v);
                f.r = f.r.wrapping_add(step.r);
                f.g = f.g.wrapping_add(step.g);
                f.b = f.b.wrapping_add(step.b);
                f.s = f.s.wrapping_add(step.s);
                i += 1;
            }
        }
    }
}

#[inline(always)]
fn fixed(x: f32) -> i32 {
    (x * 65536.0) as i32
}

/// The first pixel whose centre is not left of (above) `x`.
#[inline(always)]
fn first_centre(x: f32) -> i32 {
    let shifted = x - 0.5;
    let whole = shifted as i32;
    whole + i32::from(shifted > whole as f32)
}

#[inline(always)]
fn slope(p: &Vert, q: &Vert) -> f32 {
    let h = q.y - p.y;
    if h > 1e-6 { (q.x - p.x) / h } else { 0.0 }
}

/// A texture whose sides are powers of two: red, green, blue and the highlight weight in the top byte.
pub(super) struct Texture {
    pub texels: Vec<u32>,
    shift: u32,
    mask_u: i32,
    mask_v: i32,
}

impl Texture {
    /// Fills a `2^log_w` × `2^log_h` texture by a function of the texel; colours and weight 0..1.
    pub fn paint(log_w: u32, log_h: u32, f: impl Fn(f32, f32) -> ([f32; 3], f32)) -> Texture {
        let (w, h) = (1usize << log_w, 1usize << log_h);
        let mut texels = Vec::with_capacity(w * h);
        for y in 0..h {
            for x in 0..w {
                let (c, s) = f(x as f32 + 0.5, y as f32 + 0.5);
                texels.push(pack(c) & 0x00ff_ffff | (byte(s) << 24));
            }
        }
        Texture { texels, shift: log_w, mask_u: w as i32 - 1, mask_v: h as i32 - 1 }
    }

    #[inline(always)]
    pub fn at(&self, u: i32, v: i32) -> u32 {
        let i = (((v >> 16) & self.mask_v) << self.shift) | ((u >> 16) & self.mask_u);
        self.texels[i as usize & (self.texels.len() - 1)]
    }
}

fn byte(x: f32) -> u32 {
    (x.clamp(0.0, 1.0) * 255.0 + 0.5) as u32
}

/// Opaque RGBA8 from display-encoded 0..1.
pub(super) fn pack(c: [f32; 3]) -> u32 {
    byte(c[0]) | byte(c[1]) << 8 | byte(c[2]) << 16 | 0xff00_0000
}

impl Paint for Texture {
    #[inline(always)]
    fn pixel(&self, f: &Fragment) -> u32 {
        let t = self.at(f.u, f.v) as i32;
        let gloss = ((t as u32 >> 24) as i32 * (f.s >> 8)) >> 8;
        lit(t, f, gloss)
    }
}

/// A texel under the fragment's light, with a highlight of `gloss` (0..255) on top.
#[inline(always)]
pub(super) fn lit(t: i32, f: &Fragment, gloss: i32) -> u32 {
    let r = (((t & 255) * (f.r >> 8)) >> 8) + gloss;
    let g = ((((t >> 8) & 255) * (f.g >> 8)) >> 8) + gloss;
    let b = ((((t >> 16) & 255) * (f.b >> 8)) >> 8) + gloss;
    let (r, g, b) = (r.clamp(0, 255) as u32, g.clamp(0, 255) as u32, b.clamp(0, 255) as u32);
    r | g << 8 | b << 16 | 0xff00_0000
}
