//! Requests that are sent on over https, with the certificates of the listeners.

use std::future::pending;
use std::sync::Arc;

use tokio::net::TcpListener;
use watertight_rest::tls::{LISTENERS, ServerTls};
use watertight_rest::{Door, RestOptions, WorkerClient, router, serve};
use watertight_worker::entities::ConfigMap;
use watertight_worker::herder::HerderError;

use crate::client::Client;
use crate::fake::FakeHerder;
use crate::https::{Identity, settings};

const STOP: &str = "PUT /connectors/file-source/stop";

/// A worker with these listeners' settings, and its port.
async fn leader(settings: &ConfigMap) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let tls = ServerTls::from_properties(settings, LISTENERS).unwrap();
    let router = router(Arc::new(FakeHerder::default()), RestOptions::default());
    tokio::spawn(serve(Door::new(listener, Some(tls)), router, pending()));
    port
}

fn follower(settings: &ConfigMap, leader: &str) -> Client {
    let refusal = HerderError::Elsewhere { url: Some(leader.to_owned()), message: String::new() };
    let mut client = Client::of(FakeHerder { refusal: Some(refusal).into(), ..FakeHerder::default() });
    client.options.client = Some(WorkerClient::from_properties(settings));
    client
}

fn url(port: u16) -> String {
    format!("https://127.0.0.1:{port}/")
}

#[tokio::test]
async fn workers_that_are_set_up_alike_trust_each_other() {
    let worker = Identity::new("worker");
    for (prefix, more) in
        [("listeners.https.", &[][..]), ("", &[]), ("listeners.https.", &[("ssl.client.auth", "required")])]
    {
        let settings = settings(prefix, &worker, more);
        let port = leader(&settings).await;
        let follower = follower(&settings, &url(port));
        follower.ask(STOP).await.empty(204);
        let created = follower.tell("POST /connectors", r#"{"name":"n","config":{}}"#).await;
        assert_eq!(created.headers["location"], "http://worker:8083/connectors/n");
    }
}

#[tokio::test]
async fn each_may_have_a_certificate_of_its_own() {
    let (one, other) = (Identity::new("one"), Identity::new("other"));
    let (trusts_other, trusts_one) = (other.chain(), one.chain());
    let trust = |certificates| {
        [("ssl.truststore.type", "PEM"), ("ssl.truststore.certificates", certificates), ("ssl.client.auth", "required")]
    };
    let port = leader(&settings(LISTENERS, &one, &trust(&trusts_other))).await;
    follower(&settings(LISTENERS, &other, &trust(&trusts_one)), &url(port)).ask(STOP).await.empty(204);
    let unknown = follower(&settings(LISTENERS, &Identity::new("third"), &trust(&trusts_one)), &url(port));
    let message = unknown.ask(STOP).await.error(500);
    assert!(message.starts_with("IO Error trying to forward REST request: "), "{message}");
    let distrustful = follower(&settings(LISTENERS, &other, &trust(&trusts_other)), &url(port));
    let message = distrustful.ask(STOP).await.error(500);
    assert!(
        message.contains("is not trusted") && message.contains("listeners.https.ssl.truststore.location"),
        "{message}"
    );
}

#[tokio::test]
async fn the_name_of_a_worker_is_looked_at_unless_nobody_wants_that() {
    let worker = Identity::new("worker");
    let strict = settings(LISTENERS, &worker, &[]);
    let port = leader(&strict).await;
    let by_name = format!("https://localhost:{port}/");
    let message = follower(&strict, &by_name).ask(STOP).await.error(500);
    assert!(message.contains("is not for localhost") && message.contains("rest.advertised.host.name"), "{message}");
    let lenient = settings(LISTENERS, &worker, &[("ssl.endpoint.identification.algorithm", "")]);
    follower(&lenient, &by_name).ask(STOP).await.empty(204);
}

#[tokio::test]
async fn certificates_are_only_wanted_where_they_are_needed() {
    let broken = ConfigMap::from([("ssl.truststore.location".to_owned(), "/nowhere".to_owned())]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let plain = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(serve(listener, router(Arc::new(FakeHerder::default()), RestOptions::default()), pending()));
    follower(&broken, &plain).ask(STOP).await.empty(204);
    let port = leader(&settings(LISTENERS, &Identity::new("worker"), &[])).await;
    let message = follower(&broken, &url(port)).ask(STOP).await.error(500);
    assert!(
        message.starts_with("Failed to start RestClient: ") && message.contains("ssl.truststore.location"),
        "{message}"
    );
    let message = follower(&ConfigMap::new(), &url(port)).ask(STOP).await.error(500);
    assert!(message.contains("is not trusted") && message.contains(" ssl.truststore.location"), "{message}");
}

#[tokio::test]
async fn a_worker_that_does_not_speak_tls_is_told_from_one_that_is_not_trusted() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(serve(listener, router(Arc::new(FakeHerder::default()), RestOptions::default()), pending()));
    let message = follower(&settings(LISTENERS, &Identity::new("worker"), &[]), &url(port)).ask(STOP).await.error(500);
    assert!(message.contains("TLS handshake"), "{message}");
}
