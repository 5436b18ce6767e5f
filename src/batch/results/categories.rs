//! Numbers of categories in COCO files.

use crate::batch::classes::{COCO, plain_name};

/// A number for each class: COCO's own where the classes are COCO's, so that files fit its ground truth; else the
/// class's number + 1.
pub(super) fn category_ids(classes: &[String]) -> Vec<u32> {
    let is_coco = classes.len() == COCO.len()
        && classes.iter().zip(COCO).all(|(class, (_, name))| plain_name(class) == plain_name(name));
    let own = (1..).take(classes.len());
    if is_coco { COCO.iter().map(|&(id, _)| id.into()).collect() } else { own.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_of_coco_have_its_numbers() {
        let mut classes: Vec<String> = COCO.iter().map(|(_, name)| (*name).to_owned()).collect();
        let ids = category_ids(&classes);
        assert_eq!((ids[0], ids[11], ids[79]), (1, 13, 90), "12 and ten others are not given");
        classes[62] = "tvmonitor".to_owned();
        assert_eq!(category_ids(&classes)[62], 72, "by an older name");
        classes[79] = "comb".to_owned();
        assert_eq!(category_ids(&classes)[79], 80);
    }
}
