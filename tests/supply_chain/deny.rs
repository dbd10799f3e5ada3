//! Reads the lists in `deny.toml`. Not a complete TOML parser: a list has one entry per line, and the first quoted
//! text of an entry is its name.

/// The entries of `key` in `[section]`; none if there is no such list.
pub fn list(deny: &str, section: &str, key: &str) -> Vec<String> {
    let heading = format!("[{section}]");
    let start = format!("{key} = [");
    deny.lines()
        .skip_while(|line| *line != heading)
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .skip_while(|line| *line != start)
        .skip(1)
        .take_while(|line| *line != "]")
        .filter(|line| !line.trim_start().starts_with('#'))
        .filter_map(|line| line.split('"').nth(1).map(str::to_owned))
        .collect()
}

#[test]
fn a_list_is_read_from_its_section() {
    let deny = "[a]\nx = [\n    \"other\",\n]\n[b]\n# x = [\nx = [\n    # \"no\"\n    \"one\",\n    { crate = \"two\", reason = \"r\" },\n]\ny = [\n    \"three\",\n]\n[c]\nz = [\n]\n";
    assert_eq!(list(deny, "b", "x"), ["one", "two"]);
    assert_eq!(list(deny, "b", "y"), ["three"]);
    assert!(list(deny, "b", "z").is_empty() && list(deny, "d", "x").is_empty());
}
