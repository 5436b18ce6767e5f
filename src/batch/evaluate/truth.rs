//! What is in the pictures: a file of COCO ground truth.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use super::coco::{self, Annotation, Category, Form, Image, Sink};
use super::error::EvaluateError;
use super::names::PictureNames;
use crate::memory::{Bound, Each, bound};

/// Boxes at most.
pub const MOST_BOXES: usize = 4 << 20;
/// Images at most.
pub const MOST_IMAGES: usize = 4 << 20;
/// Classes at most.
pub const MOST_CLASSES: usize = 2000;

/// The truth's boxes.
pub(super) const BOXES: Bound = bound!(
    "evaluate.truth",
    "boxes of the ground truth",
    MOST_BOXES,
    Each::Bytes(size_of::<TruthBox>() as u64),
    "refused"
);
/// The truth's images.
pub(super) const IMAGES: Bound = bound!(
    "evaluate.images",
    "names and numbers of the images of the ground truth",
    MOST_IMAGES,
    Each::Bytes(128),
    "refused"
);

/// A box that should be found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct TruthBox {
    /// Position of its image in the order of the images' ids.
    pub(super) image: u32,
    /// Position of its class in the order of the classes' ids.
    pub(super) class: u32,
    /// Left, upper edge, columns and rows, pixels.
    pub(super) bounds: [f64; 4],
    /// Square pixels, of the object, not of its box.
    pub(super) area: f64,
    /// A crowd: detections in it are neither right nor wrong.
    pub(super) is_crowd: bool,
    /// Its id is 0, which COCO's own code takes for "no box".
    pub(super) is_zero: bool,
}

/// Images, classes and boxes of a file of COCO ground truth.
pub struct Truth {
    pub(super) names: PictureNames,
    /// Ids of the images, growing.
    pub(super) image_ids: Vec<i64>,
    /// Ids of the classes, growing.
    pub(super) class_ids: Vec<i64>,
    pub(super) classes: Vec<String>,
    /// In the order of classes, then of images, then of the file.
    pub(super) boxes: Vec<TruthBox>,
    /// Boxes of images or classes that the file does not list.
    pub(super) stray: u64,
}

impl Truth {
    /// Reads a file such as `instances_val2017.json`; polygons and masks are passed over.
    ///
    /// # Errors
    /// [`EvaluateError`] when it cannot be read, is something else, or has more than is held.
    pub fn read(path: &Path) -> Result<Self, EvaluateError> {
        let unreadable = |cause| EvaluateError::Unreadable { path: path.to_owned(), cause };
        let file = File::open(path).map_err(unreadable)?;
        let mut sections = Sections::default();
        let form = coco::read(BufReader::with_capacity(1 << 20, file), &mut sections);
        if let Some(what) = sections.too_many {
            let most = if what == "images" { MOST_IMAGES } else { MOST_BOXES };
            return Err(EvaluateError::TooMany { path: path.to_owned(), most, what });
        }
        let malformed = |reason| EvaluateError::Malformed {
            path: path.to_owned(),
            expected: "COCO ground truth",
            reason,
        };
        match form {
            Ok(Form::Object) => sections.sorted(path),
            Ok(Form::List) => {
                Err(malformed("it is a list of results; is it what --detections takes?".to_owned()))
            }
            Err(error) if error.is_io() => Err(unreadable(error.into())),
            Err(error) => Err(malformed(error.to_string())),
        }
    }

    /// Names of the classes, in the order of their ids.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }
}

/// The file as it comes.
#[derive(Default)]
struct Sections {
    images: Vec<Image>,
    categories: Vec<Category>,
    /// Boxes whose image and class are places in the lists below.
    boxes: Vec<TruthBox>,
    image_places: Places,
    class_places: Places,
    too_many: Option<&'static str>,
}

/// Small numbers for ids, in the order in which they came.
#[derive(Default)]
pub(super) struct Places {
    pub(super) ids: Vec<i64>,
    places: HashMap<i64, u32>,
    last: Option<(i64, u32)>,
}

impl Places {
    pub(super) fn of(&mut self, id: i64) -> u32 {
        if let Some((last, place)) = self.last
            && last == id
        {
            return place;
        }
        let next = self.ids.len() as u32;
        let place = *self.places.entry(id).or_insert(next);
        if place == next {
            self.ids.push(id);
        }
        self.last = Some((id, place));
        place
    }
}

impl Sink for Sections {
    fn image(&mut self, image: Image) -> Result<(), String> {
        if self.images.len() >= MOST_IMAGES {
            self.too_many = Some("images");
            return Err("too many images".to_owned());
        }
        self.images.push(image);
        Ok(())
    }

    fn category(&mut self, category: Category) -> Result<(), String> {
        self.categories.push(category);
        if self.categories.len() > MOST_CLASSES {
            return Err(format!("there are more than {MOST_CLASSES} classes"));
        }
        Ok(())
    }

    fn annotation(&mut self, annotation: Annotation) -> Result<(), String> {
        if self.boxes.len() >= MOST_BOXES {
            self.too_many = Some("boxes");
            return Err("too many boxes".to_owned());
        }
        let Annotation { id, image_id, category_id, bbox, area, iscrowd, .. } = annotation;
        self.boxes.push(TruthBox {
            image: self.image_places.of(image_id.0),
            class: self.class_places.of(category_id.0),
            bounds: bbox,
            area: area.unwrap_or(bbox[2] * bbox[3]),
            is_crowd: iscrowd.0,
            is_zero: id.0 == 0,
        });
        Ok(())
    }
}

impl Sections {
    /// Images, classes and boxes in the order of their ids; of two with one id the later one counts, as in COCO's tools.
    fn sorted(self, path: &Path) -> Result<Truth, EvaluateError> {
        let Self { mut images, mut categories, mut boxes, image_places, class_places, .. } = self;
        images.reverse();
        images.sort_by_key(|image| image.id);
        images.dedup_by_key(|image| image.id);
        categories.reverse();
        categories.sort_by_key(|category| category.id);
        categories.dedup_by_key(|category| category.id);
        let missing = |missing| EvaluateError::NoTruth { path: path.to_owned(), missing };
        if images.is_empty() {
            return Err(missing("images"));
        }
        if categories.is_empty() {
            return Err(missing("categories"));
        }
        let image_ids: Vec<i64> = images.iter().map(|image| image.id.0).collect();
        let class_ids: Vec<i64> = categories.iter().map(|category| category.id.0).collect();
        let ranks = |places: &Places, ids: &[i64]| -> Vec<Option<u32>> {
            places.ids.iter().map(|id| ids.binary_search(id).ok().map(|at| at as u32)).collect()
        };
        let (image_ranks, class_ranks) = (ranks(&image_places, &image_ids), ranks(&class_places, &class_ids));
        let all = boxes.len();
        boxes.retain_mut(|one| {
            let ranks = (image_ranks[one.image as usize], class_ranks[one.class as usize]);
            let (Some(image), Some(class)) = ranks else { return false };
            (one.image, one.class) = (image, class);
            true
        });
        boxes.sort_by_key(|one| (one.class, one.image));
        Ok(Truth {
            names: PictureNames::new(images.into_iter().map(|image| image.file_name).collect()),
            image_ids,
            class_ids,
            classes: categories.into_iter().map(|category| category.name).collect(),
            stray: (all - boxes.len()) as u64,
            boxes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Truth, EvaluateError> {
        let mut sections = Sections::default();
        coco::read(text.as_bytes(), &mut sections).unwrap();
        sections.sorted(Path::new("test"))
    }

    #[test]
    fn everything_is_in_the_order_of_ids() {
        let text = r#"{"images": [{"id": 9, "file_name": "i.jpg"}, {"id": 2, "file_name": "b.jpg"},
                                  {"id": 9, "file_name": "nine.jpg"}],
            "categories": [{"id": 90, "name": "toothbrush"}, {"id": 1, "name": "person"}],
            "annotations": [
              {"id": 0, "image_id": 9, "category_id": 90, "bbox": [0, 0, 2, 3], "iscrowd": 1},
              {"id": 1, "image_id": 9, "category_id": 1, "bbox": [0, 0, 2, 3], "area": 5},
              {"id": 2, "image_id": 5, "category_id": 1, "bbox": [0, 0, 2, 3], "area": 5},
              {"id": 3, "image_id": 9, "category_id": 7, "bbox": [0, 0, 2, 3], "area": 5},
              {"id": 4, "image_id": 2, "category_id": 90, "bbox": [0, 0, 2, 3], "area": 5}]}"#;
        let truth = parse(text).unwrap();
        assert_eq!((truth.image_ids, truth.class_ids), (vec![2, 9], vec![1, 90]));
        assert_eq!(truth.classes, ["person", "toothbrush"]);
        assert_eq!(truth.names.name(1), "nine.jpg");
        assert_eq!(truth.stray, 2);
        let places: Vec<_> = truth.boxes.iter().map(|one| (one.class, one.image, one.area)).collect();
        assert_eq!(places, [(0, 1, 5.0), (1, 0, 5.0), (1, 1, 6.0)]);
        assert!(truth.boxes[2].is_crowd && truth.boxes[2].is_zero && !truth.boxes[1].is_zero);
    }

    #[test]
    fn what_is_no_truth_is_said() {
        let no_classes = r#"{"images": [{"id": 1}], "annotations": []}"#;
        let error = parse(no_classes).err().unwrap().to_string();
        assert!(error.contains("no categories"), "{error}");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.json");
        std::fs::write(&path, "[]").unwrap();
        let error = Truth::read(&path).err().unwrap().to_string();
        assert!(error.contains("--detections"), "{error}");
        let error = Truth::read(&folder.path().join("none.json")).err().unwrap().to_string();
        assert!(error.contains("none.json cannot be read"), "{error}");
    }
}
