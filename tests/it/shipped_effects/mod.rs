//! What each effect that comes with Masque promises: a known picture, known regions and faces in; pixels out.

mod cost;
mod easel;
mod feedback;
mod geometry;
mod inputs;
mod light;
mod neutral;
mod painting;
mod print;
mod recolour;

use masque::effect::EffectLibrary;

use easel::Easel;

/// Makes a test of each line, and the list of effects that have one.
macro_rules! promises {
    ($($effect:ident: $room:ident::$promise:ident;)*) => {
        $(#[test]
        fn $effect() {
            $room::$promise(&mut Easel::new());
        })*

        const PROMISED: &[&str] = &[$(stringify!($effect)),*];
    };
}

promises! {
    ascii: print::letters_have_the_ink_and_dark_parts_stay_blank;
    aura: light::rings_stand_around_people_and_not_on_them;
    chromatic_shift: geometry::red_and_blue_leave_green_by_the_stated_distance;
    crt: geometry::lines_have_the_stated_spacing;
    dither: print::only_two_colours_whose_shares_are_the_tone;
    echo_trails: feedback::a_person_who_left_is_still_seen_for_a_while;
    edge_glow: light::light_lies_on_the_edge_and_dies_with_distance;
    flow_smear: feedback::paint_remembers_the_picture_before;
    focal_blur: painting::the_point_stays_sharp_and_the_rest_does_not;
    four_colour_print: print::paper_stays_bare_and_each_colour_has_its_ink;
    glitch: geometry::a_broken_row_is_moved_as_a_whole;
    hair_particles: feedback::grains_leave_the_hair_and_outlive_it;
    halftone: print::only_ink_and_paper_and_more_ink_where_it_is_dark;
    hue_cycle: recolour::hues_turn_and_luma_stays;
    ink_sketch: print::edges_are_drawn_and_shade_is_hatched;
    invert: recolour::colours_become_their_opposites;
    kaleidoscope: geometry::the_picture_is_its_own_mirror_image;
    kuwahara: painting::noise_is_painted_over_and_edges_stay;
    liquid_metal: painting::everything_has_the_colour_of_the_metal;
    mouth_ripple: geometry::only_an_open_mouth_makes_waves;
    northern_lights: light::curtains_hide_the_picture_and_drift;
    paper_print: print::ink_only_darkens_the_sheet;
    pixel_mosaic: geometry::a_tile_has_one_colour;
    spotlight: light::faces_are_lit_and_the_rest_is_night;
    stained_glass: painting::lead_runs_between_pieces_of_the_colour_below;
    thermal: recolour::bright_is_hot_and_people_are_warm;
}

#[test]
fn every_effect_that_is_shipped_has_a_promise() {
    let library = EffectLibrary::default();
    assert_eq!(library.names().collect::<Vec<_>>(), PROMISED);
}

#[test]
fn every_file_of_the_folder_is_shipped() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/shaders/effects");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|file| file.strip_suffix(".wgsl").map(str::to_owned))
        .collect();
    files.sort();
    assert_eq!(EffectLibrary::default().names().collect::<Vec<_>>(), files);
}

#[test]
fn every_effect_explains_itself() {
    for effect in EffectLibrary::default().effects() {
        assert!(effect.description().ends_with('.'), "{} has no description", effect.name());
        assert!(!effect.credit().is_empty(), "{} has no credit", effect.name());
        assert!(!effect.categories().is_empty(), "{} has no category", effect.name());
        for input in effect.inputs() {
            assert!(!input.field.doc().is_empty(), "{}/{} has no DOC", effect.name(), input.field.key);
        }
    }
}

#[test]
fn the_gallery_shows_every_effect() {
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/docs");
    let page = std::fs::read_to_string(format!("{docs}/effects-gallery.md")).unwrap();
    for effect in EffectLibrary::default().effects() {
        let name = effect.name();
        assert!(page.contains(&format!("**{name}**")), "{name} is not on the page");
        assert!(page.contains(effect.description()), "the page says something else of {name}");
        let picture = format!("{docs}/effects/{name}.jpg");
        let bytes = std::fs::metadata(&picture).map(|file| file.len()).unwrap_or_default();
        assert!((1..=25_000).contains(&bytes), "{picture} has {bytes} bytes");
    }
}
