//! Protobuf messages as a row of fields, so that what is not understood can be kept byte for byte.
//!
//! Source: <https://protobuf.dev/programming-guides/encoding/>.

/// One field of a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'a> {
    pub(super) number: usize,
    /// What is in it, when it is a string, bytes or a message; else nothing.
    pub(super) value: &'a [u8],
    /// All of it, with its number.
    pub(super) whole: &'a [u8],
}

/// The fields of a message in their order; `None` when it is none.
pub(super) fn fields(message: &[u8]) -> Option<Vec<Field<'_>>> {
    let mut fields = Vec::new();
    let mut rest = message;
    while !rest.is_empty() {
        let start = rest;
        let key = varint(&mut rest)?;
        let value = match key & 7 {
            0 => {
                varint(&mut rest)?;
                &[]
            }
            1 => skip(&mut rest, 8)?,
            2 => {
                let length = varint(&mut rest)?;
                skip(&mut rest, length)?
            }
            5 => skip(&mut rest, 4)?,
            _ => return None,
        };
        fields.push(Field { number: key >> 3, value, whole: &start[..start.len() - rest.len()] });
    }
    Some(fields)
}

/// Appends the message `value` as field `number`.
pub(super) fn put(out: &mut Vec<u8>, number: usize, value: &[u8]) {
    for number in [number << 3 | 2, value.len()] {
        let mut left = number;
        while left > 0x7f {
            out.push(left as u8 | 0x80);
            left >>= 7;
        }
        out.push(left as u8);
    }
    out.extend_from_slice(value);
}

fn varint(rest: &mut &[u8]) -> Option<usize> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, left) = rest.split_first()?;
        *rest = left;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return usize::try_from(value).ok();
        }
    }
    None
}

fn skip<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (value, left) = rest.split_at_checked(length)?;
    *rest = left;
    Some(value)
}
