//! Type names in `@odata.type`.

/// The type name without `#` and Graph's namespace: `#microsoft.graph.group` becomes `group`.
pub(crate) fn short_type_name(odata_type: &str) -> &str {
    let name = odata_type.strip_prefix('#').unwrap_or(odata_type);
    name.strip_prefix("microsoft.graph.").unwrap_or(name)
}
