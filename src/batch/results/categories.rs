//! Numbers of categories in COCO files.

use crate::batch::classes::{COCO_NUMBERS, plain_name};
use crate::perception::COCO_CLASSES;

/// A number for each class: COCO's own where the classes are COCO's, so that files fit its ground truth; else the
/// class's number + 1.
pub(super) fn category_ids(classes: &[String]) -> Vec<u32> {
    let is_coco = classes.len() == COCO_CLASSES.len()
        && classes.iter().zip(COCO_CLASSES).all(|(class, name)| plain_name(class) == plain_name(name));
    let own = (1..).take(classes.len());
    if is_coco { COCO_NUMBERS.map(u32::from).to_vec() } else { own.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_of_coco_have_its_numbers() {
        let mut classes: Vec<String> = COCO_CLASSES.map(str::to_owned).to_vec();
        let ids = category_ids(&classes);
        assert_eq!((ids[0], ids[11], ids[79]), (1, 13, 90), "12 and ten others are not given");
        // What COCO calls them where networks have older names.
        for (at, name) in [
            (3, "motorcycle"),
            (4, "airplane"),
            (57, "couch"),
            (58, "potted plant"),
            (60, "dining table"),
            (62, "tv"),
            (78, "hair drier"),
        ] {
            classes[at] = name.to_owned();
            assert_eq!(category_ids(&classes)[at], u32::from(COCO_NUMBERS[at]), "{name}");
        }
        assert_eq!([57, 60, 62].map(|at| category_ids(&classes)[at]), [63, 67, 72]);
        classes[79] = "comb".to_owned();
        assert_eq!(category_ids(&classes)[79], 80);
    }
}
