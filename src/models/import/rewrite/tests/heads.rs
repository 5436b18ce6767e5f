use prost::Message;

use super::{ints, node};
use crate::models::import::onnx::{
    Attr, AttributeProto, FLOAT, GraphProto, INT64, ModelProto, NodeProto, TensorProto, ValueInfoProto,
};
use crate::models::import::rewrite::rewrite;

const CLASSES: i64 = 3;
const GRIDS: usize = 3;

fn axis(axis: i64) -> Vec<AttributeProto> {
    vec![AttributeProto::new("axis", Attr::Int(axis))]
}

/// The end of YOLOX as its exporter writes it: three convolutions for each grid, of which two become probabilities.
fn model() -> ModelProto {
    let weights = |name: &str, filters: i64| TensorProto {
        name: name.to_owned(),
        data_type: FLOAT,
        dims: vec![filters, 1, 1, 1],
        raw_data: vec![0; filters as usize * 4],
    };
    let shape = [1, 5 + CLASSES, -1].map(i64::to_le_bytes).concat();
    let mut graph = GraphProto {
        input: vec![ValueInfoProto::float("in", &[1, 1, 2, 2])],
        output: vec![ValueInfoProto::float("out", &[1, GRIDS * 4, 5 + CLASSES as usize])],
        initializer: vec![
            weights("four", 4),
            weights("one", 1),
            weights("classes", CLASSES),
            TensorProto { name: "shape".to_owned(), data_type: INT64, dims: vec![3], raw_data: shape },
        ],
        ..GraphProto::default()
    };
    for grid in 0..GRIDS {
        let name = |head: &str| format!("{head}{grid}");
        let [boxes, logit, logits] = ["boxes", "logit", "logits"].map(name);
        let [sure, probable, joined, flat] = ["sure", "probable", "joined", "flat"].map(name);
        graph.node.extend([
            node("Conv", &["in", "four"], &boxes, vec![]),
            node("Conv", &["in", "one"], &logit, vec![]),
            node("Conv", &["in", "classes"], &logits, vec![]),
            node("Sigmoid", &[&logit], &sure, vec![]),
            node("Sigmoid", &[&logits], &probable, vec![]),
            node("Concat", &[&boxes, &sure, &probable], &joined, axis(1)),
            node("Reshape", &[&joined, "shape"], &flat, vec![]),
        ]);
    }
    graph.node.push(node("Concat", &["flat0", "flat1", "flat2"], "cells", axis(2)));
    graph.node.push(node("Transpose", &["cells"], "out", vec![ints("perm", &[0, 2, 1])]));
    ModelProto { ir_version: 8, graph: Some(graph), ..ModelProto::default() }
}

fn changed(change: impl FnOnce(&mut GraphProto)) -> Option<GraphProto> {
    let mut model = model();
    change(model.graph.as_mut().expect("a graph"));
    let rewritten = rewrite(&model.encode_to_vec())?;
    ModelProto::decode(&*rewritten).expect("a model").graph
}

#[test]
fn heads_are_given_as_they_come() {
    let graph = changed(|_| ()).expect("is rewritten");
    let outputs: Vec<&str> = graph.output.iter().map(|output| &*output.name).collect();
    let heads =
        ["boxes0", "sure0", "probable0", "boxes1", "sure1", "probable1", "boxes2", "sure2", "probable2"];
    assert_eq!(outputs, heads);
    let kinds = |kind: &str| graph.node.iter().filter(|node| node.op_type == kind).count();
    assert_eq!((kinds("Conv"), kinds("Sigmoid"), graph.node.len()), (3 * GRIDS, 2 * GRIDS, 5 * GRIDS));
    assert!(graph.initializer.iter().all(|tensor| tensor.name != "shape"));
}

#[test]
fn what_others_take_stays() {
    let graph =
        changed(|graph| graph.node.push(node("Relu", &["joined1"], "more", vec![]))).expect("is rewritten");
    let more = graph.node.last().expect("nodes");
    assert_eq!((&*more.op_type, graph.node.len()), ("Relu", 5 * GRIDS + 2));
    assert_eq!(graph.node.iter().filter(|node| node.op_type == "Concat").count(), 1);
}

#[test]
fn other_ends_stay_as_they_are() {
    let stays = |why: &str, change: &dyn Fn(&mut GraphProto)| {
        assert_eq!(changed(change), None, "{why}");
    };
    let nodes =
        |at: usize, change: fn(&mut NodeProto)| move |graph: &mut GraphProto| change(&mut graph.node[at]);
    let last = 7 * GRIDS + 1;
    stays("two outputs", &|graph| graph.output.push(ValueInfoProto::float("cells", &[1, 8, 12])));
    stays("turned otherwise", &nodes(last, |node| node.attribute = vec![ints("perm", &[0, 1, 2])]));
    stays("grids side by side", &nodes(last - 1, |node| node.attribute = axis(1)));
    stays("two grids", &nodes(last - 1, |node| _ = node.input.pop()));
    stays("heads side by side", &nodes(5, |node| node.attribute = axis(2)));
    stays("a head more", &nodes(5, |node| node.input.push("boxes1".to_owned())));
    stays("heads in another order", &nodes(5, |node| node.input.swap(1, 2)));
    stays("logits", &nodes(5, |node| node.input[2] = "logits0".to_owned()));
    stays("more numbers than heads", &|graph| graph.initializer[3].raw_data[8] = 9);
    stays("half precision", &|graph| graph.initializer[2].data_type = 10);
    stays("five numbers a box", &|graph| graph.initializer[0].dims[0] = 5);
    stays("a shape that a run may change", &|graph| graph.input.push(ValueInfoProto::float("shape", &[3])));
    stays("something behind", &|graph| {
        graph.node[last].output[0] = "turned".to_owned();
        graph.node.push(node("Relu", &["turned"], "out", vec![]));
    });
}
