//! What is painted on faces: a known face and a known look in; pixels out.

use std::time::Duration;

use bevy::math::UVec2;
use masque::compositor::ComposedFrame;
use masque::face_mesh::{CanonicalFace, LEFT_EYE, LIPS_INNER, LIPS_OUTER, RIGHT_EYE};
use masque::frame::{ColorSpace, Frame, FramePool, FrameSeq, PixelFormat};
use masque::look::{FaceMeshStyle, FacePart, FacePartStyle, Look};
use masque::perception::{Face, Perception, RegionMask};

use crate::compositor::{Bench, pixel};

const WIDTH: u32 = 320;
const HEIGHT: u32 = 240;
const GREY: [i32; 3] = [128, 128, 128];
const RED: [i32; 3] = [255, 0, 0];
/// Left, top, width and height of the face's map in the frame.
const PLACE: [f32; 4] = [0.25, 0.1, 0.5, 0.8];

fn grey() -> Frame {
    let mut data = FramePool::new(1 << 22).acquire(PixelFormat::Rgba8.bytes(WIDTH, HEIGHT)).unwrap();
    data.fill(128);
    let shape = (WIDTH, HEIGHT);
    Frame::new(FrameSeq(0), Duration::ZERO, PixelFormat::Rgba8, shape, ColorSpace::default(), data).unwrap()
}

/// The canonical face with round irises, its map stretched over `place`.
pub(crate) fn landmarks([left, top, width, height]: [f32; 4]) -> Vec<[f32; 3]> {
    let mut map = CanonicalFace::builtin().unwrap().uvs;
    for eye in [RIGHT_EYE, LEFT_EYE] {
        let sum = eye.iter().fold([0.0; 2], |sum, n| [sum[0] + map[*n][0], sum[1] + map[*n][1]]);
        let [x, y] = sum.map(|v| v / eye.len() as f32);
        map.extend([[x, y], [x + 0.03, y], [x, y - 0.03], [x - 0.03, y], [x, y + 0.03]]);
    }
    map.iter().map(|[u, v]| [left + u * width, top + v * height, 0.0]).collect()
}

fn mask(fill: impl Fn(usize) -> [u8; 4]) -> RegionMask {
    let mut mask = RegionMask::default();
    mask.clear(32, 32);
    for (at, pixel) in mask.plane0.chunks_exact_mut(4).enumerate() {
        pixel.copy_from_slice(&fill(at % 32));
    }
    mask
}

/// These faces, where everything is face skin.
fn seen(faces: &[Vec<[f32; 3]>]) -> Option<Perception> {
    let faces = faces.iter().enumerate().map(|(id, points)| Face::new(id as u64, 1.0, points)).collect();
    Some(Perception { mask: mask(|_| [0, 0, 0, 255]), faces, ..Perception::default() })
}

fn red() -> FacePartStyle {
    FacePartStyle { tint: [1.0, 0.0, 0.0], shading: 0.0, feather: 0.0, ..FacePartStyle::default() }
}

fn red_lips() -> Look {
    Look { lips: red(), ..Look::default() }
}

fn wires() -> Look {
    let face_mesh = FaceMeshStyle {
        tessellation: true,
        contours: true,
        irises: true,
        color: [1.0, 0.0, 0.0],
        ..FaceMeshStyle::default()
    };
    Look { face_mesh, ..Look::default() }
}

/// Whether `at` is inside the polygon (even–odd rule).
fn is_inside(polygon: &[[f32; 2]], [x, y]: [f32; 2]) -> bool {
    let next = polygon.iter().cycle().skip(1);
    let crossed = |([ax, ay], [bx, by]): &(&[f32; 2], &[f32; 2])| {
        (ay <= &y) != (by <= &y) && x < ax + (y - ay) / (by - ay) * (bx - ax)
    };
    polygon.iter().zip(next).filter(crossed).count() % 2 == 1
}

/// Distance to the nearest corner or edge of the polygon.
fn distance(polygon: &[[f32; 2]], [x, y]: [f32; 2]) -> f32 {
    let next = polygon.iter().cycle().skip(1);
    let to = |([ax, ay], [bx, by]): (&[f32; 2], &[f32; 2])| {
        let (ex, ey) = (bx - ax, by - ay);
        let t = (((x - ax) * ex + (y - ay) * ey) / (ex * ex + ey * ey).max(1e-9)).clamp(0.0, 1.0);
        (x - ax - ex * t).hypot(y - ay - ey * t)
    };
    polygon.iter().zip(next).map(to).fold(f32::MAX, f32::min)
}

fn ring(points: &[[f32; 3]], numbers: &[usize]) -> Vec<[f32; 2]> {
    numbers.iter().map(|n| [points[*n][0] * WIDTH as f32, points[*n][1] * HEIGHT as f32]).collect()
}

fn pixels(picture: &ComposedFrame) -> impl Iterator<Item = (u32, u32, [i32; 3])> + '_ {
    let all = (0..picture.height).flat_map(|y| (0..picture.width).map(move |x| (x, y)));
    all.map(|(x, y)| (x, y, pixel(picture, x, y)))
}

fn painted(picture: &ComposedFrame) -> usize {
    pixels(picture).filter(|(.., color)| *color != GREY).count()
}

#[test]
fn red_lips_are_red_inside_the_lips_and_nowhere_else() {
    let mut bench = Bench::new(red_lips(), None);
    let points = landmarks(PLACE);
    let (outer, inner) = (ring(&points, &LIPS_OUTER), ring(&points, &LIPS_INNER));
    let picture = bench.draw_parsed(grey(), seen(&[points]), false);
    let mut reds = 0;
    for (x, y, color) in pixels(&picture) {
        let at = [x as f32 + 0.5, y as f32 + 0.5];
        let lips = is_inside(&outer, at) && !is_inside(&inner, at);
        let far = distance(&outer, at).min(distance(&inner, at)) > 1.6;
        if far {
            assert_eq!(color, if lips { RED } else { GREY }, "at {x}, {y}");
            reds += usize::from(lips);
        }
    }
    assert!(reds > 100, "{reds} pixels of lips");
}

#[test]
fn a_mirrored_picture_has_mirrored_lips() {
    let mut bench = Bench::new(red_lips(), None);
    let aside = landmarks([0.05, 0.1, 0.5, 0.8]);
    let plain = bench.draw_parsed(grey(), seen(std::slice::from_ref(&aside)), false);
    let mirrored = bench.draw_parsed(grey(), seen(&[aside]), true);
    assert!(painted(&plain) > 100);
    for (x, y, color) in pixels(&plain) {
        let other = pixel(&mirrored, WIDTH - 1 - x, y);
        let near = color.iter().zip(other).all(|(a, b)| (a - b).abs() <= 2);
        assert!(near, "at {x}, {y}: {color:?} and mirrored {other:?}");
    }
}

#[test]
fn lips_follow_a_picture_that_is_cut_to_another_shape() {
    let mut bench = Bench::new(red_lips(), Some(UVec2::splat(240)));
    let points = landmarks(PLACE);
    let lip = points[0];
    let picture = bench.draw_parsed(grey(), seen(&[points]), false);
    // The middle three quarters of the frame fill the square; the upper lip is a little below landmark 0.
    let (x, y) = ((lip[0] * 320.0 - 40.0) as u32, (lip[1] * 240.0) as u32 + 4);
    assert_eq!(pixel(&picture, x, y), RED);
}

#[test]
fn the_mesh_touches_the_face_only() {
    let mut bench = Bench::new(wires(), None);
    let picture = bench.draw_parsed(grey(), seen(&[landmarks(PLACE)]), false);
    let (mut inside, mut all) = (0, 0);
    for (x, y, color) in pixels(&picture) {
        let (u, v) = (x as f32 / WIDTH as f32, y as f32 / HEIGHT as f32);
        let near = (PLACE[0] - 0.02..PLACE[0] + PLACE[2] + 0.02).contains(&u)
            && (PLACE[1] - 0.02..PLACE[1] + PLACE[3] + 0.02).contains(&v);
        assert!(near || color == GREY, "outside the face at {x}, {y}: {color:?}");
        all += usize::from(near);
        inside += usize::from(color[0] > 190);
    }
    assert!(inside > all / 20 && inside < all, "lines, and skin between them: {inside} of {all}");
    // The colour of the lines is red: no channel but the first rises.
    assert!(pixels(&picture).all(|(.., [_, g, b])| g <= 128 && b <= 128));
}

#[test]
fn a_look_without_faces_and_a_picture_without_faces_are_as_they_were() {
    let mut bench = Bench::new(Look::default(), None);
    let bare = bench.draw_parsed(grey(), seen(&[]), false);
    let unpainted = bench.draw_parsed(grey(), seen(&[landmarks(PLACE)]), false);
    assert!(bare.pixels[..] == unpainted.pixels[..], "a look that paints no face leaves it as it is");
    let mut look = Look { face_texture: FacePartStyle::default(), ..wires() };
    look.face_mesh.opacity = 0.0;
    bench.wear(look);
    let neutral = bench.draw_parsed(grey(), seen(&[landmarks(PLACE)]), false);
    assert!(bare.pixels[..] == neutral.pixels[..], "no texture and no opacity paint nothing");
    bench.wear(Look { lips: red(), ..wires() });
    let nobody = bench.draw_parsed(grey(), seen(&[]), false);
    assert!(bare.pixels[..] == nobody.pixels[..], "nobody is there to be painted");
    let unparsed = bench.draw_parsed(grey(), None, false);
    assert!(bare.pixels[..] == unparsed.pixels[..]);
}

#[test]
fn a_face_texture_moves_with_the_face() {
    let face_texture = FacePartStyle { texture: Some("tribal".into()), ..red() };
    let mut bench = Bench::new(Look { face_texture, ..Look::default() }, None);
    let [left, top, width, height] = PLACE;
    let here = bench.draw_parsed(grey(), seen(&[landmarks(PLACE)]), false);
    let (right, down) = (32, 12);
    let moved = [left + right as f32 / WIDTH as f32, top + down as f32 / HEIGHT as f32, width, height];
    let there = bench.draw_parsed(grey(), seen(&[landmarks(moved)]), false);
    assert!(painted(&here) > 1000, "{}", painted(&here));
    let mut alike = 0;
    for (x, y, color) in
        pixels(&here).filter(|(x, y, color)| *color != GREY && x + right < WIDTH && y + down < HEIGHT)
    {
        let other = pixel(&there, x + right, y + down);
        alike += usize::from(color.iter().zip(other).all(|(a, b)| (a - b).abs() <= 6));
    }
    assert!(alike * 100 > painted(&here) * 98, "{alike} of {} moved along", painted(&here));
    // The eyes look through: between the lids there is no paint.
    let eye = ring(&landmarks(PLACE), &LEFT_EYE);
    let through = pixels(&here).filter(|(x, y, _)| {
        let at = [*x as f32 + 0.5, *y as f32 + 0.5];
        is_inside(&eye, at) && distance(&eye, at) > 1.6
    });
    assert!(through.map(|(.., color)| assert_eq!(color, GREY)).count() > 10);
}

#[test]
fn irises_are_cut_by_the_lids_and_need_their_landmarks() {
    let mut bench = Bench::new(Look { irises: red(), ..Look::default() }, None);
    let mut points = landmarks(PLACE);
    let eyes = [ring(&points, &LEFT_EYE), ring(&points, &RIGHT_EYE)];
    let picture = bench.draw_parsed(grey(), seen(&[points.clone()]), false);
    assert!(painted(&picture) > 20, "{}", painted(&picture));
    for (x, y, color) in pixels(&picture).filter(|(.., color)| *color != GREY) {
        let at = [x as f32 + 0.5, y as f32 + 0.5];
        let near = eyes.iter().any(|eye| is_inside(eye, at) || distance(eye, at) < 1.6);
        assert!(near, "outside the eyes at {x}, {y}: {color:?}");
    }
    points.truncate(468);
    assert_eq!(painted(&bench.draw_parsed(grey(), seen(&[points.clone()]), false)), 0, "no irises, no paint");
    bench.wear(wires());
    let without = painted(&bench.draw_parsed(grey(), seen(&[points]), false));
    assert!(without > 1000, "the rest of the mesh is drawn: {without}");
}

#[test]
fn hair_before_the_face_hides_its_paint() {
    let mut bench = Bench::new(Look { face_oval: red(), ..Look::default() }, None);
    let mut perception = seen(&[landmarks(PLACE)]).unwrap();
    perception.mask = mask(|column| if column < 16 { [0, 255, 0, 0] } else { [0, 0, 0, 255] });
    let picture = bench.draw_parsed(grey(), Some(perception), false);
    let (cheek, row) = (30, 130);
    assert_eq!(pixel(&picture, WIDTH / 2 - cheek, row), GREY, "under the hair");
    assert_eq!(pixel(&picture, WIDTH / 2 + cheek, row), RED, "beside it");
}

#[test]
fn sixteen_faces_are_painted_and_what_is_no_face_is_counted() {
    let mut bench = Bench::new(red_lips(), None);
    let place = |i: usize| [(i % 5) as f32 * 0.19 + 0.02, (i / 5) as f32 * 0.24 + 0.02, 0.16, 0.2];
    let crowd: Vec<_> = (0..20).map(|i| landmarks(place(i))).collect();
    let picture = bench.draw_parsed(grey(), seen(&crowd), false);
    let lips = |i: usize| {
        let [x, y, width, height] = place(i);
        let at = |v: f32, side: u32| (v * side as f32) as u32;
        let columns = at(x, WIDTH)..at(x + width, WIDTH);
        columns
            .flat_map(|c| (at(y, HEIGHT)..at(y + height, HEIGHT)).map(move |r| (c, r)))
            .filter(|(c, r)| pixel(&picture, *c, *r) != GREY)
            .count()
    };
    for face in 0..20 {
        assert_eq!(lips(face) > 5, face < 16, "face {face} has {} pixels of lips", lips(face));
    }
    assert_eq!(bench.counter("faces_not_painted"), 4);

    bench.wear(Look { lips: red(), face_oval: red(), brows: red(), ..wires() });
    bench.draw_parsed(grey(), seen(&[]), false);
    let before = bench.counter("faces_not_painted");
    for bad in [f32::NAN, f32::NEG_INFINITY, 1e30, -7.0] {
        let mut spoiled = landmarks(PLACE);
        spoiled[0][0] = bad;
        let picture = bench.draw_parsed(grey(), seen(&[spoiled]), false);
        assert_eq!(painted(&picture), 0, "{bad} is no landmark");
    }
    let empty = bench.draw_parsed(grey(), seen(&[Vec::new(), vec![[0.5; 3]; 478]]), false);
    assert_eq!(painted(&empty), 0);
    assert_eq!(bench.counter("faces_not_painted") - before, 6);
}

#[test]
fn a_face_that_leaves_the_frame_is_painted_where_it_is_seen() {
    let mut look = Look { face_oval: red(), ..wires() };
    look.face_oval.feather = 0.02;
    let mut bench = Bench::new(look, None);
    let picture = bench.draw_parsed(grey(), seen(&[landmarks([-0.25, -0.4, 0.5, 0.8])]), false);
    assert!(painted(&picture) > 1000);
    let beyond = pixels(&picture).filter(|(x, y, c)| *c != GREY && (*x > 84 || *y > 98)).count();
    assert_eq!(beyond, 0, "nothing beyond the quarter of the face that is in the frame");
}

#[test]
fn every_part_has_its_own_place() {
    let points = landmarks(PLACE);
    let mut bench = Bench::new(Look::default(), None);
    let mut seen_parts = Vec::new();
    for part in FacePart::ALL.into_iter().filter(|part| *part != FacePart::FaceTexture) {
        let mut look = Look::default();
        *look.face_part_mut(part) = red();
        bench.wear(look);
        let count = painted(&bench.draw_parsed(grey(), seen(std::slice::from_ref(&points)), false));
        assert!(count > 20, "{}: {count}", part.name());
        seen_parts.push((part, count));
    }
    let of = |wanted| seen_parts.iter().find(|(part, _)| *part == wanted).unwrap().1;
    assert!(of(FacePart::FaceOval) > 5 * of(FacePart::Lips));
    assert!(of(FacePart::Eyes) > of(FacePart::Irises));
}
