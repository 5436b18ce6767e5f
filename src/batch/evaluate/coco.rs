//! Files in COCO's form, element by element: nothing of them is held here.

use std::fmt;
use std::io::Read;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};

/// A picture.
#[derive(Debug, Deserialize)]
pub(super) struct Image {
    pub(super) id: Id,
    #[serde(default)]
    pub(super) file_name: String,
}

/// A class.
#[derive(Debug, Deserialize)]
pub(super) struct Category {
    pub(super) id: Id,
    pub(super) name: String,
}

/// A box, of the truth or of a detector; other fields are passed over.
#[derive(Debug, Deserialize)]
pub(super) struct Annotation {
    /// 1 where there is none.
    #[serde(default)]
    pub(super) id: Id,
    pub(super) image_id: Id,
    pub(super) category_id: Id,
    /// Left, upper edge, columns and rows.
    pub(super) bbox: [f64; 4],
    pub(super) area: Option<f64>,
    #[serde(default)]
    pub(super) iscrowd: Flag,
    pub(super) score: Option<f64>,
}

/// Who takes in what is read; a refusal ends the reading.
pub(super) trait Sink {
    fn image(&mut self, image: Image) -> Result<(), String>;
    fn category(&mut self, category: Category) -> Result<(), String>;
    fn annotation(&mut self, annotation: Annotation) -> Result<(), String>;
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// An object with images, annotations and categories.
    Object,
    /// A list of results, as `loadRes` of COCO's tools takes it.
    List,
}

/// Reads a file to its end.
pub(super) fn read(file: impl Read, sink: &mut impl Sink) -> Result<Form, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_reader(file);
    let form = deserializer.deserialize_any(Document(sink))?;
    deserializer.end()?;
    Ok(form)
}

struct Document<'s, S>(&'s mut S);

impl<'de, S: Sink> Visitor<'de> for Document<'_, S> {
    type Value = Form;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with images, annotations and categories, or a list of results")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Form, A::Error> {
        let sink = self.0;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "images" => map.next_value_seed(Each::new(|image| sink.image(image)))?,
                "categories" => map.next_value_seed(Each::new(|category| sink.category(category)))?,
                "annotations" => map.next_value_seed(Each::new(|found| sink.annotation(found)))?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Form::Object)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Form, A::Error> {
        while let Some(found) = seq.next_element()? {
            self.0.annotation(found).map_err(A::Error::custom)?;
        }
        Ok(Form::List)
    }
}

/// Gives every element of a list away.
struct Each<T, F>(F, PhantomData<T>);

impl<T, F: FnMut(T) -> Result<(), String>> Each<T, F> {
    fn new(each: F) -> Self {
        Self(each, PhantomData)
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(T) -> Result<(), String>> DeserializeSeed<'de> for Each<T, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(T) -> Result<(), String>> Visitor<'de> for Each<T, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        while let Some(element) = seq.next_element()? {
            self.0(element).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

/// A number that something is called by; some files write it with a point or in quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Id(pub(super) i64);

impl Default for Id {
    fn default() -> Self {
        Self(1)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IdVisitor)
    }
}

struct IdVisitor;

impl Visitor<'_> for IdVisitor {
    type Value = Id;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number as an id")
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Id, E> {
        Ok(Id(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Id, E> {
        i64::try_from(value).map(Id).map_err(|_| E::invalid_value(de::Unexpected::Unsigned(value), &self))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Id, E> {
        let is_whole = value.fract() == 0.0 && value.abs() < 9e15;
        if is_whole {
            Ok(Id(value as i64))
        } else {
            Err(E::invalid_value(de::Unexpected::Float(value), &self))
        }
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Id, E> {
        value.parse().map(Id).map_err(|_| E::invalid_value(de::Unexpected::Str(value), &self))
    }
}

/// 0 or 1, or a truth value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Flag(pub(super) bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Word(bool),
            Number(f64),
            Nothing(()),
        }
        Ok(Self(match Written::deserialize(deserializer)? {
            Written::Word(is) => is,
            Written::Number(number) => number != 0.0,
            Written::Nothing(()) => false,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Lists(Vec<Image>, Vec<Category>, Vec<Annotation>);

    impl Sink for Lists {
        fn image(&mut self, image: Image) -> Result<(), String> {
            self.0.push(image);
            Ok(())
        }
        fn category(&mut self, category: Category) -> Result<(), String> {
            self.1.push(category);
            Ok(())
        }
        fn annotation(&mut self, annotation: Annotation) -> Result<(), String> {
            if self.2.len() > 1 {
                return Err("enough".to_owned());
            }
            self.2.push(annotation);
            Ok(())
        }
    }

    #[test]
    fn sections_come_in_any_order_and_others_are_passed_over() {
        let text = r#"{"annotations": [{"id": 7, "image_id": "12", "category_id": 3.0, "bbox": [1, 2.5, 3, 4],
            "segmentation": {"counts": [1, 2], "size": [1, 2]}, "iscrowd": 1, "area": 12.5}],
            "info": {"year": [[[]]]}, "categories": [{"id": 3, "name": "cat", "supercategory": "animal"}],
            "images": [{"id": 12, "file_name": "a.jpg", "license": null}]}"#;
        let mut lists = Lists::default();
        assert_eq!(read(text.as_bytes(), &mut lists).unwrap(), Form::Object);
        let Lists(images, categories, annotations) = lists;
        assert_eq!((images[0].id, images[0].file_name.as_str()), (Id(12), "a.jpg"));
        assert_eq!((categories[0].id, categories[0].name.as_str()), (Id(3), "cat"));
        let annotation = &annotations[0];
        assert_eq!((annotation.id, annotation.image_id, annotation.category_id), (Id(7), Id(12), Id(3)));
        assert_eq!((annotation.bbox, annotation.area), ([1.0, 2.5, 3.0, 4.0], Some(12.5)));
        assert!(annotation.iscrowd.0);
    }

    #[test]
    fn a_list_is_one_of_results_and_errors_say_where() {
        let text = r#"[{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}]"#;
        let mut lists = Lists::default();
        assert_eq!(read(text.as_bytes(), &mut lists).unwrap(), Form::List);
        assert_eq!((lists.2[0].score, lists.2[0].iscrowd), (Some(0.5), Flag(false)));
        let bad = "[\n{\"image_id\": 1.5, \"category_id\": 1, \"bbox\": [1, 2, 3, 4]}]";
        let said = read(bad.as_bytes(), &mut lists).unwrap_err().to_string();
        assert!(said.contains("whole number") && said.contains("line 2"), "{said}");
        let one = r#"{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4]}"#;
        let said = read(format!("[{one},{one},{one}]").as_bytes(), &mut lists).unwrap_err().to_string();
        assert!(said.contains("enough"), "{said}");
    }
}
