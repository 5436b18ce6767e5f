//! Whether recordings will hold on this machine: what was measured, and what that means.

use std::path::Path;

use super::measure::{self, CameraSpeed, EncoderSpeed};
use super::{Finding, Health};
use crate::ffmpeg;

/// The recordings that are asked about: name, size, pictures a second.
const RECORDINGS: [(&str, (u32, u32), f64); 3] = [
    ("record 720p30", (1280, 720), 30.0),
    ("record 1080p30", (1920, 1080), 30.0),
    ("record 1080p60", (1920, 1080), 60.0),
];
/// How many times as fast as needed the encoder has to be: the show wants the machine, too.
const ENCODER_MARGIN: f64 = 1.5;
/// How many times as fast as needed the disk has to be: it has slow moments.
const DISK_MARGIN: f64 = 4.0;
/// Share of its own rate that a camera may stay below.
const CAMERA_MARGIN: f64 = 0.9;

/// Measures, for about ten seconds, what recordings into `folder` need.
pub(super) fn findings(folder: &Path, has_camera: bool) -> Vec<Finding> {
    let disk = measure::disk_speed(folder);
    let mut findings = vec![disk_finding(folder, &disk)];
    if has_camera {
        findings.push(camera_finding(measure::camera_speed()));
    }
    // Without ffmpeg, its own line says what to type.
    let Ok(ffmpeg) = ffmpeg::locate() else { return findings };
    let mut known: Vec<((u32, u32), Result<EncoderSpeed, String>)> = Vec::new();
    for (what, size, rate) in RECORDINGS {
        if !known.iter().any(|(measured, _)| *measured == size) {
            known.push((size, measure::encoder_speed(&ffmpeg, size)));
        }
        let Some((_, encoder)) = known.iter().find(|(measured, _)| *measured == size) else { continue };
        findings.push(verdict(what, rate, encoder, disk.as_ref().ok().copied()));
    }
    findings
}

fn disk_finding(folder: &Path, speed: &std::io::Result<f64>) -> Finding {
    const WHAT: &str = "disk";
    let place = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let place = place.display();
    match speed {
        Ok(speed) => {
            Finding::new(WHAT, Health::Good, format!("{} MB/s reach the disk of {place}", round(speed / 1e6)))
        }
        Err(error) => Finding::new(WHAT, Health::Fair, format!("{place} cannot be written: {error}"))
            .advise("masque doctor --folder FOLDER"),
    }
}

fn camera_finding(speed: Result<CameraSpeed, String>) -> Finding {
    const WHAT: &str = "camera rate";
    match speed {
        Err(reason) => Finding::new(WHAT, Health::Fair, format!("not measured: {reason}")),
        Ok(CameraSpeed { description, rate, nominal }) => {
            let slow = nominal.filter(|nominal| rate < nominal * CAMERA_MARGIN);
            let found = format!("{} pictures a second of {description}", round(rate));
            match slow {
                None => Finding::new(WHAT, Health::Good, found),
                Some(nominal) => {
                    let found = format!("{found}; it says {}: more light may help", round(nominal));
                    Finding::new(WHAT, Health::Fair, found)
                }
            }
        }
    }
}

fn verdict(
    what: &'static str,
    rate: f64,
    encoder: &Result<EncoderSpeed, String>,
    disk: Option<f64>,
) -> Finding {
    let encoder = match encoder {
        Ok(encoder) => encoder,
        Err(reason) => return Finding::new(what, Health::Fair, format!("does not work: {reason}")),
    };
    let needed = encoder.picture_bytes * rate;
    let measured = format!(
        "the encoder makes {} pictures a second, the disk takes {} MB/s and is asked for {}",
        round(encoder.rate),
        disk.map_or_else(|| "no".to_owned(), |disk| round(disk / 1e6)),
        round(needed / 1e6)
    );
    let share = (encoder.rate / rate).min(f64::MAX);
    let disk_share = disk.map_or(0.0, |disk| disk / needed.max(1.0));
    if share >= ENCODER_MARGIN && disk_share >= DISK_MARGIN {
        return Finding::new(what, Health::Good, format!("holds: {measured}"));
    }
    if share >= 1.0 && disk_share >= 1.0 {
        return Finding::new(what, Health::Fair, format!("holds with nothing to spare: {measured}"));
    }
    let why = if share < 1.0 { "the encoder is too slow" } else { "the disk is too slow" };
    Finding::new(what, Health::Fair, format!("will not hold, {why}: {measured}"))
}

/// Three figures are as many as such a measurement has.
fn round(value: f64) -> String {
    match value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rate: f64, encoder: f64, disk: Option<f64>) -> Finding {
        let encoder = EncoderSpeed { rate: encoder, picture_bytes: 50_000.0 };
        verdict("record 720p30", rate, &Ok(encoder), disk)
    }

    #[test]
    fn a_recording_holds_where_encoder_and_disk_have_room_to_spare() {
        let good = of(30.0, 200.0, Some(300e6));
        assert!(good.health == Health::Good && good.found.starts_with("holds: "), "{good:?}");
        assert!(good.found.contains("200 pictures") && good.found.contains("300 MB/s"), "{good:?}");
        assert!(good.found.ends_with("asked for 1.50"), "{good:?}");
        for (encoder, disk, words) in [
            (40.0, Some(300e6), "nothing to spare"),
            (200.0, Some(3e6), "nothing to spare"),
            (29.0, Some(300e6), "the encoder is too slow"),
            (200.0, Some(1e6), "the disk is too slow"),
            (200.0, None, "the disk is too slow"),
        ] {
            let finding = of(30.0, encoder, disk);
            assert!(finding.health == Health::Fair && finding.found.contains(words), "{finding:?}");
        }
    }

    #[test]
    fn a_camera_that_keeps_less_than_it_promises_is_told() {
        let speed = |rate| CameraSpeed { description: "1280×720".into(), rate, nominal: Some(30.0) };
        assert_eq!(camera_finding(Ok(speed(29.7))).health, Health::Good);
        let slow = camera_finding(Ok(speed(14.9)));
        assert!(slow.health == Health::Fair && slow.found.contains("it says 30.0"), "{slow:?}");
    }

    #[test]
    fn a_folder_that_is_not_there_is_told() {
        let finding = disk_finding(Path::new("/nowhere"), &measure::disk_speed(Path::new("/nowhere")));
        assert!(finding.health == Health::Fair && finding.found.contains("/nowhere"), "{finding:?}");
    }
}
