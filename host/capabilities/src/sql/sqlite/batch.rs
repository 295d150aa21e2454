//! Statements that are executed, once or many times.

use watertight_sandbox::sql::{Fault, ValueNode, code};

use super::dates::Dates;
use super::lease::Link;
use super::statement::Statement;
use super::{faults, transaction, write};
use crate::sql::forms::{Form, faults as misfits};

/// Executes a statement so many times, with an equal share of the values each.
pub fn execute(
    link: &Link,
    sql: &str,
    forms: &[Form],
    times: u32,
    values: &[ValueNode],
    dates: &Dates,
) -> Result<Vec<u64>, Fault> {
    let within = !link.connection.is_autocommit();
    let told = |fault| transaction::told(link, within, fault);
    let mut statement = Statement::prepare(link, sql).map_err(told)?;
    let share = statement.parameters();
    let needed = share.saturating_mul(usize::try_from(times).unwrap_or(usize::MAX));
    check(share, needed, forms, values)?;
    let mut once = |row: u32| {
        faults::unless_over(link)?;
        let from = share * usize::try_from(row).unwrap_or(0);
        bind(&mut statement, row, forms, &values[from..from + share], dates)?;
        run(&mut statement).map_err(|fault| Fault { row: Some(row), ..fault })
    };
    if times == 1 {
        return once(0).map(|changed| vec![changed]).map_err(told);
    }
    transaction::whole(link, || (0..times).map(&mut once).collect())
}

/// Binds a statement's parameters.
pub fn bind<L: std::ops::Deref<Target = Link>>(
    statement: &mut Statement<L>,
    row: u32,
    forms: &[Form],
    values: &[ValueNode],
    dates: &Dates,
) -> Result<(), Fault> {
    let natural = [Form::Natural];
    let forms = if forms.is_empty() { &natural } else { forms };
    let mut made = String::new();
    for (place, (value, form)) in values.iter().zip(forms.iter().cycle()).enumerate() {
        let stored = write::write(value, form, dates, &mut made)
            .map_err(|why| misfits::bound(place + 1, row, form, value, why))?;
        statement.bind(place + 1, stored).map_err(|fault| Fault { row: Some(row), ..fault })?;
    }
    Ok(())
}

/// As many values as there are parameters, and no more forms.
pub fn check(share: usize, needed: usize, forms: &[Form], values: &[ValueNode]) -> Result<(), Fault> {
    if values.len() != needed {
        let text = format!("{} values where {needed} are needed: the statement has {share} parameters", values.len());
        return Err(Fault::new(code::DATA, text));
    }
    if forms.len() > share {
        let text = format!("{} forms for {share} parameters", forms.len());
        return Err(Fault::new(code::DATA, text));
    }
    Ok(())
}

fn run(statement: &mut Statement<&Link>) -> Result<u64, Fault> {
    let before = statement.link().connection.total_changes();
    let done = loop {
        match statement.step() {
            Ok(true) => {}
            Ok(false) => break Ok(()),
            Err(fault) => break Err(fault),
        }
    };
    statement.reset();
    done?;
    let connection = &statement.link().connection;
    // What changes no row leaves the number of the statement before.
    Ok(if connection.total_changes() == before { 0 } else { connection.changes() })
}
