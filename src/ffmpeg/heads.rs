//! What is known of a picture before its bytes come through the pipe.

use crate::frame::ColorSpace;
use crate::memory::{Bound, Each, Receiver, Sender, bound, queue};
use crate::stats::Stats;

use super::report::Report;

pub(super) const HEADS: Bound = bound!(
    "ffmpeg.heads",
    "times and sizes of pictures that are still in a child's pipe",
    256,
    Each::Bytes(64),
    "the child waits"
);

/// A picture on its way. Its size is told of each one: a stream may change it in the middle.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Head {
    /// In units of `time_base` seconds; none where the stream does not say.
    pub(super) pts: Option<i64>,
    pub(super) time_base: (i64, i64),
    pub(super) size: (u32, u32),
    pub(super) color: ColorSpace,
}

/// Where heads wait for their pictures' bytes.
pub(super) fn heads() -> (Sender<Head>, Receiver<Head>) {
    queue(&HEADS, &Stats::default())
}

/// Puts heads together from the lines that ffmpeg writes for each picture.
#[derive(Debug, Default)]
pub(super) struct Gatherer {
    time_base: (i64, i64),
    begun: Option<Head>,
    /// The size that every frame is scaled to after it was told of, where this ffmpeg does that.
    scaled_to: Option<(u32, u32)>,
    scales: bool,
}

impl Gatherer {
    /// `scales` says that this ffmpeg brings all frames to the size of the first.
    pub(super) fn new(scales: bool) -> Self {
        Self { scales, ..Self::default() }
    }

    /// Takes a report in; gives the head that it completes. `is_rgb` says that the picture was RGB before ffmpeg made YUV of
    /// it, by BT.601 whatever its height.
    pub(super) fn take_in(&mut self, report: &Report, is_rgb: bool) -> Option<Head> {
        match *report {
            Report::Config { time_base, .. } => self.time_base = time_base,
            Report::Frame { pts, size } => {
                let size = if self.scales { *self.scaled_to.get_or_insert(size) } else { size };
                self.begun = Some(Head { pts, time_base: self.time_base, size, ..Head::default() });
            }
            Report::Color { matrix, range } => {
                let head = self.begun.take()?;
                let color = Report::color_space(matrix, range, if is_rgb { 0 } else { head.size.1 });
                return Some(Head { color, ..head });
            }
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ffmpeg::report::parse;
    use crate::frame::ColorMatrix;

    #[test]
    fn a_picture_has_the_size_and_the_clock_that_it_was_told_with() {
        let mut gatherer = Gatherer::default();
        let mut heads = Vec::new();
        for line in [
            "[Parsed_showinfo_3 @ 0x1] config in time_base: 1/25, frame_rate: 25/1",
            "[Parsed_showinfo_3 @ 0x1] n:   0 pts:      7 pts_time:0.28 fmt:nv12 sar:1/1 s:320x240 i:P",
            "[Parsed_showinfo_3 @ 0x1]   side data - User Data Unregistered:",
            "[Parsed_showinfo_3 @ 0x1] color_range:tv color_space:unknown color_primaries:unknown",
            "[Parsed_showinfo_3 @ 0x2] config in time_base: 1/1000, frame_rate: 25/1",
            "[Parsed_showinfo_3 @ 0x2] n:   0 pts:    320 pts_time:0.32 fmt:nv12 sar:1/1 s:1280x720 i:P",
            "[Parsed_showinfo_3 @ 0x2] color_range:tv color_space:unknown color_primaries:unknown",
        ] {
            heads.extend(gatherer.take_in(&parse(line).expect(line), false));
        }
        let [first, second] = heads.try_into().expect("two");
        assert_eq!((first.pts, first.time_base, first.size), (Some(7), (1, 25), (320, 240)));
        assert_eq!((second.pts, second.time_base, second.size), (Some(320), (1, 1000), (1280, 720)));
        assert_eq!((first.color.matrix, second.color.matrix), (ColorMatrix::Bt601, ColorMatrix::Bt709));
    }
}
