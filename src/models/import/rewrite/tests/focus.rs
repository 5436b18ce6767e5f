use prost::Message;

use super::{ints, node};
use crate::models::import::onnx::{
    Attr, AttributeProto, FLOAT, GraphProto, INT64, ModelProto, TensorProto, ValueInfoProto,
};
use crate::models::import::rewrite::rewrite;

const SIDES: [usize; 2] = [6, 4];
const FILTERS: usize = 2;

fn tensor<const N: usize, T>(
    name: &str,
    kind: i32,
    dims: &[i64],
    numbers: &[T],
    bytes: impl Fn(&T) -> [u8; N],
) -> TensorProto {
    let raw_data = numbers.iter().flat_map(bytes).collect();
    TensorProto { name: name.to_owned(), data_type: kind, dims: dims.to_vec(), raw_data }
}

fn weights() -> Vec<f32> {
    (0..FILTERS * 12 * 9).map(|at| (at * 37 % 23) as f32 - 11.0).collect()
}

/// Focus as YOLOX's exporter writes it, pieces in its order: columns before rows, and a convolution.
fn model() -> ModelProto {
    let integer = |name, value| tensor(name, INT64, &[1], &[value], |value: &i64| value.to_le_bytes());
    let mut graph = GraphProto {
        input: vec![ValueInfoProto::float("images", &[1, 3, SIDES[0], SIDES[1]])],
        output: vec![ValueInfoProto::float("out", &[1, FILTERS, 3, 2])],
        initializer: vec![
            integer("zero", 0),
            integer("one", 1),
            integer("two", 2),
            integer("three", 3),
            integer("end", i64::MAX),
            tensor("w", FLOAT, &[FILTERS as i64, 12, 3, 3], &weights(), |value| value.to_le_bytes()),
            tensor("b", FLOAT, &[FILTERS as i64], &[0.0_f32; FILTERS], |value| value.to_le_bytes()),
        ],
        ..GraphProto::default()
    };
    let names = ["zero", "one"];
    for (at, [row, column]) in [[0, 0], [1, 0], [0, 1], [1, 1]].into_iter().enumerate() {
        let (half, piece) = (format!("half{at}"), format!("piece{at}"));
        graph.node.push(node("Slice", &["images", names[row], "end", "two", "two"], &half, vec![]));
        graph.node.push(node("Slice", &[&half, names[column], "end", "three", "two"], &piece, vec![]));
    }
    let axis = AttributeProto::new("axis", Attr::Int(1));
    graph.node.push(node("Concat", &["piece0", "piece1", "piece2", "piece3"], "pieces", vec![axis]));
    let attributes = vec![ints("kernel_shape", &[3, 3]), ints("pads", &[1; 4]), ints("strides", &[1, 1])];
    graph.node.push(node("Conv", &["pieces", "w", "b"], "out", attributes));
    ModelProto { ir_version: 8, graph: Some(graph), ..ModelProto::default() }
}

fn changed(change: impl FnOnce(&mut GraphProto)) -> Option<Vec<u8>> {
    let mut model = model();
    change(model.graph.as_mut().expect("a graph"));
    rewrite(&model.encode_to_vec())
}

/// A convolution without bias over `[channels, height, width]`, with as many zeros on all sides.
fn convolved(
    picture: &[f32],
    [channels, height, width]: [usize; 3],
    weights: &[f32],
    (kernel, stride, pad): (usize, usize, usize),
) -> Vec<f32> {
    let [rows, columns] = [height, width].map(|side| (side + 2 * pad - kernel) / stride + 1);
    let mut out = Vec::new();
    for (filter, row, column) in
        (0..FILTERS).flat_map(|f| (0..rows).flat_map(move |r| (0..columns).map(move |c| (f, r, c))))
    {
        let mut sum = 0.0;
        for (at, weight) in
            weights[filter * channels * kernel * kernel..][..channels * kernel * kernel].iter().enumerate()
        {
            let (channel, dy, dx) = (at / (kernel * kernel), at / kernel % kernel, at % kernel);
            let (y, x) = ((row * stride + dy).wrapping_sub(pad), (column * stride + dx).wrapping_sub(pad));
            if y < height && x < width {
                sum += weight * picture[(channel * height + y) * width + x];
            }
        }
        out.push(sum);
    }
    out
}

#[test]
fn one_convolution_gives_what_focus_and_a_convolution_gave() {
    let folded = rewrite(&model().encode_to_vec()).expect("folds");
    let graph = ModelProto::decode(&*folded).expect("a model").graph.expect("a graph");
    let [conv] = &graph.node[..] else { panic!("{:?}", graph.node) };
    assert_eq!((&*conv.op_type, &*conv.output[0], &*conv.input[0]), ("Conv", "out", "images"));
    let [width, height] = [SIDES[1], SIDES[0]];
    let picture: Vec<f32> = (0..3 * height * width).map(|at| (at * 29 % 31) as f32).collect();
    let mut pieces = Vec::new();
    for [top, left] in [[0, 0], [1, 0], [0, 1], [1, 1]] {
        for at in 0..3 * height / 2 * width / 2 {
            let (row, column) = (at / (width / 2), at % (width / 2));
            pieces.push(picture[(row * 2 + top) * width + column * 2 + left]);
        }
    }
    let expected = convolved(&pieces, [12, height / 2, width / 2], &weights(), (3, 1, 1));
    let tensor = graph.initializer.iter().find(|one| one.name == conv.input[1]).expect("weights");
    assert_eq!(tensor.dims, [FILTERS as i64, 3, 6, 6]);
    let weights: Vec<f32> =
        tensor.raw_data.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    assert_eq!(convolved(&picture, [3, height, width], &weights, (6, 2, 2)), expected);
    assert!(
        conv.attribute.contains(&ints("pads", &[2; 4])) && conv.attribute.contains(&ints("strides", &[2, 2]))
    );
    let left: Vec<&str> = graph.initializer.iter().map(|tensor| &*tensor.name).collect();
    assert_eq!(left, ["b", "w.focus"]);
}

#[test]
fn what_is_not_exactly_that_stays_as_it_is() {
    let starts = |graph: &mut GraphProto, at: usize, name: &str| graph.node[at].input[1] = name.to_owned();
    assert_eq!(changed(|graph| starts(graph, 0, "one")), None, "a piece twice");
    assert_eq!(changed(|graph| starts(graph, 0, "two")), None, "another start");
    assert_eq!(changed(|graph| graph.node[1].input[4] = "three".to_owned()), None, "every third column");
    assert_eq!(changed(|graph| graph.node[1].input[3] = "two".to_owned()), None, "rows twice");
    assert_eq!(changed(|graph| graph.node[1].input[2] = "three".to_owned()), None, "not to the end");
    assert_eq!(changed(|graph| graph.node[8].attribute[0].i = Some(0)), None, "pieces side by side");
    assert_eq!(changed(|graph| graph.node[9].attribute[2] = ints("strides", &[2, 2])), None, "wider steps");
    assert_eq!(
        changed(|graph| graph.node[9].attribute.push(ints("more", &[]))),
        None,
        "an unknown attribute"
    );
    assert_eq!(changed(|graph| graph.initializer[5].data_type = 10), None, "half precision");
    assert_eq!(changed(|graph| _ = graph.initializer[5].raw_data.pop()), None, "weights that end too soon");
    let open = ValueInfoProto::float("w", &[FILTERS, 12, 3, 3]);
    assert_eq!(changed(|graph| graph.input.push(open)), None, "weights that a run may change");
    assert_eq!(rewrite(b"no network"), None);
    let file = model().encode_to_vec();
    assert!((0..file.len()).all(|end| rewrite(&file[..end]).is_none()), "cut off");
}

#[test]
fn what_others_need_stays() {
    let folded =
        changed(|graph| graph.output.push(ValueInfoProto::float("piece3", &[1, 3, 3, 2]))).expect("folds");
    let graph = ModelProto::decode(&*folded).expect("a model").graph.expect("a graph");
    let kinds: Vec<&str> = graph.node.iter().map(|node| &*node.op_type).collect();
    assert_eq!(kinds, ["Slice", "Slice", "Conv"]);
    assert_eq!(graph.initializer.len(), 6, "{:?}", graph.initializer);
}

#[test]
fn what_is_not_understood_is_kept_byte_for_byte() {
    let mut file = model().encode_to_vec();
    let remark = [0x72, 8, 0x0a, 1, b'k', 0x12, 3, b'a', b'b', b'c'];
    file.extend(remark);
    let folded = rewrite(&file).expect("folds");
    assert!(folded.ends_with(&remark), "the remarks of the model are lost");
}
