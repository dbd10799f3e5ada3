//! A page as steps: files to write, commands to run, output to expect.

use std::path::Path;

/// Languages of blocks that may be files.
const FILES: [&str; 3] = ["terraform", "hcl", "json"];
const COMMANDS: [&str; 2] = ["sh", "shell"];

pub enum Step {
    File { name: String, text: String },
    Commands(String),
    Output(String),
}

pub struct Page {
    pub path: String,
    text: String,
    skipped: Vec<&'static str>,
}

impl Page {
    /// `path` is below the package's folder.
    pub fn read(path: &str) -> Self {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
        Self { path: path.to_owned(), text, skipped: Vec::new() }
    }

    /// The part below this heading, up to the next one of the same level.
    pub fn section(self, heading: &str) -> Self {
        let (_, after) = self.text.split_once(&format!("\n{heading}\n")).unwrap();
        let text = after.split("\n## ").next().unwrap().to_owned();
        Self { text, ..self }
    }

    /// Leaves out the blocks with this text.
    pub fn without(mut self, skipped: &'static str) -> Self {
        assert!(self.text.contains(skipped), "{}: no block has {skipped:?}", self.path);
        self.skipped.push(skipped);
        self
    }

    pub fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut parts = self.text.split("\n```");
        let mut prose = parts.next().unwrap_or_default();
        while let (Some(block), Some(next)) = (parts.next(), parts.next()) {
            let (language, text) = block.split_once('\n').unwrap_or((block, ""));
            if !self.skipped.iter().any(|skipped| text.contains(skipped)) {
                steps.extend(step(prose, language, text));
            }
            prose = next;
        }
        steps
    }
}

fn step(prose: &str, language: &str, text: &str) -> Option<Step> {
    let text = format!("{text}\n");
    let command = COMMANDS.contains(&language);
    if command && !text.starts_with("#!") {
        return Some(Step::Commands(text));
    }
    if command || FILES.contains(&language) {
        return Some(Step::File { name: file_name(prose)?, text });
    }
    (language == "text").then_some(Step::Output(text))
}

/// `tests/plan.tftest.hcl` out of a last paragraph such as "What it plans, `tests/plan.tftest.hcl`:".
fn file_name(prose: &str) -> Option<String> {
    let paragraph = prose.trim_end().rsplit("\n\n").next()?.strip_suffix(':')?;
    let quoted: Vec<&str> = paragraph.split('`').skip(1).step_by(2).collect();
    let is_file =
        |name: &&str| [".tf", ".hcl", ".json", ".sh"].iter().any(|extension| name.ends_with(extension));
    quoted.into_iter().rev().find(is_file).map(str::to_owned)
}
