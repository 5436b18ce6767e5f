//! MediaPipe's `.task` bundles: zip archives of `.tflite` files.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::error::ImportError;

/// Above the largest published model; a member that unpacks to more is refused.
const MAX_MEMBER_BYTES: u64 = 1 << 30;

/// The bytes of one member of a `.task` bundle, for example `face_detector.tflite`.
///
/// # Errors
/// [`ImportError::NotABundle`] when the bytes are no readable zip archive (its checksum is verified),
/// [`ImportError::NoSuchMember`] with the names that are there.
pub fn bundle_member(task_bytes: &[u8], member: &str) -> Result<Vec<u8>, ImportError> {
    let unreadable = |reason: String| ImportError::NotABundle { reason };
    let mut archive =
        ZipArchive::new(Cursor::new(task_bytes)).map_err(|error| unreadable(error.to_string()))?;
    if archive.index_for_name(member).is_none() {
        let present = archive.file_names().flatten().collect::<Vec<_>>().join(", ");
        return Err(ImportError::NoSuchMember { member: member.to_owned(), present });
    }
    let file = archive.by_name(member).map_err(|error| unreadable(error.to_string()))?;
    let mut bytes = Vec::new();
    let read = file
        .take(MAX_MEMBER_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(format!("{member}: {error}")))?;
    if read as u64 > MAX_MEMBER_BYTES {
        return Err(unreadable(format!("{member} unpacks to more than 1 GiB")));
    }
    Ok(bytes)
}
