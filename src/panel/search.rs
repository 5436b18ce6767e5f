//! Finds parameters by words of their label, path or doc.

use crate::look::{Look, Parameter, parameters};

use super::parameter::group_label;

/// Most parameters that are shown at once.
pub(super) const MOST: usize = 40;

/// The parameters of `look` that every word of `text` fits, those whose name it is first, and how many there are in all.
pub(super) fn search(look: &Look, text: &str) -> (Vec<Parameter>, usize) {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    if words.is_empty() {
        return (Vec::new(), 0);
    }
    let mut found: Vec<(u32, Parameter)> = parameters(look)
        .filter_map(|parameter| {
            let label = parameter.field.label().to_lowercase();
            let place = format!("{} {}", group_label(parameter.group, look).to_lowercase(), parameter.path());
            let doc = parameter.field.doc().to_lowercase();
            let rank = |word: &String| match word {
                word if label.starts_with(word.as_str()) => Some(0),
                word if label.contains(word.as_str()) => Some(1),
                word if place.contains(word.as_str()) => Some(2),
                word if doc.contains(word.as_str()) => Some(20),
                _ => None,
            };
            let ranks: Option<Vec<u32>> = words.iter().map(rank).collect();
            ranks.map(|ranks| (ranks.into_iter().sum(), parameter))
        })
        .collect();
    let count = found.len();
    found.sort_by_key(|(rank, _)| *rank);
    found.truncate(MOST);
    (found.into_iter().map(|(_, parameter)| parameter).collect(), count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<String> {
        search(&Look::default(), text).0.iter().map(Parameter::path).collect()
    }

    #[test]
    fn words_narrow_and_names_come_before_docs() {
        assert_eq!(paths("hair opacity"), ["region/hair/opacity"]);
        assert_eq!(paths("OPACITY ha"), ["region/hair/opacity"]);
        assert_eq!(paths("face/lips/tint"), ["face/lips/tint"]);
        assert_eq!(paths("body scroll").len(), 2);
        let clockwise = paths("clockwise");
        assert!(!clockwise.is_empty() && clockwise.iter().all(|path| path.ends_with("/rotation")));
        let scale = paths("scale");
        assert!(scale[0].ends_with("/scale"), "{scale:?}");
        for nothing in ["", "  ", "xyzzy", "hair xyzzy"] {
            assert_eq!(search(&Look::default(), nothing).1, 0, "{nothing}");
        }
        let (shown, all) = search(&Look::default(), "a");
        assert!(shown.len() == MOST && all > MOST);
    }
}
