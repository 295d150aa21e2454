//! What a guest's SQL may not do. SQLite is a library in the worker's own process, and SQL alone can open other
//! files, load code, rewrite the schema or ask for all memory there is. So every statement is asked what it does while
//! it is prepared, and what is not known to be harmless is refused; limits bound what an allowed one may cost.

use std::sync::Arc;

use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use watertight_sandbox::sql::SqlLimits;

use super::control::Control;

/// Pragmas that only tell something.
const ANSWERS: &[&str] = &[
    "application_id",
    "collation_list",
    "compile_options",
    "data_version",
    "encoding",
    "foreign_keys",
    "freelist_count",
    "function_list",
    "journal_mode",
    "page_count",
    "page_size",
    "pragma_list",
    "schema_version",
    "synchronous",
    "table_list",
    "user_version",
];

/// Pragmas that tell something about what they are given the name of.
const ABOUT: &[&str] =
    &["foreign_key_list", "index_info", "index_list", "index_xinfo", "table_info", "table_list", "table_xinfo"];

/// Functions that reach out of the database, where they exist.
const FUNCTIONS: &[&str] = &["edit", "fts3_tokenizer", "load_extension", "readfile", "writefile"];

/// Functions that take the square of what they are given, in a single step that nothing ends.
const SLOW: &[&str] = &["json_patch", "jsonb_patch"];

/// Steps between two looks at the clock: a few microseconds, but some steps take milliseconds.
const STEPS: i32 = 500;

/// Parameters of one statement: SQLite's own limit.
pub const PARAMETERS: i32 = 32_766;

/// Limits that no setting changes, with what they bound.
const LIMITS: &[(Limit, i32)] = &[
    (Limit::SQLITE_LIMIT_ATTACHED, 0),
    (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
    (Limit::SQLITE_LIMIT_SQL_LENGTH, 1_048_576),
    (Limit::SQLITE_LIMIT_COLUMN, 2_000),
    // What recurses over an expression does so on a stack of 2 MB.
    (Limit::SQLITE_LIMIT_EXPR_DEPTH, 500),
    (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 200),
    (Limit::SQLITE_LIMIT_FUNCTION_ARG, 127),
    (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, PARAMETERS),
    (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 50),
    // A program of all parameters there may be, with much to spare.
    (Limit::SQLITE_LIMIT_VDBE_OP, 1_000_000),
    // Matching takes as much for each byte of a text, and is one step.
    (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 500),
];

/// Bounds a new connection, before anything of a guest reaches it.
pub fn bound(connection: &mut Connection, control: &Arc<Control>, limits: &SqlLimits) -> rusqlite::Result<()> {
    for (limit, value) in LIMITS {
        connection.set_limit(*limit, *value)?;
    }
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, i32::try_from(limits.row).unwrap_or(i32::MAX))?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE, false)?;
    let clock = Arc::clone(control);
    connection.progress_handler(STEPS, Some(move || clock.over().is_some()))
}

/// Asks every statement that is not the worker's own what it does.
pub fn ask(connection: &mut Connection, control: &Arc<Control>) -> rusqlite::Result<()> {
    let control = Arc::clone(control);
    connection.authorizer(Some(move |context: AuthContext<'_>| {
        if control.trusted() {
            return Authorization::Allow;
        }
        match verdict(&context.action) {
            Ok(()) => Authorization::Allow,
            Err(why) => {
                control.refuse(why);
                Authorization::Deny
            }
        }
    }))
}

fn verdict(action: &AuthAction<'_>) -> Result<(), String> {
    match action {
        AuthAction::Select
        | AuthAction::Read { .. }
        | AuthAction::Insert { .. }
        | AuthAction::Update { .. }
        | AuthAction::Delete { .. }
        | AuthAction::Recursive
        | AuthAction::CreateTable { .. }
        | AuthAction::CreateIndex { .. }
        | AuthAction::CreateView { .. }
        | AuthAction::CreateTrigger { .. }
        | AuthAction::CreateTempTable { .. }
        | AuthAction::CreateTempIndex { .. }
        | AuthAction::CreateTempView { .. }
        | AuthAction::CreateTempTrigger { .. }
        | AuthAction::DropTable { .. }
        | AuthAction::DropIndex { .. }
        | AuthAction::DropView { .. }
        | AuthAction::DropTrigger { .. }
        | AuthAction::DropTempTable { .. }
        | AuthAction::DropTempIndex { .. }
        | AuthAction::DropTempView { .. }
        | AuthAction::DropTempTrigger { .. }
        | AuthAction::DropVtable { .. }
        | AuthAction::AlterTable { .. }
        | AuthAction::Reindex { .. }
        | AuthAction::Analyze { .. } => Ok(()),
        AuthAction::Function { function_name } if listed(FUNCTIONS, function_name) => {
            Err(format!("the function {function_name} reaches out of the database"))
        }
        AuthAction::Function { function_name } if listed(SLOW, function_name) => {
            Err(format!("the function {function_name} may take hours, and could not be ended"))
        }
        AuthAction::Function { .. } => Ok(()),
        AuthAction::Pragma { pragma_name, pragma_value } => {
            let list = if pragma_value.is_some() { ABOUT } else { ANSWERS };
            if listed(list, pragma_name) {
                Ok(())
            } else {
                let value = pragma_value.map(|_| " with a value").unwrap_or_default();
                Err(format!("PRAGMA {pragma_name}{value} is not one of those that only tell something"))
            }
        }
        AuthAction::Attach { .. } => Err("ATTACH and VACUUM open other files than the connection's own".into()),
        AuthAction::Detach { .. } => Err("DETACH has no use where nothing may be attached".into()),
        AuthAction::CreateVtable { module_name, .. } => {
            Err(format!("virtual tables are not created, and so none of the module {module_name}"))
        }
        AuthAction::Transaction { .. } | AuthAction::Savepoint { .. } => {
            Err("transactions are begun and ended by the calls of their own, not by SQL".into())
        }
        _ => Err("what it does is not known to be harmless".into()),
    }
}

fn listed(list: &[&str], name: &str) -> bool {
    list.iter().any(|known| known.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pragma_that_tells_may_not_be_given_a_value() {
        for name in ANSWERS {
            assert_eq!(verdict(&AuthAction::Pragma { pragma_name: name, pragma_value: None }), Ok(()));
            let set = AuthAction::Pragma { pragma_name: name, pragma_value: Some("1") };
            assert_eq!(verdict(&set).is_ok(), ABOUT.contains(name), "{name}");
        }
    }

    #[test]
    fn what_nobody_thought_of_is_refused() {
        assert!(verdict(&AuthAction::Unknown { code: 99, arg1: None, arg2: None }).is_err());
    }
}
