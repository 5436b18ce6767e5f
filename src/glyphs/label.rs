//! What is written beside a thing that was found, and in which colour, in live pictures and in annotated videos alike.

use std::fmt::Write;

/// A bright colour for a number, a track's or a class's: red, green and blue, 0–1, sRGB-encoded. Those of neighbours
/// differ much.
pub fn color_of(number: u32) -> [f32; 3] {
    // Steps of the golden ratio spread hues evenly however many there are.
    let hue = (f64::from(number) * 0.618_033_988_75).fract() as f32 * 6.0;
    let channel = |shift: f32| {
        let place = (hue + shift) % 6.0;
        place.min(4.0 - place).clamp(0.0, 1.0) * 0.85 + 0.1
    };
    [channel(2.0), channel(0.0), channel(4.0)]
}

/// Fills `text` anew: the class, the track where there is one, and the confidence, 0–1, where it is asked for, as
/// `person 7 88%`.
pub fn write_label(text: &mut String, class: &str, track: Option<u32>, confidence: Option<f32>) {
    text.clear();
    text.push_str(class);
    // A string takes everything.
    let _ = track.map_or(Ok(()), |track| write!(text, " {track}"));
    let _ = confidence.map_or(Ok(()), |confidence| write!(text, " {:.0}%", confidence * 100.0));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_say_what_is_known() {
        let mut text = "before".to_owned();
        write_label(&mut text, "dog", Some(7), Some(0.876));
        assert_eq!(text, "dog 7 88%");
        write_label(&mut text, "dog", None, None);
        assert_eq!(text, "dog");
    }

    #[test]
    fn neighbours_have_colours_that_differ_much_and_are_bright() {
        for number in 0..500 {
            let [one, next] = [number, number + 1].map(color_of);
            let apart: f32 = one.iter().zip(next).map(|(a, b)| (a - b).abs()).sum();
            assert!(apart > 0.5, "{number}: {one:?} and {next:?}");
            assert!(one.iter().any(|channel| *channel > 0.8), "{number}: {one:?}");
        }
    }
}
