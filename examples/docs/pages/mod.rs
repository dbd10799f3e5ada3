//! The generated pages: which there are, what they say, and whether `docs/` says the same. Writes nothing.
//!
//! Facts about attributes come from the schema alone; what is written by hand stands in the templates. Shared by the
//! command (`examples/docs.rs`) and the test (`tests/generated.rs`).

mod arguments;
pub mod files;
pub mod schema;
mod template;

use std::error::Error;
use std::path::Path;

use terraform_provider_defender::provider::Provider;
use terraform_provider_defender::terraform::managed_resource::Definition;

use self::template::Subject;

/// Errors are for the person who runs the command: texts are enough.
pub type Outcome<T> = Result<T, Box<dyn Error>>;

const TEMPLATES: &str = "examples/docs/templates";

/// Where the registry looks for pages.
const DOCS: &str = "docs";

/// Below [`DOCS`], written by hand.
const GUIDES: &str = "docs/guides/";

/// One generated file.
pub struct Page {
    /// Below the package's folder, with `/`.
    pub path: String,
    /// Its whole text.
    pub text: String,
}

/// All generated files.
pub struct Site {
    pages: Vec<Page>,
}

impl Site {
    /// The pages of the provider in this package, whose folder is `root`.
    pub fn of_provider(root: &Path) -> Outcome<Self> {
        // What the environment holds makes no difference to schemas.
        let provider = Provider::new(Box::new(|_| None));
        let index = page(root, "index.md", &of_block(&provider))?;
        let resources = provider.definitions().map(|definition| {
            page(root, &format!("resources/{}.md", short(definition)), &of_resource(definition))
        });
        let pages = std::iter::once(Ok(index)).chain(resources).collect::<Outcome<Vec<_>>>()?;
        let site = Self { pages };
        site.refuse_unused_templates(root)?;
        Ok(site)
    }

    /// The pages that `docs/` does not have, or has otherwise.
    pub fn stale(&self, root: &Path) -> Vec<&Page> {
        let differs = |page: &&Page| !files::read(&root.join(&page.path)).is_ok_and(|text| text == page.text);
        self.pages.iter().filter(differs).collect()
    }

    /// Pages in `docs/` that are neither generated nor guides: what they were about is gone.
    pub fn leftover(&self, root: &Path) -> Outcome<Vec<String>> {
        let mut found = files::below(root, DOCS)?;
        found.retain(|path| !path.starts_with(GUIDES) && self.pages.iter().all(|page| page.path != *path));
        Ok(found)
    }

    fn refuse_unused_templates(&self, root: &Path) -> Outcome<()> {
        for path in files::below(root, TEMPLATES)? {
            let page = path.replacen(TEMPLATES, DOCS, 1);
            if self.pages.iter().all(|known| known.path != page) {
                return Err(format!("{path} belongs to nothing that the provider has").into());
            }
        }
        Ok(())
    }
}

/// The page of this name, made from the template of this name.
fn page(root: &Path, name: &str, subject: &Subject<'_>) -> Outcome<Page> {
    let text = template::fill(root, &format!("{TEMPLATES}/{name}"), subject)?;
    Ok(Page { path: format!("{DOCS}/{name}"), text })
}

fn of_block(provider: &Provider) -> Subject<'_> {
    Subject {
        page_title: "Defender Provider".to_owned(),
        heading: "Defender Provider".to_owned(),
        block: &provider.schema().block,
        identity: None,
    }
}

fn of_resource(definition: &Definition) -> Subject<'_> {
    let name = definition.type_name;
    Subject {
        page_title: format!("{name} Resource - Defender"),
        heading: format!("{name} (Resource)"),
        block: &definition.schema.block,
        identity: Some(&definition.identity_schema),
    }
}

/// The registry wants pages under the type name without the provider's.
fn short(definition: &Definition) -> &str {
    definition.type_name.split_once('_').map_or(definition.type_name, |(_, name)| name)
}
