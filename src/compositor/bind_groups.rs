//! Bind groups by the textures in them: made once, kept while these textures take turns, gone soon after.

use bevy::render::render_resource::{BindGroup, TextureView, TextureViewId};

/// Turns after which what was not asked for goes, and with it the textures that only it holds. Textures take turns
/// (one is read while the other is written), and one frame may be drawn for several pictures.
const KEPT: u64 = 16;

/// What was made for views of textures.
pub(super) struct Recent<T> {
    known: Vec<Known<T>>,
    turn: u64,
}

struct Known<T> {
    views: Box<[TextureViewId]>,
    value: T,
    used: u64,
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self { known: Vec::new(), turn: 0 }
    }
}

impl<T: Clone> Recent<T> {
    /// Another picture.
    pub(super) fn turn(&mut self) {
        self.turn += 1;
        let turn = self.turn;
        self.known.retain(|known| known.used + KEPT >= turn);
    }

    /// What belongs to `views`, which `make` makes when it is not there.
    pub(super) fn get(&mut self, views: &[TextureViewId], make: impl FnOnce() -> T) -> T {
        if let Some(known) = self.known.iter_mut().find(|known| *known.views == *views) {
            known.used = self.turn;
            return known.value.clone();
        }
        let value = make();
        self.known.push(Known { views: views.into(), value: value.clone(), used: self.turn });
        value
    }
}

/// What one pass is bound to, where it is bound to one set of textures for each picture.
#[derive(Default)]
pub(super) struct BindGroups {
    groups: Recent<BindGroup>,
    current: Option<BindGroup>,
}

impl BindGroups {
    /// Turns to the group that holds `views`, which `make` makes when there is none.
    pub(super) fn fit<const N: usize>(&mut self, views: [&TextureView; N], make: impl FnOnce() -> BindGroup) {
        self.groups.turn();
        self.current = Some(self.groups.get(&views.map(TextureView::id), make));
    }

    /// The group that was turned to.
    pub(super) fn group(&self) -> Option<&BindGroup> {
        self.current.as_ref()
    }

    /// Nothing is drawn: lets go of all textures.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn textures_that_take_turns_are_kept_and_others_go() {
        let [a, b, gone] = [(); 3].map(|()| [TextureViewId::new()]);
        let textures = [(); 3].map(|()| Arc::new(()));
        let mut made = 0;
        let mut recent = Recent::default();
        recent.turn();
        recent.get(&gone, || textures[2].clone());
        for picture in 0..100 {
            recent.turn();
            // Each is drawn for three pictures.
            let which = picture / 3 % 2;
            recent.get(&[a, b][which], || {
                made += 1;
                textures[which].clone()
            });
            assert!(picture < KEPT as usize || Arc::strong_count(&textures[2]) == 1, "picture {picture}");
        }
        assert_eq!(made, 2);
        assert_eq!(textures.each_ref().map(Arc::strong_count), [2, 2, 1]);
    }

    #[test]
    fn what_turns_more_slowly_than_is_kept_is_made_again() {
        let [slow, other] = [(); 2].map(|()| [TextureViewId::new()]);
        let mut made = 0;
        let mut recent = Recent::default();
        for picture in 0..=KEPT + 1 {
            recent.turn();
            let views = if picture % (KEPT + 1) == 0 { &slow } else { &other };
            recent.get(views, || made += u32::from(*views == slow));
        }
        assert_eq!(made, 2);
    }
}
