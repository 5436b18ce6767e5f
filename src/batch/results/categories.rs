//! Numbers of categories in COCO files.

/// The classes of COCO in the order in which networks number them, with the numbers that its own files give them.
const COCO: [(u16, &str); 80] = [
    (1, "person"),
    (2, "bicycle"),
    (3, "car"),
    (4, "motorbike"),
    (5, "aeroplane"),
    (6, "bus"),
    (7, "train"),
    (8, "truck"),
    (9, "boat"),
    (10, "traffic light"),
    (11, "fire hydrant"),
    (13, "stop sign"),
    (14, "parking meter"),
    (15, "bench"),
    (16, "bird"),
    (17, "cat"),
    (18, "dog"),
    (19, "horse"),
    (20, "sheep"),
    (21, "cow"),
    (22, "elephant"),
    (23, "bear"),
    (24, "zebra"),
    (25, "giraffe"),
    (27, "backpack"),
    (28, "umbrella"),
    (31, "handbag"),
    (32, "tie"),
    (33, "suitcase"),
    (34, "frisbee"),
    (35, "skis"),
    (36, "snowboard"),
    (37, "sports ball"),
    (38, "kite"),
    (39, "baseball bat"),
    (40, "baseball glove"),
    (41, "skateboard"),
    (42, "surfboard"),
    (43, "tennis racket"),
    (44, "bottle"),
    (46, "wine glass"),
    (47, "cup"),
    (48, "fork"),
    (49, "knife"),
    (50, "spoon"),
    (51, "bowl"),
    (52, "banana"),
    (53, "apple"),
    (54, "sandwich"),
    (55, "orange"),
    (56, "broccoli"),
    (57, "carrot"),
    (58, "hot dog"),
    (59, "pizza"),
    (60, "donut"),
    (61, "cake"),
    (62, "chair"),
    (63, "sofa"),
    (64, "pottedplant"),
    (65, "bed"),
    (67, "diningtable"),
    (70, "toilet"),
    (72, "tvmonitor"),
    (73, "laptop"),
    (74, "mouse"),
    (75, "remote"),
    (76, "keyboard"),
    (77, "cell phone"),
    (78, "microwave"),
    (79, "oven"),
    (80, "toaster"),
    (81, "sink"),
    (82, "refrigerator"),
    (84, "book"),
    (85, "clock"),
    (86, "vase"),
    (87, "scissors"),
    (88, "teddy bear"),
    (89, "hair drier"),
    (90, "toothbrush"),
];

/// A number for each class: COCO's own where the classes are COCO's, so that files fit its ground truth; else the
/// class's number + 1.
pub(super) fn category_ids(classes: &[String]) -> Vec<u32> {
    let is_coco =
        classes.len() == COCO.len() && classes.iter().zip(COCO).all(|(class, (_, name))| class == name);
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
        classes[79] = "comb".to_owned();
        assert_eq!(category_ids(&classes)[79], 80);
    }
}
