//! One box per cell, with a probability per class: YOLOX, YOLOv5, YOLOv8, YOLO11.

use super::super::Detection;
use super::super::letterbox::Mapping;
use super::grid::in_pixels;
use super::sieve::largest;
use super::{Grid, Sieve};

/// [cells, 5 + classes or more]: centre, sides, objectness, a probability per class; relative to `grid`, or in pixels.
pub(super) fn decode(
    ([_, wide], values): ([usize; 2], &[f32]),
    classes: usize,
    grid: Option<&Grid>,
    mapping: &Mapping,
    sieve: &mut Sieve,
    found: &mut Vec<Detection>,
) {
    let mut cells = grid.into_iter().flat_map(Grid::each);
    for cell in values.chunks_exact(wide.max(1)) {
        let place = cells.next();
        // No class is surer than that there is something.
        let Some(objectness) = cell.get(4).copied().filter(|objectness| sieve.is_sure(*objectness)) else {
            continue;
        };
        let Some((class, probability)) = cell.get(5..5 + classes).and_then(largest) else { continue };
        let numbers = [cell[0], cell[1], cell[2], cell[3]];
        let bounds = place.map_or(numbers, |place| in_pixels(place, numbers));
        sieve.keep(class, objectness * probability, mapping.centred(bounds), found);
    }
}

/// [4 + classes or more, cells]: centre and sides in pixels, a probability per class.
pub(super) fn decode_columns(
    ([tall, cells], values): ([usize; 2], &[f32]),
    classes: usize,
    mapping: &Mapping,
    sieve: &mut Sieve,
    found: &mut Vec<Detection>,
) {
    if tall < 4 + classes || values.len() < tall * cells {
        return;
    }
    let row = |index: usize| &values[index * cells..(index + 1) * cells];
    let [x, y, width, height] = [row(0), row(1), row(2), row(3)];
    // Rows are read along memory, once: what is not a number beats nothing, and of equal ones the first stays.
    let mut best = std::mem::take(&mut sieve.best);
    best.clear();
    best.resize(cells, (f32::NEG_INFINITY, 0));
    for class in 0..classes.min(usize::from(u16::MAX)) {
        for (best, probability) in best.iter_mut().zip(row(4 + class)) {
            if *probability > best.0 {
                *best = (*probability, class as u16);
            }
        }
    }
    for (cell, (probability, class)) in best.iter().enumerate() {
        if sieve.is_sure(*probability) {
            let bounds = mapping.centred([x[cell], y[cell], width[cell], height[cell]]);
            sieve.keep(usize::from(*class), *probability, bounds, found);
        }
    }
    sieve.best = best;
}

#[cfg(test)]
mod tests {
    use super::super::super::letterbox::Fit;
    use super::*;

    fn sieve(confidence: f32) -> Sieve {
        Sieve::new(confidence, None, 2)
    }

    fn mapping() -> Mapping {
        // The frame is twice as large as the picture.
        Fit::TopLeft.place((128, 64), (64, 32)).1
    }

    #[test]
    fn offsets_become_pixels_of_the_frame() {
        let grid = &Grid::of((64, 32))[0];
        let mut values = vec![0.0; grid.cells() * 7];
        // Cell (3, 1) of stride 8: centre at (3.5, 1.25) cells, e^0 × 8 wide, e^ln2 × 8 high.
        let cell = &mut values[(8 + 3) * 7..][..7];
        cell.copy_from_slice(&[0.5, 0.25, 0.0, 2.0_f32.ln(), 0.9, 0.2, 0.5]);
        let mut found = Vec::new();
        decode(([grid.cells(), 7], &values), 2, Some(grid), &mapping(), &mut sieve(0.3), &mut found);
        let [one] = found[..] else { panic!("{found:?}") };
        assert_eq!((one.class, one.confidence), (1, 0.45));
        let bounds = [one.bounds.x, one.bounds.y, one.bounds.width, one.bounds.height];
        let expected = [48.0, 4.0, 16.0, 32.0];
        assert!(bounds.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-4), "{bounds:?}");
    }

    #[test]
    fn what_is_not_a_number_is_nothing() {
        let grid = &Grid::of((64, 32))[0];
        for broken in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            for place in 0..4 {
                let mut cell = [0.0, 0.0, 1.0, 1.0, 0.9, 0.9, 0.9];
                cell[place] = broken;
                let mut found = Vec::new();
                let shape = [grid.cells(), 7];
                decode(
                    (shape, &cell.repeat(shape[0])),
                    2,
                    Some(grid),
                    &mapping(),
                    &mut sieve(0.3),
                    &mut found,
                );
                decode((shape, &cell.repeat(shape[0])), 2, None, &mapping(), &mut sieve(0.3), &mut found);
                assert!(found.iter().all(|one| one.bounds.is_real()), "{broken} at {place}");
                let columns: Vec<f32> = [cell[0], cell[1], cell[2], cell[3], cell[5], cell[6]].to_vec();
                decode_columns(([6, 1], &columns), 2, &mapping(), &mut sieve(0.3), &mut found);
                assert!(found.iter().all(|one| one.bounds.is_real()), "{broken} at {place}");
            }
            let mut found = Vec::new();
            decode(
                ([1, 7], &[0.0, 0.0, 1.0, 1.0, broken, 0.9, 0.9]),
                2,
                None,
                &mapping(),
                &mut sieve(0.3),
                &mut found,
            );
            decode(
                ([1, 7], &[0.0, 0.0, 1.0, 1.0, 0.9, broken, broken]),
                2,
                None,
                &mapping(),
                &mut sieve(0.3),
                &mut found,
            );
            assert!(found.is_empty(), "{broken}: {found:?}");
        }
    }

    #[test]
    fn columns_give_each_cell_its_surest_class() {
        // Three cells; two classes and one coefficient of a mask, which is not looked at.
        let values = [
            [10.0, 20.0, 30.0],
            [10.0, 10.0, 10.0],
            [4.0, 4.0, 4.0],
            [6.0, 6.0, 6.0],
            [0.8, 0.1, 0.5],
            [0.7, 0.2, 0.5],
            [9.0, 9.0, 9.0],
        ]
        .concat();
        let mut found = Vec::new();
        decode_columns(([7, 3], &values), 2, &mapping(), &mut sieve(0.3), &mut found);
        let classes: Vec<(u16, f32)> = found.iter().map(|one| (one.class, one.confidence)).collect();
        assert_eq!(classes, [(0, 0.8), (0, 0.5)]);
        assert_eq!(
            found[0].bounds,
            crate::perception::PixelBox { x: 16.0, y: 14.0, width: 8.0, height: 12.0 }
        );
    }

    #[test]
    fn columns_of_many_classes_are_what_looking_at_each_cell_gives() {
        let mut random = fastrand::Rng::with_seed(5);
        let (cells, classes) = (60, 9);
        // Few different numbers, so that there are ties; some that are none.
        let mut number = || if random.u8(..) < 20 { f32::NAN } else { f32::from(random.u8(0..12)) / 12.0 };
        let values: Vec<f32> =
            (0..(4 + classes) * cells).map(|at| if at < 4 * cells { 8.0 } else { number() }).collect();
        let mut expected = Vec::new();
        for cell in 0..cells {
            let scores: Vec<f32> = (0..classes).map(|class| values[(4 + class) * cells + cell]).collect();
            expected.extend(
                largest(&scores)
                    .filter(|(_, score)| *score > 0.3)
                    .map(|(class, score)| (class as u16, score)),
            );
        }
        let (mut sieve, mut found) = (Sieve::new(0.3, None, classes), Vec::new());
        // Twice: nothing of the first picture is left for the second.
        for _ in 0..2 {
            found.clear();
            decode_columns(([4 + classes, cells], &values), classes, &mapping(), &mut sieve, &mut found);
        }
        let found: Vec<(u16, f32)> = found.iter().map(|one| (one.class, one.confidence)).collect();
        assert!(found == expected && found.len() > 20, "{found:?}, not {expected:?}");
    }
}
