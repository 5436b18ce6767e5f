//! What can be set on a camera.

use std::panic::{AssertUnwindSafe, catch_unwind};

use v4l::Device;
use v4l::control::{Control, Description, Flags, MenuItem, Type, Value};

use super::controls::{Setting, canonical};
use super::{ControlInfo, ControlKind};

/// Controls of which nothing can be typed: no value, or one only the driver sets.
const HIDDEN: Flags = Flags::from_bits_truncate(
    Flags::DISABLED.bits() | Flags::READ_ONLY.bits() | Flags::WRITE_ONLY.bits() | Flags::HAS_PAYLOAD.bits(),
);

/// A control and the number by which the driver knows it.
pub(super) struct Known {
    pub(super) id: u32,
    pub(super) info: ControlInfo,
}

/// What can be set, in the driver's order.
pub(super) fn controls(device: &Device) -> Vec<Known> {
    // The binding panics at a kind of control that it does not know.
    let found = catch_unwind(AssertUnwindSafe(|| device.query_controls()));
    let found = found.ok().and_then(Result::ok).unwrap_or_default();
    found.into_iter().filter_map(|control| describe(device, control)).collect()
}

fn describe(device: &Device, control: Description) -> Option<Known> {
    if control.flags.intersects(HIDDEN) {
        return None;
    }
    let kind = match control.typ {
        Type::Integer | Type::Integer64 => {
            ControlKind::Number { least: control.minimum, most: control.maximum, step: control.step }
        }
        Type::Boolean => ControlKind::Switch,
        Type::Menu | Type::IntegerMenu => {
            let entry = |(value, item): (u32, MenuItem)| (i64::from(value), item.to_string());
            ControlKind::Menu(control.items.unwrap_or_default().into_iter().map(entry).collect())
        }
        _ => return None,
    };
    let current = match device.control(control.id).map(|control| control.value) {
        Ok(Value::Integer(value)) => Some(value),
        Ok(Value::Boolean(value)) => Some(i64::from(value)),
        _ => None,
    };
    let info = ControlInfo {
        name: canonical(&control.name),
        kind,
        default: control.default,
        current,
        inactive: control.flags.contains(Flags::INACTIVE),
    };
    Some(Known { id: control.id, info })
}

/// Sets one; what the driver says where it refuses.
pub(super) fn set(device: &Device, setting: &Setting, known: &[Known]) -> Result<(), String> {
    let Some(control) = known.iter().find(|known| known.info.name == setting.name) else {
        return Err("it has none".to_owned());
    };
    let value = match control.info.kind {
        ControlKind::Switch => Value::Boolean(setting.value != 0),
        _ => Value::Integer(setting.value),
    };
    device.set_control(Control { id: control.id, value }).map_err(|error| error.to_string())
}
