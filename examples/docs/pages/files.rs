//! Text files of the package: reading and listing them, the same on every system.

use std::fs;
use std::path::Path;

use super::Outcome;

/// The text of a file, with line ends as they are in the repository.
pub fn read(file: &Path) -> Outcome<String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(text.replace("\r\n", "\n"))
}

/// All files below a folder of the package, sorted, as paths below `root` with `/`. None if the folder is missing.
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
