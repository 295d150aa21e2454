//! What to do with a last line that has no end.
//!
//! A kill in the middle of a write leaves a piece of a line at the end of the file. Its record was not committed, so
//! it comes again whole, and the piece must not become part of the next line. What is done depends on who else may
//! be writing:
//!
//! - One task (`tasks.max` is 1, or not given): the piece is moved to `FILE.torn` and cut off, so that the file holds
//!   whole lines only. It is moved rather than deleted because it might be something else: the unfinished end of a
//!   text that somebody put there.
//! - Several tasks: one of the others may be in the middle of that very write, and cutting would destroy what it has
//!   written. The piece is ended with a line end and stays; if it was such a write, an empty line is left instead.
//!
//! Either way it is logged and counted in the metric `torn-lines`.

use std::path::{Path, PathBuf};

use watertight_sdk::{runtime::metrics, warn};

use crate::files::{Appender, CHUNK, Trouble};

/// Where the piece that follows the last line end begins; the file's length if there is none.
fn whole_lines(file: &Appender, length: u64) -> Result<u64, Trouble> {
    let mut end = length;
    while end > 0 {
        let start = end.saturating_sub(CHUNK as u64);
        let mut bytes = file.read(start)?;
        bytes.truncate(usize::try_from(end - start).unwrap_or(CHUNK));
        if let Some(at) = memchr::memrchr(b'\n', &bytes) {
            return Ok(start + at as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".torn");
    PathBuf::from(name)
}

/// Leaves the file with a line end as its last byte, or empty.
pub fn mend(file: &mut Appender, path: &Path, only_writer: bool) -> Result<(), Trouble> {
    let length = file.length()?;
    let whole = whole_lines(file, length)?;
    if whole == length {
        return Ok(());
    }
    let (shown, size) = (path.display(), length - whole);
    metrics::describe("torn-lines", "counter", "lines", "Unfinished last lines found at start");
    metrics::add("torn-lines", 1.0);
    if only_writer {
        let aside = beside(path);
        move_aside(file, whole, length, &aside)?;
        warn!(
            "The last line of {shown} had no end ({size} bytes, left by a kill): moved to {}; its record will come again",
            aside.display()
        );
    } else {
        file.append(b"\n")?;
        warn!("The last line of {shown} had no end ({size} bytes, left by a kill): ended; its record will come again");
    }
    Ok(())
}

fn move_aside(file: &Appender, from: u64, to: u64, aside: &Path) -> Result<(), Trouble> {
    let mut copy = Appender::open(aside)?;
    let mut at = from;
    while at < to {
        let bytes = file.read(at)?;
        if bytes.is_empty() {
            break;
        }
        copy.append(&bytes)?;
        at += bytes.len() as u64;
    }
    copy.append(b"\n")?;
    copy.sync()?;
    file.truncate(from)?;
    file.sync()
}
