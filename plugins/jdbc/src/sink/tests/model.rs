//! Any batches of upserts and deletions, bad ones among them, against a table that behaves as the databases do: it ends
//! as if the records had come one by one, and just bad ones are turned down. One that something later replaces anyway
//! may go unnoticed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use watertight_sdk::ids;
use watertight_sdk::sql::{Column, Fault, Result as SqlResult, TableName};
use watertight_sdk::testing::sql::{Database, install};

use super::*;

type Rows = BTreeMap<i64, String>;

/// A table `t` of `id` and `name`.
#[derive(Default)]
struct Shelf {
    product: &'static str,
    rows: RefCell<Rows>,
    /// As it was when the transaction began; and whether a statement of it has failed.
    before: RefCell<Option<(Rows, bool)>>,
}

impl Shelf {
    fn apply(&self, sql: &str, values: &[ValueNode], rows: &mut Rows) -> SqlResult<()> {
        let id = |node: &ValueNode| match node {
            ValueNode::Integer(id) => *id,
            other => panic!("{other:?} is no key"),
        };
        if sql.starts_with("DELETE") {
            values.iter().for_each(|node| drop(rows.remove(&id(node))));
            return Ok(());
        }
        let mut seen = Vec::new();
        for pair in values.chunks(2) {
            let [key, ValueNode::Text(name)] = pair else { panic!("{sql}") };
            if name.starts_with("bad") {
                return Err(fault("sql", "22001", "too long"));
            }
            if self.product == "postgresql" && seen.contains(&id(key)) {
                return Err(fault("sql", "21000", "cannot affect row a second time"));
            }
            seen.push(id(key));
            rows.insert(id(key), name.clone());
        }
        Ok(())
    }
}

impl Database for Shelf {
    fn fact(&self, name: &str) -> Option<String> {
        (name == "product").then(|| self.product.to_owned())
    }
    fn columns(&self, _: &TableName) -> SqlResult<Option<Vec<Column>>> {
        let column = |name: &str| Column {
            name: name.to_owned(),
            type_name: String::new(),
            form: String::new(),
            nullable: None,
            precision: None,
            scale: None,
            details: Vec::new(),
        };
        Ok(Some(vec![column("id"), column("name")]))
    }
    fn execute(&self, sql: &str, _: &[String], times: u32, values: &[ValueNode]) -> SqlResult<Vec<u64>> {
        if let Some((_, true)) = &*self.before.borrow() {
            return Err(fault("sql", "25P02", "the transaction is aborted"));
        }
        let mut rows = self.rows.borrow().clone();
        let each = values.len() / times as usize;
        let done = values.chunks(each).try_for_each(|share| self.apply(sql, share, &mut rows));
        match done {
            Ok(()) => *self.rows.borrow_mut() = rows,
            Err(_) => {
                if let Some((_, failed)) = &mut *self.before.borrow_mut() {
                    *failed = self.product == "postgresql";
                }
            }
        }
        done.map(|()| vec![1; times as usize])
    }
    fn transaction(&self, step: &str) -> SqlResult<()> {
        let before = self.before.borrow_mut().take();
        match (step, before) {
            ("begin", None) => *self.before.borrow_mut() = Some((self.rows.borrow().clone(), false)),
            ("commit", Some((_, false))) => {}
            ("rollback", Some((rows, _))) => *self.rows.borrow_mut() = rows,
            (step, before) => return Err(Fault::new("sql", format!("{step} with {before:?}"))),
        }
        Ok(())
    }
}

#[test]
fn any_batch_leaves_what_its_records_say_one_by_one() {
    let mut state = 7_u64;
    let mut next = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for round in 0..900 {
        let product = ["sqlite", "mariadb", "postgresql"][round % 3];
        let shelf = Rc::new(Shelf { product, ..Shelf::default() });
        context(|context| *context = Context::default());
        with_reporter();
        install(Rc::<Shelf>::clone(&shelf));
        let mut task = task(&[
            ("insert.mode", "upsert"),
            ("pk.mode", "record_key"),
            ("pk.fields", "id"),
            ("delete.enabled", "true"),
            ("batch.size", ["3", "100"][round % 2]),
        ]);
        let mut model = Rows::new();
        let bad_in = [0, 3, 30][(round / 3) % 3];
        for _ in 0..3 {
            let (mut records, mut bad, mut last) = (Vec::new(), Vec::new(), BTreeMap::new());
            for index in 0..next(40) {
                let id = i64::try_from(next(6)).unwrap();
                let key = Datum::of(ids::INT64, Value::Integer(id));
                let name = format!("{index}");
                last.insert(id, index);
                if next(4) == 0 {
                    model.remove(&id);
                    records.push((key, Datum::NULL));
                } else if bad_in > 0 && next(bad_in) == 0 {
                    bad.push((id, index));
                    records.push((key, person(id, "bad")));
                } else {
                    records.push((key, person(id, &name)));
                    model.insert(id, name);
                }
            }
            let count = records.len();
            let report = put(&mut task, batch(records)).unwrap();
            assert_eq!((report.taken as usize, report.held), (count, None), "{product}, round {round}");
            let rejected: Vec<u64> = report.rejected.iter().map(|one| one.offset.unsigned_abs() - 10).collect();
            assert!(rejected.iter().all(|record| bad.iter().any(|(_, bad)| bad == record)), "{product}, round {round}");
            for (id, record) in bad {
                let replaced = last[&id] > record;
                assert!(replaced || rejected.contains(&record), "{product}, round {round}: {record} is lost");
            }
            assert_eq!(*shelf.rows.borrow(), model, "{product}, round {round}");
        }
    }
}
