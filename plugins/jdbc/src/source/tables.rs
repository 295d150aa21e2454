//! Which tables a connector copies, and how its tasks share them.

use std::collections::BTreeMap;

use watertight_sdk::sql::Fault;
use watertight_sdk::{Failure, Result};

use super::names::Name;
use super::session::Session;
use super::settings::{Selection, Settings};
use crate::dialect::Product;

/// Tables of the database that the settings select, in the order of their names.
pub fn selected(session: &Session, settings: &Settings) -> Result<Vec<Name>, Fault> {
    let product = session.dialect.product();
    let mut names: Vec<Name> =
        all(session, settings)?.into_iter().filter(|name| is_selected(name, product, &settings.selection)).collect();
    if !settings.qualify {
        names = names.into_iter().map(|name| Name(vec![name.table().to_owned()])).collect();
        names.sort();
        names.dedup();
    }
    Ok(names)
}

/// Tables that could be selected.
pub fn all(session: &Session, settings: &Settings) -> Result<Vec<Name>, Fault> {
    let product = session.dialect.product();
    let (catalog, schema) = (settings.catalog.as_deref(), settings.schema_pattern.as_deref());
    let catalog = if product == Product::Sqlite { None } else { catalog };
    let tables = session.connection.tables(catalog, schema, &settings.table_types)?;
    Ok(tables.into_iter().map(|table| Name::of(table.name, product)).collect())
}

fn is_selected(name: &Name, product: Product, selection: &Selection) -> bool {
    let qualified = name.qualified();
    let listed = |list: &[String]| {
        let quoted = name.quoted(product);
        list.iter().any(|one| *one == qualified || *one == quoted || one == name.table())
    };
    match selection {
        Selection::All => true,
        Selection::Only(list) => listed(list),
        Selection::AllBut(list) => !listed(list),
        Selection::Matching(include, exclude) => {
            (include.is_empty() || include.matches(&qualified)) && !exclude.matches(&qualified)
        }
    }
}

/// Two tables of one name would share a topic, and the rows of both would be mixed there.
pub fn refuse_namesakes(names: &[Name]) -> Result<()> {
    let mut by_table: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for name in names {
        by_table.entry(name.table()).or_default().push(name.qualified());
    }
    let namesakes: Vec<String> =
        by_table.into_values().filter(|names| names.len() > 1).map(|names| names.join(" and ")).collect();
    if namesakes.is_empty() {
        return Ok(());
    }
    Err(Failure::config(format!(
        "Tables with the same name would share a topic: {}. Select one of each (table.whitelist, table.blacklist, \
         schema.pattern, catalog.pattern), or let the database choose by its search path \
         (table.names.qualify=false)",
        namesakes.join("; ")
    )))
}

/// Kafka's `ConnectorUtils.groupPartitions`: neighbours stay together, the first groups have one more.
pub fn group<T: Clone>(items: &[T], groups: usize) -> Vec<Vec<T>> {
    let groups = groups.min(items.len());
    let mut rest = items;
    let mut answer = Vec::with_capacity(groups);
    for left in (1..=groups).rev() {
        let (now, later) = rest.split_at(rest.len().div_ceil(left));
        answer.push(now.to_vec());
        rest = later;
    }
    answer
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name(text.split('.').map(str::to_owned).collect())
    }

    #[test]
    fn tables_are_shared_as_kafka_shares_them() {
        assert_eq!(group(&[1, 2, 3, 4, 5], 2), [vec![1, 2, 3], vec![4, 5]]);
        assert_eq!(group(&[1, 2, 3, 4, 5, 6, 7], 3), [vec![1, 2, 3], vec![4, 5], vec![6, 7]]);
        assert_eq!(group(&[1, 2], 5), [vec![1], vec![2]]);
        assert!(group::<u8>(&[], 5).is_empty());
    }

    #[test]
    fn a_table_is_selected_by_any_of_its_names() {
        let orders = name("public.orders");
        for written in ["orders", "public.orders", "\"public\".\"orders\""] {
            let only = Selection::Only(vec![written.to_owned()]);
            assert!(is_selected(&orders, Product::Postgres, &only), "{written}");
            let but = Selection::AllBut(vec![written.to_owned()]);
            assert!(!is_selected(&orders, Product::Postgres, &but), "{written}");
        }
        assert!(!is_selected(&orders, Product::Postgres, &Selection::Only(vec!["other.orders".to_owned()])));
    }

    #[test]
    fn tables_of_one_name_are_refused() {
        let failure = refuse_namesakes(&[name("a.t"), name("b.t"), name("a.u")]).unwrap_err();
        assert!(failure.message.contains("a.t and b.t") && !failure.message.contains("a.u"), "{}", failure.message);
        assert!(refuse_namesakes(&[name("a.t"), name("a.u")]).is_ok());
    }
}
