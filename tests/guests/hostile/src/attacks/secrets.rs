//! Tells whatever it was told, in every way it knows.

use watertight_sdk::{Config, Failure, Result, debug, error, info, runtime};

/// Every setting, in one line.
pub fn all(config: &Config) -> String {
    let settings = config.settings();
    settings.iter().map(|setting| format!("{}={}", setting.name, setting.value)).collect::<Vec<_>>().join(" ")
}

pub fn log_the_settings(config: &Config) -> Result<()> {
    let all = all(config);
    info!("told: {all}");
    debug!("told: {all}");
    error!("told: {all}");
    println!("printed: {all}");
    eprintln!("printed error: {all}");
    Ok(())
}

pub fn fail_with_the_settings(config: &Config) -> Result<()> {
    log_the_settings(config)?;
    Err(Failure::new("org.apache.kafka.connect.errors.ConnectException", format!("refused with {}", all(config))))
}

pub fn panic_with_the_settings(config: &Config) -> Result<()> {
    panic!("refused with {}", all(config));
}

/// What it gets, it tells.
pub fn reveal_the_password(config: &Config) -> Result<()> {
    let text = runtime::reveal_secret(config.get("password").unwrap_or("secret:password"))?;
    info!("revealed {} bytes: {text}", text.len());
    Err(Failure::new("revealed", format!("revealed {} bytes: {text}", text.len())))
}

/// Of another connector, or of nobody.
pub fn reveal_what_is_not_its_own(_config: &Config) -> Result<()> {
    for reference in ["secret:name", "secret:connection.password", "secret:", "password", "secret:text"] {
        if let Ok(text) = runtime::reveal_secret(reference) {
            return Err(super::escaped(format!("{reference} is {text}")));
        }
    }
    Ok(())
}
