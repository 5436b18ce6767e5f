//! Which part of an archive this machine does.

use std::str::FromStr;

use sha2::{Digest, Sha256};

use super::{Input, ShardRecord};

/// Shard `index` of `count`: written `INDEX/COUNT`, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard(pub ShardRecord);

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split_once('/').map(|(index, count)| (index.trim().parse(), count.trim().parse()));
        match parts {
            Some((Ok(index), Ok(count))) if index < count => Ok(Self(ShardRecord { index, count })),
            _ => Err(format!(
                "\"{text}\" is no shard; type INDEX/COUNT counted from 0, for example 0/8 to 7/8"
            )),
        }
    }
}

impl Shard {
    /// The index that a scheduler gave this process: `JOB_COMPLETION_INDEX` (Kubernetes Indexed Jobs) or
    /// `SLURM_ARRAY_TASK_ID`, with the count from `MASQUE_SHARDS`. An array of Slurm from 0 or 1 on without holes says the count
    /// itself; a part of one, as when single tasks are repeated, does not. `Ok(None)` when no scheduler is there.
    ///
    /// # Errors
    /// An index without a count, or beyond it.
    pub fn from_environment(get: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, String> {
        let number = |name: &str| match get(name).filter(|text| !text.trim().is_empty()) {
            None => Ok(None),
            Some(text) => text
                .trim()
                .parse::<u32>()
                .map(Some)
                .map_err(|_| format!("{name}={text} is no number from 0 on")),
        };
        let (name, index, count) = match number("JOB_COMPLETION_INDEX")? {
            Some(index) => ("JOB_COMPLETION_INDEX", index, None),
            None => match number("SLURM_ARRAY_TASK_ID")? {
                Some(index) => {
                    let [first, last, tasks] =
                        ["MIN", "MAX", "COUNT"].map(|what| number(&format!("SLURM_ARRAY_TASK_{what}")));
                    let (first, last, tasks) = (first?.unwrap_or(0), last?, tasks?);
                    let is_whole =
                        first <= 1 && last.zip(tasks).is_some_and(|(last, tasks)| last + 1 == first + tasks);
                    let named = number("MASQUE_SHARDS")?.is_some();
                    let count = tasks.filter(|_| is_whole);
                    ("SLURM_ARRAY_TASK_ID", if named { index } else { index.saturating_sub(first) }, count)
                }
                None => return Ok(None),
            },
        };
        let count = number("MASQUE_SHARDS")?.or(count);
        let Some(count) = count else {
            return Err(format!(
                "{name} is set, but not into how many shards the job is cut; set MASQUE_SHARDS (completions of the job), \
                 or type --shard INDEX/COUNT, or --shard 0/1 for all inputs"
            ));
        };
        if index >= count {
            return Err(format!("{name} says shard {index}, but there are only {count}, counted from 0"));
        }
        Ok(Some(Self(ShardRecord { index, count })))
    }

    /// Whether `input` belongs to it: by its identity alone, so that other inputs do not move it.
    pub fn holds(self, input: &Input) -> bool {
        let digest = Sha256::digest(input.identity.as_encoded_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        u64::from_be_bytes(first) % u64::from(self.0.count) == u64::from(self.0.index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(identity: &str) -> Input {
        Input { path: identity.into(), name: identity.into(), key: String::new(), identity: identity.into() }
    }

    #[test]
    fn every_input_is_in_one_shard_whatever_else_is_there() {
        for count in [1, 3, 8] {
            let mut sizes = vec![0; count as usize];
            for n in 0..400 {
                let input = input(&format!("archive/{n}.mp4"));
                let holders: Vec<u32> = (0..count)
                    .filter(|index| Shard(ShardRecord { index: *index, count }).holds(&input))
                    .collect();
                assert_eq!(holders.len(), 1, "{holders:?}");
                sizes[holders[0] as usize] += 1;
            }
            assert!(sizes.iter().all(|size| *size > 400 / count / 2), "{sizes:?}");
        }
    }

    #[test]
    fn schedulers_are_understood_and_nonsense_is_told() {
        let ask = |set: &[(&str, &str)]| {
            Shard::from_environment(|name| {
                set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            })
        };
        let shard = |index, count| Ok(Some(Shard(ShardRecord { index, count })));
        assert_eq!(ask(&[]), Ok(None));
        assert_eq!(ask(&[("JOB_COMPLETION_INDEX", "3"), ("MASQUE_SHARDS", "8")]), shard(3, 8));
        let slurm = |values: [&'static str; 4]| {
            let names = ["ID", "MIN", "MAX", "COUNT"].map(|what| format!("SLURM_ARRAY_TASK_{what}"));
            move |name: &str| names.iter().position(|known| known == name).map(|at| values[at].to_owned())
        };
        assert_eq!(Shard::from_environment(slurm(["4", "1", "4", "4"])), shard(3, 4));
        assert_eq!(Shard::from_environment(slurm(["0", "0", "7", "8"])), shard(0, 8));
        // Single tasks that are repeated, and arrays with holes, do not tell of how many they are.
        for part in [["3", "3", "3", "1"], ["5", "4", "6", "3"], ["4", "0", "6", "4"]] {
            assert!(Shard::from_environment(slurm(part)).is_err_and(|told| told.contains("MASQUE_SHARDS")));
        }
        let repeated = slurm(["3", "3", "3", "1"]);
        let named = |name: &str| if name == "MASQUE_SHARDS" { Some("8".to_owned()) } else { repeated(name) };
        assert_eq!(Shard::from_environment(named), shard(3, 8));
        assert!(ask(&[("JOB_COMPLETION_INDEX", "3")]).is_err_and(|told| told.contains("MASQUE_SHARDS")));
        assert!(ask(&[("JOB_COMPLETION_INDEX", "8"), ("MASQUE_SHARDS", "8")]).is_err());
        assert!(ask(&[("SLURM_ARRAY_TASK_ID", "x")]).is_err());
        assert_eq!("2/5".parse(), Ok(Shard(ShardRecord { index: 2, count: 5 })));
        for wrong in ["5/5", "1", "-1/3", "a/b", "1/0"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
