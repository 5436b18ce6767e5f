//! Streams from servers that others wrote: GStreamer's for RTSP, ffmpeg for the other kinds.

mod changes;
mod faults;
mod fuzz;
mod kinds;
mod restarts;
mod secrets;
mod servers;
