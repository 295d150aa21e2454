//! `cargo xtask soak`: the black-box cases with their full counts.

use crate::{args, build, components, peer, test};
use watertight_harness::skips;

/// The command.
pub fn main(mut words: Vec<String>) -> anyhow::Result<()> {
    let filter = if words.is_empty() { None } else { Some(words.remove(0)) };
    args::none_left(&words)?;
    build::everything(build::Flavour::Quick)?;
    components::examples(false)?;
    components::test_guests()?;
    if let Err(error) = peer::fetch() {
        eprintln!("without the genuine Kafka: {error:#}");
    }
    test::cases(filter.as_deref(), &[(skips::SOAK, "1")])
}
