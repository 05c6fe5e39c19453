//! Output: to standard output, or to a file that takes its place when it is whole.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use tempfile::NamedTempFile;

use crate::text::printable;

/// Output that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write `{name}`: {error}")]
pub struct Unwritable {
    /// What it is called.
    pub name: String,
    /// Why.
    pub error: io::Error,
}

const STANDARD: &str = "standard output";

impl Unwritable {
    /// Whether it is standard output, and its reader went away.
    #[must_use]
    pub fn is_closed_pipe(&self) -> bool {
        self.error.kind() == io::ErrorKind::BrokenPipe && self.name == STANDARD
    }
}

/// Writes to standard output.
pub(crate) fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Unwritable> {
    let mut output = BufWriter::new(io::stdout().lock());
    let written = write(&mut output).and_then(|()| output.flush());
    written.map_err(Unwritable::standard)
}

/// Writes to standard output what was found: a record as JSON, or text for people.
pub(crate) fn report(
    as_json: bool,
    record: &impl Serialize,
    text: impl FnOnce(&mut Vec<u8>) -> io::Result<()>,
) -> Result<(), Unwritable> {
    print(|output| if as_json { json(output, record) } else { tell(output, text) })
}

/// Writes text for people, without what would steer their terminal.
pub(crate) fn tell(output: &mut dyn Write, write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> io::Result<()> {
    let mut text = Vec::new();
    write(&mut text)?;
    String::from_utf8_lossy(&text).split_inclusive('\n').try_for_each(|line| {
        let end = if line.ends_with('\n') { "\n" } else { "" };
        write!(output, "{}{end}", printable(line.trim_end_matches('\n')))
    })
}

impl Unwritable {
    /// Of standard output.
    pub(crate) fn standard(error: io::Error) -> Self {
        Self { name: STANDARD.into(), error }
    }
}

/// Writes to a file, which keeps what it had if that fails.
pub(crate) fn save(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Unwritable> {
    let place = place(path);
    // A pipe or a device has no place to take.
    let written = if place.metadata().is_ok_and(|found| !found.is_file()) {
        File::create(&place).and_then(|file| write_to(file, write).map(drop))
    } else {
        let unfinished = unfinished(place.parent().unwrap_or(Path::new(".")));
        let finished = unfinished.and_then(|file| write_to(file, write));
        finished.and_then(|file| file.persist(&place).map(drop).map_err(|error| error.error))
    };
    written.map_err(|error| Unwritable { name: path.display().to_string(), error })
}

fn write_to<W: Write>(file: W, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<W> {
    let mut output = BufWriter::new(file);
    write(&mut output)?;
    output.into_inner().map_err(io::IntoInnerError::into_error)
}

/// The place that a path names, whatever links and dots lead there.
fn place(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let of_new = || Some(folder.canonicalize().ok()?.join(path.file_name()?));
    path.canonicalize().ok().or_else(of_new).unwrap_or_else(|| path.into())
}

/// A file to write to, with the permissions of any new file.
fn unfinished(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.prefix(".rulebook-").tempfile_in(folder)
}

/// Writes a record as a line of JSON.
pub(crate) fn json(output: &mut dyn Write, record: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *output, record)?;
    output.write_all(b"\n")
}
