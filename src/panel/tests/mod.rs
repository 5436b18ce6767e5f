//! The panel driven as a person drives it, and looked at: `egui_kittest` gives clicks and keys, `raster.rs` the
//! pictures, without a GPU and the same everywhere.

mod pictures;
mod raster;
mod scene;
mod usage;
