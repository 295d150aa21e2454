//! Rows on their way from the database into records: moved as they are, looked at only where a column orders the rows
//! or is written in another way than it came.

use watertight_sdk::sql::Column;
use watertight_sdk::{Failure, Result, Schema, SchemaId, SchemaNode, Shape, Tape, ValueNode, runtime, tape, warn};

use super::criteria::Criteria;
use super::fields::{Change, Mapper};
use super::moment;
use super::offset::Offset;

/// What the rows of a query are like.
#[derive(Debug)]
pub struct Layout {
    columns: Vec<Column>,
    /// The form of each column.
    pub forms: Vec<String>,
    /// Of the records' values.
    pub schema: SchemaId,
    changes: Vec<(usize, Change)>,
    /// Columns that do not go into records, the last first.
    left_out: Vec<usize>,
    number: Option<usize>,
    times: Vec<usize>,
    /// Each column is one node.
    flat: bool,
    /// Rows are ordered by milliseconds, so what is finer says nothing of a row's place.
    pub whole_millis: bool,
}

impl Layout {
    /// Of these columns; `name` is the schema's, `what` the table or query in messages.
    pub fn new(
        columns: Vec<Column>,
        criteria: &Criteria,
        mapper: &Mapper<'_>,
        name: Option<&str>,
        what: &str,
    ) -> Result<Self> {
        let find = |wanted: &String| {
            let exact = columns.iter().position(|column| &column.name == wanted);
            let found = exact.or_else(|| columns.iter().position(|column| column.name.eq_ignore_ascii_case(wanted)));
            found.ok_or_else(|| Failure::config(format!("There is no column {wanted} in what {what} answers")))
        };
        let number = criteria.number.as_ref().map(find).transpose()?;
        let times: Vec<usize> = criteria.times.iter().map(find).collect::<Result<_>>()?;
        for column in times.iter().filter_map(|at| columns.get(*at)) {
            if !column.form.starts_with("timestamp") {
                return Err(Failure::config(format!(
                    "Column {} of {what} is of type {}, not a timestamp (timestamp.column.name)",
                    column.name, column.type_name
                )));
            }
        }
        let mut layout = Self {
            forms: Vec::with_capacity(columns.len()),
            schema: 0,
            changes: Vec::new(),
            left_out: Vec::new(),
            flat: columns.iter().all(|column| !column.form.starts_with("array")),
            whole_millis: false,
            number,
            times,
            columns,
        };
        let fields = layout.fields(mapper, what);
        layout.check_number(what)?;
        layout.schema = runtime::define_schema(&schema(name, fields, what)?).map_err(Failure::data)?;
        Ok(layout)
    }

    /// Whether rows with these columns are the same.
    pub fn is_of(&self, columns: &[Column]) -> bool {
        self.columns == columns
    }

    fn fields(&mut self, mapper: &Mapper<'_>, what: &str) -> Vec<(String, Vec<SchemaNode>)> {
        let mut fields = Vec::with_capacity(self.columns.len());
        for (at, column) in self.columns.iter().enumerate() {
            let orders = self.number == Some(at) || self.times.contains(&at);
            match mapper.field(column, orders) {
                Some(field) => {
                    self.forms.push(field.form);
                    if field.change != Change::None {
                        self.changes.push((at, field.change));
                    }
                    fields.push((column.name.clone(), field.schema));
                }
                None => {
                    warn!(
                        "Column {} of {what} is left out: values of type {} cannot be read",
                        column.name, column.type_name
                    );
                    self.forms.push(String::new());
                    self.left_out.insert(0, at);
                }
            }
        }
        fields
    }

    /// A number with digits after the point is no place to go on from.
    fn check_number(&self, what: &str) -> Result<()> {
        let form = self.number.and_then(|column| self.forms.get(column)).map_or("integer", String::as_str);
        if matches!(form, "integer" | "decimal:0") {
            return Ok(());
        }
        let column = self.number.and_then(|column| self.columns.get(column));
        Err(Failure::config(format!(
            "Column {} of {what} is of type {}, not an integer (incrementing.column.name, numeric.mapping)",
            column.map_or("", |column| column.name.as_str()),
            column.map_or("", |column| column.type_name.as_str())
        )))
    }

    /// Where the columns' values begin, if not each directly behind the other.
    fn places(&self, row: &[ValueNode]) -> Option<Vec<usize>> {
        (!self.flat).then(|| tape::parts(row).map(|part| part.start).collect())
    }

    /// What the row says of its place among the others. Before [`finish`](Self::finish).
    pub fn offset(&self, row: &[ValueNode]) -> Result<Offset> {
        let places = self.places(row);
        let node = |column: usize| row.get(place(places.as_deref(), column));
        let named = |column: usize| self.columns.get(column).map_or("", |column| column.name.as_str());
        let number = match self.number {
            None => None,
            Some(column) => Some(number(node(column), named(column))?),
        };
        let micros = self.times.iter().find_map(|column| match node(*column) {
            Some(ValueNode::Integer(micros)) if self.whole_millis => Some(micros.div_euclid(1_000) * 1_000),
            Some(ValueNode::Integer(micros)) => Some(*micros),
            _ => None,
        });
        if micros.is_none() && !self.times.is_empty() {
            let names: Vec<&str> = self.times.iter().map(|column| named(*column)).collect();
            return Err(Failure::data(format!("A row has null in all timestamp columns ({})", names.join(", "))));
        }
        Ok(Offset { number, micros })
    }

    /// Makes the row the value of a record.
    pub fn finish(&self, row: &mut Tape) -> Result<()> {
        if self.changes.is_empty() && self.left_out.is_empty() {
            return Ok(());
        }
        let places = self.places(row);
        for (column, change) in &self.changes {
            if let Some(node) = row.get_mut(place(places.as_deref(), *column)) {
                moment::change(node, *change)?;
            }
        }
        for column in &self.left_out {
            let begin = place(places.as_deref(), *column);
            let end = tape::end_of(row, begin);
            row.drain(begin..end);
        }
        if let Some(ValueNode::Fields(count)) = row.first_mut() {
            *count = count.saturating_sub(u32::try_from(self.left_out.len()).unwrap_or_default());
        }
        Ok(())
    }

    /// The schema will not be used again.
    pub fn forget(self) {
        runtime::forget_schemas(&[self.schema]);
    }
}

fn place(places: Option<&[usize]>, column: usize) -> usize {
    match places {
        None => column + 1,
        Some(places) => places.get(column).copied().unwrap_or(usize::MAX),
    }
}

/// An integer, or a decimal without digits after the point.
fn number(node: Option<&ValueNode>, column: &str) -> Result<i64> {
    match node {
        Some(ValueNode::Integer(number)) => Ok(*number),
        Some(ValueNode::Bytes(bytes)) => {
            let mut bytes = bytes.as_slice();
            // What stands before the sign only repeats it.
            while let [first, rest @ ..] = bytes
                && rest.first().is_some_and(|next| matches!((first, next), (0, 0..0x80) | (0xff, 0x80..)))
            {
                bytes = rest;
            }
            let negative = bytes.first().is_some_and(|first| first & 0x80 != 0);
            let mut whole = if negative { [0xff; size_of::<i64>()] } else { [0; size_of::<i64>()] };
            let begin = whole.len().checked_sub(bytes.len());
            let room = begin.and_then(|begin| whole.get_mut(begin..));
            let room = room.ok_or_else(|| {
                Failure::data(format!("A number in the incrementing column {column} is larger than 64 bits"))
            })?;
            room.copy_from_slice(bytes);
            Ok(i64::from_be_bytes(whole))
        }
        Some(ValueNode::Null) | None => {
            Err(Failure::data(format!("A row has null in the incrementing column {column}")))
        }
        Some(_) => Err(Failure::config(format!(
            "The incrementing column {column} holds no integers (incrementing.column.name, numeric.mapping)"
        ))),
    }
}

fn schema(name: Option<&str>, fields: Vec<(String, Vec<SchemaNode>)>, what: &str) -> Result<Schema> {
    let mut names: Vec<String> = Vec::with_capacity(fields.len());
    let mut nodes = Vec::with_capacity(fields.len() + 1);
    for (name, schema) in fields {
        if names.contains(&name) {
            return Err(Failure::config(format!(
                "{what} answers two columns of the name {name}: give one of them another with AS (query)"
            )));
        }
        names.push(name);
        nodes.extend(schema);
    }
    let root = SchemaNode { name: name.map(str::to_owned), ..SchemaNode::new(Shape::StructOf(names)) };
    nodes.insert(0, root);
    Ok(nodes)
}
