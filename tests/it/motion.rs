//! A mask moved along with what moves, against the truth.

use std::time::Duration;

use masque::frame::{ColorSpace, Frame, FramePool, FrameSeq, PixelFormat};
use masque::perception::{MotionEstimator, MotionField, SmallLuma};

const SIZE: (u32, u32) = (640, 360);
/// Pixels right and down that the figure moves from frame to frame.
const SPEED: [i32; 2] = [9, 3];

/// A disc with a pattern, before a wall with another one, and where the disc is.
fn frame(pool: &FramePool, seq: i32) -> (Frame, Vec<u8>) {
    let (width, height) = (SIZE.0 as usize, SIZE.1 as usize);
    let mut data = pool.acquire(PixelFormat::Nv12.bytes(SIZE.0, SIZE.1)).unwrap();
    data.fill(128);
    let mut truth = vec![0; width * height];
    let pattern = |x: i32, y: i32, seed: u32| {
        let cell = (x.div_euclid(14) as u32).wrapping_mul(0x9e37_79b1)
            ^ (y.div_euclid(14) as u32).wrapping_mul(0x85eb_ca77);
        ((cell ^ seed).wrapping_mul(0x2c1b_3c6d) >> 25) as u8
    };
    for at in 0..width * height {
        let (x, y) = ((at % width) as i32, (at / width) as i32);
        let (dx, dy) = (x - 200 - SPEED[0] * seq, y - 150 - SPEED[1] * seq);
        let inside = dx * dx + dy * dy < 80 * 80;
        truth[at] = u8::from(inside) * 4;
        data[at] = if inside { 90 + pattern(dx, dy, 5) } else { 30 + pattern(x, y, 77) / 2 };
    }
    let time = Duration::from_millis(33 * seq as u64);
    let frame = Frame::new(FrameSeq(seq as u64), time, PixelFormat::Nv12, SIZE, ColorSpace::default(), data);
    (frame.unwrap(), truth)
}

/// The older mask, looked up where the newer frame's content was.
fn moved(ids: &[u8], motion: &MotionField) -> Vec<u8> {
    let (width, height) = (SIZE.0 as usize, SIZE.1 as usize);
    let mut out = Vec::with_capacity(ids.len());
    for at in 0..ids.len() {
        let uv = [(at % width) as f32 + 0.5, (at / width) as f32 + 0.5];
        let uv = [uv[0] / width as f32, uv[1] / height as f32];
        let [dx, dy] = motion.at(uv);
        let pick = |at: f32, side: usize| ((at * side as f32) as usize).min(side - 1);
        out.push(ids[pick(uv[1] + dy, height) * width + pick(uv[0] + dx, width)]);
    }
    out
}

/// Pixels that are a person in both over pixels that are one in either, and the share of pixels whose
/// region is wrong.
fn compare(found: &[u8], truth: &[u8]) -> (f64, f64) {
    let pairs = || found.iter().zip(truth);
    let both = pairs().filter(|(a, b)| **a != 0 && **b != 0).count();
    let either = pairs().filter(|(a, b)| **a != 0 || **b != 0).count();
    let wrong = pairs().filter(|(a, b)| a != b).count();
    (both as f64 / either.max(1) as f64, wrong as f64 / truth.len() as f64)
}

#[test]
fn a_mask_that_comes_late_fits_better_when_it_is_moved_along() {
    let pool = FramePool::new(64 << 20);
    let (mut newer, mut older) = (SmallLuma::default(), SmallLuma::default());
    let (mut estimator, mut motion) = (MotionEstimator::default(), MotionField::default());
    let (now, truth) = frame(&pool, 8);
    newer.take(&now);
    for delay in [1, 2, 4, 6] {
        let (before, mask) = frame(&pool, 8 - delay);
        older.take(&before);
        estimator.estimate(&newer, &older, &mut motion);
        let stale = compare(&mask, &truth);
        let fresh = compare(&moved(&mask, &motion), &truth);
        println!(
            "{delay} frames late: IoU {:.4} → {:.4}, wrong {:.4} → {:.4}",
            stale.0, fresh.0, stale.1, fresh.1
        );
        assert!(1.0 - fresh.0 < 0.5 * (1.0 - stale.0), "{delay}: overlap {} → {}", stale.0, fresh.0);
        assert!(fresh.1 < 0.5 * stale.1, "{delay}: wrong {} → {}", stale.1, fresh.1);
    }
}
