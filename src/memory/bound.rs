//! What may hold memory, and how much: every queue, pool, ring, cache and history says it here.

use std::fmt;

/// Something that holds memory and never more than this.
///
/// Rooms make theirs with `bound!` beside the thing itself and list them behind their
/// door; `cli::bounds` puts all lists together, `ARCHITECTURE.md` shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    /// Room and thing, as `capture.frames`; one of a kind.
    pub name: &'static str,
    /// What it holds, for people.
    pub holds: &'static str,
    /// Most things that it holds at once.
    pub most: u64,
    /// How large one of them may be.
    pub each: Each,
    /// What happens when it is full, with the counter that tells.
    pub when_full: &'static str,
    /// The source file that it lives in.
    pub file: &'static str,
    /// Gauge of the things in it, where it is a [`queue`](crate::memory::queue).
    pub depth: &'static str,
    /// Counter of the things that it had no room for, where it is a [`queue`](crate::memory::queue).
    pub dropped: &'static str,
}

/// The most bytes that one thing of a [`Bound`] has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Each {
    /// Bytes of its own.
    Bytes(u64),
    /// A handle: its bytes are counted in the bound of this name.
    In(&'static str),
    /// Bytes of its own in the memory of the GPU.
    Gpu(u64),
}

impl Bound {
    /// Most bytes of its own in the memory of the process; 0 where they are counted elsewhere.
    pub const fn bytes(&self) -> u64 {
        match self.each {
            Each::Bytes(bytes) => self.most.saturating_mul(bytes),
            Each::In(_) | Each::Gpu(_) => 0,
        }
    }
}

/// A [`Bound`] of the file that says it:
/// `bound!("capture.frames", "captured frames", 1, Each::In("frames"), "the older one goes")`.
macro_rules! bound {
    ($name:literal, $holds:literal, $most:expr, $each:expr, $when_full:literal) => {
        $crate::memory::Bound {
            name: $name,
            holds: $holds,
            most: $most as u64,
            each: $each,
            when_full: $when_full,
            file: file!(),
            depth: concat!("queue.", $name, ".depth"),
            dropped: concat!("queue.", $name, ".dropped"),
        }
    };
}
pub(crate) use bound;

impl fmt::Display for Bound {
    /// How much, as `4 × 33.2 MiB` or `128 MiB`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { most, each, .. } = self;
        match (each, most) {
            (Each::Bytes(1), bytes) => write!(f, "{}", Size(*bytes)),
            (Each::Gpu(1), bytes) => write!(f, "{} on the GPU", Size(*bytes)),
            (Each::Bytes(bytes), most) => write!(f, "{most} × {}", Size(*bytes)),
            (Each::Gpu(bytes), most) => write!(f, "{most} × {} on the GPU", Size(*bytes)),
            (Each::In(place), most) => write!(f, "{most}, bytes in `{place}`"),
        }
    }
}

/// Bytes for people, in powers of 1024 with at most one decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
        let power = (self.0.max(1).ilog2() / 10).min(4) as usize;
        let value = self.0 as f64 / 1024_f64.powi(power as i32);
        let rounded = (value * 10.0).round() / 10.0;
        write!(f, "{rounded} {}", UNITS[power])
    }
}

/// The table of `bounds` in Markdown, in their order.
pub fn bounds_table<'b>(bounds: impl IntoIterator<Item = &'b Bound>) -> String {
    let mut table = String::from("| name | holds | at most | when full |\n| --- | --- | --- | --- |\n");
    for bound in bounds {
        let Bound { name, holds, when_full, .. } = bound;
        table += &format!("| `{name}` | {holds} | {bound} | {when_full} |\n");
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_well() {
        let sizes =
            [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (128 << 20, "128 MiB"), (3 << 40, "3 TiB")];
        for (bytes, text) in sizes {
            assert_eq!(Size(bytes).to_string(), text);
        }
        let own = bound!("a.b", "things", 4, Each::Bytes(2 << 20), "waits");
        assert_eq!((own.to_string().as_str(), own.bytes()), ("4 × 2 MiB", 8 << 20));
        assert_eq!((own.depth, own.dropped), ("queue.a.b.depth", "queue.a.b.dropped"));
        let handles = Bound { each: Each::In("frames"), ..own };
        assert_eq!((handles.to_string().as_str(), handles.bytes()), ("4, bytes in `frames`", 0));
    }
}
