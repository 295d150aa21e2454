//! Tables as the database has them: looked up once, created and given columns where that is allowed.
//!
//! Other tasks do the same at the same time. Whatever a `CREATE` or an `ALTER` answers, the table is looked at again,
//! and only what is still missing then is an error.

use std::collections::HashMap;

use watertight_sdk::sql::{Column, Connection, TableName};
use watertight_sdk::{Failure, info, warn};

use super::fields::{Field, Fields};
use super::settings::{InsertMode, Settings};
use super::trouble::Trouble;
use crate::dialect::literals::literal;
use crate::dialect::statements::{self, NewColumn};
use crate::dialect::{Dialect, shown};

/// A table by the order in which it was first met.
pub type TableId = usize;

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its name.
    pub name: String,
    /// It keeps points in time, not what a clock shows: `db.timezone` is not for it.
    pub zoned: bool,
}

/// A table that records go to.
#[derive(Debug)]
pub struct Table {
    /// As statements name it.
    pub name: TableName,
    /// As messages name it.
    pub shown: String,
    columns: Option<Vec<Known>>,
}

/// All tables that this task has written to.
#[derive(Debug, Default)]
pub struct Tables {
    tables: Vec<Table>,
    by_topic: HashMap<String, TableId>,
}

impl Tables {
    /// The table of a topic.
    pub fn of_topic(&mut self, dialect: &Dialect, settings: &Settings, topic: &str) -> Result<TableId, Failure> {
        if let Some(&id) = self.by_topic.get(topic) {
            return Ok(id);
        }
        let name = name_of(dialect, settings, topic)?;
        let known = self.tables.iter().position(|table| table.name == name);
        let id = known.unwrap_or_else(|| {
            self.tables.push(Table { shown: shown(&name), name, columns: None });
            self.tables.len() - 1
        });
        self.by_topic.insert(topic.to_owned(), id);
        Ok(id)
    }

    /// One of them.
    pub fn get(&self, id: TableId) -> Option<&Table> {
        self.tables.get(id)
    }

    /// Nothing is known of their columns any more.
    pub fn forget(&mut self) {
        self.tables.iter_mut().for_each(|table| table.columns = None);
    }

    /// Makes sure that the table has a column for every field, and answers each in the order of the fields.
    pub fn fit(
        &mut self,
        connection: &Connection,
        dialect: &Dialect,
        settings: &Settings,
        id: TableId,
        fields: &Fields,
    ) -> Result<Vec<Known>, Trouble> {
        let Some(table) = self.tables.get_mut(id) else {
            return Err(Failure::new("illegal-state", "there is no such table").into());
        };
        let fitting = Fitting { connection, dialect, settings, fields };
        let mut columns = match table.columns.take() {
            Some(columns) => columns,
            None => fitting.look_up_or_create(table)?,
        };
        if let Some(missing) = fitting.missing(&columns) {
            columns = fitting.add(table, columns, missing)?;
        }
        let known = fields.all().filter_map(|field| find(dialect, &columns, &field.name).cloned()).collect();
        table.columns = Some(columns);
        Ok(known)
    }
}

fn name_of(dialect: &Dialect, settings: &Settings, topic: &str) -> Result<TableName, Failure> {
    if let Some((_, table)) = settings.mapping.iter().find(|(have, _)| have == topic) {
        return dialect.parse_table(table);
    }
    if settings.normalize {
        let name = settings.table_format.replace("${topic}", topic);
        let plain = |letter: char| if letter.is_ascii_alphanumeric() || letter == '_' { letter } else { '_' };
        let name: String = name.chars().map(plain).collect();
        dialect.check_length(&name)?;
        return Ok(TableName::new(name));
    }
    dialect.table_of_topic(&settings.table_format, topic)
}

/// The column for a field: of the same name, or else the only one that differs in nothing but upper and lower case.
fn find<'a>(dialect: &Dialect, columns: &'a [Known], field: &str) -> Option<&'a Known> {
    let stored = dialect.stored(field);
    if let Some(column) = columns.iter().find(|column| column.name == stored) {
        return Some(column);
    }
    let lower = field.to_lowercase();
    let mut alike = columns.iter().filter(|column| column.name.to_lowercase() == lower);
    match (alike.next(), alike.next()) {
        (Some(column), None) => Some(column),
        _ => None,
    }
}

struct Fitting<'a> {
    connection: &'a Connection,
    dialect: &'a Dialect,
    settings: &'a Settings,
    fields: &'a Fields,
}

impl Fitting<'_> {
    fn look_up(&self, table: &Table) -> Result<Option<Vec<Known>>, Trouble> {
        let name = self.dialect.stored_table(&table.name);
        let columns = self.connection.columns(&name);
        let columns = columns.map_err(Trouble::while_doing(format!("Cannot look up the table {}", table.shown)))?;
        let known = |column: Column| Known { zoned: column.is("zone"), name: column.name };
        Ok(columns.map(|columns| columns.into_iter().map(known).collect()))
    }

    fn look_up_or_create(&self, table: &Table) -> Result<Vec<Known>, Trouble> {
        if let Some(columns) = self.look_up(table)? {
            self.check_kind(table)?;
            self.check_key(table);
            return Ok(columns);
        }
        if !self.settings.auto_create {
            return Err(Trouble::Setting(Failure::config(format!(
                "Table {} is missing and auto-creation is disabled (auto.create)",
                table.shown
            ))));
        }
        let sql = self.create_statement(table)?;
        info!("Creating table {}: {sql}", table.shown);
        let created = self.connection.execute(&sql, &[], &[]);
        match (self.look_up(table)?, created) {
            (Some(columns), _) => Ok(columns),
            (None, Err(fault)) => Err(Trouble::Database(format!("Cannot create table {}", table.shown), fault)),
            (None, Ok(_)) => {
                Err(Trouble::Setting(Failure::config(format!("Table {} was created and cannot be found", table.shown))))
            }
        }
    }

    /// Only where the list of tables has it: what cannot be listed is what the statement makes of it.
    fn check_kind(&self, table: &Table) -> Result<(), Trouble> {
        let name = self.dialect.stored_table(&table.name);
        let schema = name.schema.clone().or_else(|| self.connection.fact("schema"));
        let pattern = schema.as_deref().map(escaped);
        let doing = || format!("Cannot look up the kind of table {}", table.shown);
        let tables = self.connection.tables(name.catalog.as_deref(), pattern.as_deref(), &[]);
        let tables = match tables {
            // More tables than the worker hands over: what is in the way is the list, not the table.
            Err(fault) if fault.code == "limit" => return Ok(()),
            other => other.map_err(Trouble::while_doing(doing()))?,
        };
        let kind = tables
            .into_iter()
            .find(|one| one.name.name == name.name && (one.name.schema.is_none() || one.name.schema == schema));
        let wanted = |kind: &str| self.settings.kinds.iter().any(|want| want.trim().eq_ignore_ascii_case(kind));
        match kind {
            Some(one) if !wanted(&one.kind) => Err(Trouble::Setting(Failure::config(format!(
                "{} is a {}, and table.types allows {}",
                table.shown,
                one.kind,
                self.settings.kinds.join(", ")
            )))),
            _ => Ok(()),
        }
    }

    /// Without a unique key on just these columns, MySQL and MariaDB insert where they should update, and say nothing.
    /// The others refuse. It may be a unique index and no primary key, so it is no error.
    fn check_key(&self, table: &Table) {
        if !self.dialect.product().is_mysql() || self.settings.insert_mode != InsertMode::Upsert {
            return;
        }
        let lower = |name: &str| name.to_lowercase();
        let mut wanted: Vec<String> = self.fields.keys.iter().map(|key| lower(&key.name)).collect();
        let primary = self.connection.primary_key(&self.dialect.stored_table(&table.name)).unwrap_or_default();
        let mut primary: Vec<String> = primary.iter().map(|name| lower(name)).collect();
        wanted.sort_unstable();
        primary.sort_unstable();
        if wanted != primary {
            warn!(
                "The primary key of table {} is ({}), and pk.mode takes ({}): unless there is a unique index on just \
                 these columns, {} inserts a row for each record instead of updating one",
                table.shown,
                primary.join(", "),
                wanted.join(", "),
                self.dialect.product().name()
            );
        }
    }

    fn create_statement(&self, table: &Table) -> Result<String, Trouble> {
        let mut columns = Vec::new();
        for name in &self.fields.order {
            if let Some(field) = self.fields.all().find(|field| field.name == *name) {
                columns.push(self.new_column(table, field)?);
            }
        }
        let keys: Vec<&str> = self.fields.keys.iter().map(|field| field.name.as_str()).collect();
        Ok(statements::create(self.dialect, &table.name, &columns, &keys))
    }

    fn new_column(&self, table: &Table, field: &Field) -> Result<NewColumn, Trouble> {
        let product = self.dialect.product();
        self.dialect.check_length(&field.name)?;
        let in_key = self.fields.keys.iter().any(|key| key.name == field.name);
        let Some(kind) = field.kind.column(product, in_key) else {
            return Err(Trouble::Record(Failure::data(format!(
                "the field {} is an array, for which {} has no column type (table {})",
                field.name,
                product.name(),
                table.shown
            ))));
        };
        let default = field.default.as_deref().and_then(|value| literal(product, &field.kind, value));
        Ok(NewColumn { name: field.name.clone(), kind, nullable: field.optional, default })
    }

    fn missing(&self, columns: &[Known]) -> Option<Vec<&Field>> {
        let missing: Vec<&Field> =
            self.fields.all().filter(|field| find(self.dialect, columns, &field.name).is_none()).collect();
        (!missing.is_empty()).then_some(missing)
    }

    /// Adds columns. What was cached may be old, so the table is looked at before anything is said to be missing.
    fn add(&self, table: &Table, mut columns: Vec<Known>, missing: Vec<&Field>) -> Result<Vec<Known>, Trouble> {
        if !self.settings.auto_evolve {
            columns = self.look_up(table)?.unwrap_or_default();
            return match self.missing(&columns) {
                None => Ok(columns),
                Some(missing) => Err(Trouble::Record(Failure::data(format!(
                    "Table {} is missing fields ({}) and auto-evolution is disabled (auto.evolve)",
                    table.shown,
                    list(&missing)
                )))),
            };
        }
        if let Some(field) = missing.iter().find(|field| !field.optional && field.default.is_none()) {
            columns = self.look_up(table)?.unwrap_or_default();
            if find(self.dialect, &columns, &field.name).is_none() {
                return Err(Trouble::Record(Failure::data(format!(
                    "Table {} has no column for the field {}, and none can be added, as it is not optional and does \
                     not have a default value",
                    table.shown, field.name
                ))));
            }
        }
        for field in missing {
            if find(self.dialect, &columns, &field.name).is_some() {
                continue;
            }
            let sql = statements::add_column(self.dialect, &table.name, &self.new_column(table, field)?);
            info!("Adding a column to table {}: {sql}", table.shown);
            if let Err(fault) = self.connection.execute(&sql, &[], &[]) {
                columns = self.look_up(table)?.unwrap_or_default();
                if find(self.dialect, &columns, &field.name).is_none() {
                    let doing = format!("Cannot add column {} to table {}", field.name, table.shown);
                    return Err(Trouble::Database(doing, fault));
                }
            }
        }
        let columns = self.look_up(table)?.unwrap_or_default();
        match self.missing(&columns) {
            None => Ok(columns),
            Some(missing) => Err(Trouble::Setting(Failure::config(format!(
                "Table {} was given columns ({}) that cannot be found there",
                table.shown,
                list(&missing)
            )))),
        }
    }
}

fn list(fields: &[&Field]) -> String {
    fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// A name as a pattern of `LIKE` that matches nothing else.
fn escaped(name: &str) -> String {
    name.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}
