//! Models out of the wheel, loaded and run.

use std::fs;

use masque::models::manifest::Manifest;
use masque::models::store::cache_dir;
use masque::models::{
    ModelStore, ReadyModel, Role, Session, SessionError, SessionLimits, SessionManager, SessionOptions,
    Silent, StoreConfig,
};
use masque::stats::Stats;

/// A machine that reaches nothing but a package registry: models out of the wheel, through pip.
#[test]
fn the_wheels_models_come_by_pip_and_run() {
    let config = StoreConfig { cache: cache_dir(), folders: Vec::new(), offline: false, force: true };
    let stats = Stats::default();
    let store = ModelStore::new(Manifest::builtin().unwrap().clone(), config, &stats);
    for name in ["selfie-segmentation", "face-detector-short-range", "face-landmarks-468"] {
        let model = match store.ready(name, &Silent) {
            Ok(model) => model,
            Err(error) => return println!("skipped: no package registry here ({error})"),
        };
        let mut session = Session::load(&model.onnx, name, &SessionOptions::default(), &stats).unwrap();
        let input = session.inputs()[0].clone();
        let shape: Vec<usize> = input.shape.iter().map(|size| *size as usize).collect();
        assert_eq!(shape, model.input.shape, "{name}");
        let picture = vec![0.25; shape.iter().product()];
        let outputs = session.run(&[(&input.name, &shape, &picture)]).unwrap();
        let (_, values) = outputs.at(0).unwrap();
        assert!(values.iter().all(|value| value.is_finite()), "{name}");
        drop(outputs);
        assert_eq!(session.runs(), 1);
        assert_eq!(stats.stages()[session.stage()].count, 1);
    }
}

#[test]
fn a_session_names_its_model_when_the_file_or_the_input_is_wrong() {
    let stats = Stats::default();
    let store = ModelStore::open(&stats).unwrap();
    let model = match store.best(Role::Person, &Silent) {
        Ok(model) => model,
        Err(error) => return println!("skipped: {error}"),
    };
    let options = SessionOptions::default();
    let mut session = Session::load(&model.onnx, "matte", &options, &stats).unwrap();
    let input = session.inputs()[0].name.clone();
    let error = session.run(&[(&input, &[1, 3, 2, 2], &[0.0; 12])]).unwrap_err().to_string();
    assert!(error.starts_with("model matte") && error.contains(&input), "{error}");
    assert_eq!(session.runs(), 0);

    let folder = tempfile::tempdir().unwrap();
    let truncated = folder.path().join("cut.onnx");
    let bytes = fs::read(&model.onnx).unwrap();
    fs::write(&truncated, &bytes[..bytes.len() / 2]).unwrap();
    let error = Session::load(&truncated, "matte", &options, &stats).unwrap_err();
    assert!(matches!(error, SessionError::Load { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("matte") && text.contains("cut.onnx") && text.contains("verify"), "{text}");
}

/// The person net and the others of the store, or a line that says why not.
fn ready(store: &ModelStore, roles: &[Role]) -> Option<Vec<ReadyModel>> {
    let models = roles.iter().map(|role| store.best(*role, &Silent)).collect::<Result<Vec<_>, _>>();
    models.inspect_err(|error| println!("skipped: {error}")).ok()
}

/// Runs `session` on a picture that is the same every time; the first output.
fn run(session: &mut Session) -> Result<Vec<f32>, SessionError> {
    let input = session.inputs()[0].clone();
    let shape: Vec<usize> = input.shape.iter().map(|side| *side as usize).collect();
    let picture: Vec<f32> = (0..shape.iter().product()).map(|at: usize| (at % 251) as f32 / 251.0).collect();
    let outputs = session.run(&[(&input.name, &shape, &picture)])?;
    Ok(outputs.at(0)?.1.to_vec())
}

fn limits() -> SessionLimits {
    SessionLimits { recycle_growth: None, ..SessionLimits::default() }
}

#[test]
fn who_loads_a_model_twice_gets_the_same_session() {
    let stats = Stats::default();
    let store = ModelStore::open(&stats).unwrap();
    let Some(models) = ready(&store, &[Role::Person]) else { return };
    let manager = SessionManager::new(limits(), &stats);
    let (path, options) = (&models[0].onnx, SessionOptions::default());
    let mut first = manager.load(path, "matte", &options).unwrap();
    let held = manager.used_bytes();
    let mut second = manager.load(path, "matte", &options).unwrap();
    assert!(first.is_same(&second));
    assert_eq!((manager.used_bytes(), stats.counter("models_shared")), (held, 1));
    assert_eq!(run(&mut first).unwrap(), run(&mut second).unwrap());
    let report = manager.report();
    assert_eq!((report.len(), report[0].runs, report[0].loaded), (1, 2, true));
    assert!(held >= std::fs::metadata(path).unwrap().len(), "at least its weights: {held}");
}

#[test]
fn what_the_budget_cannot_hold_is_refused_with_what_to_type() {
    let stats = Stats::default();
    let store = ModelStore::open(&stats).unwrap();
    let Some(models) = ready(&store, &[Role::Person, Role::FaceDetector]) else { return };
    let manager = SessionManager::new(limits(), &stats);
    let options = SessionOptions::default();
    let mut person = manager.load(&models[0].onnx, "matte", &options).unwrap();
    manager.set_limits(SessionLimits { budget_bytes: manager.used_bytes() + 1, ..limits() });
    let error = manager.load(&models[1].onnx, "faces", &options).unwrap_err();
    let SessionError::OverBudget { wanted, used, .. } = error else { panic!("{error:?}") };
    let text = error.to_string();
    assert!(text.contains("faces") && text.contains("--model-budget"), "{text}");
    assert_eq!(stats.counter("models_refused"), 1);
    assert!(run(&mut person).is_ok(), "what is in use stays");

    manager.set_limits(SessionLimits { budget_bytes: used.max(wanted), ..limits() });
    drop(person);
    assert!(manager.load(&models[1].onnx, "faces", &options).is_ok(), "what nobody uses makes room");
    assert_eq!(stats.counter("models_unloaded"), 1);
}

#[test]
fn what_the_machine_cannot_hold_is_refused_before_it_is_read() {
    let stats = Stats::default();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.onnx");
    // A file of a tebibyte that takes no room on the disk.
    if let Err(error) = fs::File::create(&path).unwrap().set_len(1 << 40) {
        return println!("skipped: {error}");
    }
    let manager = SessionManager::new(SessionLimits { budget_bytes: u64::MAX, ..limits() }, &stats);
    let error = manager.load(&path, "huge", &SessionOptions::default()).unwrap_err();
    assert!(matches!(error, SessionError::NoMemory { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("huge") && text.contains("are free"), "{text}");
}

#[test]
fn a_session_whose_runs_take_memory_is_made_anew() {
    let stats = Stats::default();
    let store = ModelStore::open(&stats).unwrap();
    let Some(models) = ready(&store, &[Role::Person]) else { return };
    // Nothing is as much as any session takes.
    let manager = SessionManager::new(SessionLimits { recycle_growth: Some(0), ..limits() }, &stats);
    let mut session = manager.load(&models[0].onnx, "matte", &SessionOptions::default()).unwrap();
    let expected = run(&mut session).unwrap();
    let mut runs = 0;
    while stats.counter("models_recycled") < 2 && runs < 5000 {
        assert_eq!(run(&mut session).unwrap(), expected);
        runs += 1;
    }
    assert_eq!(manager.report()[0].recycles, 2, "after {runs} runs");
}

#[test]
fn the_longest_unused_network_goes_first_and_comes_back_on_demand() {
    let stats = Stats::default();
    let store = ModelStore::open(&stats).unwrap();
    let Some(models) = ready(&store, &[Role::Person, Role::FaceDetector, Role::FaceLandmarks]) else {
        return;
    };
    let no_rest = SessionLimits { rest: std::time::Duration::ZERO, ..limits() };
    let manager = SessionManager::new(no_rest, &stats);
    let optional = SessionOptions { on_demand: true, ..SessionOptions::default() };
    let mut first = manager.load(&models[0].onnx, "first", &optional).unwrap();
    let mut second = manager.load(&models[1].onnx, "second", &optional).unwrap();
    let expected = run(&mut second).unwrap();
    run(&mut first).unwrap();
    manager.set_limits(SessionLimits { budget_bytes: manager.used_bytes() + 1, ..no_rest });
    // Nothing is unloaded before somebody needs the room.
    assert!(manager.report().iter().all(|model| model.loaded));
    let _third = manager.load(&models[2].onnx, "third", &SessionOptions::default()).err();
    let loaded = |name: &str| manager.report().iter().any(|model| model.name == name && model.loaded);
    assert!(!loaded("second"), "the one that ran longest ago went first: {:?}", manager.report());
    manager.set_limits(no_rest);
    assert_eq!(run(&mut second).unwrap(), expected, "its next run loads it again");
    assert!(loaded("second") && stats.counter("models_reloaded") >= 1);

    // What is needed in every frame stays whatever happens.
    let mut needed = manager.load(&models[0].onnx, "needed", &SessionOptions::default()).unwrap();
    manager.unload_unused();
    assert!(loaded("needed") && !loaded("second"));
    assert!(run(&mut needed).is_ok(), "and runs, its arena shrunk");
}

#[test]
fn sessions_made_anew_every_few_runs_give_the_same_results_and_nobody_waits() {
    let stats = Stats::default();
    let store = ModelStore::open(&stats).unwrap();
    let Some(models) = ready(&store, &[Role::Person]) else { return };
    let manager = SessionManager::new(SessionLimits { recycle_after: Some(3), ..limits() }, &stats);
    let mut session = manager.load(&models[0].onnx, "matte", &SessionOptions::default()).unwrap();
    let expected = run(&mut session).unwrap();
    let mut runs = 1;
    while stats.counter("models_recycled") < 5 && runs < 5000 {
        assert_eq!(run(&mut session).unwrap(), expected, "run {runs}");
        runs += 1;
    }
    let report = manager.report();
    assert_eq!((session.runs(), report[0].runs), (runs, runs), "every run ran, once");
    assert_eq!(report[0].recycles, 5);
    assert_eq!(stats.counter("models_reloaded"), 0, "no run loaded a session itself");
    assert!(stats.counter("model_runs_beside") > 0, "runs went on while new sessions were made");
    let told = stats.events().iter().filter(|event| event.message.contains("made anew")).count();
    assert_eq!(told, 1, "said once, counted five times");
}

#[test]
fn a_network_that_rests_is_not_in_memory_twice_once_it_was_made_anew() {
    let stats = Stats::default();
    let store = ModelStore::open(&stats).unwrap();
    let Some(models) = ready(&store, &[Role::Person, Role::FaceDetector]) else { return };
    let manager = SessionManager::new(limits(), &stats);
    let load = |model: &ReadyModel| manager.load(&model.onnx, &model.name, &SessionOptions::default());
    let mut sessions: Vec<Session> = models.iter().map(|model| load(model).unwrap()).collect();
    let before: Vec<_> = sessions.iter_mut().map(|session| run(session).unwrap()).collect();
    manager.recycle_all();
    let recycled = || manager.report().iter().all(|model| model.recycles == 1);
    for _ in 0..3000 {
        if recycled() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert!(recycled(), "without a run: {:?}", manager.report());
    let after: Vec<_> = sessions.iter_mut().map(|session| run(session).unwrap()).collect();
    assert!(before == after);
}

#[test]
fn while_memory_is_tight_no_session_is_made_beside_another() {
    let stats = Stats::default();
    let store = ModelStore::open(&stats).unwrap();
    let Some(models) = ready(&store, &[Role::Person]) else { return };
    let manager = SessionManager::new(SessionLimits { recycle_after: Some(1), ..limits() }, &stats);
    let mut session = manager.load(&models[0].onnx, "matte", &SessionOptions::default()).unwrap();
    manager.set_tight(true);
    let expected = run(&mut session).unwrap();
    manager.recycle_all();
    while stats.counter("model_recycles_put_off") == 0 {
        assert_eq!(run(&mut session).unwrap(), expected);
    }
    assert_eq!(manager.report()[0].recycles, 0);
    manager.set_tight(false);
    let mut runs = 0;
    while manager.report()[0].recycles == 0 && runs < 5000 {
        assert_eq!(run(&mut session).unwrap(), expected);
        runs += 1;
    }
    assert!(manager.report()[0].recycles > 0, "what was due comes when there is room");
    assert_eq!(stats.counter("models_recycled_in_place"), 0);
}

#[test]
fn a_session_that_is_why_memory_is_tight_goes_before_another_one_is_loaded() {
    let stats = Stats::default();
    if ready(&ModelStore::open(&stats).unwrap(), &[Role::Person]).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zeros.onnx");
    fs::write(&path, zeros_network()).unwrap();
    let manager = SessionManager::new(SessionLimits { recycle_growth: Some(1 << 20), ..limits() }, &stats);
    let mut zeros = manager.load(&path, "zeros", &SessionOptions::default()).unwrap();
    manager.set_tight(true);
    // What a session takes at first is not its growth.
    for _ in 0..210 {
        zeros.run(&[("x", &[1], &[1.0])]).unwrap();
    }
    // 256 MiB that its arena keeps.
    drop(zeros.run(&[("x", &[1], &[(1 << 26) as f32])]).unwrap());
    if cfg!(not(target_os = "linux")) {
        return;
    }
    assert_eq!(zeros.run(&[("x", &[1], &[5.0])]).unwrap().at(0).unwrap().1, [0.0; 5]);
    assert_eq!((stats.counter("models_recycled_in_place"), manager.report()[0].recycles), (1, 1));
    assert_eq!((stats.counter("models_reloaded"), stats.counter("models_recycled")), (1, 0));
}

/// Protobuf: field number and wire type 2, length, bytes.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    assert!(bytes.len() < 128);
    [&[number << 3 | 2, bytes.len() as u8], bytes].concat()
}

/// Protobuf: field number and a small integer.
fn integer(number: u8, value: u8) -> Vec<u8> {
    vec![number << 3, value]
}

/// An ONNX network that makes as many zeros as its one input says.
fn zeros_network() -> Vec<u8> {
    let value = |name: &str, dimension: Vec<u8>| {
        let shape = field(2, &field(1, &dimension));
        let tensor = [integer(1, 1), shape].concat();
        [field(1, name.as_bytes()), field(2, &field(1, &tensor))].concat()
    };
    // The tag of field 20, the attribute's type, takes two bytes.
    let to_integer = [field(1, b"to"), integer(3, 7), vec![0xA0, 0x01, 2]].concat();
    let cast = [field(1, b"x"), field(2, b"n"), field(4, b"Cast"), field(5, &to_integer)].concat();
    let zeros = [field(1, b"n"), field(2, b"y"), field(4, b"ConstantOfShape")].concat();
    let graph = [
        field(1, &cast),
        field(1, &zeros),
        field(2, b"zeros"),
        field(11, &value("x", integer(1, 1))),
        field(12, &value("y", field(2, b"n"))),
    ]
    .concat();
    let mut model = [integer(1, 8), field(8, &integer(2, 13))].concat();
    model.extend([7 << 3 | 2, (graph.len() % 128) as u8 | 0x80, (graph.len() / 128) as u8]);
    [model, graph].concat()
}

#[test]
fn a_run_without_memory_unloads_what_is_not_needed_says_so_and_leaves_the_session_usable() {
    let stats = Stats::default();
    let store = ModelStore::open(&stats).unwrap();
    let Some(models) = ready(&store, &[Role::Person]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zeros.onnx");
    fs::write(&path, zeros_network()).unwrap();
    let manager = SessionManager::new(limits(), &stats);
    drop(manager.load(&models[0].onnx, "matte", &SessionOptions::default()).unwrap());
    let mut zeros = manager.load(&path, "zeros", &SessionOptions::default()).unwrap();
    assert_eq!(zeros.run(&[("x", &[1], &[1000.0])]).unwrap().at(0).unwrap().1, [0.0; 1000]);
    // 256 TiB: no machine has them.
    let error = zeros.run(&[("x", &[1], &[(1_u64 << 46) as f32])]).unwrap_err();
    assert!(matches!(error, SessionError::OutOfMemory { .. }), "{error:?}");
    assert!(error.to_string().starts_with("model zeros: there is not enough memory"), "{error}");
    assert_eq!((stats.counter("model_out_of_memory"), stats.counter("models_unloaded")), (1, 1));
    assert_eq!(zeros.run(&[("x", &[1], &[5.0])]).unwrap().at(0).unwrap().1, [0.0; 5]);
}

/// Several minutes, in the slow group: `cargo nextest run --run-ignored only`.
#[test]
#[ignore = "slow: makes each session anew 50 times"]
fn memory_is_flat_over_fifty_recyclings() {
    let stats = Stats::default();
    let store = ModelStore::open(&stats).unwrap();
    let Some(models) = ready(&store, &[Role::Person, Role::FaceLandmarks]) else { return };
    let manager = SessionManager::new(limits(), &stats);
    let load = |model: &ReadyModel| manager.load(&model.onnx, &model.name, &SessionOptions::default());
    let mut sessions: Vec<Session> = models.iter().map(|model| load(model).unwrap()).collect();
    let resident = || masque::memory::resident_bytes().unwrap_or(0);
    let mut at_twenty = 0;
    for round in 1..=50 {
        manager.recycle_all();
        while manager.report().iter().any(|model| model.recycles < round) {
            for session in &mut sessions {
                run(session).unwrap();
            }
        }
        println!("after {round} recyclings: {:.1} MB", resident() as f64 / 1e6);
        if round == 20 {
            at_twenty = resident();
        }
    }
    let grown = resident() as i64 - at_twenty as i64;
    assert!(grown < 4 << 20, "{grown} bytes more after 50 recyclings than after 20");
}
