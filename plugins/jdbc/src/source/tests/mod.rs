//! The source without Wasm, against a database that does what a test says.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod connector;
mod mapping;
mod rows;
mod statements;
mod task;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use watertight_sdk::sql::{Column, Fault, Result, Table, TableName};
use watertight_sdk::testing::sql::{Database, install};
use watertight_sdk::{Config, Tape, ValueNode};

/// Rows of one table with a growing number and a time, and what was asked.
#[derive(Default)]
pub struct Shop {
    pub product: Cell<Option<&'static str>>,
    pub tables: RefCell<Vec<(&'static str, &'static str)>>,
    pub columns: RefCell<Vec<Column>>,
    /// Number, time in microseconds, text.
    pub rows: RefCell<Vec<(i64, i64, &'static str)>>,
    pub now: Cell<i64>,
    pub asked: RefCell<Vec<String>>,
    pub forms: RefCell<Vec<Vec<String>>>,
    /// What the next query fails with.
    pub fault: RefCell<Option<Fault>>,
    /// What the next connections fail with.
    pub away: Cell<u32>,
    pub opened: Cell<u32>,
    pub steps: RefCell<Vec<String>>,
}

pub fn column(name: &str, type_name: &str, form: &str) -> Column {
    Column {
        name: name.to_owned(),
        type_name: type_name.to_owned(),
        form: form.to_owned(),
        nullable: Some(false),
        precision: None,
        scale: None,
        details: Vec::new(),
    }
}

pub fn with_details(column: Column, details: &[(&str, &str)]) -> Column {
    let details = details.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Column { details, ..column }
}

impl Shop {
    pub fn open() -> Rc<Self> {
        let shop = Rc::new(Self::default());
        shop.columns.replace(vec![
            with_details(column("id", "int8", "integer"), &[("size", "8"), ("auto-increment", "true")]),
            column("at", "timestamp", "timestamp:micros"),
            column("what", "text", "text"),
        ]);
        shop.tables.replace(vec![("public", "orders")]);
        shop.now.set(i64::MAX / 4);
        install(Rc::clone(&shop) as Rc<dyn Database>);
        shop
    }

    /// The statements for rows.
    pub fn statements(&self) -> Vec<String> {
        let asked = self.asked.borrow();
        asked.iter().filter(|sql| sql.contains("FROM")).cloned().collect()
    }

    /// The rows that a statement asks for. Its parameters stand in the order in which `criteria` writes them.
    fn answer(&self, sql: &str, values: &[ValueNode]) -> Vec<Tape> {
        let numbers: Vec<i64> = values
            .iter()
            .map(|value| match value {
                ValueNode::Integer(number) => *number,
                other => panic!("{other:?}"),
            })
            .collect();
        // SQLite is asked in milliseconds.
        let unit = if sql.contains("typeof") { 1_000 } else { 1 };
        let numbers: Vec<i64> = match numbers.as_slice() {
            [before, from, after, number] => vec![before * unit, from * unit, after * unit, *number],
            times if sql.contains("\"at\"") => times.iter().map(|time| time * unit).collect(),
            number => number.to_vec(),
        };
        let mut rows = self.rows.borrow().clone();
        match (numbers.as_slice(), sql.contains("\"at\"")) {
            ([], _) => {}
            (&[after], false) => rows.retain(|row| row.0 > after),
            (&[before], true) => rows.retain(|row| row.1 < before),
            (&[before, after], true) => rows.retain(|row| row.1 < before && row.1 > after),
            (&[before, from, after, number], true) => {
                assert_eq!(from, after);
                rows.retain(|row| row.1 < before && row.1 >= from && (row.1 > after || row.0 > number));
            }
            other => panic!("{other:?}"),
        }
        if sql.contains("\"at\"") {
            rows.sort_by_key(|row| (row.1, row.0));
        } else {
            rows.sort_by_key(|row| row.0);
        }
        let tape = |row: &(i64, i64, &str)| {
            let [id, at] = [row.0, row.1].map(ValueNode::Integer);
            vec![ValueNode::Fields(3), id, at, ValueNode::Text(row.2.to_owned())]
        };
        rows.iter().map(tape).collect()
    }
}

impl Database for Shop {
    fn open(&self, prefix: &str) -> Result<()> {
        assert_eq!(prefix, "connection.");
        if self.away.get() > 0 {
            self.away.set(self.away.get() - 1);
            return Err(Fault::new("unavailable", "connection refused"));
        }
        self.opened.set(self.opened.get() + 1);
        Ok(())
    }

    fn fact(&self, name: &str) -> Option<String> {
        match name {
            "product" => Some(self.product.get().unwrap_or("postgresql").to_owned()),
            "catalog" => Some("shop".to_owned()),
            _ => None,
        }
    }

    fn tables(&self, _catalog: Option<&str>, _schema: Option<&str>, kinds: &[String]) -> Result<Vec<Table>> {
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        assert_eq!(kinds, ["TABLE"]);
        let table = |(schema, name): &(&str, &str)| Table {
            name: TableName {
                catalog: Some("shop".to_owned()),
                schema: Some((*schema).to_owned()),
                name: (*name).to_owned(),
            },
            kind: "TABLE".to_owned(),
        };
        Ok(self.tables.borrow().iter().map(table).collect())
    }

    fn columns(&self, name: &TableName) -> Result<Option<Vec<Column>>> {
        let there = self.tables.borrow().iter().any(|(_, table)| *table == name.name);
        Ok(there.then(|| self.columns.borrow().clone()))
    }

    fn query(&self, sql: &str, _forms: &[String], values: &[ValueNode]) -> Result<(Vec<Column>, Vec<Tape>)> {
        self.asked.borrow_mut().push(sql.to_owned());
        if sql.contains("\"orders\"") && self.tables.borrow().iter().all(|(_, table)| *table != "orders") {
            let said = Fault::new("sql", "relation \"orders\" does not exist");
            return Err(Fault { sqlstate: Some("42P01".into()), ..said });
        }
        if sql.contains("WHERE 1 = 0") {
            return Ok((self.columns.borrow().clone(), Vec::new()));
        }
        if sql.contains("_TIMESTAMP") || sql.contains("strftime") {
            let row = vec![ValueNode::Fields(1), ValueNode::Integer(self.now.get())];
            return Ok((vec![column("now", "timestamptz", "timestamp")], vec![row]));
        }
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        Ok((self.columns.borrow().clone(), self.answer(sql, values)))
    }

    fn read_as(&self, forms: &[String]) -> Result<()> {
        self.forms.borrow_mut().push(forms.to_vec());
        Ok(())
    }

    fn transaction(&self, step: &str) -> Result<()> {
        self.steps.borrow_mut().push(step.to_owned());
        Ok(())
    }
}

pub fn config(pairs: &[(&str, &str)]) -> Config {
    let usual = [
        ("connection.url", "jdbc:postgresql://127.0.0.1/shop"),
        ("connection.backoff.ms", "1"),
        ("topic.prefix", "shop-"),
        ("poll.interval.ms", "0"),
        ("mode", "incrementing"),
    ];
    let mut config: Config = usual.into_iter().collect();
    for (name, value) in pairs {
        config.set(name, *value);
    }
    config
}
