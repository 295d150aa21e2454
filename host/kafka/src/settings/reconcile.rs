//! Combinations which Java accepts and librdkafka refuses to start with; and those which both refuse, in Java's words.

use super::SettingsError;
use super::keys::{Java, Out, Role, number};

pub(super) fn reconcile(out: &mut Out, java: &Java) -> Result<(), SettingsError> {
    for kind in ["reconnect", "retry"] {
        let (least, most) = (format!("{kind}.backoff.ms"), format!("{kind}.backoff.max.ms"));
        if let (Some(low), Some(high)) = (out.at(&least), out.at(&most))
            && high < low
        {
            out.set(&most, low.to_string());
        }
    }
    match out.role {
        Role::Producer => producer(out, java),
        Role::Consumer => {
            consumer(out);
            Ok(())
        }
        Role::Admin => Ok(()),
    }
}

fn producer(out: &mut Out, java: &Java) -> Result<(), SettingsError> {
    if let Some(codec) = out.values.get("compression.type").map(|codec| codec.to_ascii_lowercase())
        && let key = format!("compression.{codec}.level")
        && let Some(value) = java.get(&key)
    {
        let level = number(&key, value, i64::from(i32::MIN), i64::from(i32::MAX))?;
        out.set("compression.level", level.clamp(-1, 12).to_string());
    }
    idempotence(out, java)?;
    if out.values.contains_key("transactional.id") {
        // It must not exceed transaction.timeout.ms, which ends the record's wait anyway.
        out.values.remove("message.timeout.ms");
        let transaction = out.at("transaction.timeout.ms").unwrap_or(60_000);
        if let Some(socket) = out.at("socket.timeout.ms")
            && socket > transaction + 100
        {
            out.set("socket.timeout.ms", transaction.to_string());
        }
    } else if let (Some(linger), Some(timeout)) = (out.at("linger.ms"), out.at("message.timeout.ms"))
        && timeout <= linger
    {
        return Err(SettingsError::Invalid {
            key: "delivery.timeout.ms".to_owned(),
            value: timeout.to_string(),
            reason: "should be equal to or larger than linger.ms + request.timeout.ms".to_owned(),
        });
    }
    Ok(())
}

/// A transactional producer is idempotent, and an idempotent one has conditions.
fn idempotence(out: &mut Out, java: &Java) -> Result<(), SettingsError> {
    let is = |out: &Out, key: &str, value: &str| out.values.get(key).is_some_and(|v| v.eq_ignore_ascii_case(value));
    if out.values.contains_key("transactional.id") {
        if java.get("enable.idempotence").is_some_and(|value| value.eq_ignore_ascii_case("false")) {
            return Err(SettingsError::Conflict("Cannot set a transactional.id without also enabling idempotence."));
        }
        out.set("enable.idempotence", "true");
    }
    if !is(out, "enable.idempotence", "true") {
        return Ok(());
    }
    // Other spellings of true would make the producer look shareable.
    out.set("enable.idempotence", "true");
    if out.at("retries") == Some(0) {
        return Err(SettingsError::Conflict("Must set retries to non-zero when using the idempotent producer."));
    }
    if !is(out, "acks", "all") && !is(out, "acks", "-1") {
        return Err(SettingsError::Conflict(
            "Must set acks to all in order to use the idempotent producer. Otherwise we cannot guarantee idempotence.",
        ));
    }
    if out.at("max.in.flight.requests.per.connection").is_some_and(|most| most > 5) {
        return Err(SettingsError::Conflict(
            "Must set max.in.flight.requests.per.connection to at most 5 to use the idempotent producer.",
        ));
    }
    Ok(())
}

fn consumer(out: &mut Out) {
    if out.values.get("group.protocol").is_some_and(|protocol| protocol.eq_ignore_ascii_case("consumer")) {
        for key in ["session.timeout.ms", "heartbeat.interval.ms", "partition.assignment.strategy"] {
            out.values.remove(key);
        }
        out.warnings
            .push("group.protocol=consumer: a task slower than max.poll.interval.ms fails for good here".to_owned());
    } else if let (Some(poll), Some(session)) = (out.at("max.poll.interval.ms"), out.at("session.timeout.ms"))
        && poll < session
    {
        // librdkafka insists; Java does not, and an earlier session time-out keeps the meaning.
        out.set("session.timeout.ms", poll.to_string());
        if let Some(beat) = out.at("heartbeat.interval.ms")
            && beat * 3 > poll
        {
            out.set("heartbeat.interval.ms", (poll / 3).max(1).to_string());
        }
    }
}
