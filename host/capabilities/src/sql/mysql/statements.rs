//! Prepared statements that are kept, as the same few come again and again.

/// As many as are kept.
const MOST: usize = 64;
/// Longer ones are kept as well, but no more than so many bytes of them.
const BYTES: usize = 4 * 1024 * 1024;

/// A statement in the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement {
    /// Its number.
    pub id: u32,
    /// Question marks.
    pub parameters: usize,
}

/// Statements by their text, the one used last at the end.
#[derive(Debug, Default)]
pub struct Statements(Vec<(String, Statement)>);

impl Statements {
    /// The statement of this text.
    pub fn get(&mut self, sql: &str) -> Option<Statement> {
        let at = self.0.iter().position(|(text, _)| text == sql)?;
        self.0[at..].rotate_left(1);
        self.0.last().map(|(_, statement)| *statement)
    }

    /// Keeps it, and answers those that are kept no more.
    pub fn put(&mut self, sql: &str, statement: Statement) -> Vec<Statement> {
        self.0.push((sql.to_owned(), statement));
        let mut old = Vec::new();
        while self.0.len() > MOST
            || (self.0.len() > 1 && self.0.iter().map(|(text, _)| text.len()).sum::<usize>() > BYTES)
        {
            old.push(self.0.remove(0).1);
        }
        old
    }

    /// Keeps it no more.
    pub fn remove(&mut self, sql: &str) -> Option<Statement> {
        let at = self.0.iter().position(|(text, _)| text == sql)?;
        Some(self.0.remove(at).1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_statement_that_was_used_longest_ago_goes_first() {
        let mut kept = Statements::default();
        for id in 0..64 {
            assert!(kept.put(&format!("select {id}"), Statement { id, parameters: 0 }).is_empty());
        }
        assert_eq!(kept.get("select 0").map(|statement| statement.id), Some(0));
        let old = kept.put("select 64", Statement { id: 64, parameters: 0 });
        assert_eq!(old.iter().map(|statement| statement.id).collect::<Vec<_>>(), [1]);
        assert!(kept.get("select 0").is_some() && kept.get("select 1").is_none());
        // Two long ones do not stay together.
        let long = format!("select '{}'", "x".repeat(BYTES));
        assert_eq!(kept.put(&long, Statement { id: 65, parameters: 0 }).len(), 64);
        assert_eq!(kept.remove(&long).map(|statement| statement.id), Some(65));
    }
}
