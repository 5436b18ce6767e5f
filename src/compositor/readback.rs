//! Composed pictures back to the CPU: a ring of three buffers, never waited for when live.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use bevy::prelude::*;
use bevy::render::render_resource::{
    Buffer, BufferDescriptor, BufferUsages, CommandEncoder, MapMode, Texture,
};
use bevy::render::renderer::RenderDevice;
use crossbeam_channel::TrySendError;
use wgpu::{TexelCopyBufferInfo, TexelCopyBufferLayout};

use super::nv12::packed_size;
use super::{ComposedFrame, ComposedFrames, Composition};
use crate::frame::{FramePool, FrameSeq, PixelFormat};
use crate::memory::{Bound, Each, MemoryPressure, PressureLevel, Sender, bound, queue};
use crate::schedule::Waker;
use crate::stats::Stats;

/// Buffers on the GPU's side.
const RING: usize = 3;
/// Bytes of pictures on the CPU's side: two of the largest, 8192 × 8192, or sixteen of 4K.
const POOL_BYTES: usize = 2 * 8192 * 8192 * 4;

pub(super) const BUFFERS: Bound = bound!(
    "compositor.readback",
    "buffers that pictures are read back with, as RGBA and as NV12, the largest at 8192 × 8192",
    2 * RING,
    Each::Gpu(8192 * 8192 * 4),
    "the picture is skipped, `readback_skipped`"
);
pub(super) const PICTURES: Bound = bound!(
    "pictures",
    "composed pictures on the CPU, idle buffers included",
    POOL_BYTES,
    Each::Bytes(1),
    "the picture is dropped, `readback_dropped`"
);
pub(super) const WAITING: Bound = bound!(
    "compositor.pictures",
    "pictures on the way from the render world",
    4,
    Each::In("pictures"),
    "the picture is dropped, `readback_dropped`"
);

/// Who wants composed pictures back.
#[derive(Resource, Debug, Default)]
pub struct ReadbackDemand {
    /// Every picture as NV12, as long as a recording runs.
    pub recording: bool,
    /// The recording has no room for the next one: it is not converted for it.
    pub recorder_full: bool,
    /// The next picture as RGBA, for a snapshot.
    pub snapshot: bool,
    /// Every picture as NV12, as long as the last seconds are kept.
    pub replay: bool,
    /// The next picture as NV12, for a time-lapse.
    pub time_lapse: bool,
    /// Wait for the GPU after each picture: none is skipped, and the time is measured.
    pub wait: bool,
}

impl ReadbackDemand {
    /// How the next picture is wanted.
    pub fn wanted(&self) -> ReadBack {
        let recorded = self.recording && !self.recorder_full;
        ReadBack { rgba: self.snapshot, nv12: recorded || self.replay || self.time_lapse }
    }
}

/// How a picture is wanted back on the CPU.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReadBack {
    /// As it is.
    pub rgba: bool,
    /// As encoders take it.
    pub nv12: bool,
}

/// Where the render world puts finished pictures.
#[derive(Resource)]
pub(super) struct ReadbackSink {
    sender: Sender<ComposedFrame>,
    pool: FramePool,
    stats: Stats,
    waker: Waker,
}

impl ReadbackSink {
    pub(super) fn pool(&self) -> &FramePool {
        &self.pool
    }
}

/// Where composed pictures come from, for the main world.
#[derive(Resource)]
pub(super) struct PicturePool(pub(super) FramePool);

/// Frees buffers that no picture is in, when memory is tight.
pub(super) fn free_idle_pictures(
    mut pressure: MessageReader<MemoryPressure>,
    pool: Res<PicturePool>,
    stats: Res<Stats>,
) {
    if pressure.read().any(|pressure| pressure.reaches(PressureLevel::Warning)) {
        stats.add("picture_buffers_trimmed_bytes", pool.0.trim() as u64);
    }
}

pub(super) fn channel(stats: Stats, waker: Waker) -> (ReadbackSink, ComposedFrames) {
    let (sender, receiver) = queue(&WAITING, &stats);
    let pool = FramePool::new(POOL_BYTES);
    let held = pool.clone();
    stats.probe("pictures_resident_bytes", move || Some(held.held_bytes() as f64));
    (ReadbackSink { sender, pool, stats, waker }, ComposedFrames(receiver))
}

const FREE: u8 = 0;
const COPIED: u8 = 1;
const MAPPING: u8 = 2;
const MAPPED: u8 = 3;
const FAILED: u8 = 4;

struct Slot {
    buffer: Buffer,
    format: PixelFormat,
    state: Arc<AtomicU8>,
    revision: u64,
    seq: FrameSeq,
    timestamp: Duration,
    arrived: Instant,
    started: Instant,
}

/// The buffers of both formats, made anew only when the size of the output changes.
#[derive(Resource, Default)]
pub(super) struct ReadbackRing {
    size: UVec2,
    slots: Vec<Slot>,
}

impl ReadbackRing {
    /// Records the copy of `texture`, which holds `format`, into a free buffer; none free means that the picture is skipped
    /// and counted.
    pub(super) fn copy(
        &mut self,
        device: &RenderDevice,
        encoder: &mut CommandEncoder,
        (format, texture): (PixelFormat, &Texture),
        composition: &Composition,
        seq: FrameSeq,
        stats: &Stats,
    ) {
        let size = composition.output_size;
        let extent = texture.size();
        let stride = padded_stride(extent.width);
        if self.size != size {
            self.size = size;
            self.slots.clear();
        }
        let own = |slot: &&Slot| slot.format == format;
        let count = self.slots.iter().filter(own).count();
        let is_free = |slot: &Slot| own(&slot) && slot.state.load(Ordering::Acquire) == FREE;
        let free = self.slots.iter().position(is_free);
        let index = match free {
            Some(index) => index,
            None if count < RING => {
                self.slots.push(Slot::new(device, format, u64::from(stride) * u64::from(extent.height)));
                self.slots.len() - 1
            }
            None => {
                stats.count("readback_skipped");
                return;
            }
        };
        let slot = &mut self.slots[index];
        encoder.copy_texture_to_buffer(
            texture.as_image_copy(),
            TexelCopyBufferInfo {
                buffer: &slot.buffer,
                layout: TexelCopyBufferLayout {
                    offset: 0,
                    bytes_per_row: Some(stride),
                    rows_per_image: Some(extent.height),
                },
            },
            extent,
        );
        slot.revision = composition.revision;
        slot.seq = seq;
        slot.timestamp = composition.timestamp();
        slot.arrived = composition.frame.as_ref().map_or(slot.started, |frame| frame.arrived);
        slot.started = Instant::now();
        slot.state.store(COPIED, Ordering::Release);
    }
}

impl Slot {
    fn new(device: &RenderDevice, format: PixelFormat, size: u64) -> Self {
        let buffer = device.create_buffer(&BufferDescriptor {
            label: Some("masque_readback"),
            size,
            usage: BufferUsages::MAP_READ | BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        Self {
            buffer,
            format,
            state: Arc::new(AtomicU8::new(FREE)),
            revision: 0,
            seq: FrameSeq::default(),
            timestamp: Duration::ZERO,
            arrived: Instant::now(),
            started: Instant::now(),
        }
    }

    fn map(&self, waker: Waker) {
        let state = self.state.clone();
        state.store(MAPPING, Ordering::Release);
        self.buffer.slice(..).map_async(MapMode::Read, move |result| {
            state.store(if result.is_ok() { MAPPED } else { FAILED }, Ordering::Release);
            waker.wake();
        });
    }
}

/// Bytes per row of texels of four bytes in a read-back buffer.
fn padded_stride(width: u32) -> u32 {
    RenderDevice::align_copy_bytes_per_row(width as usize * 4) as u32
}

/// Maps what was copied, and passes on what is mapped.
pub(super) fn collect(
    composition: Res<Composition>,
    device: Res<RenderDevice>,
    sink: Res<ReadbackSink>,
    mut ring: ResMut<ReadbackRing>,
) {
    if ring.slots.iter().all(|slot| slot.state.load(Ordering::Acquire) == FREE) {
        return;
    }
    for slot in ring.slots.iter().filter(|slot| slot.state.load(Ordering::Acquire) == COPIED) {
        slot.map(sink.waker.clone());
    }
    let poll = if composition.wait { wgpu::PollType::wait_indefinitely() } else { wgpu::PollType::Poll };
    // A device that fails here reports through the render error handler.
    let _ = device.poll(poll);
    let size = ring.size;
    let mut done: Vec<&mut Slot> = ring
        .slots
        .iter_mut()
        .filter(|slot| matches!(slot.state.load(Ordering::Acquire), MAPPED | FAILED))
        .collect();
    done.sort_by_key(|slot| slot.revision);
    for slot in done {
        if slot.state.load(Ordering::Acquire) == MAPPED {
            pass_on(slot, size, &sink);
            slot.buffer.unmap();
        } else {
            sink.stats.count("readback_failed");
        }
        slot.state.store(FREE, Ordering::Release);
    }
}

fn pass_on(slot: &Slot, size: UVec2, sink: &ReadbackSink) {
    let Ok(mut pixels) = sink.pool.acquire(slot.format.bytes(size.x, size.y)) else {
        sink.stats.count("readback_dropped");
        return;
    };
    let mapped = slot.buffer.slice(..).get_mapped_range();
    unpad(&mapped, (slot.format, size), &mut pixels);
    drop(mapped);
    sink.stats.add("readback_bytes", pixels.len() as u64);
    sink.stats.stage("readback", slot.started.elapsed());
    let frame = ComposedFrame {
        revision: slot.revision,
        seq: slot.seq,
        timestamp: slot.timestamp,
        arrived: slot.arrived,
        width: size.x,
        height: size.y,
        format: slot.format,
        pixels,
    };
    if let Err(TrySendError::Full(_)) = sink.sender.try_send(frame) {
        sink.stats.count("readback_dropped");
    }
    sink.waker.wake();
}

/// Takes the rows of a picture of this size out of a read-back buffer, plane by plane.
fn unpad(mapped: &[u8], (format, size): (PixelFormat, UVec2), pixels: &mut [u8]) {
    let columns = if format == PixelFormat::Nv12 { packed_size(size).x } else { size.x };
    let mut rows = mapped.chunks(padded_stride(columns) as usize);
    let mut rest = pixels;
    for plane in (0..format.plane_count()).map(|plane| format.plane(plane, size.x, size.y)) {
        let (own, after) = rest.split_at_mut(plane.len());
        for (to, from) in own.chunks_exact_mut(plane.stride).zip(&mut rows) {
            to.copy_from_slice(&from[..to.len()]);
        }
        rest = after;
    }
}
