//! Small pictures of textures and looks, decoded beside the main loop.

use std::collections::HashMap;

use bevy::prelude::*;
use bevy::tasks::{IoTaskPool, Task, block_on, poll_once};
use bevy_egui::egui;

use crate::look::{TexturePixels, TextureSource, thumbnail};
use crate::schedule::Waker;
use crate::stats::Stats;

/// Longest side of a texture's in pixels.
pub(super) const SIDE: u32 = 64;
/// Most thumbnails that are kept: 8 MiB of textures, and some 100 kB per look that comes with Masque.
const MOST: usize = 512;

/// What a thumbnail shows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Subject {
    /// A texture or a face paint.
    Texture(TextureSource),
    /// A look that comes with Masque, by its name.
    Look(String),
}

impl Subject {
    /// The picture; none where it cannot be read.
    fn pixels(&self) -> Option<TexturePixels> {
        match self {
            Self::Texture(source) => source.pixels(SIDE).ok(),
            Self::Look(name) => {
                let picture = image::load_from_memory(thumbnail(name)?).ok()?.into_rgba8();
                let (width, height) = picture.dimensions();
                Some(TexturePixels { width, height, rgba: picture.into_raw() })
            }
        }
    }
}

/// Thumbnails, and the one that is being decoded.
#[derive(Resource, Default)]
pub(super) struct Thumbnails {
    kept: HashMap<Subject, Thumbnail>,
    /// Asked for since the last update, what is on top of the list first.
    wanted: Vec<Subject>,
    coming: Option<(Subject, Task<Option<TexturePixels>>)>,
    clock: u64,
}

struct Thumbnail {
    /// None where the file cannot be read: it is not asked for again.
    picture: Option<egui::TextureHandle>,
    seen: u64,
}

impl Thumbnails {
    /// The picture where it is there; else it is asked for.
    pub(super) fn get(&mut self, subject: &Subject) -> Option<egui::TextureId> {
        let Some(thumbnail) = self.kept.get_mut(subject) else {
            // More than that fit no screen; they are asked for again as long as they are seen.
            if self.wanted.len() < MOST / 2 {
                self.wanted.push(subject.clone());
            }
            return None;
        };
        thumbnail.seen = self.clock;
        thumbnail.picture.as_ref().map(egui::TextureHandle::id)
    }

    /// Takes what was decoded, begins the next one, and lets go of what was not seen for the longest time.
    pub(super) fn update(&mut self, context: &egui::Context, stats: &Stats, waker: &Waker) {
        self.clock += 1;
        let wanted = std::mem::take(&mut self.wanted);
        if let Some((subject, task)) = &mut self.coming {
            let Some(outcome) = block_on(poll_once(task)) else { return };
            let picture = outcome.map(|pixels| upload(context, &pixels));
            if picture.is_none() {
                stats.count("thumbnails_failed");
            }
            self.kept.insert(subject.clone(), Thumbnail { picture, seen: self.clock });
            self.coming = None;
            self.fit();
            stats.gauge("thumbnails_resident_bytes", self.bytes() as f64);
        }
        if let Some(subject) = wanted.into_iter().find(|subject| !self.kept.contains_key(subject)) {
            let (asked, waker) = (subject.clone(), waker.clone());
            let task = IoTaskPool::get().spawn(async move {
                let pixels = asked.pixels();
                waker.wake();
                pixels
            });
            self.coming = Some((subject, task));
        }
    }

    /// Whether any is asked for and not there yet.
    #[cfg(test)]
    pub(super) fn is_busy(&self) -> bool {
        self.coming.is_some() || !self.wanted.is_empty()
    }

    fn fit(&mut self) {
        if self.kept.len() > MOST {
            let longest_unseen = self.kept.iter().min_by_key(|(_, thumbnail)| thumbnail.seen);
            if let Some(subject) = longest_unseen.map(|(subject, _)| subject.clone()) {
                self.kept.remove(&subject);
            }
        }
    }

    fn bytes(&self) -> usize {
        self.kept.values().filter_map(|kept| kept.picture.as_ref()).map(|picture| picture.byte_size()).sum()
    }
}

fn upload(context: &egui::Context, pixels: &TexturePixels) -> egui::TextureHandle {
    let size = [pixels.width as usize, pixels.height as usize];
    let picture = egui::ColorImage::from_rgba_premultiplied(size, &pixels.rgba);
    context.load_texture("thumbnail", picture, egui::TextureOptions::LINEAR)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::look::TextureLibrary;

    /// Looks at `sources` until nothing is missing.
    fn look_at(thumbnails: &mut Thumbnails, context: &egui::Context, stats: &Stats, sources: &[Subject]) {
        for _ in 0..1_000_000 {
            for source in sources {
                thumbnails.get(source);
            }
            if thumbnails.wanted.is_empty() {
                return;
            }
            thumbnails.update(context, stats, &Waker::default());
            std::thread::yield_now();
        }
        panic!("thumbnails never came");
    }

    #[test]
    fn thumbnails_come_stay_and_are_bounded() {
        IoTaskPool::get_or_init(bevy::tasks::TaskPool::new);
        let folder = tempfile::tempdir().expect("a folder");
        for n in 0..=MOST {
            let picture = image::RgbaImage::from_pixel(100, 50, image::Rgba([9, 9, 9, 255]));
            picture.save(folder.path().join(format!("own{n:04}.png"))).expect("saved");
        }
        let (mut library, stats) = (TextureLibrary::default(), Stats::default());
        library.add(crate::look::find_textures(folder.path()).expect("readable"), &stats);
        let own = |name: &&str| name.starts_with("own");
        let sources: Vec<_> = library
            .names()
            .filter(own)
            .filter_map(|name| library.source(name))
            .map(Subject::Texture)
            .collect();
        let (mut thumbnails, context) = (Thumbnails::default(), egui::Context::default());
        for seen in sources.chunks(100) {
            look_at(&mut thumbnails, &context, &stats, seen);
        }
        assert_eq!(thumbnails.kept.len(), MOST);
        let first = &sources[..100];
        assert!(first.iter().any(|source| !thumbnails.kept.contains_key(source)), "the longest unseen went");
        let bytes = stats.gauge_value("thumbnails_resident_bytes").expect("told");
        assert_eq!(bytes as usize, MOST * 64 * 32 * 4, "each is 64 × 32");

        let path = folder.path().join("own0000.png");
        std::fs::write(&path, b"no picture any more").expect("written");
        let mut thumbnails = Thumbnails::default();
        look_at(&mut thumbnails, &context, &stats, &sources[..2]);
        assert!(thumbnails.get(&sources[0]).is_none() && thumbnails.get(&sources[1]).is_some());
        assert_eq!(stats.counter("thumbnails_failed"), 1);
    }

    #[test]
    fn looks_that_come_with_the_program_have_a_picture() {
        IoTaskPool::get_or_init(bevy::tasks::TaskPool::new);
        let (mut thumbnails, context) = (Thumbnails::default(), egui::Context::default());
        let looks: Vec<_> = crate::look::shipped_looks().map(|name| Subject::Look(name.to_owned())).collect();
        look_at(&mut thumbnails, &context, &Stats::default(), &looks);
        assert!(looks.iter().all(|look| thumbnails.get(look).is_some()));
    }
}
