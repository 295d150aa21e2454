//! Where a `$ref` leads: into the same document, or into one of those that the registry lists as references.

use std::collections::HashMap;

use crate::java::json::Node;

/// A schema's document and those it refers to, parsed.
pub(super) struct Documents<'a> {
    /// The first is the schema itself.
    all: Vec<(String, Node<'a>)>,
    /// Where each is found: by its name among the references and by its `$id`.
    names: HashMap<String, usize>,
}

/// A place in one of the documents.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'d, 'a> {
    /// Which document.
    pub document: usize,
    /// What stands there.
    pub node: &'d Node<'a>,
}

impl<'a> Documents<'a> {
    pub(super) fn new(root: Node<'a>, references: Vec<(String, Node<'a>)>) -> Self {
        let mut all = vec![(String::new(), root)];
        all.extend(references);
        let mut names = HashMap::new();
        for (index, (name, node)) in all.iter().enumerate() {
            let id = node.get("$id").or_else(|| node.get("id")).and_then(Node::text);
            for known in id.into_iter().chain((index > 0).then_some(name.as_str())) {
                names.entry(known.trim_end_matches('#').to_owned()).or_insert(index);
            }
        }
        Self { all, names }
    }

    pub(super) fn root(&self) -> Place<'_, 'a> {
        Place { document: 0, node: &self.all[0].1 }
    }

    /// What a reference that stands in this document means.
    pub(super) fn resolve(&self, document: usize, reference: &str) -> Option<Place<'_, 'a>> {
        let (name, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let document = if name.is_empty() { document } else { self.named(document, name)? };
        let root = &self.all.get(document)?.1;
        let node = if fragment.is_empty() || fragment.starts_with('/') {
            pointer(root, fragment)?
        } else {
            anchor(root, fragment)?
        };
        Some(Place { document, node })
    }

    /// As it is written, or relative to the `$id` of where it is written.
    fn named(&self, document: usize, name: &str) -> Option<usize> {
        if let Some(found) = self.names.get(name) {
            return Some(*found);
        }
        let base = self.all.get(document)?.1.get("$id").and_then(Node::text)?;
        let folder = &base[..=base.rfind('/')?];
        self.names.get(&format!("{folder}{}", name.trim_start_matches("./"))).copied()
    }
}

fn pointer<'d, 'a>(root: &'d Node<'a>, fragment: &str) -> Option<&'d Node<'a>> {
    let mut node = root;
    for part in fragment.split('/').skip(1) {
        let part = part.replace("%25", "%").replace("~1", "/").replace("~0", "~");
        node = match node {
            Node::Array(elements) => elements.get(part.parse::<usize>().ok()?)?,
            other => other.get(&part)?,
        };
    }
    Some(node)
}

/// A definition that names itself.
fn anchor<'d, 'a>(root: &'d Node<'a>, name: &str) -> Option<&'d Node<'a>> {
    let own = format!("#{name}");
    ["definitions", "$defs"].into_iter().filter_map(|group| root.get(group)).find_map(|group| match group {
        Node::Object(members) => members.iter().map(|(_, node)| node).find(|node| {
            node.get("$anchor").and_then(Node::text) == Some(name)
                || node.get("$id").and_then(Node::text) == Some(own.as_str())
        }),
        _ => None,
    })
}
