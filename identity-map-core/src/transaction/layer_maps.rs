//! The maps of a transaction layer, each in place of another map: [`LayerMaps`].

use crate::map::{IdentityMap, Invalidation, ReadAge, Stamp};

/// What a layer has read and written, by the map whose place it takes.
#[derive(Default)]
pub(super) struct LayerMaps(Vec<LayerMap>);

struct LayerMap {
    base: IdentityMap,
    objects: IdentityMap,
}

impl LayerMaps {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The map that is looked up before `base`, if there is one.
    pub(super) fn get(&self, base: &IdentityMap) -> Option<&IdentityMap> {
        let layer_map = self.0.iter().find(|layer_map| layer_map.base.is(base))?;
        Some(&layer_map.objects)
    }

    /// The map that is looked up before `base`, made if there is none. `age` says how its connection reads.
    pub(super) fn get_or_insert(&mut self, base: &IdentityMap, age: ReadAge) -> IdentityMap {
        if let Some(layer_map) = self.get(base) {
            return layer_map.clone();
        }
        let objects = base.new_layer_map(age.follows_commits);
        self.0.push(LayerMap {
            base: base.clone(),
            objects: objects.clone(),
        });
        objects
    }

    pub(super) fn base_maps(&self) -> impl Iterator<Item = &IdentityMap> {
        self.0.iter().map(|layer_map| &layer_map.base)
    }

    pub(super) fn invalidate(&self, invalidation: &Invalidation) {
        for layer_map in &self.0 {
            layer_map.objects.invalidate(invalidation);
        }
    }

    /// Takes over what the layer above has read and written.
    pub(super) fn take_over(&mut self, above: &Self, invalidation: &Invalidation, age: ReadAge) {
        for LayerMap { base, objects } in &above.0 {
            // Within one connection no row is outdated.
            let now = ReadAge {
                since: Stamp::now(),
                ..age
            };
            let below = self.get_or_insert(base, age);
            below.take_over(objects, invalidation, now);
        }
    }
}
