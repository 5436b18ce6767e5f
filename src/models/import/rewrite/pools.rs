//! Wide maximum poolings made of narrower ones.
//!
//! "Spatial pyramid pooling" (YOLOX, YOLOv3, YOLOv4, YOLOv5 before version 6) takes the maximum of 5 by 5, 9 by 9 and
//! 13 by 13 values around each. The maximum of 5 by 5 maxima of 5 by 5 values is that of 9 by 9, to the bit, at a third of
//! the cost (so it is in YOLOv5 since version 6).

use super::graph::{Edits, Graph};
use crate::models::import::onnx::{Attr, AttributeProto, NodeProto};

/// One of several poolings of the same value.
struct Pool<'a> {
    at: usize,
    side: i64,
    node: &'a NodeProto,
}

/// Has each pooling take up what the next narrower one of the same value gives.
pub(super) fn chain(graph: &Graph<'_>, edits: &mut Edits) {
    let mut pools: Vec<Pool<'_>> = (0..graph.nodes.len()).filter_map(|at| pool(graph, at)).collect();
    pools.sort_by(|a, b| (&a.node.input, a.side, a.at).cmp(&(&b.node.input, b.side, b.at)));
    for pair in pools.windows(2) {
        let [narrow, wide] = pair else { continue };
        // A node may only take what nodes before it give.
        if narrow.node.input != wide.node.input || narrow.side == wide.side || narrow.at > wide.at {
            continue;
        }
        let side = wide.side - narrow.side + 1;
        let ints = |name, ints| AttributeProto::new(name, Attr::Ints(ints));
        let attribute = vec![
            ints("kernel_shape", vec![side; 2]),
            ints("pads", vec![side / 2; 4]),
            ints("strides", vec![1; 2]),
        ];
        let input = narrow.node.output.clone();
        edits.nodes.insert(wide.at, NodeProto { input, attribute, ..wide.node.clone() });
    }
}

/// Node `at`, when it takes the maximum of as many rows as columns around each value, an odd number.
fn pool<'a>(graph: &'a Graph<'_>, at: usize) -> Option<Pool<'a>> {
    let node = graph.standard(at, "MaxPool")?;
    let ints = |name: &str| node.attribute.iter().find(|one| one.name == name).map(|one| &one.ints[..]);
    let &[side, width] = ints("kernel_shape")? else { return None };
    let is_plain = |attribute: &AttributeProto| match attribute.name.as_str() {
        "auto_pad" => attribute.s.as_deref() == Some(b"NOTSET"),
        "ceil_mode" | "storage_order" => attribute.i.unwrap_or_default() == 0,
        "dilations" | "strides" => attribute.ints == [1, 1],
        "kernel_shape" => side == width && side > 0 && side % 2 == 1,
        "pads" => attribute.ints == [side / 2; 4],
        _ => false,
    };
    let fits = node.attribute.iter().all(is_plain) && (side == 1 || ints("pads").is_some());
    (fits && node.input.len() == 1 && node.output.len() == 1).then_some(Pool { at, side, node })
}
