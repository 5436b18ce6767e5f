//! How fast something grows: a slope that single outliers do not bend.

/// Most points that a slope is fitted to; more are thinned out evenly. Pairs grow with the square.
const MOST_POINTS: usize = 200;

/// The slope of `points` (x, y) after Theil and Sen: the median of the slopes between all pairs of points with
/// different x. Almost a third of the points may be outliers of any size without moving it far. `None` for fewer
/// than two x.
///
/// P. K. Sen, Estimates of the regression coefficient based on Kendall's tau, Journal of the American Statistical
/// Association 63 (1968) 1379–1389.
pub fn slope(points: &[(f64, f64)]) -> Option<f64> {
    median(&mut slopes_of_pairs(&thinned(points)))
}

/// The lowest and the highest slope that `points` go with at a confidence of 95 %, by the same authors: so many ranks about the
/// median as Kendall's tau of independent points strays by. Points that wander, each from where the last one was, stray farther.
/// `None` for fewer than two x.
pub fn slope_range(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    let points = thinned(points);
    let mut slopes = slopes_of_pairs(&points);
    slopes.sort_unstable_by(f64::total_cmp);
    let (count, pairs) = (points.len() as f64, slopes.len() as f64);
    let ranks = 1.96 * (count * (count - 1.0) * (2.0 * count + 5.0) / 18.0).sqrt();
    // Too few points say nothing: then it is the whole range.
    let low = ((pairs - ranks) / 2.0).floor().max(0.0) as usize;
    Some((*slopes.get(low)?, *slopes.get(slopes.len().checked_sub(low + 1)?)?))
}

fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    points.iter().step_by(points.len().div_ceil(MOST_POINTS).max(1)).copied().collect()
}

fn slopes_of_pairs(points: &[(f64, f64)]) -> Vec<f64> {
    let mut slopes = Vec::with_capacity(points.len() * points.len().saturating_sub(1) / 2);
    for (index, (x1, y1)) in points.iter().enumerate() {
        for (x2, y2) in &points[index + 1..] {
            let slope = (y2 - y1) / (x2 - x1);
            if slope.is_finite() {
                slopes.push(slope);
            }
        }
    }
    slopes
}

/// The middle of `values`, the mean of the two middle ones where there are two; `None` of nothing.
pub fn median(values: &mut [f64]) -> Option<f64> {
    let (count, middle) = (values.len(), values.len() / 2);
    if count == 0 {
        return None;
    }
    let (below, high, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let high = *high;
    if count % 2 == 1 {
        return Some(high);
    }
    let low = below.iter().copied().max_by(f64::total_cmp)?;
    Some((low + high) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outliers_do_not_bend_the_slope() {
        let mut random = fastrand::Rng::with_seed(7);
        let mut points: Vec<_> =
            (0..1000).map(|x| (f64::from(x), 50.0 + 0.25 * f64::from(x) + random.f64())).collect();
        let straight = slope(&points).expect("points");
        assert!((straight - 0.25).abs() < 1e-3, "{straight}");
        // A fifth of them far off, all at the end.
        points[800..].iter_mut().for_each(|(_, y)| *y = 0.0);
        let bent = slope(&points).expect("points");
        assert!((bent - 0.25).abs() < 0.05, "{bent}");
    }

    #[test]
    fn the_range_holds_the_slope_as_often_as_it_says_and_narrows() {
        let mut random = fastrand::Rng::with_seed(3);
        let mut ranges = |count: u32| -> Vec<(f64, f64)> {
            let mut line =
                || (0..count).map(|x| (f64::from(x), 2.0 * f64::from(x) + random.f64())).collect::<Vec<_>>();
            (0..400).filter_map(|_| slope_range(&line())).collect()
        };
        let (few, many) = (ranges(12), ranges(60));
        for ranges in [&few, &many] {
            let held = ranges.iter().filter(|(low, high)| (*low..=*high).contains(&2.0)).count();
            assert!((360..400).contains(&held), "{held} of 400");
        }
        let width = |ranges: &[(f64, f64)]| ranges.iter().map(|(low, high)| high - low).sum::<f64>();
        assert!(width(&many) < width(&few) / 5.0, "{} {}", width(&many), width(&few));
        assert_eq!(slope_range(&[(0.0, 1.0), (1.0, 4.0)]), Some((3.0, 3.0)));
        assert_eq!(slope_range(&[(1.0, 2.0), (1.0, 3.0)]), None);
        assert_eq!(slope_range(&[]), None);
    }

    #[test]
    fn too_little_has_no_slope() {
        assert_eq!(slope(&[]), None);
        assert_eq!(slope(&[(1.0, 2.0), (1.0, 3.0)]), None);
        assert_eq!(slope(&[(1.0, 2.0), (2.0, 4.0)]), Some(2.0));
        assert_eq!(median(&mut [4.0, 1.0, 3.0, 2.0]), Some(2.5));
    }
}
