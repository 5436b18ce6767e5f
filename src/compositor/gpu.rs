//! Whether there is a GPU, hardware or software, to draw with.

use wgpu::{Backends, DeviceType, Instance, InstanceDescriptor};

/// The device that would draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GpuInfo {
    /// Name as the driver states it.
    pub name: String,
    /// Vulkan, Metal, Dx12 or Gl.
    pub backend: String,
    /// Whether it is a software renderer.
    pub software: bool,
}

/// No device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no Vulkan device was found to draw with; install a driver, or the software one: \
     sudo apt-get install mesa-vulkan-drivers libvulkan1"
)]
pub struct GpuError;

/// Looks for a device without opening it.
///
/// # Errors
/// [`GpuError`] when there is none.
pub fn probe_gpu() -> Result<GpuInfo, GpuError> {
    let backends = Backends::from_env().unwrap_or(Backends::PRIMARY);
    let instance =
        Instance::new(InstanceDescriptor { backends, ..InstanceDescriptor::new_without_display_handle() });
    let adapters = bevy::tasks::block_on(instance.enumerate_adapters(backends));
    let rank = |kind: DeviceType| match kind {
        DeviceType::DiscreteGpu => 0,
        DeviceType::IntegratedGpu => 1,
        DeviceType::VirtualGpu => 2,
        DeviceType::Other => 3,
        DeviceType::Cpu => 4,
    };
    let infos = adapters.iter().map(|adapter| adapter.get_info());
    let best = infos.min_by_key(|info| rank(info.device_type)).ok_or(GpuError)?;
    Ok(GpuInfo {
        name: best.name,
        backend: format!("{:?}", best.backend),
        software: best.device_type == DeviceType::Cpu,
    })
}
