//! The frame of the panel: header, search, tabs, what is wrong, the page, and a line of figures.

use bevy_egui::egui::{self, Align, Layout, RichText};

use super::history::Hand;
use super::picker::TexturePicker;
use super::view::{PanelState, Problem, Tab, View};
use super::{keys, parameter, search, style, tabs};
use crate::capture::SourceState;
use crate::memory::PressureLevel;

/// Width of the panel in points.
pub(super) const WIDTH: f32 = 388.0;
/// Most of it that the look's name takes.
const NAME: f32 = 110.0;

/// The whole window, below everything that opens over it.
pub(super) fn root(context: &egui::Context) -> egui::Ui {
    let room = egui::UiBuilder::new().layer_id(egui::LayerId::background()).max_rect(context.content_rect());
    egui::Ui::new(context.clone(), egui::Id::new("masque panel"), room)
}

/// Draws the panel at the left of `ui`, changes what the view holds, and leaves wishes in it.
pub(super) fn draw(ui: &mut egui::Ui, state: &mut PanelState, view: &mut View) {
    let hand = Hand::of(ui.ctx());
    state.history.notice(view.look, view.worn, view.library.effects(), hand.now);
    keys::obey(ui, state, view);
    let frame = egui::Frame::new().fill(ui.visuals().panel_fill).inner_margin(egui::Margin::symmetric(10, 8));
    egui::Panel::left("masque").frame(frame).exact_size(WIDTH).show(ui, |ui| {
        draw_header(ui, state, view);
        draw_tabs(ui, state);
        draw_problems(ui, &view.problems);
        egui::Panel::bottom("pulse").frame(egui::Frame::new()).show_separator_line(false).show(ui, |ui| {
            draw_pulse(ui, view);
        });
        egui::ScrollArea::vertical()
            .id_salt((state.tab.label(), state.search.is_empty()))
            .auto_shrink(false)
            .show(ui, |ui| {
                draw_page(ui, state, view);
                follow_focus(ui, state);
            });
    });
    state.history.record(view.look, view.worn, Hand::of(ui.ctx()));
}

fn draw_header(ui: &mut egui::Ui, state: &mut PanelState, view: &mut View) {
    ui.horizontal(|ui| {
        ui.heading(RichText::new("Masque").color(style::ACCENT));
        let name = egui::Label::new(RichText::new(&view.look.name).strong()).truncate();
        ui.scope(|ui| {
            ui.set_max_width(NAME);
            ui.add(name);
        });
        if view.worn.is_edited(view.look) {
            ui.label(RichText::new("edited").small().color(style::TEXT_WEAK));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let redo = ui.add_enabled(state.history.can_redo(), egui::Button::new("⟳ Redo"));
            let undo = ui.add_enabled(state.history.can_undo(), egui::Button::new("⟲ Undo"));
            if redo.on_hover_text(ui.ctx().format_shortcut(&keys::REDO)).clicked() {
                keys::redo(state, view);
            }
            if undo.on_hover_text(ui.ctx().format_shortcut(&keys::UNDO)).clicked() {
                keys::undo(state, view);
            }
        });
    });
    ui.horizontal(|ui| {
        let clear = !state.search.is_empty();
        let width = ui.available_width() - if clear { 64.0 } else { 0.0 };
        let hint = format!("Search all parameters ({})", ui.ctx().format_shortcut(&keys::SEARCH));
        let field = egui::TextEdit::singleline(&mut state.search).id(keys::search_field()).hint_text(hint);
        let field = field.margin(egui::Margin::symmetric(8, 4)).vertical_align(Align::Center);
        let field = ui.add_sized([width, 26.0], field);
        name(&field, egui::WidgetType::TextEdit, "Search");
        let cleared = clear && ui.add_sized([58.0, 26.0], egui::Button::new("Clear")).clicked();
        let left = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Escape));
        if cleared || left {
            state.search.clear();
        }
    });
}

fn draw_tabs(ui: &mut egui::Ui, state: &mut PanelState) {
    ui.add_space(2.0);
    let row = ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        for tab in Tab::ALL {
            let chosen = state.tab == tab && state.search.is_empty();
            if draw_tab(ui, tab.label(), chosen).clicked() {
                state.tab = tab;
                state.search.clear();
            }
        }
    });
    let line = ui.visuals().widgets.noninteractive.bg_stroke;
    ui.painter().hline(ui.max_rect().x_range(), row.response.rect.bottom(), line);
    ui.add_space(2.0);
}

/// A word with a line below it where it is chosen.
fn draw_tab(ui: &mut egui::Ui, label: &str, chosen: bool) -> egui::Response {
    let font = egui::TextStyle::Body.resolve(ui.style());
    let text = ui.painter().layout_no_wrap(label.to_owned(), font, egui::Color32::PLACEHOLDER);
    let size = text.size() + egui::vec2(13.0, 12.0);
    let (rect, response) = ui.allocate_exact_size(size, egui::Sense::click());
    response
        .widget_info(|| egui::WidgetInfo::selected(egui::WidgetType::SelectableLabel, true, chosen, label));
    let visuals = ui.visuals();
    let color = match () {
        () if chosen => visuals.strong_text_color(),
        () if response.hovered() => visuals.text_color(),
        () => style::TEXT_WEAK,
    };
    if response.has_focus() {
        let stroke = ui.style().interact(&response).bg_stroke;
        ui.painter().rect_stroke(rect.shrink(1.0), 4.0, stroke, egui::StrokeKind::Inside);
    }
    if chosen {
        let line = egui::Stroke::new(2.0, style::ACCENT);
        ui.painter().hline(rect.x_range(), rect.bottom() - 1.0, line);
    }
    ui.painter().galley(rect.center() - text.size() / 2.0, text, color);
    response
}

/// Most lines of problems that take room from the page.
const PROBLEMS: usize = 3;

fn draw_problems(ui: &mut egui::Ui, problems: &[Problem]) {
    if problems.is_empty() {
        return;
    }
    let fill = style::ERROR.gamma_multiply(0.12);
    let frame = egui::Frame::new().fill(fill).corner_radius(6.0).inner_margin(8.0);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        for problem in problems.iter().take(PROBLEMS) {
            ui.label(RichText::new(format!("⚠ {}", problem.place)).color(style::ERROR).strong());
            ui.label(&problem.message);
        }
        if let Some(more) = problems.len().checked_sub(PROBLEMS).filter(|more| *more > 0) {
            ui.collapsing(format!("{more} more"), |ui| {
                for problem in &problems[PROBLEMS..] {
                    ui.label(RichText::new(&problem.place).color(style::ERROR));
                    ui.label(&problem.message);
                }
            });
        }
    });
}

fn draw_page(ui: &mut egui::Ui, state: &mut PanelState, view: &mut View) {
    if !state.search.trim().is_empty() {
        draw_found(ui, &state.search, view);
        return;
    }
    match state.tab {
        Tab::Looks => tabs::looks::draw(ui, state, view),
        Tab::Regions => tabs::regions::draw(ui, state, view),
        Tab::Face => tabs::face::draw(ui, state, view),
        Tab::Picture => tabs::picture::draw(ui, state, view),
        Tab::Source => tabs::source::draw(ui, state, view),
        Tab::Statistics => tabs::statistics::draw(ui, state, view),
        Tab::Help => tabs::help::draw(ui, state),
    }
}

fn draw_found(ui: &mut egui::Ui, text: &str, view: &mut View) {
    let (found, count) = search::search(view.look, text);
    let mut picker = TexturePicker { library: view.library, thumbnails: view.thumbnails };
    let mut rest = found.as_slice();
    while let Some(first) = rest.first() {
        let same = rest.iter().take_while(|next| next.group == first.group).count();
        card(ui, |ui| {
            ui.strong(parameter::group_label(first.group, view.look));
            for found in &rest[..same] {
                parameter::draw_found(ui, found, view.look, &mut picker);
            }
        });
        rest = &rest[same..];
    }
    let line = match count {
        0 => "Nothing is called so. Try a part of a word, as in opac.".to_owned(),
        count if count > found.len() => format!("{} of {count}; more words show fewer", found.len()),
        1 => "1 parameter".to_owned(),
        count => format!("{count} parameters"),
    };
    ui.label(RichText::new(line).color(style::TEXT_WEAK));
}

/// Brings the control that just got the keyboard into sight.
fn follow_focus(ui: &egui::Ui, state: &mut PanelState) {
    let focus = ui.ctx().memory(egui::Memory::focused);
    if focus == state.focus {
        return;
    }
    state.focus = focus;
    let response = focus.and_then(|id| ui.ctx().read_response(id));
    if let Some(response) = response.filter(|response| response.layer_id == ui.layer_id())
        && ui.min_rect().contains_rect(response.rect)
    {
        ui.scroll_to_rect(response.rect.expand(style::ROW), None);
    }
}

fn draw_pulse(ui: &mut egui::Ui, view: &View) {
    let figures = view.figures;
    ui.add_space(4.0);
    ui.horizontal(|ui| {
        let color = match view.source.state {
            SourceState::Live => style::GOOD,
            SourceState::Failed(_) => style::ERROR,
            _ => style::WARNING,
        };
        let (rect, _) = ui.allocate_exact_size(egui::vec2(10.0, style::ROW), egui::Sense::hover());
        ui.painter().circle_filled(rect.center(), 4.0, color);
        ui.label(view.source.state.to_string());
        let badge = view.recording.as_ref().and_then(tabs::recording::badge);
        let frames = &figures.report.frames;
        let weak = |text: String| RichText::new(text).color(style::TEXT_WEAK);
        ui.label(weak(format!("{:.1} pictures/s", figures.rate)));
        // There is room for one of them.
        match badge {
            Some((badge, hint)) => ui.label(badge).on_hover_text(hint),
            None => ui.label(weak(format!("{} dropped", frames.dropped))),
        };
        let memory = tabs::statistics::megabytes(figures.report.memory.rss_bytes);
        let level = figures.memory.level;
        let memory = match level {
            PressureLevel::Normal => weak(memory),
            _ => RichText::new(format!("{memory}, {level}")).color(tabs::memory::color(level)),
        };
        ui.label(memory).on_hover_text("Memory of the process; Statistics tells more");
    });
    if let Some((_, event)) = figures.events.first() {
        let event = RichText::new(event).small().color(style::TEXT_WEAK);
        ui.add(egui::Label::new(event).truncate()).on_hover_text("The last event; Statistics lists more");
    }
}

/// A group of rows.
pub(super) fn card<R>(ui: &mut egui::Ui, add: impl FnOnce(&mut egui::Ui) -> R) -> R {
    let frame = egui::Frame::new().fill(style::CARD).corner_radius(8.0).inner_margin(8.0);
    frame
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            add(ui)
        })
        .inner
}

/// The heading of a card.
pub(super) fn heading(ui: &mut egui::Ui, text: &str) {
    ui.strong(text);
}

/// A word at the left of a place so wide and high, cut where it is longer.
pub(super) fn cell(ui: &mut egui::Ui, size: [f32; 2], text: impl Into<egui::WidgetText>) -> egui::Response {
    let layout = Layout::left_to_right(Align::Center);
    ui.allocate_ui_with_layout(size.into(), layout, |ui| {
        ui.set_min_size(size.into());
        ui.add(egui::Label::new(text).truncate())
    })
    .inner
}

/// Rows of a name and what is to be said of it.
pub(super) fn facts(ui: &mut egui::Ui, rows: &[(&str, String)]) {
    ui.scope(|ui| {
        ui.spacing_mut().interact_size.y = style::LINE_HEIGHT;
        for (name, value) in rows {
            ui.horizontal_top(|ui| {
                let name = RichText::new(*name).color(style::TEXT_WEAK);
                cell(ui, [style::LABEL, style::LINE_HEIGHT], name);
                ui.add(egui::Label::new(value).wrap());
            });
        }
    });
}

/// One line of text in `rect`, cut where it is longer.
pub(super) fn write(ui: &egui::Ui, rect: egui::Rect, text: RichText, color: egui::Color32) {
    let text = egui::WidgetText::from(text);
    let truncate = Some(egui::TextWrapMode::Truncate);
    let galley = text.into_galley(ui, truncate, rect.width(), egui::TextStyle::Body);
    ui.painter().galley(rect.center() - galley.size() / 2.0, galley, color);
}

/// Tells screen readers and tests what `response` is.
pub(super) fn name(response: &egui::Response, kind: egui::WidgetType, name: &str) {
    response.widget_info(|| egui::WidgetInfo::labeled(kind, true, name));
}

/// A line to type into, and the button that does it; what was typed when it is to be done.
pub(super) fn entry(ui: &mut egui::Ui, text: &mut String, hint: &str, button: &str) -> Option<String> {
    ui.horizontal(|ui| {
        let edit = egui::TextEdit::singleline(text).id(egui::Id::new(hint)).hint_text(hint);
        let edit = edit.margin(egui::Margin::symmetric(8, 4)).vertical_align(egui::Align::Center);
        let edit = ui.add_sized([ui.available_width() - 70.0, 26.0], edit);
        name(&edit, egui::WidgetType::TextEdit, hint);
        let entered = edit.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        let done = ui.add_sized([64.0, 26.0], egui::Button::new(button)).clicked() || entered;
        (done && !text.trim().is_empty()).then(|| text.trim().to_owned())
    })
    .inner
}
