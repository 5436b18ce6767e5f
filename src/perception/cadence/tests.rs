use super::*;

const BUDGET: Duration = Duration::from_millis(33);

/// Perceives `count` frames that cost `cost` at each level; returns the changes.
fn run(state: &mut CadenceState, count: u32, cost: impl Fn(CostLevel) -> u64) -> Vec<CostChange> {
    let cadence = Cadence::default();
    (0..count)
        .filter_map(|_| {
            let spent = Duration::from_millis(cost(state.level()));
            state.perceived(spent, BUDGET, &cadence)
        })
        .collect()
}

#[test]
fn cost_is_lowered_step_by_step_and_no_further_than_needed() {
    let mut state = CadenceState::default();
    let changes =
        run(&mut state, 10 * WINDOW, |level| if level < CostLevel::LessDetection { 50 } else { 30 });
    assert_eq!(
        changes,
        [CostChange::Lowered(CostLevel::LessHair), CostChange::Lowered(CostLevel::LessDetection)]
    );
    let changes = run(&mut state, 10 * WINDOW, |_| 200);
    assert_eq!(changes, [CostChange::Lowered(CostLevel::EverySecondFrame)]);
}

#[test]
fn one_slow_frame_lowers_nothing_and_the_edge_of_the_budget_does_not_flap() {
    let mut state = CadenceState::default();
    let cadence = Cadence::default();
    for frame in 0..10 * WINDOW {
        let spent = Duration::from_millis(if frame % WINDOW == 7 { 150 } else { 25 });
        assert_eq!(state.perceived(spent, BUDGET, &cadence), None);
    }
    // Cheap enough when lowered, but too dear to rise.
    let changes = run(&mut state, 40 * WINDOW, |level| if level == CostLevel::Full { 36 } else { 28 });
    assert_eq!(changes, [CostChange::Lowered(CostLevel::LessHair)]);
}

#[test]
fn cost_rises_again_and_is_tried_ever_more_rarely_where_that_fails() {
    let mut state = CadenceState::default();
    run(&mut state, 4 * WINDOW, |_| 60);
    assert_eq!(state.level(), CostLevel::EverySecondFrame);
    let changes = run(&mut state, 20 * WINDOW, |_| 10);
    assert_eq!(changes.len(), 3);
    assert_eq!(state.level(), CostLevel::Full);

    // Full cost never fits, though there always seems to be room for it.
    let mut state = CadenceState::default();
    let changes = run(&mut state, 200 * WINDOW, |level| if level == CostLevel::Full { 40 } else { 15 });
    let raised = changes.iter().filter(|change| matches!(change, CostChange::Raised(_))).count();
    assert!((4..=9).contains(&raised), "{raised} tries in 200 windows");
}

#[test]
fn every_so_many_frames_one_is_due() {
    let mut state = CadenceState::default();
    let cadence = Cadence { every: 3, ..Cadence::default() };
    let due: Vec<bool> = (0..7).map(|_| state.is_due(&cadence)).collect();
    assert_eq!(due, [true, false, false, true, false, false, true]);
    let mut state = CadenceState::default();
    run(&mut state, 4 * WINDOW, |_| 60);
    let due = (0..100).filter(|_| state.is_due(&Cadence::default())).count();
    assert_eq!(due, 50, "at the lowest cost every second frame is");
    state.perceived(BUDGET, BUDGET, &Cadence { adapt: false, ..Cadence::default() });
    assert_eq!(state.level(), CostLevel::Full, "who wants no adapting gets full cost");
}

#[test]
fn a_still_picture_rests_but_not_for_ever() {
    let luma =
        |value: u8| SmallLuma { width: 64, height: 32, pixels: vec![value; 64 * 32], ..SmallLuma::default() };
    let cadence = Cadence::default();
    assert!(cadence.is_still(&luma(100), &luma(101)));
    assert!(!cadence.is_still(&luma(100), &luma(103)), "the light changed");
    let mut hand = luma(100);
    for y in 8..16 {
        hand.pixels[y * 64 + 16..y * 64 + 24].fill(110);
    }
    assert!(!cadence.is_still(&hand, &luma(100)), "a hand moved");
    assert!(!cadence.is_still(&luma(100), &SmallLuma::default()));
    assert!(!Cadence { skip_still: false, ..cadence }.is_still(&luma(100), &luma(100)));

    let mut state = CadenceState::default();
    let rests = (0..40)
        .filter(|_| {
            let rests = state.may_rest(&cadence);
            if rests {
                state.rested();
            } else {
                state.perceived(Duration::ZERO, BUDGET, &cadence);
            }
            rests
        })
        .count();
    assert_eq!(rests, 38, "two of 40 still frames are perceived");
}
