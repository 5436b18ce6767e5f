//! Paints Masque's texture library, the same bytes on every run: seamless square tiles (JPEG), and paints in the map
//! of a face (PNG).
//!
//!     cargo run --example make_textures                 into assets/textures and assets/face/paints
//!     cargo run --example make_textures FOLDER          all of them into that folder
//!     cargo run --example make_textures FOLDER NAME…    only those

mod cloth;
mod face;
mod graphic;
mod living;
mod luminous;
mod mineral;
mod noise;
mod surface;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use surface::{OUT, Picture};

/// A name and the painter behind it.
type Entry = (&'static str, fn() -> Picture);

const LIBRARY: &[Entry] = &[
    ("aurora", luminous::aurora),
    ("brick", mineral::brick),
    ("brushed_copper", mineral::brushed_copper),
    ("circuit", graphic::circuit),
    ("denim", cloth::denim),
    ("dragon_scales", living::dragon_scales),
    ("feathers", living::feathers),
    ("halftone", graphic::halftone),
    ("ice", mineral::ice),
    ("lava", luminous::lava),
    ("leopard", living::leopard),
    ("liquid_gold", mineral::liquid_gold),
    ("marble", mineral::marble),
    ("moss", living::moss),
    ("nebula", luminous::nebula),
    ("oil_slick", luminous::oil_slick),
    ("opal", luminous::opal),
    ("porcelain", graphic::porcelain),
    ("silk", cloth::silk),
    ("stained_glass", graphic::stained_glass),
    ("tartan", cloth::tartan),
    ("terrazzo", mineral::terrazzo),
    ("walnut", living::walnut),
    ("washi_paper", cloth::washi_paper),
    ("waves", graphic::waves),
];

/// A name and the painter behind it, who gives RGBA.
type PaintEntry = (&'static str, fn() -> Vec<u8>);

const FACE_PAINTS: &[PaintEntry] = &[("filigree", face::filigree), ("tribal", face::tribal)];

/// JPEG quality of 100: no visible loss in use, at most 250 kB a tile.
const QUALITY: u8 = 88;

fn save(folder: &Path, name: &str, picture: &Picture) -> Result<(), Box<dyn std::error::Error>> {
    let pixels = picture.finish();
    let side = OUT as u32;
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY).write_image(
        &pixels,
        side,
        side,
        ExtendedColorType::Rgb8,
    )?;
    let path = folder.join(format!("{name}.jpg"));
    fs::write(&path, &bytes)?;
    println!("{} ({} kB)", path.display(), bytes.len().div_ceil(1000));
    Ok(())
}

fn save_paint(folder: &Path, name: &str, pixels: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
    let side = face::SIDE as u32;
    let mut bytes = Vec::new();
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, FilterType::Adaptive).write_image(
        pixels,
        side,
        side,
        ExtendedColorType::Rgba8,
    )?;
    let path = folder.join(format!("{name}.png"));
    fs::write(&path, &bytes)?;
    println!("{} ({} kB)", path.display(), bytes.len().div_ceil(1000));
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().map(PathBuf::from);
    let paint_folder = folder.clone().unwrap_or_else(|| "assets/face/paints".into());
    let folder = folder.unwrap_or_else(|| "assets/textures".into());
    let wanted: Vec<String> = arguments.collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|w| w == name);
    fs::create_dir_all(&folder)?;
    fs::create_dir_all(&paint_folder)?;
    for (name, paint) in FACE_PAINTS.iter().filter(|(name, _)| is_wanted(name)) {
        save_paint(&paint_folder, name, &paint())?;
    }
    let todo: Vec<Entry> = LIBRARY.iter().filter(|(name, _)| is_wanted(name)).copied().collect();
    let queue = Mutex::new(todo.into_iter());
    let failure = Mutex::new(None);
    let workers = std::thread::available_parallelism().map_or(1, |n| n.get());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((name, paint)) = queue.lock().ok().and_then(|mut q| q.next()) {
                    if let Err(error) = save(&folder, name, &paint())
                        && let Ok(mut slot) = failure.lock()
                    {
                        *slot = Some(format!("{name}: {error}"));
                    }
                }
            });
        }
    });
    match failure.into_inner() {
        Ok(None) => Ok(()),
        Ok(Some(error)) => Err(error.into()),
        Err(_) => Err("a painter panicked".into()),
    }
}
