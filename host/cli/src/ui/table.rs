//! Tables: aligned, and on a terminal never wider than it, the widest columns giving way.

use super::look::{Look, Tint};
use super::text;

/// No column is cut to less.
const LEAST: usize = 6;
const GAP: &str = "  ";

/// Lines under a common head.
#[derive(Debug)]
pub(crate) struct Table {
    heads: Vec<&'static str>,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    cells: Vec<Cell>,
    below: Vec<(Tint, String)>,
}

/// One field.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    tint: Tint,
    text: String,
}

impl Cell {
    /// In a colour; text from anywhere.
    pub(crate) fn new(tint: Tint, text: &str) -> Self {
        Self { tint, text: text::safe(text).into_owned() }
    }
}

impl<T: AsRef<str>> From<T> for Cell {
    fn from(text: T) -> Self {
        Cell::new(Tint::Plain, text.as_ref())
    }
}

impl Table {
    /// Without lines yet.
    pub(crate) fn new<const N: usize>(heads: [&'static str; N]) -> Self {
        Self { heads: heads.to_vec(), rows: Vec::new() }
    }

    /// Another line.
    pub(crate) fn row<const N: usize>(&mut self, cells: [Cell; N]) {
        self.rows.push(Row { cells: cells.to_vec(), below: Vec::new() });
    }

    /// A remark under the last line, indented; of several lines perhaps.
    pub(crate) fn below(&mut self, tint: Tint, remark: &str) {
        if let Some(row) = self.rows.last_mut() {
            row.below.extend(text::block(remark).into_iter().map(|line| (tint, line)));
        }
    }

    /// Whether there is nothing to show.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// As text, each line ended.
    pub(crate) fn render(&self, look: &Look) -> String {
        let widths = self.widths(look);
        let heads: Vec<Cell> = self.heads.iter().map(|head| Cell::new(Tint::Head, head)).collect();
        let mut out = String::new();
        line(&mut out, look, &widths, &heads);
        for row in &self.rows {
            line(&mut out, look, &widths, &row.cells);
            for (tint, remark) in &row.below {
                out.push_str("    ");
                let room = look.size.map_or(usize::MAX, |size| size.columns.saturating_sub(4));
                out.push_str(&look.paint(*tint, &text::cut(remark, room)));
                out.push('\n');
            }
        }
        out
    }

    fn widths(&self, look: &Look) -> Vec<usize> {
        let mut widths: Vec<usize> = self.heads.iter().map(|head| text::columns(head)).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(&row.cells) {
                *width = (*width).max(text::columns(&cell.text));
            }
        }
        let Some(size) = look.size else { return widths };
        let gaps = GAP.len() * widths.len().saturating_sub(1);
        while widths.iter().sum::<usize>() + gaps > size.columns {
            match widths.iter_mut().max() {
                Some(widest) if *widest > LEAST => *widest -= 1,
                Some(_) | None => break,
            }
        }
        widths
    }
}

fn line(out: &mut String, look: &Look, widths: &[usize], cells: &[Cell]) {
    let mut owed = String::new();
    for (width, cell) in widths.iter().zip(cells) {
        let shown = text::cut(&cell.text, *width);
        if !shown.is_empty() {
            // Blanks at the end of a line are left out.
            out.push_str(&std::mem::take(&mut owed));
            out.push_str(&look.paint(cell.tint, &shown));
        }
        let rest = width.saturating_sub(text::columns(&shown));
        owed.push_str(&" ".repeat(rest));
        owed.push_str(GAP);
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(["NAME", "STATE"]);
        table.row(["a\u{1b}[2J".into(), Cell::new(Tint::Good, "RUNNING")]);
        table.row(["漢字".into(), "".into()]);
        table.below(Tint::Bad, "why\n\tit failed");
        table
    }

    #[test]
    fn columns_are_aligned_by_what_is_seen_and_remarks_stand_below() {
        let expected = "NAME      STATE\na\\x1b[2J  RUNNING\n漢字\n    why\n        it failed\n";
        assert_eq!(table().render(&Look::plain()), expected);
    }

    #[test]
    fn a_terminal_gets_colours_and_no_line_wider_than_itself() {
        let shown = table().render(&Look::terminal(14, true));
        assert!(shown.contains("\u{1b}[32m") && shown.contains('…'), "{shown:?}");
        let shown = table().render(&Look::terminal(14, false));
        assert!(shown.lines().all(|line| text::columns(line) <= 14), "{shown:?}");
        assert!(!shown.contains('\u{1b}'));
    }
}
