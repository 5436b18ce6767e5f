//! Which look is worn.

use bevy_egui::egui::{self, Color32, Rect, Sense, StrokeKind, pos2, vec2};

use super::super::picker::TexturePicker;
use super::super::view::{LookCard, View, Wish};
use super::super::{card, heading, keys, style, write};
use crate::frame::Region;
use crate::look::{FacePart, Look};

/// Cards side by side.
const COLUMNS: usize = 3;
/// Height of a card's picture, in its widths.
const PICTURE: f32 = 9.0 / 16.0;
/// Height of a card's name in points.
const NAME: f32 = 22.0;

pub(in super::super) fn draw(ui: &mut egui::Ui, view: &mut View) {
    card(ui, |ui| {
        heading(ui, "Looks");
        let gap = ui.spacing().item_spacing.x;
        let width = (ui.available_width() - gap * (COLUMNS - 1) as f32) / COLUMNS as f32;
        for row in view.looks.chunks(COLUMNS) {
            ui.horizontal(|ui| {
                for card in row {
                    let mut picker = TexturePicker { library: view.library, thumbnails: view.thumbnails };
                    let worn = card.look.as_ref().is_some_and(|look| look.name == view.look.name);
                    if draw_card(ui, card, worn, width, &mut picker).clicked() {
                        view.wishes.push(Wish::Wear(card.name.clone()));
                    }
                }
            });
        }
    });
    card(ui, |ui| {
        heading(ui, "This look");
        ui.horizontal(|ui| {
            if ui.button("Randomise").on_hover_text("R").clicked() {
                view.wishes.push(Wish::Randomise);
            }
            if ui.button("Bare").on_hover_text("The camera's picture as it is").clicked() {
                *view.look = Look::default();
            }
            if let Some(path) = &view.file {
                let save = ui.add_enabled(!view.saving, egui::Button::new("Save"));
                let hint = format!("{} ({})", path.display(), ui.ctx().format_shortcut(&keys::SAVE));
                if save.on_hover_text(hint).clicked() {
                    view.wishes.push(Wish::Save);
                }
            }
        });
        let file = match &view.file {
            Some(path) => format!("Saved in {}", path.display()),
            None => "Comes with Masque, or by chance: it has no file to be saved in.".to_owned(),
        };
        ui.add(egui::Label::new(egui::RichText::new(file).small().color(style::TEXT_WEAK)).wrap());
    });
}

fn draw_card(
    ui: &mut egui::Ui,
    card: &LookCard,
    worn: bool,
    width: f32,
    picker: &mut TexturePicker,
) -> egui::Response {
    let size = vec2(width, width * PICTURE + NAME);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let label = card.look.as_ref().map_or(card.name.as_str(), |look| look.name.as_str());
    response.widget_info(|| egui::WidgetInfo::selected(egui::WidgetType::SelectableLabel, true, worn, label));
    if !ui.is_rect_visible(rect) {
        return response;
    }
    let picture = Rect::from_min_size(rect.min, vec2(width, width * PICTURE)).shrink(3.0);
    if let Some(look) = &card.look {
        draw_swatches(ui, look, picture, picker);
    }
    let visuals = ui.style().interact_selectable(&response, worn);
    let stroke = match () {
        () if response.has_focus() => visuals.bg_stroke,
        () if worn => egui::Stroke::new(1.5, style::ACCENT),
        () if response.hovered() => visuals.bg_stroke,
        () => egui::Stroke::NONE,
    };
    ui.painter().rect_stroke(rect, 6.0, stroke, StrokeKind::Inside);
    let below = Rect::from_min_max(pos2(picture.left(), picture.bottom()), rect.max);
    let color = if worn { ui.visuals().strong_text_color() } else { ui.visuals().text_color() };
    write(ui, below, label.into(), color);
    response.on_hover_text(&card.name)
}

/// The textures of the regions side by side, each in its tint.
fn draw_swatches(ui: &egui::Ui, look: &Look, rect: Rect, picker: &mut TexturePicker) {
    let regions = Region::ALL.map(|region| {
        let style = look.style(region);
        (style.opacity, &style.texture, style.tint)
    });
    let parts = FacePart::ALL.map(|part| {
        let style = look.face_part(part);
        (style.opacity, &style.texture, style.tint)
    });
    let worn: Vec<_> = regions.into_iter().chain(parts).filter(|(opacity, ..)| *opacity > 0.0).collect();
    ui.painter().rect_filled(rect, 3.0, ui.visuals().extreme_bg_color);
    let width = rect.width() / worn.len().max(1) as f32;
    for (n, (_, texture, tint)) in worn.into_iter().enumerate() {
        let left = rect.left() + width * n as f32;
        let stripe = Rect::from_min_size(pos2(left, rect.top()), vec2(width, rect.height()));
        match texture {
            Some(texture) => {
                let part = Rect::from_min_size(pos2(0.0, 0.0), vec2(width / rect.height(), 1.0));
                picker.paint_part(ui, stripe, texture, part);
            }
            None => {
                let [red, green, blue] = tint.map(|channel| (channel * 255.0) as u8);
                ui.painter().rect_filled(stripe, 0.0, Color32::from_rgb(red, green, blue));
            }
        }
    }
}
