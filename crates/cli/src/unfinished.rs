//! Output files that replace their targets only when complete.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tempfile::NamedTempFile;

/// The temporary files to remove if a signal ends the run.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Removes temporary files if the run is interrupted.
#[cfg(unix)]
pub(crate) fn remove_on_signals() -> io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM])?;
    std::thread::spawn(move || {
        for signal in signals.forever() {
            // The lock prevents new temporary files.
            let unfinished = UNFINISHED.lock();
            for path in unfinished.iter().flat_map(|paths| paths.iter()) {
                let _ = std::fs::remove_file(path);
            }
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    });
    Ok(())
}

/// Opens a temporary file that later replaces the target; a pipe is opened directly.
pub(crate) fn open(path: &Path) -> io::Result<(File, Option<(NamedTempFile, PathBuf)>)> {
    if path.metadata().is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        return Ok((File::options().write(true).open(path)?, None));
    }
    // Replaces the target of a link, not the link.
    let place = path.canonicalize().unwrap_or_else(|_| path.into());
    if place.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder, expected a file"));
    }
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut unfinished = UNFINISHED.lock().map_err(|_| io::Error::other("interrupted"))?;
    let folder = folder.unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "there is no such folder"));
    }
    let file = builder.prefix(".multichannel-").tempfile_in(folder)?;
    unfinished.push(file.path().into());
    Ok((file.reopen()?, Some((file, place))))
}
