//! Frames of video: pixel formats, planes, the byte-bounded pool they come from, and the six regions.
//!
//! A [`Frame`] is immutable once built and shared as `Arc<Frame>`; its pixels live in a buffer that
//! goes back to its [`FramePool`] when the last owner drops it. Planes are tightly packed (no row
//! padding): whoever fills a frame removes the padding of its driver.

mod color;
mod convert;
mod format;
mod picture;
mod pool;
mod region;
mod resample;
mod rgb;

pub use color::{ColorMatrix, ColorRange, ColorSpace};
pub use convert::{ConvertError, frame_to_rgba, rgba_to_nv12};
pub use format::{PixelFormat, PlaneLayout};
pub use picture::{Frame, FrameError, FrameSeq};
pub use pool::{FramePool, PoolExhausted, PoolStats, PooledBuffer};
pub use region::Region;
pub use resample::{Bilinear, PixelNumbers, Place, ResampleError, Resampler, Roi};
pub use rgb::RgbImage;
