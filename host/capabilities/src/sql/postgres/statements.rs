//! Prepared statements of a connection: the ones used last, up to a number and a size.

use std::collections::HashMap;
use std::sync::Arc;

use super::types::Type;

const MOST: usize = 64;
/// Of their texts together.
const BYTES: usize = 4 * 1024 * 1024;

/// A column of a result.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) name: String,
    /// Of which table it is; 0: none.
    pub(super) table: u32,
    pub(super) number: i16,
    pub(super) kind: Arc<Type>,
    pub(super) modifier: i32,
}

/// A statement that the server has prepared.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) name: String,
    pub(super) parameters: Vec<Arc<Type>>,
    pub(super) fields: Vec<Field>,
}

/// Those that are prepared, and names of those that the server may forget.
#[derive(Default)]
pub(super) struct Statements {
    known: HashMap<String, (Arc<Statement>, u64)>,
    bytes: usize,
    clock: u64,
    forgotten: Vec<String>,
}

impl Statements {
    pub(super) fn get(&mut self, sql: &str) -> Option<Arc<Statement>> {
        self.clock += 1;
        let (statement, used) = self.known.get_mut(sql)?;
        *used = self.clock;
        Some(Arc::clone(statement))
    }

    /// A new one.
    pub(super) fn name(&mut self) -> String {
        self.clock += 1;
        format!("w{}", self.clock)
    }

    pub(super) fn put(&mut self, sql: &str, statement: Arc<Statement>) {
        self.forget(sql);
        self.bytes += sql.len();
        self.known.insert(sql.to_owned(), (statement, self.clock));
        // The new one stays, however long it is.
        while self.known.len() > 1 && (self.known.len() > MOST || self.bytes > BYTES) {
            let oldest = self.known.iter().min_by_key(|(_, (_, used))| *used).map(|(sql, _)| sql.clone());
            let Some(oldest) = oldest else { break };
            self.forget(&oldest);
        }
    }

    /// It is to be prepared anew.
    pub(super) fn forget(&mut self, sql: &str) {
        if let Some((statement, _)) = self.known.remove(sql) {
            self.bytes -= sql.len();
            self.forgotten.push(statement.name.clone());
        }
    }

    /// Names that the server is to be told, once.
    pub(super) fn forgotten(&mut self) -> Vec<String> {
        std::mem::take(&mut self.forgotten)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(name: String) -> Arc<Statement> {
        Arc::new(Statement { name, parameters: Vec::new(), fields: Vec::new() })
    }

    #[test]
    fn what_was_not_used_for_longest_is_forgotten_first() {
        let mut all = Statements::default();
        for number in 0..MOST {
            let name = all.name();
            all.put(&format!("SELECT {number}"), statement(name));
        }
        assert!(all.get("SELECT 0").is_some());
        let name = all.name();
        all.put("one more", statement(name));
        assert!(all.get("SELECT 0").is_some() && all.get("SELECT 1").is_none());
        assert_eq!(all.forgotten().len(), 1);
        assert_eq!(all.forgotten().len(), 0);
    }

    #[test]
    fn long_statements_push_others_out_but_stay_themselves() {
        let mut all = Statements::default();
        for text in ["a", "b"] {
            let name = all.name();
            all.put(&text.repeat(BYTES), statement(name));
        }
        assert!(all.get(&"a".repeat(BYTES)).is_none() && all.get(&"b".repeat(BYTES)).is_some());
        assert_eq!((all.known.len(), all.bytes), (1, BYTES));
    }
}
