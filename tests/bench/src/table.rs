//! Plain tables: the first column says what, figures are aligned to the right, the ratio comes last.

/// Rows under a heading.
pub struct Table {
    title: String,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// With the names of its columns, the first one included.
    pub fn new(title: &str, columns: &[&str]) -> Self {
        Self { title: title.to_owned(), rows: vec![columns.iter().map(|c| (*c).to_owned()).collect()] }
    }

    /// One more row; missing figures are left empty.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// As text, with an empty line before it.
    pub fn text(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let cell = |row: &Vec<String>, column: usize| row.get(column).cloned().unwrap_or_default();
        let widths: Vec<usize> = (0..columns)
            .map(|column| self.rows.iter().map(|row| cell(row, column).chars().count()).max().unwrap_or(0))
            .collect();
        let mut text = format!("\n{}\n", self.title);
        for row in &self.rows {
            let mut line = String::from("  ");
            for (column, width) in widths.iter().enumerate() {
                let cell = cell(row, column);
                if column == 0 {
                    line += &format!("{cell:<width$}");
                } else {
                    line += &format!("  {cell:>width$}");
                }
            }
            text += line.trim_end();
            text.push('\n');
        }
        text
    }

    /// On the standard output.
    pub fn print(&self) {
        print!("{}", self.text());
    }
}

/// `1,234,567`
pub fn count(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `5.2x`
pub fn times(ratio: f64) -> String {
    if ratio.is_finite() { format!("{ratio:.1}x") } else { "-".to_owned() }
}

/// `62 %`
pub fn percent(ratio: f64) -> String {
    if ratio.is_finite() { format!("{:.0} %", ratio * 100.0) } else { "-".to_owned() }
}

/// The middle one of some figures.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => values[n / 2],
        n => (values[n / 2 - 1] + values[n / 2]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_stand_under_each_other_and_missing_ones_are_empty() {
        let mut table = Table::new("title", &["what", "a", "ratio"]);
        table.row(["long name".to_owned(), "1".to_owned()]);
        assert_eq!(table.text(), "\ntitle\n  what       a  ratio\n  long name  1\n");
    }

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(count(1_234_567.4), "1,234,567");
        assert_eq!(count(999.0), "999");
        assert_eq!(times(5.24), "5.2x");
        assert_eq!(times(f64::NAN), "-");
        assert_eq!(percent(0.618), "62 %");
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0]), 2.5);
    }
}
