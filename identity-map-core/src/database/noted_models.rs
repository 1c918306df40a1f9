//! What was learned of models on databases: [`NotedModels`].

use std::any::TypeId;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LazyLock, RwLock};

use foldhash::fast::RandomState;

use super::realm::Realm;
use crate::lock::{read, write};

/// A model on a database. Databases to which one connection alone speaks count as one, so that a set does
/// not grow with use.
type ModelOnDatabase = (TypeId, Option<Realm>);

/// Models of which something was seen on a database. What was seen belongs to the program, since a scope is
/// too short to learn in.
pub(crate) struct NotedModels {
    noted: LazyLock<RwLock<HashSet<ModelOnDatabase, RandomState>>>,
    /// Whether any model was noted, so that a program of which none was asks for nothing else.
    has_any: AtomicBool,
}

impl NotedModels {
    pub(crate) const fn new() -> Self {
        Self {
            noted: LazyLock::new(RwLock::default),
            has_any: AtomicBool::new(false),
        }
    }

    pub(crate) fn note(&self, model: TypeId, realm: Option<&Realm>) {
        write(&self.noted).insert(model_on_database(model, realm));
        self.has_any.store(true, Ordering::Release);
    }

    #[inline]
    pub(crate) fn has(&self, model: TypeId, realm: Option<&Realm>) -> bool {
        self.has_any.load(Ordering::Acquire)
            && read(&self.noted).contains(&model_on_database(model, realm))
    }
}

fn model_on_database(model: TypeId, realm: Option<&Realm>) -> ModelOnDatabase {
    let shared = realm.map(Realm::home).filter(|home| home.has_name());
    (model, shared.cloned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_noted_on_one_database() {
        let noted = NotedModels::new();
        let (blog, shop) = ("blog", "shop");
        let realm = |name: &str| Realm::named(name.to_owned());
        noted.note(TypeId::of::<i32>(), Some(&realm(blog).apart(false)));
        assert!(noted.has(TypeId::of::<i32>(), Some(&realm(blog))));
        assert!(!noted.has(TypeId::of::<i32>(), Some(&realm(shop))));
        assert!(!noted.has(TypeId::of::<u8>(), Some(&realm(blog))));
        noted.note(TypeId::of::<u8>(), Some(&Realm::unique()));
        assert!(noted.has(TypeId::of::<u8>(), Some(&Realm::unique())));
    }
}
