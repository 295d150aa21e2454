//! OAUTHBEARER: where tokens come from.
//!
//! librdkafka's own way to an identity provider needs libcurl, which this build leaves out; and the raw-protocol
//! module needs tokens too. So one source makes them for both: by client credentials, from a file, or unsecured
//! ones for development. Asking blocks: librdkafka asks from its background thread, the raw module from a blocking
//! one.

mod allowed;
mod fetch;
mod read;
mod token;
mod unsecured;

use std::sync::{Mutex, PoisonError};

pub use allowed::allow_token_endpoints;
pub(crate) use token::Token;

use fetch::Endpoint;
use unsecured::Claims;

/// A source of tokens, with the last one.
pub(crate) struct OAuth {
    source: Source,
    /// SASL extensions, such as `logicalCluster`.
    extensions: Vec<(String, String)>,
    /// Names of the claims which hold the principal and the scope.
    names: token::Names,
    last: Mutex<Option<Token>>,
}

/// How tokens are come by.
#[derive(PartialEq, Eq)]
enum Source {
    /// `grant_type=client_credentials` at an identity provider.
    Endpoint(Box<Endpoint>),
    /// A file that somebody else keeps fresh.
    File(std::path::PathBuf),
    /// Made here, signed by nobody. For development.
    Unsecured(Claims),
}

impl PartialEq for OAuth {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source && self.extensions == other.extensions && self.names == other.names
    }
}

impl Eq for OAuth {}

impl OAuth {
    /// The last token while it is good for a while yet, else a new one. Blocks, for about ten seconds at most with
    /// Kafka's defaults.
    ///
    /// # Errors
    /// Text without secrets.
    pub(crate) fn token(&self) -> Result<Token, String> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(token) = last.filter(Token::is_fresh) {
            return Ok(token);
        }
        self.fresh()
    }

    /// A new token, whatever there is.
    pub(crate) fn fresh(&self) -> Result<Token, String> {
        let token = match &self.source {
            Source::Endpoint(endpoint) => Token::read(&endpoint.fetch()?, &self.names)?,
            Source::File(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|error| format!("the token's file {} cannot be read: {error}", path.display()))?;
                Token::read(text.trim(), &self.names)?
            }
            Source::Unsecured(claims) => claims.token(&self.names)?,
        };
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
        Ok(token)
    }

    /// A new token for one who had one already. While that is good for a while yet, it may be used once more if
    /// there is no new one: a short absence of the identity provider should fail nobody.
    pub(crate) fn renewed(&self) -> Result<Token, String> {
        const LEAST: i64 = 30_000;
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.fresh().or_else(|reason| match last.filter(|token| token.expires > token::now() + LEAST) {
            Some(token) => {
                tracing::warn!("the OAUTHBEARER token could not be renewed, the old one is used on: {reason}");
                Ok(token)
            }
            None => Err(reason),
        })
    }

    pub(crate) fn extensions(&self) -> &[(String, String)] {
        &self.extensions
    }
}

#[cfg(test)]
mod tests;
