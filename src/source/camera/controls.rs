//! Wishes for a camera's controls, into what is set on it.

use super::{Automatic, CameraOptions, ControlInfo, ControlKind, ControlWish};

/// A control and the number it gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Setting {
    pub(super) name: String,
    pub(super) value: i64,
}

/// A control that has a switch for setting itself, by the names that kernels have used.
struct Switched {
    /// For people.
    what: &'static str,
    automatic: [&'static str; 2],
    value: [&'static str; 2],
}

const EXPOSURE: Switched = Switched {
    what: "exposure",
    automatic: ["auto_exposure", "exposure_auto"],
    value: ["exposure_time_absolute", "exposure_absolute"],
};
const FOCUS: Switched = Switched {
    what: "focus",
    automatic: ["focus_automatic_continuous", "focus_auto"],
    value: ["focus_absolute", "focus"],
};
const WHITE_BALANCE: Switched = Switched {
    what: "white balance",
    automatic: ["white_balance_automatic", "white_balance_temperature_auto"],
    value: ["white_balance_temperature", "white_balance"],
};
/// Entries of the menu of exposure: everything, by hand, the shutter's time, the aperture (webcams call theirs so).
const EXPOSE_AUTO: [i64; 2] = [0, 3];
const EXPOSE_BY_HAND: i64 = 1;

/// What is to be set in order, and sentences about what the camera does not have.
pub(super) fn settings(options: &CameraOptions, known: &[ControlInfo]) -> (Vec<Setting>, Vec<String>) {
    let mut settings = Vec::new();
    let mut refused = Vec::new();
    let switched =
        [(&EXPOSURE, options.exposure), (&FOCUS, options.focus), (&WHITE_BALANCE, options.white_balance)];
    for (control, wish) in switched {
        let Some(wish) = wish else { continue };
        match control.settings(wish, known) {
            Some(wanted) => settings.extend(wanted),
            None => refused.push(format!("its {} cannot be set so", control.what)),
        }
    }
    for wish in &options.controls {
        match setting(wish, known) {
            Ok(setting) => settings.push(setting),
            Err(sentence) => refused.push(sentence),
        }
    }
    (settings, refused)
}

impl Switched {
    fn settings(&self, wish: Automatic, known: &[ControlInfo]) -> Option<Vec<Setting>> {
        let find = |names: [&str; 2]| names.iter().find_map(|name| known.iter().find(|c| c.name == *name));
        let to = |control: &ControlInfo, value| Setting { name: control.name.clone(), value };
        let switch = find(self.automatic);
        match wish {
            Automatic::Auto => {
                let switch = switch?;
                let value = match &switch.kind {
                    ControlKind::Menu(entries) => {
                        *EXPOSE_AUTO.iter().find(|auto| entries.iter().any(|(value, _)| value == *auto))?
                    }
                    _ => 1,
                };
                Some(vec![to(switch, value)])
            }
            Automatic::Value(value) => {
                let control = find(self.value)?;
                let by_hand = switch.map(|switch| {
                    to(switch, if matches!(switch.kind, ControlKind::Menu(_)) { EXPOSE_BY_HAND } else { 0 })
                });
                Some(by_hand.into_iter().chain([to(control, fit(&control.kind, value))]).collect())
            }
        }
    }
}

fn setting(wish: &ControlWish, known: &[ControlInfo]) -> Result<Setting, String> {
    let name = canonical(&wish.name);
    let Some(control) = known.iter().find(|control| control.name == name) else {
        return Err(format!("it has no control {}; it has {}", wish.name, listing(known)));
    };
    let value = match (&control.kind, wish.value.to_lowercase().as_str()) {
        (_, "default") => Some(control.default),
        (ControlKind::Switch, "on" | "true" | "1") => Some(1),
        (ControlKind::Switch, "off" | "false" | "0") => Some(0),
        (ControlKind::Switch, _) => None,
        (ControlKind::Number { least, most, .. }, text) => {
            text.parse().ok().filter(|value| (*least..=*most).contains(value))
        }
        (ControlKind::Menu(entries), text) => entries
            .iter()
            .find(|(value, name)| text.parse() == Ok(*value) || canonical(name) == canonical(text))
            .map(|(value, _)| *value),
    };
    let value = value.ok_or_else(|| format!("{name} cannot be {}; it takes {}", wish.value, control.kind))?;
    Ok(Setting { name, value })
}

/// The nearest that the control takes.
fn fit(kind: &ControlKind, value: i64) -> i64 {
    match kind {
        ControlKind::Number { least, most, .. } if least <= most => value.clamp(*least, *most),
        _ => value,
    }
}

/// `brightness (0–255, default 128), …`
fn listing(known: &[ControlInfo]) -> String {
    let each = known.iter().map(|control| {
        let default = match &control.kind {
            ControlKind::Switch => if control.default == 0 { "off" } else { "on" }.to_owned(),
            _ => control.default.to_string(),
        };
        format!("{} ({}, default {default})", control.name, control.kind)
    });
    let each: Vec<_> = each.collect();
    if each.is_empty() { "none".to_owned() } else { each.join(", ") }
}

/// A name as it is typed: lower case, one `_` for all between its words.
pub(super) fn canonical(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn control(name: &str, kind: ControlKind, default: i64) -> ControlInfo {
        ControlInfo { name: name.into(), kind, default, current: None, inactive: false }
    }

    fn webcam() -> Vec<ControlInfo> {
        let number = |least, most| ControlKind::Number { least, most, step: 1 };
        let menu = vec![(1, "Manual Mode".to_owned()), (3, "Aperture Priority Mode".to_owned())];
        vec![
            control("brightness", number(0, 255), 128),
            control("white_balance_automatic", ControlKind::Switch, 1),
            control("white_balance_temperature", number(2800, 6500), 4000),
            control("auto_exposure", ControlKind::Menu(menu), 3),
            control("exposure_time_absolute", number(3, 2047), 250),
        ]
    }

    fn made(options: &CameraOptions) -> (Vec<(String, i64)>, Vec<String>) {
        let (settings, refused) = settings(options, &webcam());
        (settings.into_iter().map(|setting| (setting.name, setting.value)).collect(), refused)
    }

    fn typed(text: &str) -> (Vec<(String, i64)>, Vec<String>) {
        let wish = text.parse().expect("a wish");
        made(&CameraOptions { controls: vec![wish], ..CameraOptions::default() })
    }

    #[test]
    fn a_value_switches_the_automatic_off_first() {
        let options = CameraOptions {
            exposure: Some(Automatic::Value(100)),
            white_balance: Some(Automatic::Value(9000)),
            ..CameraOptions::default()
        };
        let expected = [
            ("auto_exposure", 1),
            ("exposure_time_absolute", 100),
            ("white_balance_automatic", 0),
            ("white_balance_temperature", 6500),
        ];
        assert_eq!(made(&options), (expected.map(|(name, value)| (name.to_owned(), value)).into(), vec![]));
        let options = CameraOptions {
            exposure: Some(Automatic::Auto),
            focus: Some(Automatic::Auto),
            ..CameraOptions::default()
        };
        let (settings, refused) = made(&options);
        assert_eq!(settings, [("auto_exposure".to_owned(), 3)]);
        assert_eq!(refused, ["its focus cannot be set so"]);
    }

    #[test]
    fn controls_are_set_by_name_and_refused_with_what_there_is() {
        assert_eq!(typed("Brightness=7").0, [("brightness".to_owned(), 7)]);
        assert_eq!(typed("brightness=default").0, [("brightness".to_owned(), 128)]);
        assert_eq!(typed("White Balance, Automatic=off").0, [("white_balance_automatic".to_owned(), 0)]);
        assert_eq!(typed("auto_exposure=manual mode").0, [("auto_exposure".to_owned(), 1)]);
        let refused = |text: &str| typed(text).1.join(" ");
        assert!(refused("zoom=1").contains("brightness (0–255, default 128)"), "{}", refused("zoom=1"));
        assert!(refused("zoom=1").contains("white_balance_automatic (on, off, default on)"));
        assert!(refused("brightness=300").contains("cannot be 300; it takes 0–255"));
        assert!(refused("auto_exposure=2").contains("3 Aperture Priority Mode"));
    }
}
