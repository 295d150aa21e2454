//! Who we are, told to a broker: SaslHandshake, then SaslAuthenticate as often as the mechanism needs.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use kafka_protocol::messages::{SaslAuthenticateRequest, SaslHandshakeRequest};
use kafka_protocol::protocol::StrBytes;

use super::RawError;
use super::connection::{Connection, Versions};
use super::scram::Scram;
use crate::oauth::OAuth;
use crate::settings::security::Sasl;

const HANDSHAKE: &str = "SaslHandshake";
const AUTHENTICATE: &str = "SaslAuthenticate";

impl Connection {
    /// Authenticates; answers how long that holds, where the broker limits it.
    pub(super) async fn authenticate(&mut self, sasl: &Sasl) -> Result<Option<Duration>, RawError> {
        let version = self.version::<SaslHandshakeRequest>(HANDSHAKE, Versions(1, 1))?;
        let request = SaslHandshakeRequest::default().with_mechanism(StrBytes::from_static_str(sasl.mechanism()));
        let answer = self.ask(HANDSHAKE, &request, version).await?;
        if answer.error_code != 0 {
            let theirs: Vec<&str> = answer.mechanisms.iter().map(|name| &**name).collect();
            let message = format!("the broker has {}, sasl.mechanism is {}", theirs.join(", "), sasl.mechanism());
            return Err(RawError::answered(self.address(), HANDSHAKE, answer.error_code, Some(message)));
        }
        match sasl {
            Sasl::Plain { user, password } => {
                let (_, lifetime) = self.say(format!("\0{user}\0{password}").into_bytes()).await?;
                Ok(lifetime)
            }
            Sasl::Scram { hash, user, password } => {
                let failed = |reason: String| self.failed(sasl, reason);
                let scram = Scram::new(*hash, user, password).map_err(failed)?;
                let (answer, _) = self.say(scram.first().into_bytes()).await?;
                let answer = self.text(sasl, &answer)?;
                let last = tokio::task::spawn_blocking(move || scram.answer(&answer)).await;
                let last = last.unwrap_or_else(|_| Err("the worker is shutting down".to_owned()));
                let last = last.map_err(|reason| self.failed(sasl, reason))?;
                let (answer, lifetime) = self.say(last.message.clone().into_bytes()).await?;
                last.verify(&self.text(sasl, &answer)?).map_err(|reason| self.failed(sasl, reason))?;
                Ok(lifetime)
            }
            Sasl::OAuth(oauth) => self.bear(sasl, Arc::clone(oauth)).await,
        }
    }

    async fn bear(&mut self, sasl: &Sasl, oauth: Arc<OAuth>) -> Result<Option<Duration>, RawError> {
        let source = Arc::clone(&oauth);
        let token = tokio::task::spawn_blocking(move || source.token()).await;
        let token = token.unwrap_or_else(|_| Err("the worker is shutting down".to_owned()));
        let token = token.map_err(|reason| self.failed(sasl, reason))?;
        let mut message = format!("n,,\u{1}auth=Bearer {}\u{1}", token.value);
        for (name, value) in oauth.extensions() {
            message.push_str(&format!("{name}={value}\u{1}"));
        }
        message.push('\u{1}');
        let (answer, lifetime) = self.say(message.into_bytes()).await?;
        if answer.is_empty() {
            return Ok(lifetime);
        }
        // A refusal in JSON; the broker says the rest once it was acknowledged.
        let reason = self.text(sasl, &answer)?;
        self.say(vec![1]).await?;
        Err(self.failed(sasl, reason))
    }

    /// One message and its answer.
    async fn say(&mut self, message: Vec<u8>) -> Result<(Bytes, Option<Duration>), RawError> {
        let version = self.version::<SaslAuthenticateRequest>(AUTHENTICATE, Versions(0, 2))?;
        let request = SaslAuthenticateRequest::default().with_auth_bytes(Bytes::from(message));
        let answer = self.ask(AUTHENTICATE, &request, version).await?;
        if answer.error_code != 0 {
            let message = answer.error_message.as_ref().map(|text| text.to_string());
            return Err(RawError::answered(self.address(), AUTHENTICATE, answer.error_code, message));
        }
        let lifetime = u64::try_from(answer.session_lifetime_ms).ok().filter(|millis| *millis > 0);
        Ok((answer.auth_bytes, lifetime.map(Duration::from_millis)))
    }

    fn text(&self, sasl: &Sasl, bytes: &Bytes) -> Result<String, RawError> {
        String::from_utf8(bytes.to_vec()).map_err(|_| self.failed(sasl, "the broker's answer is not text".to_owned()))
    }

    fn failed(&self, sasl: &Sasl, reason: String) -> RawError {
        RawError::Authentication { address: self.address().to_owned(), mechanism: sasl.mechanism(), reason }
    }
}
