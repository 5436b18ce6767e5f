//! Variables that native libraries read before the program could tell them anything.

#[cfg(unix)]
use std::env;

#[cfg(unix)]
use crate::memory::HEAP_VARIABLES;

/// ONNX Runtime 1.29 and later write a device id and an upload cache unless this is set.
#[cfg(unix)]
const NO_TELEMETRY: &str = "ORT_DISABLE_TELEMETRY";
/// Mesa's layer that asks the Wayland server for its GPU complains on stderr where there is none.
#[cfg(target_os = "linux")]
const NO_DEVICE_SELECT: &str = "NODEVICE_SELECT";

/// Starts the program again with the variables that are missing, in the same process. Setting them
/// in place is unsound once there are threads, which libraries may have started.
#[cfg(unix)]
pub(super) fn prepare() {
    use std::os::unix::process::CommandExt;

    let missing: Vec<_> = wanted().into_iter().filter(|(name, _)| env::var_os(name).is_none()).collect();
    if missing.is_empty() {
        return;
    }
    let Ok(program) = env::current_exe() else { return };
    let mut command = std::process::Command::new(program);
    command.args(env::args_os().skip(1)).envs(missing);
    // It comes back only when the system refuses; everything works without, only less quietly.
    let error = command.exec();
    eprintln!("masque: cannot start again with {NO_TELEMETRY}=1: {error}");
}

#[cfg(not(unix))]
pub(super) fn prepare() {}

#[cfg(unix)]
fn wanted() -> Vec<(&'static str, &'static str)> {
    let mut variables = vec![(NO_TELEMETRY, "1")];
    #[cfg(target_os = "linux")]
    if env::var_os("XDG_RUNTIME_DIR").is_none() {
        variables.push((NO_DEVICE_SELECT, "1"));
    }
    variables.extend(HEAP_VARIABLES);
    variables
}
