//! The canonical face: one vertex per landmark, its place on the face's map, and the triangles between.

use super::MESH_LANDMARKS;

/// The canonical face that is part of the program; its source is in `assets/face/README.md`.
const BUILTIN: &str = include_str!("../../assets/face/canonical.obj");

/// A Wavefront OBJ file that is no face of 468 landmarks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalFaceError {
    /// One line cannot be used.
    #[error("line {line}: {reason}")]
    Line {
        /// Its number, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// Something is missing from the whole.
    #[error("{0}")]
    Whole(String),
}

/// A face at rest, looking at the camera.
#[derive(Debug, Clone, PartialEq)]
pub struct CanonicalFace {
    /// Centimetres, x to the person's left, y up, z towards the camera; in the order of the landmarks.
    pub positions: Vec<[f32; 3]>,
    /// Place on the face's map, 0–1, (0, 0) is its upper left corner; in the order of the landmarks.
    pub uvs: Vec<[f32; 2]>,
    /// Landmark numbers, anticlockwise as the camera sees them.
    pub triangles: Vec<[u32; 3]>,
}

impl CanonicalFace {
    /// The one that is part of the program.
    ///
    /// # Errors
    /// As for [`CanonicalFace::parse`], after a bad edit of the file.
    pub fn builtin() -> Result<Self, CanonicalFaceError> {
        Self::parse(BUILTIN)
    }

    /// Reads the text of a Wavefront OBJ file: `v x y z`, `vt u v` with (0, 0) at the lower left, and
    /// `f v/vt v/vt v/vt`. Normals, groups and materials are passed over.
    ///
    /// # Errors
    /// [`CanonicalFaceError`] names the line, or what the whole lacks: 468 vertices, each with one place on
    /// the map, and triangles.
    pub fn parse(text: &str) -> Result<Self, CanonicalFaceError> {
        let mut reader = Reader::default();
        for (at, line) in text.lines().enumerate() {
            reader.read(line).map_err(|reason| CanonicalFaceError::Line { line: at + 1, reason })?;
        }
        reader.finish()
    }
}

#[derive(Default)]
struct Reader {
    positions: Vec<[f32; 3]>,
    map: Vec<[f32; 2]>,
    uvs: Vec<Option<[f32; 2]>>,
    triangles: Vec<[u32; 3]>,
}

impl Reader {
    fn read(&mut self, line: &str) -> Result<(), String> {
        let mut words = line.split_whitespace();
        let Some(keyword) = words.next() else { return Ok(()) };
        match keyword {
            "v" => {
                let [x, y, z] = numbers(words, "three numbers")?;
                self.positions.push([x, y, z]);
                self.uvs.push(None);
                if self.positions.len() > MESH_LANDMARKS {
                    return Err(format!("there are more than {MESH_LANDMARKS} vertices"));
                }
            }
            "vt" => {
                let [u, v] = numbers(words, "two numbers")?;
                if !(0.0..=1.0).contains(&u) || !(0.0..=1.0).contains(&v) {
                    return Err(format!("({u}, {v}) is not on the map, whose sides are 0 to 1"));
                }
                self.map.push([u, 1.0 - v]);
            }
            "f" => {
                let corners = words.map(|word| self.corner(word)).collect::<Result<Vec<_>, _>>()?;
                let [a, b, c] = corners[..] else {
                    return Err(format!("a face of {} corners is no triangle", corners.len()));
                };
                self.triangles.push([a, b, c]);
            }
            "vn" | "o" | "g" | "s" | "l" | "usemtl" | "mtllib" => {}
            comment if comment.starts_with('#') => {}
            other => return Err(format!("\"{other}\" is no keyword of a mesh")),
        }
        Ok(())
    }

    /// One corner, `vertex/place` or `vertex/place/normal`, counted from 1.
    fn corner(&mut self, word: &str) -> Result<u32, String> {
        let mut numbers = word.split('/').map(|number| number.parse::<usize>().ok().filter(|n| *n > 0));
        let (Some(Some(vertex)), Some(Some(place))) = (numbers.next(), numbers.next()) else {
            return Err(format!("\"{word}\" is not VERTEX/PLACE, two numbers from 1"));
        };
        let Some(place) = self.map.get(place - 1) else {
            return Err(format!("there is no place {place} above this line"));
        };
        let Some(uv) = self.uvs.get_mut(vertex - 1) else {
            return Err(format!("there is no vertex {vertex} above this line"));
        };
        if uv.is_some_and(|uv| uv != *place) {
            return Err(format!("vertex {vertex} has two places on the map; a face has no seams"));
        }
        *uv = Some(*place);
        Ok((vertex - 1) as u32)
    }

    fn finish(self) -> Result<CanonicalFace, CanonicalFaceError> {
        let found = self.positions.len();
        if found != MESH_LANDMARKS {
            let reason = format!("a face has {MESH_LANDMARKS} vertices, one per landmark; here are {found}");
            return Err(CanonicalFaceError::Whole(reason));
        }
        if let Some(lost) = self.uvs.iter().position(Option::is_none) {
            let reason = format!("vertex {} is on no triangle, so it has no place on the map", lost + 1);
            return Err(CanonicalFaceError::Whole(reason));
        }
        let uvs = self.uvs.into_iter().flatten().collect();
        Ok(CanonicalFace { positions: self.positions, uvs, triangles: self.triangles })
    }
}

fn numbers<'a, const N: usize>(
    words: impl Iterator<Item = &'a str>,
    wanted: &str,
) -> Result<[f32; N], String> {
    let words: Vec<&str> = words.collect();
    let mut numbers = [0.0; N];
    if words.len() != N {
        return Err(format!("{wanted} are wanted, here are {}", words.len()));
    }
    for (number, word) in numbers.iter_mut().zip(words) {
        *number =
            word.parse().ok().filter(|n: &f32| n.is_finite()).ok_or(format!("\"{word}\" is no number"))?;
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::face_mesh::*;

    fn edges(face: &CanonicalFace) -> BTreeMap<[u32; 2], usize> {
        let mut edges = BTreeMap::new();
        for [a, b, c] in &face.triangles {
            for [p, q] in [[a, b], [b, c], [c, a]] {
                *edges.entry([*p.min(q), *p.max(q)]).or_default() += 1;
            }
        }
        edges
    }

    fn ring(numbers: &[usize]) -> BTreeSet<[u32; 2]> {
        let next = numbers.iter().cycle().skip(1);
        numbers.iter().zip(next).map(|(a, b)| [*a.min(b) as u32, *a.max(b) as u32]).collect()
    }

    #[test]
    fn the_builtin_face_is_whole_and_the_contours_lie_on_it() {
        let face = CanonicalFace::builtin().expect("the file in assets/face");
        assert_eq!((face.positions.len(), face.uvs.len(), face.triangles.len()), (468, 468, 898));
        let edges = edges(&face);
        let border: BTreeSet<_> = edges.iter().filter(|(_, count)| **count == 1).map(|(e, _)| *e).collect();
        assert_eq!(border, ring(&FACE_OVAL), "the mesh ends where the outline of the face is");
        for part in [&LIPS_OUTER[..], &LIPS_INNER, &LEFT_EYE, &RIGHT_EYE] {
            assert!(ring(part).iter().all(|edge| edges.contains_key(edge)), "{part:?}");
        }
        let [forehead, chin] = [FOREHEAD, CHIN].map(|i| face.uvs[i]);
        assert!(forehead[1] < 0.2 && chin[1] > 0.9, "the map stands upright: {forehead:?} {chin:?}");
        assert!(face.uvs[LEFT_CHEEK][0] > 0.9 && face.uvs[RIGHT_CHEEK][0] < 0.1);
        for [a, b, c] in &face.triangles {
            let [a, b, c] = [a, b, c].map(|i| face.uvs[*i as usize]);
            let turn = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
            assert!(turn < 0.0, "every triangle faces the camera");
        }
    }

    #[test]
    fn errors_name_the_line_and_the_reason() {
        let line = |text: &str| CanonicalFace::parse(text).expect_err(text).to_string();
        assert_eq!(line("v 0 0 0\nv 1 nan 2\n"), "line 2: \"nan\" is no number");
        assert_eq!(line("v 0 0\n"), "line 1: three numbers are wanted, here are 2");
        assert!(line("# a comment\nvt 0.5 1.5\n").starts_with("line 2: (0.5, 1.5) is not on the map"));
        assert!(line("v 0 0 0\nvt 0 0\nf 1/1 2/1 1/1\n").starts_with("line 3: there is no vertex 2"));
        assert!(line("v 0 0 0\nvt 0 0\nf 1/1 1/1 1/1 1/1\n").contains("4 corners"));
        assert!(line("v 0 0 0\nvt 0 0\nf 1 1 1\n").contains("VERTEX/PLACE"));
        assert!(line("v 0 0 0\nvt 0 0\nvt 1 1\nf 1/1 1/2 1/1\n").contains("two places"));
        assert!(line("v 0 0 0\nvertex 1\n").contains("\"vertex\" is no keyword"));
        assert!(line("").contains("468 vertices"));
        assert!(line(&"v 0 0 0\n".repeat(469)).starts_with("line 469: there are more than 468"));
        assert!(line(&"v 0 0 0\n".repeat(468)).contains("vertex 1 is on no triangle"));
    }
}
