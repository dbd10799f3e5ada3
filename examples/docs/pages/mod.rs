//! Generates the pages and compares them with `docs/`. Writes nothing.
//!
//! Facts about attributes come only from the schema; hand-written text is in the templates. Shared by the command
//! (`examples/docs.rs`) and the test (`tests/generated/`).

mod arguments;
mod emulator;
pub mod files;
mod function;
pub mod schema;
mod template;

use std::error::Error;
use std::path::Path;

use terraform_provider_defender::provider::Provider;
use terraform_provider_defender::terraform::data_source::DataSourceDefinition;
use terraform_provider_defender::terraform::managed_resource::Definition;

use self::template::Subject;

/// Errors are texts for the person who runs the command.
pub type Outcome<T> = Result<T, Box<dyn Error>>;

const TEMPLATES: &str = "examples/docs/templates";

/// The template of all pages of data sources, and that of all pages of functions.
const SHARED_TEMPLATES: [&str; 2] =
    ["examples/docs/templates/data-source.md", "examples/docs/templates/function.md"];

/// The folder in which the registry expects pages.
const DOCS: &str = "docs";

/// The folder of guides, which are written by hand except for the reference of the emulator.
const GUIDES: &str = "docs/guides/";

/// One generated file.
pub struct Page {
    /// Relative to the package root, with `/`.
    pub path: String,
    /// The complete text.
    pub text: String,
}

/// All generated files.
pub struct Site {
    pages: Vec<Page>,
}

impl Site {
    /// Generates the pages of the provider. `root` is the package root.
    pub fn of_provider(root: &Path) -> Outcome<Self> {
        // Schemas do not depend on the environment.
        let provider = Provider::new(Box::new(|_| None));
        let index = page(root, "index.md", &provider_subject(&provider))?;
        let resources = provider.definitions().map(|definition| {
            page(
                root,
                &format!("resources/{}.md", page_name(definition.type_name)),
                &resource_subject(definition),
            )
        });
        let [data_source, function] = SHARED_TEMPLATES;
        let data_sources = provider.data_sources().iter().map(|source| {
            let definition = source.definition();
            let path = format!("{DOCS}/data-sources/{}.md", page_name(definition.type_name));
            Ok(Page { path, text: template::fill(root, data_source, &data_source_subject(definition))? })
        });
        let functions =
            provider.functions().iter().map(|one| function::page(root, function, &one.signature()));
        let guide = emulator::page(root);
        let pages = [Ok(index), guide].into_iter().chain(resources).chain(data_sources).chain(functions);
        let pages = pages.collect::<Outcome<Vec<_>>>()?;
        let site = Self { pages };
        site.check_unused_templates(root)?;
        Ok(site)
    }

    /// The pages that are missing or different in `docs/`.
    pub fn stale(&self, root: &Path) -> Vec<&Page> {
        let differs = |page: &&Page| !files::read(&root.join(&page.path)).is_ok_and(|text| text == page.text);
        self.pages.iter().filter(differs).collect()
    }

    /// Pages in `docs/` that are neither generated nor guides.
    pub fn leftover(&self, root: &Path) -> Outcome<Vec<String>> {
        let mut found = files::below(root, DOCS)?;
        found.retain(|path| !path.starts_with(GUIDES) && self.pages.iter().all(|page| page.path != *path));
        Ok(found)
    }

    fn check_unused_templates(&self, root: &Path) -> Outcome<()> {
        for path in files::below(root, TEMPLATES)? {
            let page = path.replacen(TEMPLATES, DOCS, 1);
            let is_shared = SHARED_TEMPLATES.contains(&path.as_str());
            if !is_shared && self.pages.iter().all(|known| known.path != page) {
                return Err(format!("{path} does not belong to any page").into());
            }
        }
        Ok(())
    }
}

/// Generates a page from the template with the same name.
fn page(root: &Path, name: &str, subject: &Subject<'_>) -> Outcome<Page> {
    let text = template::fill(root, &format!("{TEMPLATES}/{name}"), subject)?;
    Ok(Page { path: format!("{DOCS}/{name}"), text })
}

fn provider_subject(provider: &Provider) -> Subject<'_> {
    Subject {
        page_title: "Defender Provider".to_owned(),
        heading: "Defender Provider".to_owned(),
        block: &provider.schema().block,
        identity: None,
        // The registry rejects a subcategory on the page of the provider.
        has_subcategory: false,
        example: String::new(),
    }
}

fn data_source_subject(definition: &DataSourceDefinition) -> Subject<'_> {
    let name = definition.type_name;
    Subject {
        page_title: format!("{name} Data Source - Defender"),
        heading: format!("{name} (Data Source)"),
        block: &definition.schema.block,
        identity: None,
        has_subcategory: true,
        example: format!("data-sources/{name}/data-source.tf"),
    }
}

fn resource_subject(definition: &Definition) -> Subject<'_> {
    let name = definition.type_name;
    Subject {
        page_title: format!("{name} Resource - Defender"),
        heading: format!("{name} (Resource)"),
        block: &definition.schema.block,
        identity: Some(&definition.identity_schema),
        has_subcategory: true,
        example: format!("resources/{name}/resource.tf"),
    }
}

/// The name of the page, which is the type name without the provider prefix.
fn page_name(type_name: &str) -> &str {
    type_name.split_once('_').map_or(type_name, |(_, name)| name)
}
