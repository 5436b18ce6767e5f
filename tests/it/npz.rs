//! Reads numpy's `.npz` files: zip archives of `.npy` arrays.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

/// An array of numbers, row-major.
#[derive(Clone, Debug)]
pub struct Array {
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
}

impl Array {
    /// An NHWC image as NCHW; any other rank as it is.
    pub fn channels_second(&self) -> Self {
        let &[batch, height, width, channels] = &self.shape[..] else { return self.clone() };
        let mut values = Vec::with_capacity(self.values.len());
        for image in self.values.chunks(height * width * channels) {
            for channel in 0..channels {
                values.extend(image.iter().skip(channel).step_by(channels));
            }
        }
        Self { shape: vec![batch, channels, height, width], values }
    }
}

/// All arrays of a file by name. Element types: float32 and uint8, little-endian, C order.
pub fn read(path: &Path) -> BTreeMap<String, Array> {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut arrays = BTreeMap::new();
    for index in 0..archive.len() {
        let mut member = archive.by_index(index).unwrap();
        let name = member.name().unwrap().trim_end_matches(".npy").to_owned();
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).unwrap();
        arrays.insert(name, parse(&bytes));
    }
    arrays
}

fn parse(bytes: &[u8]) -> Array {
    assert_eq!(&bytes[..6], b"\x93NUMPY");
    let (start, length) = match bytes[6] {
        1 => (10, usize::from(u16::from_le_bytes([bytes[8], bytes[9]]))),
        _ => (12, u32::from_le_bytes(bytes[8..12].try_into().unwrap()) as usize),
    };
    let header = std::str::from_utf8(&bytes[start..start + length]).unwrap();
    assert!(header.contains("'fortran_order': False"), "{header}");
    let shape = header.split("'shape': (").nth(1).unwrap().split(')').next().unwrap();
    let shape = shape.split(',').filter_map(|dim| dim.trim().parse().ok()).collect();
    let data = &bytes[start + length..];
    let values = if header.contains("'<f4'") {
        data.chunks_exact(4).map(|word| f32::from_le_bytes(word.try_into().unwrap())).collect()
    } else {
        assert!(header.contains("'|u1'"), "{header}");
        data.iter().map(|byte| f32::from(*byte)).collect()
    };
    Array { shape, values }
}
