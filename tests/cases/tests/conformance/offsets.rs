//! `/connectors/{c}/offsets`: whom one may ask, and what a request must look like. What becomes of offsets has cases of
//! its own.

use super::case::{Case, case};
use super::words::*;
use serde_json::json;

const PATH: &str = "/connectors/{c}/offsets";
const ONE: &str = r#"{"offsets":[{"partition":{"filename":"{dir}/{c}.in"},"offset":{"position":3}}]}"#;

pub fn cases() -> Vec<Case> {
    let stopped = |name: &str| {
        case(name).post("/connectors", r#"{"name":"{c}","config":{{source}},"initial_state":"STOPPED"}"#).status(201)
    };
    let mut cases = vec![
        case("offsets of a running connector may not be altered").source("").patch(PATH, ONE).error(400, NOT_STOPPED),
        case("offsets of a running connector may not be reset").source("").delete(PATH).error(400, NOT_STOPPED),
        case("offsets of a paused connector may not be altered")
            .post("/connectors", r#"{"name":"{c}","config":{{source}},"initial_state":"PAUSED"}"#)
            .status(201)
            .patch(PATH, ONE)
            .error(400, NOT_STOPPED),
        case("nobody's offsets cannot be altered").patch(PATH, ONE).error(404, "Connector {c} not found"),
        case("nobody's offsets cannot be reset").delete(PATH).error(404, "Connector {c} not found"),
        case("a request without offsets is refused before anybody is looked for")
            .patch(PATH, "{}")
            .error(400, NO_OFFSETS),
        stopped("a request needs offsets").patch(PATH, "{}").error(400, NO_OFFSETS),
        stopped("an empty list is no offsets").patch(PATH, r#"{"offsets":[]}"#).error(400, NO_OFFSETS),
        stopped("null is no offsets").patch(PATH, r#"{"offsets":null}"#).error(400, NO_OFFSETS),
        stopped("offsets of a stopped source are what they were set to")
            .patch(PATH, ONE)
            .text(200, &format!(r#"{{"message":"{ALTERED}"}}"#))
            .get(PATH)
            .text(200, r#"{"offsets":[{"partition":{"filename":"{dir}/{c}.in"},"offset":{"position":3}}]}"#),
        stopped("the forward parameter changes nothing for offsets")
            .patch(&format!("{PATH}?forward=false"), ONE)
            .status(200),
        stopped("a slash behind offsets changes nothing for a change").patch(&format!("{PATH}/"), ONE).status(200),
        stopped("offsets may be reset")
            .patch(PATH, ONE)
            .status(200)
            .delete(PATH)
            .text(200, &format!(r#"{{"message":"{RESET}"}}"#))
            .get(PATH)
            .text(200, r#"{"offsets":[]}"#),
        stopped("offsets that are not there may be reset").delete(PATH).json(200, json!({"message": RESET})),
        stopped("a reset may have a body that nobody reads").send("DELETE", PATH, Some("{}")).status(200),
        stopped("an offset of null removes it")
            .patch(PATH, ONE)
            .status(200)
            .patch(PATH, r#"{"offsets":[{"partition":{"filename":"{dir}/{c}.in"},"offset":null}]}"#)
            .text(200, &format!(r#"{{"message":"{ALTERED}"}}"#))
            .get(PATH)
            .text(200, r#"{"offsets":[]}"#),
        stopped("a resumed connector's offsets may not be altered")
            .put("/connectors/{c}/resume", "")
            .empty(202)
            .patch(PATH, ONE)
            .error(400, NOT_STOPPED),
        case("offsets outlive their connector")
            .post("/connectors", r#"{"name":"{c}","config":{{source}},"initial_state":"STOPPED"}"#)
            .status(201)
            .patch(PATH, ONE)
            .status(200)
            .delete("/connectors/{c}")
            .empty(204)
            .get(PATH)
            .error(404, "Connector {c} not found")
            .post("/connectors", r#"{"name":"{c}","config":{{source}},"initial_state":"STOPPED"}"#)
            .status(201)
            .get(PATH)
            .has(200, json!({"offsets": [{"offset": {"position": 3}}]})),
    ];
    cases.extend(
        [
            ("an empty body", "", "Cannot invoke <*>"),
            ("null", "null", "Cannot invoke <*>"),
            ("a list", "[]", OFFSETS_FROM_LIST),
            ("a text", r#""x""#, OFFSETS_FROM_TEXT),
            ("half an object", "{", ENDS_EARLY),
            ("a field that nobody knows", r#"{"key":[]}"#, r#"Unrecognized field "key"<*>"#),
            (
                "an object for the list",
                r#"{"offsets":{}}"#,
                "Cannot deserialize value of type `java.util.ArrayList<<*>",
            ),
            ("a number in the list", r#"{"offsets":[123]}"#, OFFSET_FROM_NUMBER),
            ("null in the list", r#"{"offsets":[null]}"#, "Cannot invoke <*>"),
            ("a number for a partition", r#"{"offsets":[{"partition":1,"offset":{}}]}"#, OBJECT_FROM_NUMBER),
            ("a list for an offset", r#"{"offsets":[{"partition":{},"offset":[]}]}"#, OBJECT_FROM_LIST),
            ("an unknown field of an offset", r#"{"offsets":[{"x":1}]}"#, r#"Unrecognized field "x"<*>"#),
        ]
        .map(|(what, body, kafka)| {
            stopped(&format!("{what} alters no offsets"))
                .patch(PATH, body)
                .error(500, kafka)
                .differs(CLIENTS_MISTAKE)
                .error(400, "<*>")
        }),
    );
    cases
}
