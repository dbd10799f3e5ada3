//! The size of a decoded value, as an approximation of its memory use.

use terraform_provider_defender::terraform::ty::Type;
use terraform_provider_defender::terraform::value::Value;

/// The number of values and types, and the bytes of strings and keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size {
    pub nodes: usize,
    pub text_bytes: usize,
}

impl Size {
    pub fn of(value: &Value) -> Self {
        let mut size = Self::default();
        size.add(value);
        size
    }

    fn add(&mut self, value: &Value) {
        self.nodes += 1;
        match value {
            Value::Null | Value::Unknown(_) | Value::Bool(_) | Value::Number(_) => {}
            Value::String(text) => self.text_bytes += text.len(),
            Value::List(elements) | Value::Tuple(elements) => self.add_all(elements),
            Value::Set(elements) => self.add_all(elements),
            Value::Map(entries) => {
                self.text_bytes += entries.keys().map(String::len).sum::<usize>();
                self.add_all(entries.values());
            }
            // The names belong to the type, which is counted for dynamic values.
            Value::Object(attributes) => self.add_all(attributes.values()),
            Value::Dynamic(dynamic) => {
                self.add_type(&dynamic.ty);
                self.add(&dynamic.value);
            }
        }
    }

    fn add_all<'v>(&mut self, values: impl IntoIterator<Item = &'v Value>) {
        for value in values {
            self.add(value);
        }
    }

    fn add_type(&mut self, ty: &Type) {
        self.nodes += 1;
        match ty {
            Type::Bool | Type::Number | Type::String | Type::Dynamic => {}
            Type::List(element) | Type::Set(element) | Type::Map(element) => self.add_type(element),
            Type::Tuple(positions) => self.add_types(positions),
            Type::Object(attributes) => {
                self.text_bytes += attributes.keys().map(String::len).sum::<usize>();
                self.add_types(attributes.values());
            }
        }
    }

    fn add_types<'t>(&mut self, types: impl IntoIterator<Item = &'t Type>) {
        for ty in types {
            self.add_type(ty);
        }
    }
}
