//! The composed parser: person matte, faces, heads, hair, then regions.

use super::compose::{Composer, Materials};
use super::cut::CutDetector;
use super::grid::Grid;
use super::hair::HairNet;
use super::head::Head;
use super::people::People;
use super::person::PersonNet;
use crate::perception::parser::{RegionParser, Scene, Shot};
use crate::perception::{PerceptionError, RegionMask, Timings};
use crate::stats::Stats;

/// The nets of the composed parser and what it remembers from frame to frame.
#[derive(Debug)]
pub(in crate::perception) struct Composed {
    person: PersonNet,
    hair: Option<HairNet>,
    people: People,
    heads: Vec<Head>,
    cuts: CutDetector,
    composer: Composer,
    stats: Stats,
}

impl Composed {
    pub fn new(person: PersonNet, hair: Option<HairNet>, stats: &Stats) -> Self {
        Self {
            person,
            hair,
            people: People::default(),
            heads: Vec::new(),
            cuts: CutDetector::default(),
            composer: Composer::default(),
            stats: stats.clone(),
        }
    }

    /// Forgets everyone.
    fn forget(&mut self) {
        self.person.reset();
        self.composer.reset();
        if let Some(hair) = &mut self.hair {
            hair.reset();
        }
    }
}

impl RegionParser for Composed {
    fn reset(&mut self) {
        self.cuts.reset();
        self.forget();
    }

    /// The faces are followed with the help of the matte.
    fn parse(
        &mut self,
        Scene { frame, faces, resampler, options }: Scene<'_>,
        mask: &mut RegionMask,
        timings: &mut Timings,
    ) -> Result<Shot, PerceptionError> {
        self.person.run(frame, resampler, timings)?;
        let shot = self.cuts.shot(&self.person.picture, options.stills);
        if shot == Shot::New {
            faces.forget();
            self.forget();
        }
        let grid = Grid::new(self.person.size(), frame);
        let looks = self.person.look_closer(frame, &grid, resampler, options, timings)?;
        self.stats.add("closer_looks", looks);
        self.people.find(&self.person.matte, &grid);
        let people = &self.people;
        faces.update(
            frame,
            |centres, parts| people.parts(centres, frame, parts),
            resampler,
            options,
            timings,
        )?;
        self.heads.clear();
        self.heads.extend(faces.faces().iter().filter_map(Head::of));
        self.people.guess(&mut self.heads);
        let hair = self.hair.as_mut();
        // What it found before would stand where hair was then.
        let (hair, resting) = if options.hair_network { (hair, None) } else { (None, hair) };
        if let Some(resting) = resting {
            resting.reset();
        }
        if let Some(hair) = hair
            && let Err(error) = hair.update(frame, &self.heads, &grid, resampler, options, timings)
        {
            // Hair where it was is better than no regions at all.
            self.stats.count("hair_failed");
            if self.stats.counter("hair_failed") == 1 {
                self.stats.event(format!("hair stays where it was: {error}"));
            }
        }
        let materials = Materials {
            picture: &self.person.picture,
            matte: &self.person.matte,
            faces: faces.faces(),
            heads: &self.heads,
            hair: self.hair.as_ref().filter(|_| options.hair_network),
            grid,
        };
        self.composer.compose(&materials, mask, timings);
        Ok(shot)
    }
}
