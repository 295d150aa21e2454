//! Names of tables: as lists and stored offsets write them, and as statements do.
//!
//! A table is known by the parts of its name that tell it from others in the same database server: schema and name in
//! PostgreSQL, database and name in MySQL and MariaDB, the name alone in SQLite. Joined by dots, they are the table's
//! key in stored offsets.

use watertight_sdk::sql::TableName;

use crate::dialect::Product;

/// A table by the parts of its name, the most general first.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(pub Vec<String>);

impl Name {
    /// Of a table that the database listed.
    pub fn of(table: TableName, product: Product) -> Self {
        let above = match product {
            Product::Postgres => table.schema,
            Product::Mysql | Product::Mariadb => table.catalog,
            Product::Sqlite => None,
        };
        Self(above.into_iter().filter(|part| !part.is_empty()).chain([table.name]).collect())
    }

    /// The last part.
    pub fn table(&self) -> &str {
        self.0.last().map_or("", String::as_str)
    }

    /// All parts, unquoted.
    pub fn qualified(&self) -> String {
        self.0.join(".")
    }

    /// As the worker's driver wants it.
    pub fn for_driver(&self, product: Product) -> TableName {
        let mut above = self.0.iter().rev().skip(1).cloned();
        let (near, far) = (above.next(), above.next());
        let name = self.table().to_owned();
        match product {
            Product::Postgres => TableName { catalog: far, schema: near, name },
            Product::Mysql | Product::Mariadb => TableName { catalog: near, schema: None, name },
            Product::Sqlite => TableName { catalog: None, schema: None, name },
        }
    }

    /// In quotes, as a task's configuration has it.
    pub fn quoted(&self, product: Product) -> String {
        let quote = product.quote();
        let part = |part: &String| format!("{quote}{}{quote}", part.replace(quote, &format!("{quote}{quote}")));
        self.0.iter().map(part).collect::<Vec<_>>().join(".")
    }

    /// A list of names, quoted or not, as a task's configuration has it.
    pub fn list(text: &str) -> Vec<Self> {
        let mut names = Vec::new();
        let mut parts = Vec::new();
        let mut part = String::new();
        let mut quoted: Option<char> = None;
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            match (quoted, letter) {
                (Some(quote), letter) if letter == quote => {
                    if letters.peek() == Some(&quote) {
                        letters.next();
                        part.push(quote);
                    } else {
                        quoted = None;
                    }
                }
                (Some(_), letter) => part.push(letter),
                (None, '"' | '`') if part.trim().is_empty() => {
                    part.clear();
                    quoted = Some(letter);
                }
                (None, '.') => parts.push(std::mem::take(&mut part).trim().to_owned()),
                (None, ',') => {
                    parts.push(std::mem::take(&mut part).trim().to_owned());
                    names.push(Self(std::mem::take(&mut parts)));
                }
                (None, letter) => part.push(letter),
            }
        }
        parts.push(part.trim().to_owned());
        names.push(Self(parts));
        names.retain(|name| !name.table().is_empty());
        names
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    fn name(parts: &[&str]) -> Name {
        Name(parts.iter().map(|part| (*part).to_owned()).collect())
    }

    #[test]
    fn whatever_a_table_is_called_its_quoted_name_is_read_back() {
        let names = [name(&["public", "orders"]), name(&["a.b", "c,d"]), name(&["x\"y"]), name(&["`", "--; DROP"])];
        for product in [Product::Postgres, Product::Mysql] {
            let text: Vec<String> = names.iter().map(|name| name.quoted(product)).collect();
            assert_eq!(Name::list(&text.join(",")), names, "{text:?}");
        }
    }

    #[test]
    fn a_list_without_quotes_is_read_as_well() {
        assert_eq!(Name::list("public.a, b"), [name(&["public", "a"]), name(&["b"])]);
        assert!(Name::list("").is_empty());
    }

    #[test]
    fn a_table_is_known_by_what_tells_it_apart() {
        let table = TableName { catalog: Some("shop".into()), schema: Some("public".into()), name: "t".into() };
        assert_eq!(Name::of(table.clone(), Product::Postgres).qualified(), "public.t");
        assert_eq!(Name::of(table.clone(), Product::Mysql).qualified(), "shop.t");
        assert_eq!(Name::of(table, Product::Sqlite).qualified(), "t");
    }
}
