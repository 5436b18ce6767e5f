//! Picks a texture of the library by its picture.

use bevy_egui::egui;

use super::style;
use super::thumbnails::{self, Subject, Thumbnails};
use crate::look::TextureLibrary;
use crate::parameters::Choice;

/// Thumbnails side by side.
const COLUMNS: usize = 4;
/// Width of a cell in points, and its height with the name.
const CELL: egui::Vec2 = egui::vec2(thumbnails::SIDE as f32 + 8.0, thumbnails::SIDE as f32 + 24.0);
/// Height of the list in points.
const HEIGHT: f32 = 340.0;
/// Side in points of the picture beside the name of what is worn.
const WORN: f32 = style::ROW;

/// What all pickers share.
pub(super) struct TexturePicker<'a> {
    pub(super) library: &'a TextureLibrary,
    pub(super) thumbnails: &'a mut Thumbnails,
}

impl TexturePicker<'_> {
    /// Shows what is worn, and on a click everything that could be: nothing, and what
    /// `choice` says.
    pub(super) fn draw(&mut self, ui: &mut egui::Ui, label: &str, worn: &mut Option<String>, choice: Choice) {
        if let Some(name) = worn.as_deref() {
            let (rect, _) = ui.allocate_exact_size(egui::Vec2::splat(WORN), egui::Sense::hover());
            self.paint(ui, rect, name);
        }
        let text = worn.clone().unwrap_or_else(|| "None".into());
        let list = egui::ComboBox::from_id_salt(label).width(ui.available_width()).truncate();
        let list = list.selected_text(text.clone()).height(HEIGHT).show_ui(ui, |ui| {
            ui.set_min_width(COLUMNS as f32 * (CELL.x + ui.spacing().item_spacing.x));
            ui.selectable_value(worn, None, "None");
            let names: Vec<&str> = self.library.choices(choice).collect();
            for row in names.chunks(COLUMNS) {
                ui.horizontal(|ui| row.iter().for_each(|name| self.cell(ui, name, worn)));
            }
        });
        list.response.widget_info(|| {
            let mut info = egui::WidgetInfo::labeled(egui::WidgetType::ComboBox, true, label);
            info.current_text_value = Some(text.clone());
            info
        });
    }

    fn cell(&mut self, ui: &mut egui::Ui, name: &str, worn: &mut Option<String>) {
        let (rect, response) = ui.allocate_exact_size(CELL, egui::Sense::click());
        if response.clicked() {
            *worn = Some(name.to_owned());
        }
        let selected = worn.as_deref() == Some(name);
        response.widget_info(|| {
            egui::WidgetInfo::selected(egui::WidgetType::SelectableLabel, true, selected, name)
        });
        // What is scrolled away costs nothing.
        if !ui.is_rect_visible(rect) {
            return;
        }
        let visuals = ui.style().interact_selectable(&response, selected);
        if selected || response.hovered() || response.has_focus() {
            ui.painter().rect(rect, 4.0, visuals.weak_bg_fill, visuals.bg_stroke, egui::StrokeKind::Inside);
        }
        let side = egui::Vec2::splat(thumbnails::SIDE as f32);
        let picture = egui::Rect::from_min_size(rect.min + egui::vec2(4.0, 4.0), side);
        self.paint(ui, picture, name);
        let below = egui::Rect::from_min_max(egui::pos2(picture.left(), picture.bottom()), rect.max);
        super::write(ui, below, egui::RichText::new(name).small(), visuals.text_color());
        response.on_hover_text(name);
    }

    /// The thumbnail as it is worn, a square tile; until it is there, its place.
    pub(super) fn paint(&mut self, ui: &egui::Ui, rect: egui::Rect, name: &str) {
        self.paint_part(ui, rect, name, egui::Rect::from_min_max(egui::Pos2::ZERO, egui::pos2(1.0, 1.0)));
    }

    /// `part` of the thumbnail, in shares of it.
    pub(super) fn paint_part(&mut self, ui: &egui::Ui, rect: egui::Rect, name: &str, part: egui::Rect) {
        ui.painter().rect_filled(rect, 3.0, ui.visuals().extreme_bg_color);
        let source = self.library.source(name);
        if let Some(picture) = source.and_then(|source| self.thumbnails.get(&Subject::Texture(source))) {
            ui.painter().image(picture, rect, part, egui::Color32::WHITE);
        }
    }
}
