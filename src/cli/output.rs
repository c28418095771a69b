//! Writing: to stdout, to stderr, and to files that are written whole or not at all.
#![expect(clippy::disallowed_methods, reason = "this is where the command line writes")]

use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;

use super::Complaint;
use crate::report::{Color, DEFAULT_WIDTH, Style};
use crate::text;
use crate::text::Text;

/// Prints bytes to stdout. A reader that went away is no error.
pub(super) fn print(bytes: &[u8]) -> Result<(), Complaint> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Complaint::new(text!("standard output: expected room for the report, found {}", io_words(&error))))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Prints a complaint, or a remark, to stderr.
pub(super) fn complain(text: &str) {
    // Where stderr is closed there is nobody to tell.
    let _nobody_listens = writeln!(io::stderr().lock(), "{text}");
}

/// Writes a file whole or not at all.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Complaint> {
    write_atomically(path, bytes).map_err(|error| unwritable(&shown(path), &error))
}

/// Writes a file whole or not at all, and makes the folder it stands in.
#[cfg(feature = "signatures")]
pub(super) fn write_file_in_new_folder(path: &Path, named: &Text, bytes: &[u8]) -> Result<(), Complaint> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let made = match fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        Ok(()) | Err(_) => write_atomically(path, bytes),
    };
    made.map_err(|error| {
        Complaint::new(text!("{}: expected a file that can be written, found {}", *named, io_words(&error)))
    })
}

fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A pipe or a device cannot be replaced; it is written to.
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return fs::OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    let mut file = beside(path)?;
    file.write_all(bytes)?;
    replace(file, path)
}

/// Makes the file that is to stand at a path, beside it and under another name.
pub(super) fn beside(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    tempfile::Builder::new().prefix(".portcullis-").permissions(permissions(path)).tempfile_in(folder)
}

/// Puts such a file to its path.
pub(super) fn replace(file: tempfile::NamedTempFile, path: &Path) -> io::Result<()> {
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

pub(super) fn unwritable(shown: &Text, error: &io::Error) -> Complaint {
    Complaint::new(text!("{}: expected a file that can be written, found {}", shown, io_words(error)))
}

/// Appends to a file that others append to as well, in one write.
pub(super) fn append_to_file(path: &Path, bytes: &[u8]) -> Result<(), Complaint> {
    let append = || fs::OpenOptions::new().append(true).create(true).open(path)?.write_all(bytes);
    append().map_err(|error: io::Error| unwritable(&shown(path), &error))
}

/// Returns where a path leads, `None` where nothing stands there.
#[cfg(feature = "signatures")]
pub(super) fn resolved(path: &Path) -> Option<std::path::PathBuf> {
    fs::canonicalize(path).ok()
}

/// Returns the permissions of the file that is replaced, else the usual ones.
fn permissions(path: &Path) -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).map_or_else(|_absent| fs::Permissions::from_mode(0o644), |metadata| metadata.permissions())
}

/// Reads a file that the command line names.
pub(super) fn read_file(path: &Path, max_bytes: u64) -> Result<Vec<u8>, Complaint> {
    use std::io::Read as _;
    let complaint = |found: Text| Complaint::new(text!("{}: expected a readable file, found {}", shown(path), found));
    let metadata = fs::metadata(path).map_err(|error| complaint(text!("{}", io_words(&error))))?;
    if !metadata.is_file() {
        return Err(complaint(Text::trusted(if metadata.is_dir() { "a folder" } else { "something else" })));
    }
    if metadata.len() > max_bytes {
        return Err(complaint(text!("more than {} MiB", max_bytes >> 20)));
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(|error| complaint(text!("{}", io_words(&error))))?;
    file.take(max_bytes + 1).read_to_end(&mut bytes).map_err(|error| complaint(text!("{}", io_words(&error))))?;
    if bytes.len() as u64 > max_bytes {
        return Err(complaint(text!("more than {} MiB", max_bytes >> 20)));
    }
    Ok(bytes)
}

/// Reads standard input.
pub(super) fn read_stdin(max_bytes: u64) -> Result<Vec<u8>, Complaint> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    let complaint = |found: Text| Complaint::new(text!("standard input: expected what can be read, found {}", found));
    let read = io::stdin().lock().take(max_bytes + 1).read_to_end(&mut bytes);
    read.map_err(|error| complaint(text!("{}", io_words(&error))))?;
    if bytes.len() as u64 > max_bytes {
        return Err(complaint(text!("more than {} MiB", max_bytes >> 20)));
    }
    Ok(bytes)
}

/// Whether a file begins as JSON does.
pub(super) fn is_json(path: &Path) -> bool {
    use std::io::Read as _;
    let mut first = [0];
    let is_file = fs::metadata(path).is_ok_and(|metadata| metadata.is_file());
    is_file && fs::File::open(path).is_ok_and(|mut file| file.read_exact(&mut first).is_ok()) && first == *b"{"
}

/// Whether a folder stands at a path.
pub(super) fn is_folder(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

/// Whether anything stands at a path.
pub(super) fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Returns how a report on stdout looks: colours and width are for a terminal only.
pub(super) fn stdout_style() -> Style {
    let stdout = io::stdout();
    let color = match anstream::AutoStream::choice(&stdout) {
        anstream::ColorChoice::Never => Color::Plain,
        _ => Color::Ansi,
    };
    let width = if stdout.is_terminal() { terminal_width() } else { DEFAULT_WIDTH };
    Style { color, width }
}

/// The style of a report in a file.
pub(super) const FILE_STYLE: Style = Style { color: Color::Plain, width: DEFAULT_WIDTH };

fn terminal_width() -> usize {
    rustix::termios::tcgetwinsize(io::stdout()).ok().map_or(DEFAULT_WIDTH, |size| usize::from(size.ws_col).max(40))
}

/// Whether a person watches stderr.
pub(super) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// Returns a path as a message shows it.
pub(super) fn shown(path: &Path) -> Text {
    use std::os::unix::ffi::OsStrExt as _;
    Text::of(path.as_os_str().as_bytes())
}

/// Returns what the system says, in our words.
pub(super) fn io_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "no permission".to_owned(),
        io::ErrorKind::IsADirectory => "a directory".to_owned(),
        io::ErrorKind::NotADirectory => "a file where a folder should be".to_owned(),
        io::ErrorKind::StorageFull => "a full disk".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "a read-only file system".to_owned(),
        _ => error.to_string(),
    }
}
