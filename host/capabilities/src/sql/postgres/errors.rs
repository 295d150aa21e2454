//! What the server complains of, as faults: in its own words, with what may be done about it.

use watertight_sandbox::sql::{Fault, code};

use super::message::Body;

/// A complaint, field by field.
#[derive(Default)]
pub(super) struct Complaint {
    severity: String,
    state: String,
    message: String,
    routine: String,
    place: Option<String>,
    details: Vec<(String, String)>,
}

impl Complaint {
    pub(super) fn read(body: &[u8]) -> Self {
        let mut complaint = Self::default();
        let mut body = Body(body);
        while let Some(field) = body.u8().filter(|field| *field != 0) {
            let Some(text) = body.text() else { break };
            let name = match field {
                // In English, whatever the server speaks.
                b'V' => {
                    complaint.severity = text;
                    continue;
                }
                b'S' => {
                    if complaint.severity.is_empty() {
                        complaint.severity = text;
                    }
                    continue;
                }
                b'C' => {
                    complaint.state = text;
                    continue;
                }
                b'M' => {
                    complaint.message = text;
                    continue;
                }
                b'R' => {
                    complaint.routine = text;
                    continue;
                }
                b'W' => {
                    complaint.place = Some(text);
                    continue;
                }
                b'D' => "detail",
                b'H' => "hint",
                b'P' => "position",
                b's' => "schema",
                b't' => "table",
                b'c' => "column",
                b'd' => "type",
                b'n' => "constraint",
                _ => continue,
            };
            complaint.details.push((name.to_owned(), text));
        }
        complaint
    }

    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// A statement was prepared before its tables changed, or was forgotten by the server: prepared again, it may do.
    pub(super) fn stale(&self) -> bool {
        (self.state == "0A000" && self.routine == "RevalidateCachedQuery") || self.state == "26000"
    }

    /// The line of a COPY, from 1, where the complaint names one.
    fn line(&self) -> Option<u32> {
        let place = self.place.as_deref()?;
        let digits = place.split_once(", line ")?.1;
        digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    }

    fn lost(&self) -> bool {
        matches!(self.severity.as_str(), "FATAL" | "PANIC")
    }

    pub(super) fn fault(self) -> Fault {
        let lost = self.lost();
        let state = self.state.as_str();
        let (code, retriable) = match state {
            "57014" => (code::TIMEOUT, true),
            _ if lost => (code::UNAVAILABLE, true),
            // Could not be serialised, deadlock, a lock that was not to be had, something in use.
            "40001" | "40P01" | "40003" | "55P03" | "55006" => (code::SQL, true),
            // A primary that has become a standby.
            "25006" => (code::SQL, true),
            _ if self.stale() => (code::SQL, true),
            _ => match state.get(..2) {
                Some("08") => (code::UNAVAILABLE, true),
                // Disk full, out of memory, too many connections; an error of the system below.
                Some("53" | "58") => (code::SQL, true),
                _ => (code::SQL, false),
            },
        };
        let severity = if self.severity.is_empty() { "ERROR" } else { &self.severity };
        let mut message = format!("{severity}: {}", self.message);
        for (name, text) in &self.details {
            if matches!(name.as_str(), "detail" | "hint") {
                message.push_str(&format!("; {name}: {text}"));
            }
        }
        Fault {
            row: self.line().map(|line| line.saturating_sub(1)),
            sqlstate: Some(self.state).filter(|state| state.len() == 5),
            retriable,
            lost,
            details: self.details,
            ..Fault::new(code, message)
        }
    }

    /// The same before there is a connection, where settings may be at fault. Names the setting, never its value.
    pub(super) fn fault_of_opening(self, prefix: &str) -> Fault {
        let (code, retriable, names) = match self.state.as_str() {
            "28P01" => (code::CONFIG, false, format!("{prefix}user or {prefix}password")),
            "28000" => (code::CONFIG, false, format!("{prefix}user, {prefix}sslmode, or pg_hba.conf of the server")),
            "3D000" => (code::CONFIG, false, format!("the database in {prefix}url")),
            state if state.starts_with("22") || state.starts_with("42") => {
                (code::CONFIG, false, format!("{prefix}url and the settings beside it"))
            }
            _ => (code::UNAVAILABLE, true, String::new()),
        };
        let mut fault = self.fault();
        if !names.is_empty() {
            fault.message.push_str(&format!("; look at {names}"));
        }
        Fault { code: code.to_owned(), retriable, lost: true, row: None, ..fault }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn complaint(fields: &[(u8, &str)]) -> Complaint {
        let mut body = Vec::new();
        for (field, text) in fields {
            body.push(*field);
            body.extend_from_slice(text.as_bytes());
            body.push(0);
        }
        body.push(0);
        Complaint::read(&body)
    }

    #[test]
    fn a_complaint_keeps_the_servers_words_and_names() {
        let fault = complaint(&[
            (b'S', "FEHLER"),
            (b'V', "ERROR"),
            (b'C', "23505"),
            (b'M', "duplicate key"),
            (b'D', "Key (id)=(1) already exists."),
            (b't', "t"),
            (b'n', "t_pkey"),
        ])
        .fault();
        assert_eq!(fault.message, "ERROR: duplicate key; detail: Key (id)=(1) already exists.");
        assert_eq!((fault.code.as_str(), fault.retriable, fault.lost), (code::SQL, false, false));
        assert_eq!(fault.details[1], ("table".to_owned(), "t".to_owned()));
        assert_eq!(fault.details[2], ("constraint".to_owned(), "t_pkey".to_owned()));
    }

    #[test]
    fn what_may_pass_is_retriable_and_what_ends_the_connection_is_lost() {
        for (state, retriable) in
            [("40001", true), ("40P01", true), ("53100", true), ("55P03", true), ("08006", true), ("42P01", false)]
        {
            let fault = complaint(&[(b'V', "ERROR"), (b'C', state), (b'M', "m")]).fault();
            assert_eq!((fault.retriable, fault.lost), (retriable, false), "{state}");
        }
        let fault = complaint(&[(b'V', "FATAL"), (b'C', "57P01"), (b'M', "m")]).fault();
        assert_eq!((fault.code.as_str(), fault.retriable, fault.lost), (code::UNAVAILABLE, true, true));
    }

    #[test]
    fn a_line_of_a_copy_is_a_row() {
        let fault = complaint(&[(b'C', "22003"), (b'M', "m"), (b'W', "COPY t, line 7, column a: \"9\"")]).fault();
        assert_eq!(fault.row, Some(6));
    }

    #[test]
    fn a_password_that_is_wrong_is_a_setting() {
        let fault = complaint(&[(b'V', "FATAL"), (b'C', "28P01"), (b'M', "m")]).fault_of_opening("connection.");
        assert_eq!((fault.code.as_str(), fault.retriable), (code::CONFIG, false));
        assert!(fault.message.contains("connection.password"), "{}", fault.message);
    }

    #[test]
    fn anything_is_read_as_a_complaint_without_a_panic() {
        for body in [&b""[..], b"S", b"SERROR", b"\xff\xfe\x00", b"C\x00"] {
            let fault = Complaint::read(body).fault();
            assert_eq!(fault.sqlstate, None);
        }
    }
}
