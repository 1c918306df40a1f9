//! The maps that stand before others inside a transaction: [`LayerMaps`].

use crate::map::{IdentityMap, Invalidation, Stamp};

/// What a layer has read or written, by the map in whose place it stands.
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

    /// What stands before this map, if anything does.
    pub(super) fn of(&self, base: &IdentityMap) -> Option<&IdentityMap> {
        let known = self.0.iter().find(|known| known.base.is(base))?;
        Some(&known.objects)
    }

    /// What stands before this map from now on.
    pub(super) fn of_or_new(&mut self, base: &IdentityMap) -> IdentityMap {
        if let Some(known) = self.of(base) {
            return known.clone();
        }
        let objects = base.new_layer_map();
        self.0.push(LayerMap {
            base: base.clone(),
            objects: objects.clone(),
        });
        objects
    }

    pub(super) fn bases(&self) -> impl Iterator<Item = &IdentityMap> {
        self.0.iter().map(|known| &known.base)
    }

    pub(super) fn invalidate(&self, invalidation: &Invalidation) {
        for known in &self.0 {
            known.objects.invalidate(invalidation);
        }
    }

    /// Takes over what a layer above has read and written.
    pub(super) fn take_over(&mut self, above: &Self, invalidation: &Invalidation) {
        for LayerMap { base, objects } in &above.0 {
            // Within one connection nothing is late.
            let now = Stamp::now();
            self.of_or_new(base).take_over(objects, invalidation, now);
        }
    }
}
