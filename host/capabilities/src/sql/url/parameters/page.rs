//! The page for readers, `plugins/jdbc/PARAMETERS.md`, made from the table: it cannot say anything else.

use std::fmt::Write as _;

use super::{Effect, Parameter, TABLE};

const HEAD: &str = "# Parameters of JDBC URLs

What becomes of each parameter of the JVM drivers, in `connection.url` or as a setting `connection.NAME`. Upper and lower
case are the same. A parameter that is not in the list is refused, with its name. Made from the table in
`host/capabilities/src/sql/url/parameters`; `WATERTIGHT_WRITE=1 cargo test -p watertight-capabilities parameters` makes it
afresh.
";

fn page() -> String {
    let mut text = HEAD.to_owned();
    for (driver, parameters) in TABLE {
        let _ = write!(text, "\n## {driver}\n\n| parameter | |\n|---|---|\n");
        for parameter in parameters {
            let _ = writeln!(text, "| {} | {} |", names(parameter), effect(parameter));
        }
    }
    text
}

fn names(parameter: &Parameter) -> String {
    let all = std::iter::once(&parameter.name).chain(parameter.aliases);
    all.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn effect(parameter: &Parameter) -> String {
    match parameter.effect {
        Effect::Used(what) => format!("used: {what}"),
        Effect::Ignored(why) => format!("no effect: {why}"),
        Effect::Only(values, why) => {
            let values: Vec<String> =
                values.iter().filter(|value| !value.is_empty()).map(|value| format!("`{value}`")).collect();
            format!("only {}: {why}", values.join(", "))
        }
        Effect::Refused(why) => format!("refused: {why}"),
    }
}

#[test]
fn the_page_says_what_the_table_says() -> std::io::Result<()> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins/jdbc/PARAMETERS.md");
    if std::env::var_os("WATERTIGHT_WRITE").is_some() {
        std::fs::write(&path, page())?;
    }
    assert!(std::fs::read_to_string(&path)? == page(), "make it afresh: WATERTIGHT_WRITE=1");
    Ok(())
}
