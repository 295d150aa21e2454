//! `VerifiableSourceConnector` and `VerifiableSinkConnector`: number their records and print what happened to each.

pub mod sink;
pub mod source;
