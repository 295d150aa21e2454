//! A Schema Registry in memory that counts how often it is asked.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use watertight_data::converter::registry::{Definition, RegistryError, SchemaRegistry, SubjectVersion};

#[derive(Default)]
pub struct Memory {
    versions: Mutex<Vec<Arc<SubjectVersion>>>,
    asked: AtomicUsize,
}

fn not_found(code: i32, what: &str) -> RegistryError {
    RegistryError::Refused { status: 404, code, message: what.to_owned() }
}

impl Memory {
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// A schema with the id it had where it was recorded.
    pub fn put(&self, subject: &str, id: i32, definition: Definition) {
        let mut versions = self.versions.lock().unwrap();
        let version = versions.iter().filter(|one| one.subject == subject).count() as i32 + 1;
        versions.push(Arc::new(SubjectVersion { subject: subject.to_owned(), version, id, definition }));
    }

    /// Where this schema, or with `None` any, is.
    fn find(&self, wanted: impl Fn(&SubjectVersion) -> bool) -> Option<Arc<SubjectVersion>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.versions.lock().unwrap().iter().rev().find(|one| wanted(one)).cloned()
    }

    pub fn text(&self, id: i32) -> String {
        self.versions.lock().unwrap().iter().find(|one| one.id == id).unwrap().definition.text.clone()
    }
}

impl SchemaRegistry for Memory {
    fn schema_by_id(&self, id: i32, _subject: Option<&str>) -> Result<Arc<Definition>, RegistryError> {
        let found = self.find(|one| one.id == id).ok_or_else(|| not_found(40403, "Schema not found"))?;
        Ok(Arc::new(found.definition.clone()))
    }

    fn lookup(
        &self,
        subject: &str,
        definition: &Definition,
        _normalize: bool,
    ) -> Result<Arc<SubjectVersion>, RegistryError> {
        self.find(|one| one.subject == subject && one.definition == *definition)
            .ok_or_else(|| not_found(40403, "Schema not found"))
    }

    fn register(&self, subject: &str, definition: &Definition, normalize: bool) -> Result<i32, RegistryError> {
        if let Ok(known) = self.lookup(subject, definition, normalize) {
            return Ok(known.id);
        }
        let same = self.find(|one| one.definition == *definition).map(|one| one.id);
        let id = same.unwrap_or_else(|| self.versions.lock().unwrap().iter().map(|one| one.id).max().unwrap_or(0) + 1);
        self.put(subject, id, definition.clone());
        Ok(id)
    }

    fn latest(&self, subject: &str) -> Result<Arc<SubjectVersion>, RegistryError> {
        self.find(|one| one.subject == subject).ok_or_else(|| not_found(40401, "Subject not found"))
    }

    fn version(&self, subject: &str, version: i32) -> Result<Arc<SubjectVersion>, RegistryError> {
        self.find(|one| one.subject == subject && one.version == version)
            .ok_or_else(|| not_found(40402, "Version not found"))
    }
}
