//! How the panel looks: one accent colour, one set of distances, and how large a point is.

use bevy_egui::egui::{self, Color32, CornerRadius, FontFamily, FontId, Margin, Stroke, TextStyle, vec2};

/// The one colour that says: this is chosen, this is set, this has the keyboard.
pub(super) const ACCENT: Color32 = Color32::from_rgb(94, 206, 184);
/// What does well.
pub(super) const GOOD: Color32 = ACCENT;
/// What wants a look.
pub(super) const WARNING: Color32 = Color32::from_rgb(240, 184, 92);
/// What went wrong.
pub(super) const ERROR: Color32 = Color32::from_rgb(255, 128, 118);

/// Behind everything.
const GROUND: Color32 = Color32::from_rgb(21, 23, 28);
/// Behind a group of rows.
pub(super) const CARD: Color32 = Color32::from_rgb(29, 32, 39);
/// Where something is typed, and the rails of sliders.
const WELL: Color32 = Color32::from_rgb(13, 14, 18);
const LINE: Color32 = Color32::from_rgb(52, 57, 68);
const CONTROL: Color32 = Color32::from_rgb(45, 49, 60);
const CONTROL_HOVERED: Color32 = Color32::from_rgb(58, 63, 76);
const TEXT: Color32 = Color32::from_rgb(208, 213, 222);
const TEXT_STRONG: Color32 = Color32::from_rgb(245, 247, 250);
/// Of what explains.
pub(super) const TEXT_WEAK: Color32 = Color32::from_rgb(138, 146, 160);
const CHOSEN: Color32 = Color32::from_rgb(33, 101, 92);

/// Height of a row in points.
pub(super) const ROW: f32 = 22.0;
/// Width of the column of labels in points.
pub(super) const LABEL: f32 = 104.0;
/// Width of the column of reset buttons in points.
pub(super) const RESET: f32 = 20.0;
/// Width of a number in points.
pub(super) const NUMBER: f32 = 62.0;
/// Height of a row of text that cannot be clicked in points.
pub(super) const LINE_HEIGHT: f32 = 16.0;

/// Sets fonts' sizes, distances and colours.
pub(super) fn apply(context: &egui::Context) {
    context.set_theme(egui::Theme::Dark);
    context.options_mut(|options| options.zoom_with_keyboard = false);
    context.all_styles_mut(|style| {
        let font = |size| FontId::new(size, FontFamily::Proportional);
        style.text_styles = [
            (TextStyle::Heading, font(16.0)),
            (TextStyle::Body, font(13.0)),
            (TextStyle::Button, font(13.0)),
            (TextStyle::Small, font(11.0)),
            (TextStyle::Monospace, FontId::new(11.5, FontFamily::Monospace)),
        ]
        .into();
        space(&mut style.spacing);
        paint(&mut style.visuals);
        style.interaction.selectable_labels = false;
        style.interaction.tooltip_delay = 0.4;
    });
}

fn space(spacing: &mut egui::Spacing) {
    spacing.item_spacing = vec2(6.0, 5.0);
    spacing.button_padding = vec2(8.0, 3.0);
    spacing.interact_size = vec2(32.0, ROW);
    spacing.icon_width = 16.0;
    spacing.icon_width_inner = 9.0;
    spacing.slider_rail_height = 5.0;
    spacing.tooltip_width = 300.0;
    spacing.window_margin = Margin::same(10);
    spacing.menu_margin = Margin::same(6);
    spacing.scroll.floating = false;
    spacing.scroll.foreground_color = false;
    spacing.scroll.bar_width = 7.0;
    spacing.scroll.bar_inner_margin = 5.0;
    spacing.scroll.bar_outer_margin = 1.0;
}

fn paint(visuals: &mut egui::Visuals) {
    visuals.panel_fill = GROUND;
    visuals.window_fill = CARD;
    visuals.window_stroke = Stroke::new(1.0, LINE);
    visuals.extreme_bg_color = WELL;
    visuals.faint_bg_color = Color32::from_rgb(25, 28, 34);
    visuals.weak_text_color = Some(TEXT_WEAK);
    visuals.error_fg_color = ERROR;
    visuals.warn_fg_color = WARNING;
    visuals.hyperlink_color = ACCENT;
    visuals.selection.bg_fill = CHOSEN;
    visuals.selection.stroke = Stroke::new(1.0, TEXT_STRONG);
    visuals.slider_trailing_fill = true;
    visuals.handle_shape = egui::style::HandleShape::Rect { aspect_ratio: 0.6 };
    visuals.window_corner_radius = CornerRadius::same(8);
    visuals.menu_corner_radius = CornerRadius::same(6);
    let widgets = &mut visuals.widgets;
    for (widget, fill, line, text) in [
        (&mut widgets.noninteractive, CARD, Stroke::new(1.0, LINE), TEXT),
        (&mut widgets.inactive, CONTROL, Stroke::NONE, TEXT),
        (&mut widgets.hovered, CONTROL_HOVERED, Stroke::new(1.0, LINE), TEXT_STRONG),
        // What has the keyboard is drawn so, too.
        (&mut widgets.active, CONTROL_HOVERED, Stroke::new(1.5, ACCENT), TEXT_STRONG),
        (&mut widgets.open, CONTROL, Stroke::new(1.0, LINE), TEXT),
    ] {
        widget.bg_fill = fill;
        widget.weak_bg_fill = fill;
        widget.bg_stroke = line;
        widget.fg_stroke = Stroke::new(1.0, text);
        widget.corner_radius = CornerRadius::same(4);
        widget.expansion = 0.0;
    }
}

/// Least and largest sizes that a person may choose.
pub(super) const SCALES: std::ops::RangeInclusive<f32> = 0.75..=4.0;

/// Pixels per point: what was `chosen`, else what the system says (`native`), but on a screen of many rows
/// whose system says nothing as much more as it has rows more than 1080.
pub(super) fn pixels_per_point(chosen: Option<f32>, native: f32, rows: f32) -> f32 {
    let quarters = (rows / 1080.0 * 4.0).round() / 4.0;
    let automatic = native.max(quarters).max(1.0);
    let least = *SCALES.start();
    chosen.unwrap_or(automatic).clamp(least, *SCALES.end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_as_large_as_the_screen_wants_or_the_person_says() {
        assert_eq!(pixels_per_point(None, 1.0, 720.0), 1.0);
        assert_eq!(pixels_per_point(None, 1.0, 1080.0), 1.0);
        assert_eq!(pixels_per_point(None, 1.0, 2160.0), 2.0);
        assert_eq!(pixels_per_point(None, 2.0, 2160.0), 2.0);
        assert_eq!(pixels_per_point(None, 2.0, 720.0), 2.0);
        assert_eq!(pixels_per_point(Some(1.5), 1.0, 2160.0), 1.5);
        assert_eq!(pixels_per_point(Some(90.0), 1.0, 720.0), 4.0);
    }
}
