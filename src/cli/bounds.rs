//! Everything that may hold memory, and how much: the lists of all rooms in one.

use crate::memory::Bound;
use crate::{
    batch, capture, compositor, effect, ffmpeg, look, memory, models, panel, perception, record, source,
    watch,
};

/// Every queue, pool, ring, cache and history of the program, from the way of a frame's begin to its end.
/// `ARCHITECTURE.md` shows this list.
pub fn bounds() -> impl Iterator<Item = &'static Bound> {
    const OWN: &[Bound] = &[super::assemble::FRAMES, super::inputs::FRAMES];
    let rooms: [&'static [Bound]; 16] = [
        OWN,
        source::BOUNDS,
        capture::BOUNDS,
        models::BOUNDS,
        perception::BOUNDS,
        look::BOUNDS,
        effect::BOUNDS,
        watch::BOUNDS,
        compositor::BOUNDS,
        record::BOUNDS,
        batch::BOUNDS,
        batch::results::BOUNDS,
        batch::evaluate::BOUNDS,
        ffmpeg::BOUNDS,
        panel::BOUNDS,
        memory::BOUNDS,
    ];
    rooms.into_iter().flatten()
}
