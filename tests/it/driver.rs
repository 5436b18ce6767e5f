//! What the graphics driver refuses does not end a show.

use bevy::render::render_resource::{
    Extent3d, TextureDescriptor, TextureDimension, TextureFormat, TextureUsages,
};
use bevy::render::renderer::RenderDevice;
use masque::look::Look;
use masque::schedule::Pacing;
use masque::stats::Stats;

use crate::compositor::{Bench, flag};

/// A texture without an area: no driver makes one.
fn offend(bench: &Bench) {
    bench.app.world().resource::<RenderDevice>().create_texture(&TextureDescriptor {
        label: None,
        size: Extent3d { width: 0, height: 0, depth_or_array_layers: 1 },
        mip_level_count: 1,
        sample_count: 1,
        dimension: TextureDimension::D2,
        format: TextureFormat::Rgba8Unorm,
        usage: TextureUsages::TEXTURE_BINDING,
        view_formats: &[],
    });
}

#[test]
fn a_live_picture_goes_on_after_an_error_of_the_driver() {
    let mut bench = Bench::new(Look::default(), None);
    bench.draw(flag(), None, false);
    offend(&bench);
    bench.draw(flag(), None, false);
    assert_eq!(bench.counter("render_errors"), 1);
    assert!(bench.app.should_exit().is_none());
    assert_eq!(bench.app.world().resource::<Stats>().failure(), None);
}

#[test]
fn a_run_that_must_not_miss_a_picture_ends_with_the_reason() {
    let mut bench = Bench::new(Look::default(), None);
    bench.draw(flag(), None, false);
    bench.app.insert_resource(Pacing::Lossless);
    offend(&bench);
    for _ in 0..3 {
        bench.app.update();
    }
    assert!(bench.app.should_exit().is_some_and(|exit| exit.is_error()));
    let reason = bench.app.world().resource::<Stats>().failure();
    assert!(reason.as_ref().is_some_and(|reason| reason.contains("driver")), "{reason:?}");
}
