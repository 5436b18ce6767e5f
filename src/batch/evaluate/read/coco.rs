//! COCO JSON: what `masque detect` writes, and lists of results that name images and classes by the truth's own ids.

use std::collections::HashMap;
use std::io::Read;

use super::Failure;
use crate::batch::evaluate::coco::{self, Annotation, Category, Form, Image, Sink};
use crate::batch::evaluate::detections::{Best, Found, Intake};
use crate::batch::evaluate::names::Named;
use crate::batch::evaluate::truth::{MOST_IMAGES, Places};

pub(super) fn read(file: impl Read, intake: &mut Intake<'_>) -> Result<(), Failure> {
    let mut sections = Sections::default();
    let form = coco::read(file, &mut sections);
    if sections.is_full {
        return Err(Failure::TooMany);
    }
    match form {
        Ok(form) => sections.put_to(form, intake),
        Err(error) if error.is_io() => Err(Failure::Io(error.into())),
        Err(error) => Err(Failure::Malformed(error.to_string())),
    }
}

/// The file as it comes. Images and classes may be told behind the detections, so those keep the file's ids at first.
#[derive(Default)]
struct Sections {
    images: Vec<Image>,
    categories: HashMap<i64, String>,
    /// Classes and images are places in the lists below.
    best: Best,
    image_places: Places,
    class_places: Places,
    is_full: bool,
}

impl Sink for Sections {
    fn image(&mut self, image: Image) -> Result<(), String> {
        if self.images.len() >= MOST_IMAGES {
            return Err(format!("there are more than {MOST_IMAGES} images"));
        }
        self.images.push(image);
        Ok(())
    }

    fn category(&mut self, category: Category) -> Result<(), String> {
        self.categories.insert(category.id.0, category.name);
        Ok(())
    }

    fn annotation(&mut self, annotation: Annotation) -> Result<(), String> {
        let Annotation { image_id, category_id, bbox: bounds, score, .. } = annotation;
        let score = score.ok_or("an annotation has no score; is it what --truth takes?")?;
        let (image, class) = (self.image_places.of(image_id.0), self.class_places.of(category_id.0));
        self.is_full = !self.best.push(Found { class, image, score, bounds });
        if self.is_full { Err("too many detections".to_owned()) } else { Ok(()) }
    }
}

impl Sections {
    /// Puts everything to the truth's images and classes: by name where the file has names, by id where it has none.
    fn put_to(self, form: Form, intake: &mut Intake<'_>) -> Result<(), Failure> {
        let Self { images, categories, best, image_places, class_places, .. } = self;
        let truth = intake.truth;
        let by_id = |ids: &[i64], id: i64| ids.binary_search(&id).ok().map(|at| at as u32);
        let has_images = !images.is_empty();
        let mut named = HashMap::with_capacity(images.len());
        for Image { id, file_name } in images {
            let image = match file_name.as_str() {
                "" => by_id(&truth.image_ids, id.0).map_or(Named::Nothing, Named::One),
                name => intake.image(name),
            };
            if let Named::One(image) = image {
                intake.list(image);
            }
            named.insert(id.0, image);
        }
        if form == Form::List {
            intake.lists_no_images();
        }
        let images: Vec<Named> = image_places
            .ids
            .iter()
            .map(|&id| match has_images {
                true => named.get(&id).copied().unwrap_or(Named::Nothing),
                false => by_id(&truth.image_ids, id).map_or(Named::Nothing, Named::One),
            })
            .collect();
        let name = |id: i64| categories.get(&id).cloned().unwrap_or_else(|| format!("category {id}"));
        let classes: Vec<Option<u32>> = class_places
            .ids
            .iter()
            .map(|id| match categories.get(id) {
                Some(name) => intake.class(name),
                None if categories.is_empty() => by_id(&truth.class_ids, *id),
                None => None,
            })
            .collect();
        let (found, left_out) = best.sorted();
        intake.tally.detections += found.len() as u64;
        for Found { class, image, score, bounds } in found {
            let class_name = || name(class_places.ids[class as usize]);
            if !intake.take(images[image as usize], classes[class as usize], class_name, score, bounds) {
                return Err(Failure::TooMany);
            }
        }
        for ((class, image), many) in left_out {
            let class_name = || name(class_places.ids[class as usize]);
            intake.tally.detections += many;
            intake.count(images[image as usize], classes[class as usize], class_name, many);
        }
        Ok(())
    }
}
