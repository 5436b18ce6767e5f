//! Classes of COCO: their numbers, and names that mean the same.

/// The numbers that COCO's own files give its classes, in the order of [`COCO_CLASSES`](crate::perception::COCO_CLASSES).
pub(super) const COCO_NUMBERS: [u16; 80] = [
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 27, 28, 31, 32,
    33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59,
    60, 61, 62, 63, 64, 65, 67, 70, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 84, 85, 86, 87, 88, 89, 90,
];

/// Names that networks were trained with before COCO's were settled, and COCO's own.
const OLDER: [(&str, &str); 5] = [
    ("aeroplane", "airplane"),
    ("motorbike", "motorcycle"),
    ("sofa", "couch"),
    ("tvmonitor", "tv"),
    ("hairdryer", "hairdrier"),
];

/// A name without case, spaces, `_` and `-`; one of the older ones as COCO has it.
pub(super) fn plain_name(name: &str) -> String {
    let separators = [' ', '_', '-'];
    let plain: String =
        name.chars().filter(|one| !separators.contains(one)).flat_map(char::to_lowercase).collect();
    match OLDER.iter().find(|(older, _)| *older == plain) {
        Some((_, own)) => (*own).to_owned(),
        None => plain,
    }
}
