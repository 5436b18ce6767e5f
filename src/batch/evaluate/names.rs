//! Which picture of the truth a name is, and which class.

use std::cmp::Ordering;

use crate::batch::classes::plain_name;

/// Names of pictures, found again by path, by name or by stem.
pub(super) struct PictureNames {
    /// In the order of the pictures.
    names: Vec<String>,
    /// Numbers of pictures in the order of their stems.
    by_stem: Vec<u32>,
}

/// What a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// The picture of this number.
    One(u32),
    /// Several pictures, no better one among them.
    Several,
    /// None.
    Nothing,
}

impl PictureNames {
    pub(super) fn new(names: Vec<String>) -> Self {
        let mut by_stem: Vec<u32> = (0..).take(names.len()).collect();
        by_stem.sort_by(|&a, &b| stem(&names[a as usize]).cmp(stem(&names[b as usize])));
        Self { names, by_stem }
    }

    /// The picture with this stem; of several the one that has the same path, or the same name.
    pub(super) fn find(&self, name: &str) -> Named {
        let wanted = stem(name);
        let begin = self.by_stem.partition_point(|&at| stem(self.name(at)) < wanted);
        let same = self.by_stem[begin..].iter().copied().take_while(|&at| stem(self.name(at)) == wanted);
        let mut best = (Named::Nothing, 0);
        for at in same {
            let alike = common_end(self.name(at), name);
            match (best.0, alike.cmp(&best.1)) {
                (Named::Nothing, _) | (_, Ordering::Greater) => best = (Named::One(at), alike),
                (_, Ordering::Equal) => best.0 = Named::Several,
                (_, Ordering::Less) => {}
            }
        }
        best.0
    }

    /// The name of a picture as the truth writes it.
    pub(super) fn name(&self, at: u32) -> &str {
        &self.names[at as usize]
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }
}

/// A name without folders and ending. Endings are short: `clip.v2_000012` has none.
fn stem(name: &str) -> &str {
    let own = name.rsplit(['/', '\\']).next().unwrap_or(name);
    match own.rsplit_once('.') {
        Some((stem, end)) if !stem.is_empty() && is_ending(end) => stem,
        _ => own,
    }
}

fn is_ending(end: &str) -> bool {
    (1..=5).contains(&end.len()) && end.chars().all(|one| one.is_ascii_alphanumeric())
}

/// Bytes that two paths have in common at their ends; the same name without an ending counts as little as none.
fn common_end(a: &str, b: &str) -> usize {
    a.bytes().rev().zip(b.bytes().rev()).take_while(|(a, b)| a == b).count()
}

/// The class with this name: as it is, else but for case, spaces, `_` and `-`, and the older names of COCO's.
pub(super) fn class_named(classes: &[String], name: &str) -> Option<u32> {
    let exact = classes.iter().position(|class| class == name);
    let at = exact.or_else(|| {
        let wanted = plain_name(name);
        classes.iter().position(|class| plain_name(class) == wanted)
    });
    at.and_then(|at| u32::try_from(at).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> PictureNames {
        PictureNames::new(names.iter().map(|&name| name.to_owned()).collect())
    }

    #[test]
    fn pictures_are_found_by_stem() {
        let names = names(&["val2017/000000000139.jpg", "clip_000012.png", "clip.v2_000012"]);
        assert_eq!(names.find("000000000139.png"), Named::One(0));
        assert_eq!(names.find("clip_000012"), Named::One(1));
        assert_eq!(names.find("clip.v2_000012.jpg"), Named::One(2));
        assert_eq!(names.find("clip_000013"), Named::Nothing);
    }

    #[test]
    fn of_pictures_with_one_stem_the_path_decides() {
        let names = names(&["a/one.jpg", "b/one.jpg", "b/one.png"]);
        assert_eq!(names.find("b/one.jpg"), Named::One(1));
        assert_eq!(names.find("x/b/one.png"), Named::One(2));
        assert_eq!(names.find("one.jpg"), Named::Several);
        assert_eq!(names.find("one.png"), Named::One(2));
    }

    #[test]
    fn classes_are_found_whatever_their_spaces() {
        let classes = ["person", "Traffic Light", "traffic_light"].map(str::to_owned);
        assert_eq!(class_named(&classes, "traffic_light"), Some(2));
        assert_eq!(class_named(&classes, "traffic light"), Some(1));
        assert_eq!(class_named(&classes, "Person"), Some(0));
        assert_eq!(class_named(&classes, "cat"), None);
        let coco = ["tv", "couch", "airplane"].map(str::to_owned);
        assert_eq!(class_named(&coco, "tvmonitor"), Some(0));
        assert_eq!(class_named(&coco, "aeroplane"), Some(2));
    }
}
