//! The list of attacks. Actions may stand in any call; answers are what a poll returns.

mod batches;
mod calls;
mod files;
mod logs;
mod network;
mod secrets;
mod sql;
mod time_and_memory;
mod values;

pub use secrets::all as settings;
use watertight_sdk::{Config, Failure, PollLimits, Result, SourceBatch};

use crate::ATTACK;

/// What an attack returns in place of honest records.
pub enum Answer {
    Batch(SourceBatch),
}

type Action = fn(&Config) -> Result<()>;
type Batch = fn(&PollLimits) -> SourceBatch;

const ACTIONS: &[(&str, Action)] = &[
    ("loop-for-ever", time_and_memory::loop_for_ever),
    ("sleep-for-ever", time_and_memory::sleep_for_ever),
    ("allocate-without-end", time_and_memory::allocate_without_end),
    ("trap", time_and_memory::trap),
    ("panic", time_and_memory::panic),
    ("overflow-the-stack", time_and_memory::overflow_the_stack),
    ("exit-the-process", time_and_memory::exit_the_process),
    ("read-etc-passwd", files::read_etc_passwd),
    ("read-outside-root-by-dotdot", files::read_outside_root_by_dotdot),
    ("read-outside-root-by-symlink", files::read_outside_root_by_symlink),
    ("write-to-read-only-root", files::write_to_read_only_root),
    ("open-files-without-end", files::open_files_without_end),
    ("leak-environment", files::leak_environment),
    ("log-flood", logs::log_flood),
    ("log-with-control-characters", logs::log_with_control_characters),
    ("log-a-long-line", logs::log_a_long_line),
    ("print-without-end", logs::print_without_end),
    ("metrics-flood", logs::metrics_flood),
    ("oversized-host-call", calls::oversized_host_call),
    ("define-schemas-without-end", calls::define_schemas_without_end),
    ("define-a-deep-schema", calls::define_a_deep_schema),
    ("define-a-broken-schema", calls::define_a_broken_schema),
    ("ask-for-offsets-without-end", calls::ask_for_offsets_without_end),
    ("random-bytes-without-end", calls::random_bytes_without_end),
    ("fork-bomb-of-handles", calls::fork_bomb_of_handles),
    ("connect-to-network", network::connect_to_network),
    ("resolve-a-name", network::resolve_a_name),
    ("listen-on-a-port", network::listen_on_a_port),
    ("log-the-settings", secrets::log_the_settings),
    ("fail-with-the-settings", secrets::fail_with_the_settings),
    ("panic-with-the-settings", secrets::panic_with_the_settings),
    ("reveal-the-password", secrets::reveal_the_password),
    ("reveal-what-is-not-its-own", secrets::reveal_what_is_not_its_own),
    ("sql-too-many-connections", sql::too_many_connections),
    ("sql-too-many-connections-behind-rows", sql::too_many_connections_behind_rows),
    ("sql-query-without-end", sql::query_without_end),
    ("sql-execute-without-end", sql::execute_without_end),
    ("sql-query-and-never-read", sql::query_and_never_read),
    ("sql-huge-row", sql::huge_row),
    ("sql-huge-batch", sql::huge_batch),
    ("sql-huge-parameters", sql::huge_parameters),
    ("sql-four-billion-executions", sql::four_billion_executions),
    ("sql-forbidden-statements", sql::forbidden_statements),
    ("sql-open-what-is-not-granted", sql::open_what_is_not_granted),
    ("sql-another-prefix", sql::another_prefix),
    ("sql-call-on-while-rows-are-open", sql::call_on_while_rows_are_open),
    ("sql-drop-in-every-order", sql::drop_in_every_order),
    ("sql-stay-connected", sql::stay_connected),
    ("sql-search-memory-for-the-password", sql::search_memory_for_the_password),
];

const ANSWERS: &[(&str, Batch)] = &[
    ("too-many-records", batches::too_many_records),
    ("too-many-bytes", batches::too_many_bytes),
    ("one-giant-record", batches::one_giant_record),
    ("empty-batches-for-ever", batches::empty_batches_for_ever),
    ("topic-index-out-of-range", batches::topic_index_out_of_range),
    ("source-partition-out-of-range", batches::source_partition_out_of_range),
    ("wrong-offset-fields-count", batches::wrong_offset_fields_count),
    ("invalid-topic-name", batches::invalid_topic_name),
    ("negative-partition", batches::negative_partition),
    ("mark-beyond-the-batch", batches::mark_beyond_the_batch),
    ("wait-for-ever", batches::wait_for_ever),
    ("deep-tape", values::deep_tape),
    ("tape-that-promises-more", values::tape_that_promises_more),
    ("tape-with-a-rest", values::tape_with_a_rest),
    ("tape-that-promises-billions", values::tape_that_promises_billions),
    ("unknown-schema", values::unknown_schema),
    ("value-not-of-its-schema", values::value_not_of_its_schema),
    ("integer-out-of-range", values::integer_out_of_range),
    ("broken-json", values::broken_json),
];

/// Handled by the classes themselves.
const OTHERS: &[&str] = &[
    "none",
    "too-many-tasks",
    "reconfigure-without-end",
    "rename-what-it-was-told",
    "reject-with-the-settings",
    "make-up-references",
    "take-more-than-given",
    "take-nothing-for-ever",
    "reject-what-was-not-given",
    "seek-in-what-is-not-assigned",
    "pause-what-is-not-assigned",
    "request-commits-without-end",
    "commit-beyond-what-was-given",
    "commit-what-is-not-assigned",
];

/// Does the configured action if this is the configured call.
pub fn strike(config: &Config, call: &str) -> Result<()> {
    let name = config.string(&ATTACK)?;
    if let Some((_, action)) = ACTIONS.iter().find(|(known, _)| *known == name) {
        let during = config.get("during");
        let default = call == "poll" || call == "put";
        return if during.map_or(default, |during| during == call) { action(config) } else { Ok(()) };
    }
    if ANSWERS.iter().any(|(known, _)| *known == name) || OTHERS.contains(&name) {
        return Ok(());
    }
    Err(Failure::config(format!("no attack is called {name}")))
}

/// The configured answer, if the attack is one.
pub fn answer(config: &Config, limits: &PollLimits) -> Result<Option<Answer>> {
    let name = config.string(&ATTACK)?;
    let found = ANSWERS.iter().find(|(known, _)| *known == name);
    Ok(found.map(|(_, batch)| Answer::Batch(batch(limits))))
}

/// The sandbox let it through: worse than any failure.
fn escaped(what: impl Into<String>) -> Failure {
    Failure::new("escaped", format!("ESCAPED: {}", what.into()))
}
