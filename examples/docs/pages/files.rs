//! Reads and lists text files of the package, with the same result on every platform.

use std::fs;
use std::path::Path;

use super::Outcome;

/// Reads a file. Line endings are LF, as in the repository.
pub fn read(file: &Path) -> Outcome<String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(text.replace("\r\n", "\n"))
}

/// Lists all files in a folder, recursively and sorted, as paths relative to `root` with `/`. Empty if the folder
/// does not exist.
pub fn below(root: &Path, folder: &str) -> Outcome<Vec<String>> {
    let mut found = Vec::new();
    if !root.join(folder).is_dir() {
        return Ok(found);
    }
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            found.extend(below(root, &path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
