//! A reader for FlatBuffers tables that checks every offset against the buffer and never allocates
//! more than the buffer itself could hold.
//!
//! Source: <https://flatbuffers.dev/internals/>. Little-endian; a table starts with a signed
//! offset back to its vtable, which lists where each field lies (0 = absent).

use std::cell::Cell;

use super::error::ImportError;

/// Most tables that one vector may list; the largest published nets have a few thousand.
const MAX_TABLES: usize = 1 << 16;

type Result<T> = std::result::Result<T, ImportError>;

fn out_of_bounds(at: usize) -> ImportError {
    ImportError::corrupt(format!("an offset points past the end, byte {at}"))
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N]> {
    at.checked_add(N)
        .and_then(|end| bytes.get(at..end))
        .and_then(|slice| slice.try_into().ok())
        .ok_or_else(|| out_of_bounds(at))
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32> {
    Ok(u32::from_le_bytes(array(bytes, at)?))
}

/// Follows the unsigned 32-bit offset stored at `at`.
fn follow(bytes: &[u8], at: usize) -> Result<usize> {
    at.checked_add(u32_at(bytes, at)? as usize)
        .filter(|target| *target < bytes.len())
        .ok_or_else(|| out_of_bounds(at))
}

/// What a reader may still copy out of a file. Offsets of a corrupt file can point at the same bytes
/// again and again; without a limit a small file could fill the memory.
#[derive(Debug)]
pub(super) struct Budget(Cell<usize>);

impl Budget {
    /// Enough to read every byte of the file once, and 1 MiB.
    pub(super) fn for_file(file: &[u8]) -> Self {
        Self(Cell::new(file.len() + (1 << 20)))
    }

    fn spend(&self, bytes: usize) -> Result<()> {
        let left = self.0.get().checked_sub(bytes);
        self.0.set(left.unwrap_or(0));
        left.map(drop).ok_or_else(|| ImportError::corrupt("the same bytes are used again and again"))
    }
}

/// One table inside a flatbuffer. Fields are addressed by their number in the schema.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table<'a> {
    bytes: &'a [u8],
    budget: &'a Budget,
    at: usize,
    vtable: usize,
    vtable_len: usize,
}

impl<'a> Table<'a> {
    /// The root table of a buffer. The caller checks the file identifier (bytes 4..8).
    pub(super) fn root(bytes: &'a [u8], budget: &'a Budget) -> Result<Self> {
        Self::at(bytes, budget, follow(bytes, 0)?)
    }

    fn at(bytes: &'a [u8], budget: &'a Budget, at: usize) -> Result<Self> {
        let back = i64::from(i32::from_le_bytes(array(bytes, at)?));
        let vtable = usize::try_from(at as i64 - back).map_err(|_| out_of_bounds(at))?;
        let vtable_len = usize::from(u16::from_le_bytes(array(bytes, vtable)?));
        if vtable_len < 4 || vtable + vtable_len > bytes.len() {
            return Err(out_of_bounds(vtable));
        }
        Ok(Self { bytes, budget, at, vtable, vtable_len })
    }

    /// Where field `id` lies, or `None` when the file leaves it at its default.
    fn field(&self, id: usize) -> Result<Option<usize>> {
        let entry = 4 + 2 * id;
        if entry + 2 > self.vtable_len {
            return Ok(None);
        }
        let offset = u16::from_le_bytes(array(self.bytes, self.vtable + entry)?);
        Ok((offset != 0).then(|| self.at + usize::from(offset)))
    }

    fn scalar<const N: usize>(&self, id: usize) -> Result<Option<[u8; N]>> {
        self.field(id)?.map(|at| array(self.bytes, at)).transpose()
    }

    pub(super) fn u8(&self, id: usize, default: u8) -> Result<u8> {
        Ok(self.scalar::<1>(id)?.map_or(default, |[byte]| byte))
    }

    pub(super) fn bool(&self, id: usize) -> Result<bool> {
        Ok(self.u8(id, 0)? != 0)
    }

    pub(super) fn i32(&self, id: usize, default: i32) -> Result<i32> {
        Ok(self.scalar(id)?.map_or(default, i32::from_le_bytes))
    }

    pub(super) fn u32(&self, id: usize) -> Result<u32> {
        Ok(self.scalar(id)?.map_or(0, u32::from_le_bytes))
    }

    pub(super) fn u64(&self, id: usize) -> Result<u64> {
        Ok(self.scalar(id)?.map_or(0, u64::from_le_bytes))
    }

    pub(super) fn f32(&self, id: usize, default: f32) -> Result<f32> {
        Ok(self.scalar(id)?.map_or(default, f32::from_le_bytes))
    }

    pub(super) fn table(&self, id: usize) -> Result<Option<Self>> {
        let Some(field) = self.field(id)? else { return Ok(None) };
        Self::at(self.bytes, self.budget, follow(self.bytes, field)?).map(Some)
    }

    /// The raw bytes of a vector of `size`-byte elements; empty when the field is absent.
    fn vector(&self, id: usize, size: usize) -> Result<(usize, &'a [u8])> {
        let Some(field) = self.field(id)? else {
            return Ok((0, &[]));
        };
        let at = follow(self.bytes, field)?;
        let len = u32_at(self.bytes, at)? as usize;
        len.checked_mul(size)
            .and_then(|len| (at + 4).checked_add(len))
            .and_then(|end| self.bytes.get(at + 4..end))
            .map(|slice| (at + 4, slice))
            .ok_or_else(|| out_of_bounds(at))
    }

    pub(super) fn bytes(&self, id: usize) -> Result<&'a [u8]> {
        Ok(self.vector(id, 1)?.1)
    }

    /// A string; bytes that are not UTF-8 are replaced.
    pub(super) fn string(&self, id: usize) -> Result<String> {
        let raw = self.bytes(id)?;
        self.budget.spend(raw.len())?;
        Ok(String::from_utf8_lossy(raw).into_owned())
    }

    fn elements<const N: usize, T>(&self, id: usize, read: fn([u8; N]) -> T) -> Result<Vec<T>> {
        let (_, raw) = self.vector(id, N)?;
        self.budget.spend(raw.len())?;
        Ok(raw.as_chunks::<N>().0.iter().map(|chunk| read(*chunk)).collect())
    }

    pub(super) fn i32s(&self, id: usize) -> Result<Vec<i32>> {
        self.elements(id, i32::from_le_bytes)
    }

    pub(super) fn i64s(&self, id: usize) -> Result<Vec<i64>> {
        self.elements(id, i64::from_le_bytes)
    }

    pub(super) fn f32s(&self, id: usize) -> Result<Vec<f32>> {
        self.elements(id, f32::from_le_bytes)
    }

    pub(super) fn tables(&self, id: usize) -> Result<Vec<Self>> {
        let (start, raw) = self.vector(id, 4)?;
        self.budget.spend(raw.len())?;
        if raw.len() / 4 > MAX_TABLES {
            return Err(ImportError::corrupt(format!("a list of {} tables", raw.len() / 4)));
        }
        (0..raw.len() / 4)
            .map(|index| Self::at(self.bytes, self.budget, follow(self.bytes, start + 4 * index)?))
            .collect()
    }
}
