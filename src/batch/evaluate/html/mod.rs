//! stub
use super::evaluation::Evaluation;
/// stub
pub fn html(_evaluation: &Evaluation, _truth: &str) -> String {
    String::new()
}
