//! Pause, resume, stop, restart.

use crate::client::Client;

#[tokio::test]
async fn pause_and_resume_are_accepted_and_stop_is_done() {
    let client = Client::default();
    client.ask("PUT /connectors/file-source/pause").await.empty(202);
    client.ask("PUT /connectors/file-source/resume").await.empty(202);
    client.ask("PUT /connectors/file-source/stop").await.empty(204);
    assert_eq!(
        client.asked(),
        ["target Paused file-source", "target Started file-source", "target Stopped file-source"]
    );
}

#[tokio::test]
async fn a_restart_without_flags_answers_when_it_is_done() {
    let client = Client::default();
    client.ask("POST /connectors/file-source/restart").await.empty(204);
    client.ask("POST /connectors/file-source/restart?includeTasks=yes&onlyFailed").await.empty(204);
    assert_eq!(client.asked(), ["restart false false file-source"; 2]);
}

#[tokio::test]
async fn a_restart_with_a_flag_answers_with_its_plan() {
    let client = Client::default();
    for query in ["includeTasks=True", "onlyFailed=true", "includeTasks=true&onlyFailed=true"] {
        let answer = client.ask(&format!("POST /connectors/file-source/restart?{query}")).await;
        assert_eq!(answer.status, 202, "{query}");
        assert_eq!(answer.json()["connector"]["state"], "RESTARTING");
    }
    assert_eq!(
        client.asked(),
        ["restart true false file-source", "restart false true file-source", "restart true true file-source"]
    );
}

#[tokio::test]
async fn an_unknown_connector_is_not_found() {
    let client = Client::default();
    for what in ["pause", "resume", "stop"] {
        let answer = client.ask(&format!("PUT /connectors/x/{what}")).await;
        assert_eq!(answer.error(404), "Unknown connector x");
    }
    let answer = client.ask("POST /connectors/x/restart").await;
    assert_eq!(answer.error(404), "Unknown connector: x");
}

#[tokio::test]
async fn a_body_that_nobody_needs_does_no_harm_if_it_is_json() {
    let client = Client::default();
    for body in ["", "{}", "{{{", "[1]"] {
        client.tell("PUT /connectors/file-source/pause", body).await.empty(202);
        client.tell("POST /connectors/file-source/restart", body).await.empty(204);
        client.tell("DELETE /connectors/file-source", body).await.empty(204);
    }
}

#[tokio::test]
async fn of_a_flag_given_twice_the_first_counts_and_other_parameters_do_not() {
    let client = Client::default();
    let path = "POST /connectors/file-source/restart";
    client.ask(&format!("{path}?includeTasks=true&includeTasks=false&forward=x")).await;
    for query in ["includeTasks=false&includeTasks=true", "IncludeTasks=true", "includeTasks=%20true", "includeTasks="]
    {
        client.ask(&format!("{path}?{query}")).await.empty(204);
    }
    assert_eq!(client.asked()[0], "restart true false file-source");
    assert_eq!(client.asked()[1..], ["restart false false file-source"; 4]);
}
