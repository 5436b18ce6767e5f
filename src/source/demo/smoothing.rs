//! Softens the steps along outlines, the way a lens would.

use super::raster::Canvas;

/// Two neighbours whose depths differ by more than this (cm) belong to different surfaces.
const GAP: f32 = 0.8;

/// Replaces every pixel on an outline by a weighted mean of its neighbourhood. `found` is scratch memory: place and new colour.
pub(super) fn soften(canvas: &mut Canvas, found: &mut Vec<(u32, u32)>) {
    found.clear();
    let (w, h) = (canvas.width, canvas.height);
    if w < 3 || h < 3 {
        return;
    }
    let mut above_span = canvas.span[0];
    for y in 1..h - 1 {
        let (own, under) = (canvas.span[y], canvas.span[y + 1]);
        let (low, high) = (own.0.min(under.0).min(above_span.0), own.1.max(under.1).max(above_span.1));
        above_span = own;
        if low > high {
            continue;
        }
        let (x0, x1) = ((low as usize).max(2) - 1, (high as usize + 2).min(w - 1));
        // What is softened here has to be cleared before the next frame.
        canvas.span[y] = (own.0.min(x0 as u32), own.1.max(x1 as u32));
        let row = y * w;
        let here = &canvas.label[row + x0..row + x1];
        let right = &canvas.label[row + x0 + 1..row + x1 + 1];
        let left = &canvas.label[row + x0 - 1..row + x1 - 1];
        let above = &canvas.label[row - w + x0..row - w + x1];
        let below = &canvas.label[row + w + x0..row + w + x1];
        let mut i = 0;
        while i < here.len() {
            // Eight labels at once: most of the picture has no outline.
            if i + 8 <= here.len() {
                let word = |s: &[u8]| s[i..i + 8].first_chunk::<8>().map_or(0, |c| u64::from_ne_bytes(*c));
                let a = word(here);
                if a == word(right) && a == word(left) && a == word(above) && a == word(below) {
                    i += 8;
                    continue;
                }
            }
            let a = here[i];
            if a != right[i] || a != left[i] || a != above[i] || a != below[i] {
                found.push(((row + x0 + i) as u32, 0));
            }
            i += 1;
        }
        let depth = &canvas.depth[row + x0..row + x1 + 1];
        for i in 1..depth.len() - 1 {
            if (depth[i] - depth[i + 1]).abs() > GAP && here[i] == right[i] {
                found.push(((row + x0 + i) as u32, 0));
            }
        }
    }
    for (at, mean) in found.iter_mut() {
        *mean = blend(&canvas.color, *at as usize, w);
    }
    for (at, mean) in found.iter() {
        canvas.color[*at as usize] = *mean;
    }
}

/// Binomial mean of the 3 × 3 pixels around `at`, two channels at a time.
#[inline(always)]
fn blend(color: &[u32], at: usize, w: usize) -> u32 {
    const EVEN: u32 = 0x00ff_00ff;
    let (mut rb, mut ga) = (0u32, 0u32);
    let mut add = |i: usize, k: u32| {
        let c = color[i];
        rb += (c & EVEN) * k;
        ga += ((c >> 8) & EVEN) * k;
    };
    for (dy, ky) in [(0usize, 1u32), (w, 2), (2 * w, 1)] {
        let i = at + dy - w;
        add(i - 1, ky);
        add(i, ky * 2);
        add(i + 1, ky);
    }
    ((rb >> 4) & EVEN) | (((ga >> 4) & EVEN) << 8)
}
