use crate::models::import::onnx::{Attr, AttributeProto, NodeProto};

mod focus;
mod heads;
mod pools;

fn node(kind: &str, input: &[&str], output: &str, attribute: Vec<AttributeProto>) -> NodeProto {
    let input = input.iter().map(|name| (*name).to_owned()).collect();
    NodeProto {
        op_type: kind.to_owned(),
        input,
        output: vec![output.to_owned()],
        attribute,
        ..NodeProto::default()
    }
}

fn ints(name: &str, values: &[i64]) -> AttributeProto {
    AttributeProto::new(name, Attr::Ints(values.to_vec()))
}
