use prost::Message;

use super::{ints, node};
use crate::models::import::onnx::{
    Attr, AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto,
};
use crate::models::import::rewrite::rewrite;
use crate::models::import::wire::put;

const SIDES: [usize; 2] = [9, 11];

fn pool(side: i64, input: &str, output: &str) -> NodeProto {
    let ceil = AttributeProto::new("ceil_mode", Attr::Int(0));
    let (pads, strides) = (ints("pads", &[side / 2; 4]), ints("strides", &[1, 1]));
    node("MaxPool", &[input], output, vec![ceil, ints("kernel_shape", &[side, side]), pads, strides])
}

/// "Spatial pyramid pooling" as YOLOX's exporter writes it.
fn model() -> ModelProto {
    let shape = [1, 1, SIDES[0], SIDES[1]];
    let graph = GraphProto {
        input: vec![ValueInfoProto::float("in", &shape)],
        output: ["five", "nine", "thirteen"].map(|name| ValueInfoProto::float(name, &shape)).to_vec(),
        node: vec![pool(5, "in", "five"), pool(9, "in", "nine"), pool(13, "in", "thirteen")],
        ..GraphProto::default()
    };
    ModelProto { ir_version: 8, graph: Some(graph), ..ModelProto::default() }
}

fn changed(change: impl FnOnce(&mut Vec<NodeProto>)) -> Option<Vec<NodeProto>> {
    let mut model = model();
    change(&mut model.graph.as_mut().expect("a graph").node);
    let rewritten = rewrite(&model.encode_to_vec())?;
    Some(ModelProto::decode(&*rewritten).expect("a model").graph.expect("a graph").node)
}

fn side(node: &NodeProto) -> i64 {
    let of = |name: &str| &node.attribute.iter().find(|one| one.name == name).expect("is there").ints;
    let side = of("kernel_shape")[0];
    assert_eq!((of("kernel_shape"), of("pads")), (&vec![side; 2], &vec![side / 2; 4]));
    assert_eq!(of("strides"), &[1, 1]);
    side
}

/// The largest of `side` by `side` values around each, of those that are there.
fn pooled(values: &[i64], side: i64) -> Vec<i64> {
    let [rows, columns] = SIDES.map(|side| side as i64);
    let near = move |at: i64, end: i64| (at - side / 2).max(0)..(at + side / 2 + 1).min(end);
    let largest = |row: i64, column: i64| {
        let all = near(row, rows).flat_map(|row| {
            near(column, columns).map(move |column| values[(row * columns + column) as usize])
        });
        all.max().expect("itself")
    };
    (0..rows).flat_map(|row| (0..columns).map(move |column| largest(row, column))).collect()
}

#[test]
fn narrow_poolings_give_what_wide_ones_gave() {
    let nodes = changed(|_| ()).expect("is rewritten");
    let given: Vec<i64> = (0..(SIDES[0] * SIDES[1]) as i64).map(|at| at * 7919 % 1009).collect();
    let mut values = vec![("in".to_owned(), given.clone())];
    for node in &nodes {
        let (_, input) = values.iter().find(|(name, _)| *name == node.input[0]).expect("given before");
        values.push((node.output[0].clone(), pooled(input, side(node))));
    }
    for (name, side) in [("five", 5), ("nine", 9), ("thirteen", 13)] {
        let (_, values) = values.iter().find(|(given, _)| given == name).expect("is there");
        assert_eq!(*values, pooled(&given, side), "{name}");
    }
    assert_eq!(nodes.iter().map(side).collect::<Vec<_>>(), [5, 5, 5]);
}

#[test]
fn poolings_that_do_not_go_together_stay_as_they_are() {
    assert_eq!(changed(|nodes| nodes.truncate(1)), None, "one alone");
    let stays = |why: &str, change: &dyn Fn(&mut NodeProto)| {
        let nodes = changed(|nodes| {
            nodes.truncate(2);
            change(&mut nodes[1]);
        });
        assert_eq!(nodes, None, "{why}");
    };
    stays("of another value", &|node| node.input[0] = "five".to_owned());
    stays("as wide", &|node| *node = pool(5, "in", "nine"));
    stays("in wider steps", &|node| node.attribute[3] = ints("strides", &[2, 2]));
    stays("not around each", &|node| node.attribute[2] = ints("pads", &[8, 8, 0, 0]));
    stays("smaller at the edges", &|node| _ = node.attribute.remove(2));
    stays("higher than wide", &|node| node.attribute[1] = ints("kernel_shape", &[9, 7]));
    stays("of no middle", &|node| *node = pool(8, "in", "nine"));
    stays("with gaps", &|node| node.attribute.push(ints("dilations", &[2, 2])));
    stays("places, too", &|node| node.output.push("places".to_owned()));
    stays("something unknown", &|node| node.attribute.push(ints("more", &[])));
    stays("another operator", &|node| node.op_type = "AveragePool".to_owned());
}

#[test]
fn nothing_is_taken_from_what_comes_later() {
    assert_eq!(changed(|nodes| nodes.reverse()), None);
}

#[test]
fn files_whose_numbers_lie_beside_them_stay_as_they_are() {
    let file = |tensor: &[u8]| {
        let mut graph = model().graph.expect("a graph").encode_to_vec();
        put(&mut graph, 5, tensor);
        let mut file = Vec::new();
        put(&mut file, 7, &graph);
        file
    };
    let mut tensor = TensorProto { name: "weights".to_owned(), ..TensorProto::default() }.encode_to_vec();
    assert!(rewrite(&file(&tensor)).is_some());
    // `TensorProto.external_data`.
    put(&mut tensor, 13, b"");
    assert_eq!(rewrite(&file(&tensor)), None);
}
