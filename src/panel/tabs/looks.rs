//! Which look is worn, what is done with it, and how one follows another.

use std::path::PathBuf;

use bevy_egui::egui::{self, Color32, Rect, RichText, Sense, StrokeKind, pos2, vec2};

use super::super::desk::Task;
use super::super::picker::TexturePicker;
use super::super::thumbnails::Subject;
use super::super::view::{LookCard, PanelState, Settings, View, Wish};
use super::super::widgets::words;
use super::super::{card, cell, entry, heading, keys, name, style, write};
use crate::frame::Region;
use crate::look::{Easing, FacePart, Look, LookOrigin, PlaylistOrder};

/// Cards side by side.
const COLUMNS: usize = 3;
/// Height of a card's picture, in its widths.
const PICTURE: f32 = 9.0 / 16.0;
/// Height of a card's name in points.
const NAME: f32 = 22.0;
/// The longest fade that the slider sets, in seconds.
const LONGEST: f32 = 20.0;

pub(in super::super) fn draw(ui: &mut egui::Ui, state: &mut PanelState, view: &mut View) {
    card(ui, |ui| draw_this(ui, state, view));
    card(ui, |ui| draw_cards(ui, view));
    card(ui, |ui| draw_fade(ui, view.settings));
    card(ui, |ui| draw_playlist(ui, state, view));
}

fn draw_cards(ui: &mut egui::Ui, view: &mut View) {
    heading(ui, "Looks");
    let gap = ui.spacing().item_spacing.x;
    let width = (ui.available_width() - gap * (COLUMNS - 1) as f32) / COLUMNS as f32;
    for row in view.looks.chunks(COLUMNS) {
        ui.horizontal(|ui| {
            for card in row {
                let mut picker = TexturePicker { library: view.library, thumbnails: view.thumbnails };
                let worn = view.worn.origin.name() == Some(&card.name);
                if draw_card(ui, card, worn, width, &mut picker).clicked() {
                    view.wishes.push(Wish::Wear(card.name.clone()));
                }
            }
        });
    }
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
    let thumbnail = match card.own {
        true => None,
        false => picker.thumbnails.get(&Subject::Look(card.name.clone())),
    };
    ui.painter().rect_filled(picture, 3.0, ui.visuals().extreme_bg_color);
    match (thumbnail, &card.look) {
        (Some(thumbnail), _) => {
            let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            ui.painter().image(thumbnail, picture, whole, Color32::WHITE);
        }
        (None, Some(look)) if card.own => draw_swatches(ui, look, picture, picker),
        _ => {}
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
    response.on_hover_text(if card.own { format!("{} (yours)", card.name) } else { card.name.clone() })
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

fn draw_this(ui: &mut egui::Ui, state: &mut PanelState, view: &mut View) {
    heading(ui, "This look");
    let shortcut = |ui: &egui::Ui, key| ui.ctx().format_shortcut(key);
    let worn = view.worn.origin.name().map(str::to_owned);
    let own = view.looks.iter().any(|card| card.own && Some(&card.name) == worn.as_ref());
    let edited = view.worn.is_edited(view.look) && view.worn.origin != LookOrigin::Made;
    let gap = ui.spacing().item_spacing.x;
    let width = (ui.available_width() - gap * 3.0) / 4.0;
    let button = |ui: &mut egui::Ui, enabled: bool, label: &str, hint: &str| {
        ui.add_enabled_ui(enabled, |ui| ui.add_sized([width, style::ROW + 2.0], egui::Button::new(label)))
            .inner
            .on_hover_text(hint)
            .clicked()
    };
    ui.horizontal(|ui| {
        if button(ui, true, "Randomise", "Other textures, within the look's own rules (R)") {
            view.wishes.push(Wish::Randomise);
        }
        if button(ui, true, "Bare", "The camera's picture as it is") {
            view.wishes.push(Wish::Bare);
        }
        if button(ui, edited, "Save", &format!("Into its file ({})", shortcut(ui, &keys::SAVE))) {
            state.desk.save(view);
        }
        let hint = format!("Under another name ({})", shortcut(ui, &keys::SAVE_AS));
        if button(ui, true, "Save as…", &hint) {
            state.desk.save_as(view);
        }
    });
    ui.horizontal(|ui| {
        let Some(name) = worn else { return };
        if button(ui, true, "Duplicate…", "A copy in your folder of looks") {
            state.desk.open(Task::Duplicate(name.clone()));
        }
        if button(ui, own, "Rename…", "Looks of your own only") {
            state.desk.open(Task::Rename(name.clone()));
        }
        if button(ui, own, "Delete…", "Looks of your own only; they are kept in the folder .trash") {
            state.desk.open(Task::Delete(name));
        }
    });
    draw_form(ui, state, view);
    let weak = |text: String| RichText::new(text).small().color(style::TEXT_WEAK);
    let line = match (&state.desk.answer, &view.worn.origin) {
        (Some(Ok(done)), _) => RichText::new(done).small().color(style::GOOD),
        (Some(Err(reason)), _) => RichText::new(reason).small().color(style::ERROR),
        (None, LookOrigin::Made) => weak("It has no file yet".into()),
        (None, LookOrigin::Shipped(name)) => weak(format!("{name} comes with Masque")),
        (None, LookOrigin::File(path)) => weak(path.display().to_string()),
    };
    ui.add(egui::Label::new(line).wrap());
}

/// What is asked before an order is given.
fn draw_form(ui: &mut egui::Ui, state: &mut PanelState, view: &mut View) {
    let Some(form) = &mut state.desk.form else { return };
    let (mut send, mut close) = (false, false);
    ui.horizontal(|ui| {
        let label = if form.taken { "Replace" } else { form.task.label() };
        if let Task::Delete(name) = &form.task {
            ui.label(format!("Delete {name}?"));
        } else {
            let edit = egui::TextEdit::singleline(&mut form.name)
                .id(egui::Id::new("name of a look"))
                .margin(egui::Margin::symmetric(8, 4));
            let edit = edit.vertical_align(egui::Align::Center);
            let edit = ui.add_sized([ui.available_width() - 160.0, 26.0], edit);
            name(&edit, egui::WidgetType::TextEdit, "Name");
            if let Some(fresh) = form.fresh.checked_sub(1) {
                // Its state is there in the second frame only.
                form.fresh = fresh;
                edit.request_focus();
                select_all(ui, edit.id, &form.name);
                ui.ctx().request_repaint();
            }
            if edit.changed() {
                form.taken = false;
            }
            let pressed = |key| ui.input(|input| input.key_pressed(key));
            send = edit.lost_focus() && pressed(egui::Key::Enter);
            close = edit.lost_focus() && pressed(egui::Key::Escape);
        }
        send |= ui.add_sized([74.0, 26.0], egui::Button::new(label)).clicked();
        close |= ui.add_sized([74.0, 26.0], egui::Button::new("Cancel")).clicked();
    });
    if send {
        state.desk.send(view);
    }
    if close {
        state.desk.form = None;
        state.desk.answer = None;
    }
}

/// What is typed next replaces what stands there.
fn select_all(ui: &egui::Ui, field: egui::Id, text: &str) {
    use egui::text::{CCursor, CCursorRange};
    let Some(mut state) = egui::text_edit::TextEditState::load(ui.ctx(), field) else { return };
    let all = CCursorRange::two(CCursor::new(0), CCursor::new(text.chars().count()));
    state.cursor.set_char_range(Some(all));
    state.store(ui.ctx(), field);
}

fn draw_fade(ui: &mut egui::Ui, settings: &mut Settings) {
    heading(ui, "From one look to the next");
    let fade = &mut settings.fade;
    ui.horizontal(|ui| {
        let label = cell(ui, [style::LABEL, style::ROW], "Fade");
        let mut seconds = fade.duration.as_secs_f32();
        let before = seconds;
        ui.spacing_mut().slider_width = ui.available_width() - style::NUMBER - ui.spacing().item_spacing.x;
        ui.spacing_mut().interact_size.x = style::NUMBER;
        let slider = egui::Slider::new(&mut seconds, 0.0..=LONGEST).suffix(" s").fixed_decimals(1);
        ui.add(slider).labelled_by(label.id).on_hover_text("How long it takes; 0 is a cut");
        if seconds != before {
            fade.duration = std::time::Duration::try_from_secs_f32(seconds).unwrap_or_default();
        }
    });
    ui.horizontal(|ui| {
        let label = cell(ui, [style::LABEL, style::ROW], "Easing");
        let list = egui::ComboBox::from_id_salt("easing").width(ui.available_width());
        let list = list.selected_text(words(fade.easing.name())).show_ui(ui, |ui| {
            for easing in Easing::ALL {
                ui.selectable_value(&mut fade.easing, easing, words(easing.name()));
            }
        });
        list.response.labelled_by(label.id);
    });
}

fn draw_playlist(ui: &mut egui::Ui, state: &mut PanelState, view: &mut View) {
    heading(ui, "Playlist");
    let playlist = view.playlist;
    let Some(path) = playlist.path() else {
        if let Some(path) = entry(ui, &mut state.playlist, "File of a playlist", "Play") {
            view.wishes.push(Wish::Play(PlaylistOrder::Open(PathBuf::from(path))));
        }
        return;
    };
    ui.add(
        egui::Label::new(RichText::new(path.display().to_string()).small().color(style::TEXT_WEAK)).wrap(),
    );
    ui.horizontal(|ui| {
        let pause = match playlist.is_paused() {
            true => ("Go on", PlaylistOrder::Resume),
            false => ("Pause", PlaylistOrder::Pause),
        };
        let buttons = [
            ("Back", PlaylistOrder::Previous),
            pause,
            ("Next", PlaylistOrder::Next),
            ("Stop", PlaylistOrder::Close),
        ];
        let width = (ui.available_width() - ui.spacing().item_spacing.x * 3.0) / 4.0;
        for (label, order) in buttons {
            if ui.add_sized([width, style::ROW + 2.0], egui::Button::new(label)).clicked() {
                view.wishes.push(Wish::Play(order));
            }
        }
    });
    for (n, item) in playlist.entries().iter().enumerate() {
        let label = format!("{}. {}  ({:.0} s)", n + 1, item.look, item.hold.as_secs_f32());
        if ui.selectable_label(playlist.current() == Some(n), label).clicked() {
            view.wishes.push(Wish::Play(PlaylistOrder::Go(n)));
        }
    }
    if let (Some(next), Some(left)) = (playlist.next(), playlist.remaining()) {
        let next = playlist.entries().get(next).map_or("", |entry| entry.look.as_str());
        let line = format!("{next} comes in {:.0} s", left.as_secs_f32());
        ui.label(RichText::new(line).color(style::TEXT_WEAK));
    }
}
