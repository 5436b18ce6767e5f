//! `PASSES`.

use std::collections::HashSet;

use super::super::error::Fault;
use super::super::locate::Step;
use super::{MOST_TARGETS, Object, Pass, name};

const LAST: Pass = Pass { target: None, persistent: false, float: false, scale: 1.0 };

/// The passes of `header`; never none, and only the last one is seen. `taken` are the names of inputs.
pub(super) fn read(header: &Object<'_>, taken: &mut HashSet<String>) -> Result<Vec<Pass>, Fault> {
    let list = header.list("PASSES")?;
    let mut passes = Vec::new();
    for (at, value) in list.iter().enumerate() {
        let object = Object::new(header.json, value, &[Step::Key("PASSES"), Step::At(at)])?;
        object.only(&["TARGET", "PERSISTENT", "FLOAT", "SCALE", "DESCRIPTION"])?;
        let last = at + 1 == list.len();
        let Some(target) = object.text("TARGET")? else {
            if !last {
                return Err(object.fault("TARGET", "every pass but the last needs a TARGET"));
            }
            object.only(&["DESCRIPTION"])?;
            passes.push(LAST);
            continue;
        };
        name(&object, "TARGET", &target)?;
        if !taken.insert(target.clone()) {
            let message = format!("{target} is the name of an input or another target already");
            return Err(object.fault("TARGET", message));
        }
        if passes.len() == MOST_TARGETS {
            return Err(object.fault("TARGET", format!("an effect has at most {MOST_TARGETS} targets")));
        }
        let scale = object.number("SCALE")?.unwrap_or(1.0);
        if !(0.05..=1.0).contains(&scale) {
            return Err(object.fault("SCALE", format!("SCALE is a number from 0.05 to 1, not {scale}")));
        }
        passes.push(Pass {
            target: Some(target),
            persistent: object.switch("PERSISTENT")?.unwrap_or(false),
            float: object.switch("FLOAT")?.unwrap_or(false),
            scale,
        });
        if last {
            return Err(
                object.fault("TARGET", "the last pass is what is seen and has no TARGET: add {} behind it")
            );
        }
    }
    if passes.is_empty() {
        passes.push(LAST);
    }
    Ok(passes)
}
