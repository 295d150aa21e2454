//! What the statements of one kind for one table look like, and the texts of those that were needed.
//!
//! How many rows a statement has is a power of two: a handful of texts serves batches of every size, so that the
//! worker and the database keep them prepared.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use watertight_sdk::sql::TableName;

use super::table::TableId;
use crate::dialect::{Dialect, Product, statements};

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A new row.
    Insert,
    /// The row of a key, new or not.
    Upsert,
    /// The row of a key, if there is one.
    Update,
    /// No row of a key.
    Delete,
}

/// How rows get into a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// One statement for one row, executed many times: SQLite, where nothing is between the worker and the table, and
    /// statements that cannot speak of several rows.
    Repeated,
    /// One statement with many rows.
    Together,
    /// PostgreSQL's `COPY`, and as above where there are few rows.
    Loaded,
}

/// More rows in a statement make it no cheaper, only longer to prepare.
const MOST_ROWS: usize = 512;
/// With fewer rows, a `COPY` costs more than an `INSERT`.
const LOADED: usize = 32;

/// Statements of one kind for one table.
#[derive(Debug)]
pub struct Shape {
    /// Whose rows.
    pub table: TableId,
    /// As statements name it.
    pub name: TableName,
    /// What happens to them.
    pub action: Action,
    /// Columns in the order of the values.
    pub columns: Vec<String>,
    /// How many columns, from the front (of an update from the back), identify a row.
    pub keys: usize,
    /// The form of each column's values.
    pub forms: Vec<String>,
    /// Whether `COPY` may be used, as long as nothing else is known.
    pub loads: Cell<bool>,
    texts: RefCell<Vec<(usize, Rc<str>)>>,
}

/// One call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// One row's statement, so many times.
    Repeat(usize),
    /// A statement of so many rows.
    Rows(usize),
    /// So many rows at once.
    Load(usize),
}

impl Call {
    /// How many rows it takes.
    pub fn rows(self) -> usize {
        match self {
            Self::Repeat(rows) | Self::Rows(rows) | Self::Load(rows) => rows,
        }
    }
}

impl Shape {
    /// Without any text yet.
    pub fn new(
        table: TableId,
        name: TableName,
        action: Action,
        columns: Vec<String>,
        keys: usize,
        forms: Vec<String>,
    ) -> Self {
        Self { table, name, action, columns, keys, forms, loads: Cell::new(true), texts: RefCell::default() }
    }

    /// Whether rows of both may stand in one statement.
    pub fn is_like(&self, other: &Self) -> bool {
        self.table == other.table
            && self.action == other.action
            && self.keys == other.keys
            && self.columns == other.columns
            && self.forms == other.forms
    }

    /// Whether deletions by this one's keys may be written before all of this one's rows: whether two keys are equal
    /// must be plain to see.
    pub fn goes_with(&self, deletions: &Self) -> bool {
        let plain = |form: &String| matches!(form.as_str(), "integer" | "boolean" | "date");
        self.action == Action::Upsert
            && deletions.action == Action::Delete
            && self.columns.get(..self.keys) == Some(deletions.columns.as_slice())
            && self.forms.get(..self.keys) == Some(deletions.forms.as_slice())
            && deletions.forms.iter().all(plain)
    }

    /// How rows get into a call.
    pub fn way(&self, product: Product) -> Way {
        match (product, self.action) {
            (Product::Sqlite, _) | (_, Action::Update) => Way::Repeated,
            (Product::Postgres, Action::Insert) if self.loads.get() => Way::Loaded,
            (_, Action::Insert | Action::Upsert | Action::Delete) => Way::Together,
        }
    }

    /// The next call when so many rows are left.
    pub fn call(&self, dialect: &Dialect, way: Way, left: usize, batch_size: usize) -> Call {
        let left = left.min(batch_size);
        match way {
            Way::Repeated => Call::Repeat(left),
            Way::Loaded if left >= LOADED => Call::Load(left),
            Way::Loaded | Way::Together => {
                let fitting = (dialect.parameters / self.forms.len().max(1)).clamp(1, MOST_ROWS);
                Call::Rows(power_of_two(left.min(fitting)))
            }
        }
    }

    /// The statement for so many rows.
    pub fn text(&self, dialect: &Dialect, rows: usize) -> Rc<str> {
        let mut texts = self.texts.borrow_mut();
        if let Some((_, text)) = texts.iter().find(|(have, _)| *have == rows) {
            return Rc::clone(text);
        }
        let text: Rc<str> = self.write(dialect, rows).into();
        texts.push((rows, Rc::clone(&text)));
        text
    }

    fn write(&self, dialect: &Dialect, rows: usize) -> String {
        let columns: Vec<&str> = self.columns.iter().map(String::as_str).collect();
        let split =
            if self.action == Action::Update { columns.len() - self.keys.min(columns.len()) } else { self.keys };
        let (front, back) = columns.split_at_checked(split).unwrap_or((&columns, &[]));
        match self.action {
            Action::Insert => statements::insert(dialect, &self.name, &columns, rows),
            Action::Upsert => statements::upsert(dialect, &self.name, front, back, rows),
            Action::Update => statements::update(dialect, &self.name, back, front),
            Action::Delete => statements::delete(dialect, &self.name, front, rows),
        }
    }
}

fn power_of_two(rows: usize) -> usize {
    1 << rows.max(1).ilog2()
}
