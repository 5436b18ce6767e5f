//! Parameters of a look on the command line.

use std::path::Path;

use image::{Rgb, RgbImage};

use crate::program::{masque, stderr};

/// Renders `input` as `output` with `arguments`.
fn render(folder: &Path, output: &str, arguments: &[&str]) -> RgbImage {
    let outcome = masque(folder).args(["render", "in.png", output]).args(arguments).output().unwrap();
    assert!(outcome.status.success(), "{}", stderr(&outcome));
    image::open(folder.join(output)).unwrap().to_rgb8()
}

#[test]
fn set_changes_the_picture_as_the_look_would() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    // Nobody is in this picture: all of it is background.
    RgbImage::from_pixel(128, 96, Rgb([90, 120, 150])).save(at.join("in.png")).unwrap();
    std::fs::write(at.join("bare.toml"), "name = \"Bare\"\n").unwrap();
    let bare = render(at, "bare.png", &["--look", "bare.toml"]);
    let near = |pixel: &Rgb<u8>, wanted: [u8; 3]| pixel.0.iter().zip(wanted).all(|(a, b)| a.abs_diff(b) <= 8);
    assert!(bare.pixels().all(|pixel| near(pixel, [90, 120, 150])), "{:?}", bare.get_pixel(64, 48));
    let background = "region/background";
    let settings = ["texture=none", "tint=#ff0000", "shading=0", "opacity=0.1", "opacity=1"]
        .map(|setting| format!("--set={background}/{setting}"));
    let arguments: Vec<_> =
        ["--look", "bare.toml"].into_iter().chain(settings.iter().map(|s| &**s)).collect();
    let red = render(at, "red.png", &arguments);
    assert!(red.pixels().all(|pixel| near(pixel, [255, 0, 0])), "{:?}", red.get_pixel(64, 48));
    std::fs::write(at.join("red.toml"), "[background]\ntint = [1, 0, 0]\nshading = 0\n").unwrap();
    assert_eq!(render(at, "same.png", &["--look", "red.toml"]), red);
    // A parameter of what is not there changes nothing.
    let hair = render(at, "hair.png", &["--look", "red.toml", "--set", "face/lips/opacity=1"]);
    assert_eq!(hair, red);
}

#[test]
fn a_wrong_setting_exits_with_2_and_says_what_is_right() {
    let folder = tempfile::tempdir().unwrap();
    let cases: [(&str, &[&str]); 6] = [
        ("region/hair/opacitty=1", &["region/hair/opacitty", "region/hair/opacity", "0 to 1"]),
        ("region/hair/opacity=3", &["region/hair/opacity", "number", "0 to 1", "\"3\""]),
        ("region/hair/invert=maybe", &["region/hair/invert", "true or false", "maybe"]),
        ("face/lips/tint=red", &["face/lips/tint", "#rrggbb", "red"]),
        ("region/hair/texture=no-such", &["region/hair/texture", "no-such", "moss"]),
        ("opacity", &["region/hair/opacity=0.5"]),
    ];
    for command in [&["run", "demo:", "--headless", "--frames", "1"][..], &["bench", "--frames", "1"]] {
        for (setting, words) in cases {
            let output = masque(folder.path()).args(command).args(["--set", setting]).output().unwrap();
            let text = stderr(&output);
            assert_eq!(output.status.code(), Some(2), "{setting}: {text}");
            for word in words {
                assert!(text.contains(word), "\"{word}\" is missing in: {text}");
            }
        }
    }
}
