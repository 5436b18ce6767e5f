//! The best pairs: each track and each detection in one pair at most, and the sum of gains as large as can be.

/// A pair that may be chosen, and what it gains, 0 or more.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Edge {
    pub row: u32,
    pub column: u32,
    pub gain: f32,
}

/// Most rows or columns of a group that is solved exactly; the time grows with the third power of it.
const MOST: usize = 128;

/// Solves group by group: pairs that share no row and no column, not even over others, do not matter to each other.
#[derive(Debug, Default)]
pub(super) struct Assigner {
    /// Union-find: rows first, then columns.
    parents: Vec<u32>,
    order: Vec<(u32, Edge)>,
    rows: Vec<u32>,
    columns: Vec<u32>,
    taken: Vec<bool>,
    sorted: Vec<Edge>,
    table: Vec<f64>,
    hungarian: Hungarian,
    /// Groups that were too large and were paired greedily.
    pub greedy: u64,
}

impl Assigner {
    /// Fills `pairs` with the chosen (row, column). There are `rows` rows and `columns` columns.
    pub fn solve(&mut self, edges: &[Edge], rows: usize, columns: usize, pairs: &mut Vec<(u32, u32)>) {
        pairs.clear();
        self.parents.clear();
        self.parents.extend(0..(rows + columns) as u32);
        for edge in edges {
            let [a, b] = [edge.row, rows as u32 + edge.column].map(|node| root(&mut self.parents, node));
            let (first, second) = (a.min(b), a.max(b));
            self.parents[second as usize] = first;
        }
        self.order.clear();
        self.order.extend(edges.iter().map(|edge| (root(&mut self.parents, edge.row), *edge)));
        self.order.sort_unstable_by_key(|(group, edge)| (*group, edge.row, edge.column));
        let order = std::mem::take(&mut self.order);
        for group in order.chunk_by(|a, b| a.0 == b.0) {
            self.solve_group(group, pairs);
        }
        self.order = order;
    }

    fn solve_group(&mut self, group: &[(u32, Edge)], pairs: &mut Vec<(u32, u32)>) {
        if let [(_, edge)] = group {
            pairs.push((edge.row, edge.column));
            return;
        }
        distinct(&mut self.rows, group.iter().map(|(_, edge)| edge.row));
        distinct(&mut self.columns, group.iter().map(|(_, edge)| edge.column));
        let (height, width) = (self.rows.len(), self.columns.len());
        let place = |list: &[u32], one: u32| list.binary_search(&one).unwrap_or(0);
        if height.max(width) > MOST {
            self.greedy += 1;
            self.sorted.clear();
            self.sorted.extend(group.iter().map(|(_, edge)| *edge));
            self.sorted.sort_unstable_by(|a, b| {
                b.gain.total_cmp(&a.gain).then((a.row, a.column).cmp(&(b.row, b.column)))
            });
            self.taken.clear();
            self.taken.resize(height + width, false);
            for edge in &self.sorted {
                let (row, column) = (place(&self.rows, edge.row), height + place(&self.columns, edge.column));
                if !self.taken[row] && !self.taken[column] {
                    (self.taken[row], self.taken[column]) = (true, true);
                    pairs.push((edge.row, edge.column));
                }
            }
            return;
        }
        // A column of its own for each row: it may stay alone.
        let wide = width + height;
        self.table.clear();
        self.table.resize(height * wide, 0.0);
        for (_, edge) in group {
            let (row, column) = (place(&self.rows, edge.row), place(&self.columns, edge.column));
            // A pair that gains nothing is still better than none.
            self.table[row * wide + column] = -f64::from(edge.gain) - 1e-6;
        }
        for (column, row) in self.hungarian.solve(&self.table, height, wide).iter().enumerate().take(width) {
            let Some(row) = *row else { continue };
            if self.table[row * wide + column] < 0.0 {
                pairs.push((self.rows[row], self.columns[column]));
            }
        }
    }
}

fn distinct(list: &mut Vec<u32>, all: impl Iterator<Item = u32>) {
    list.clear();
    list.extend(all);
    list.sort_unstable();
    list.dedup();
}

fn root(parents: &mut [u32], node: u32) -> u32 {
    let mut node = node;
    while parents[node as usize] != node {
        let above = parents[parents[node as usize] as usize];
        parents[node as usize] = above;
        node = above;
    }
    node
}

/// The Hungarian method with shortest augmenting paths (Jonker and Volgenant 1987) for a table of costs with at
/// least as many columns as rows.
#[derive(Debug, Default)]
struct Hungarian {
    row_prices: Vec<f64>,
    column_prices: Vec<f64>,
    /// Row of each column; the last entry is the row that is being placed.
    rows: Vec<Option<usize>>,
    shortest: Vec<f64>,
    before: Vec<usize>,
    done: Vec<bool>,
}

impl Hungarian {
    /// The row of each column, of least total cost.
    fn solve(&mut self, costs: &[f64], height: usize, width: usize) -> &[Option<usize>] {
        let start = width;
        refill(&mut self.row_prices, height, 0.0);
        refill(&mut self.column_prices, width + 1, 0.0);
        refill(&mut self.rows, width + 1, None);
        for row in 0..height {
            refill(&mut self.shortest, width, f64::INFINITY);
            refill(&mut self.before, width, start);
            refill(&mut self.done, width + 1, false);
            self.rows[start] = Some(row);
            let mut column = start;
            while let Some(row) = self.rows[column] {
                self.done[column] = true;
                let (mut nearest, mut distance) = (start, f64::INFINITY);
                for next in (0..width).filter(|next| !self.done[*next]) {
                    let cost = costs[row * width + next] - self.row_prices[row] - self.column_prices[next];
                    if cost < self.shortest[next] {
                        (self.shortest[next], self.before[next]) = (cost, column);
                    }
                    if self.shortest[next] < distance {
                        (nearest, distance) = (next, self.shortest[next]);
                    }
                }
                if nearest == start {
                    break;
                }
                for any in 0..=width {
                    if self.done[any] {
                        if let Some(row) = self.rows[any] {
                            self.row_prices[row] += distance;
                        }
                        self.column_prices[any] -= distance;
                    } else if any < width {
                        self.shortest[any] -= distance;
                    }
                }
                column = nearest;
            }
            while column != start {
                let before = self.before[column];
                self.rows[column] = self.rows[before];
                column = before;
            }
        }
        &self.rows[..width]
    }
}

fn refill<T: Clone>(list: &mut Vec<T>, count: usize, value: T) {
    list.clear();
    list.resize(count, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest sum, by trying everything.
    fn best(edges: &[Edge], taken_rows: u64, taken_columns: u64) -> f32 {
        let Some((edge, rest)) = edges.split_first() else { return 0.0 };
        let without = best(rest, taken_rows, taken_columns);
        let (row, column) = (1 << edge.row, 1 << edge.column);
        if taken_rows & row != 0 || taken_columns & column != 0 {
            return without;
        }
        without.max(edge.gain + best(rest, taken_rows | row, taken_columns | column))
    }

    #[test]
    fn pairs_gain_as_much_as_any_could() {
        let mut random = fastrand::Rng::with_seed(3);
        let mut assigner = Assigner::default();
        for _ in 0..300 {
            let (rows, columns) = (random.usize(1..7), random.usize(1..7));
            let mut edges = Vec::new();
            for row in 0..rows as u32 {
                for column in 0..columns as u32 {
                    if random.f32() < 0.45 {
                        edges.push(Edge { row, column, gain: random.f32() });
                    }
                }
            }
            let mut pairs = Vec::new();
            assigner.solve(&edges, rows, columns, &mut pairs);
            let gain = |pair: &(u32, u32)| {
                edges.iter().find(|edge| (edge.row, edge.column) == *pair).expect("a pair that may be").gain
            };
            let sum: f32 = pairs.iter().map(gain).sum();
            let expected = best(&edges, 0, 0);
            assert!((sum - expected).abs() < 1e-4, "{sum} and {expected} of {edges:?}");
            for list in [
                pairs.iter().map(|pair| pair.0).collect::<Vec<_>>(),
                pairs.iter().map(|pair| pair.1).collect(),
            ] {
                let mut once = list.clone();
                once.sort_unstable();
                once.dedup();
                assert_eq!(once.len(), list.len(), "each is in one pair: {pairs:?}");
            }
        }
        assert_eq!(assigner.greedy, 0);
    }

    #[test]
    fn a_group_that_is_too_large_is_paired_greedily_and_counted() {
        // A chain in which each prefers its own.
        let count = 3 * MOST as u32;
        let mut edges = Vec::new();
        for row in 0..count {
            edges.push(Edge { row, column: row, gain: 0.9 });
            edges.push(Edge { row, column: (row + 1) % count, gain: 0.5 });
        }
        let (mut assigner, mut pairs) = (Assigner::default(), Vec::new());
        assigner.solve(&edges, count as usize, count as usize, &mut pairs);
        assert_eq!(assigner.greedy, 1);
        assert_eq!(pairs.len(), count as usize);
        assert!(pairs.iter().all(|(row, column)| row == column));
    }
}
