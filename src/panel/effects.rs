//! A stack of effects: layers that are switched, set, put in another order, added and taken away.

use bevy_egui::egui::{self, Align, EventFilter, Key, Layout, RichText, Sense, WidgetInfo, WidgetType, vec2};

use super::parameter::{draw_reset_all, draw_rows};
use super::picker::TexturePicker;
use super::widgets::words;
use super::{card, heading, style};
use crate::effect::{Effect, EffectLibrary};
use crate::look::{Look, MOST_EFFECTS, ParameterGroup, Stack};

/// Points of the window that the list of effects leaves free.
const MARGIN: f32 = 120.0;
/// Width of the handle that a layer is dragged by, and of its buttons, in points.
const HANDLE: f32 = 20.0;

/// The layer whose parameters are shown: its stack and its name in paths.
pub(super) type OpenLayer = Option<(Stack, String)>;

/// A layer that is being dragged.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Dragged(Stack, usize);

/// What is to be done to the stack once it is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Change {
    Move(usize, usize),
    Remove(usize),
}

/// Draws the stack, the uppermost layer first, and changes `look`.
pub(super) fn draw(
    ui: &mut egui::Ui,
    stack: Stack,
    open: &mut OpenLayer,
    look: &mut Look,
    picker: &mut TexturePicker,
) {
    let effects = picker.library.effects();
    card(ui, |ui| {
        ui.horizontal(|ui| {
            ui.set_min_height(style::ROW);
            heading(ui, if stack == Stack::Picture { "Effects over the picture" } else { "Effects" });
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                draw_add(ui, stack, open, look, effects);
            });
        });
        let names = look.layer_names(stack);
        if names.is_empty() {
            ui.label(RichText::new("None yet").color(style::TEXT_WEAK));
        }
        let mut change = None;
        let mut rows = Vec::with_capacity(names.len());
        for at in (0..names.len()).rev() {
            ui.push_id((stack, &names[at]), |ui| {
                let row = draw_layer(ui, (stack, at), &names, open, look, picker);
                rows.push(row.rect);
                change = change.or(row.change);
            });
        }
        change = change.or(drop(ui, stack, &rows));
        match change {
            Some(Change::Move(from, to)) => {
                // Two layers of one effect exchange their names in doing so.
                let shown = open.as_ref().is_some_and(|open| *open == (stack, names[from].clone()));
                look.move_effect(stack, from, to);
                if shown {
                    *open = look.layer_names(stack).get(to).map(|name| (stack, name.clone()));
                }
            }
            Some(Change::Remove(at)) => look.remove_effect(stack, at),
            None => {}
        }
    });
}

/// What became of a layer's row.
struct Row {
    rect: egui::Rect,
    change: Option<Change>,
}

fn draw_layer(
    ui: &mut egui::Ui,
    (stack, at): (Stack, usize),
    names: &[String],
    open: &mut OpenLayer,
    look: &mut Look,
    picker: &mut TexturePicker,
) -> Row {
    let name = &names[at];
    let mut change = None;
    let this = Some((stack, name.clone()));
    let group = ParameterGroup::Effect(stack, at);
    let row = ui.horizontal(|ui| {
        let handle = draw_handle(ui, stack, name);
        if handle.drag_started() {
            handle.dnd_set_drag_payload(Dragged(stack, at));
        }
        // The list shows the uppermost first: up is towards the end of the stack.
        let pressed = |key| ui.input(|input| input.key_pressed(key));
        if handle.has_focus() && pressed(Key::ArrowUp) && at + 1 < names.len() {
            change = Some(Change::Move(at, at + 1));
        }
        if handle.has_focus() && pressed(Key::ArrowDown) && at > 0 {
            change = Some(Change::Move(at, at - 1));
        }
        let layer = &mut look.stack_mut(stack)[at];
        let switch = ui.checkbox(&mut layer.on, "");
        let on = layer.on;
        let label = words(name);
        switch.widget_info(|| WidgetInfo::selected(WidgetType::Checkbox, true, on, format!("{label} on")));
        let effect = layer.effect.clone();
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if draw_remove(ui, &label).clicked() {
                change = Some(Change::Remove(at));
            }
            let is_open = *open == this;
            let color = if on { ui.visuals().strong_text_color() } else { style::TEXT_WEAK };
            let text = RichText::new(&label).color(color);
            let button = egui::Button::selectable(is_open, text).frame_when_inactive(true);
            let size = vec2(ui.available_width(), style::ROW);
            let layout = Layout::top_down_justified(Align::LEFT);
            let button = ui.allocate_ui_with_layout(size, layout, |ui| ui.add(button.truncate())).inner;
            if button.on_hover_ui(|ui| draw_about(ui, &effect)).clicked() {
                *open = if is_open { None } else { this.clone() };
            }
        });
    });
    if let Some(trouble) = picker.library.effects().trouble(look.stack(stack)[at].effect.name()) {
        let line = format!("Line {}: {}", trouble.line, trouble.message);
        ui.add(egui::Label::new(RichText::new(line).small().color(style::ERROR)).wrap());
    }
    if *open == this {
        draw_rows(ui, group, look, picker, |field| field.key != "on");
        ui.with_layout(Layout::right_to_left(Align::Min), |ui| draw_reset_all(ui, group, look));
    }
    Row { rect: row.response.rect, change }
}

/// What a layer is dragged by; with the keyboard, up and down move it.
fn draw_handle(ui: &mut egui::Ui, stack: Stack, name: &str) -> egui::Response {
    let (_, rect) = ui.allocate_space(vec2(HANDLE - 4.0, style::ROW));
    // Of the layer, not of its place: the one that moves keeps the keyboard.
    let response = ui.interact(rect, egui::Id::new(("layer", stack, name)), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, format!("Move {}", words(name))));
    if response.has_focus() {
        let arrows = EventFilter { vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
        let stroke = ui.style().interact(&response).bg_stroke;
        ui.painter().rect_stroke(rect, 4.0, stroke, egui::StrokeKind::Inside);
    }
    let color = if response.hovered() { style::ACCENT } else { style::TEXT_WEAK };
    for x in [-2.5, 2.5] {
        for y in [-5.0, 0.0, 5.0] {
            ui.painter().circle_filled(rect.center() + vec2(x, y), 1.4, color);
        }
    }
    response.on_hover_cursor(egui::CursorIcon::Grab).on_hover_text("Drag, or move with the keys up and down")
}

fn draw_remove(ui: &mut egui::Ui, label: &str) -> egui::Response {
    let button = egui::Button::new("✖").frame_when_inactive(false);
    let button = ui.add_sized([HANDLE, style::ROW], button);
    button.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, format!("Remove {label}")));
    button.on_hover_text("Take this effect away")
}

/// Shows where the dragged layer would land; the move where it is let go.
fn drop(ui: &egui::Ui, stack: Stack, rows: &[egui::Rect]) -> Option<Change> {
    let Dragged(from_stack, from) = *egui::DragAndDrop::payload::<Dragged>(ui.ctx())?;
    if from_stack != stack {
        return None;
    }
    let pointer = ui.ctx().pointer_latest_pos()?;
    // Rows above the pointer, counted from the top.
    let above = rows.iter().filter(|row| row.center().y < pointer.y).count();
    let line = match above {
        0 => rows.first()?.top(),
        above => rows.get(above - 1)?.bottom(),
    };
    let stroke = egui::Stroke::new(2.0, style::ACCENT);
    ui.painter().hline(rows.first()?.x_range(), line, stroke);
    if !ui.input(|input| input.pointer.any_released()) {
        return None;
    }
    egui::DragAndDrop::clear_payload(ui.ctx());
    let from_top = rows.len() - 1 - from;
    let to_top = if above > from_top { above - 1 } else { above };
    let to = rows.len() - 1 - to_top;
    (to != from).then_some(Change::Move(from, to))
}

/// The button that lists all effects, sorted by what they are for.
fn draw_add(ui: &mut egui::Ui, stack: Stack, open: &mut OpenLayer, look: &mut Look, effects: &EffectLibrary) {
    let room = look.stack(stack).len() < MOST_EFFECTS;
    ui.add_enabled_ui(room, |ui| {
        let list = |ui: &mut egui::Ui| {
            ui.set_min_width(200.0);
            let height = ui.ctx().content_rect().height() - MARGIN;
            egui::ScrollArea::vertical().max_height(height).show(ui, |ui| {
                let mut all: Vec<_> = effects.effects().collect();
                all.sort_by_key(|effect| (effect.categories().first().cloned(), effect.name().to_owned()));
                let mut last = None;
                for effect in all {
                    let category = effect.categories().first();
                    if last != Some(category) {
                        let title = category.map_or("Other", String::as_str);
                        ui.label(RichText::new(title).small().color(style::TEXT_WEAK));
                        last = Some(category);
                    }
                    let button = ui.button(words(effect.name())).on_hover_ui(|ui| draw_about(ui, effect));
                    if button.clicked() && look.add_effect(stack, effect.clone()) {
                        *open = look.layer_names(stack).pop().map(|name| (stack, name));
                        ui.close();
                    }
                }
            });
        };
        ui.menu_button("Add effect", list).response.on_disabled_hover_text("A stack has eight at most");
    });
}

fn draw_about(ui: &mut egui::Ui, effect: &Effect) {
    ui.label(effect.description());
    if !effect.credit().is_empty() {
        ui.label(RichText::new(effect.credit()).small().color(style::TEXT_WEAK));
    }
}
